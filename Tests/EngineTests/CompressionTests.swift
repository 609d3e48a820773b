import Base
import Testing

@testable import Engine

extension Entry {
    /// A string, compressed or not.
    var text: String {
        if !isCompressed { return value.withBytes(\.string) }
        var buffer = OutputBuffer(capacity: stringLength)
        unsafe compressed.inflate(to: buffer.reserve(stringLength))
        buffer.advance(stringLength)
        return buffer.bytes.string
    }
}

/// Strings that are held compressed.
struct CompressionTests {
    /// So many bytes that LZ4 makes something of.
    private static func text(_ count: Int) -> String {
        String((0..<(count / 7 + 1)).map { "name:\($0 % 7)," }.joined().prefix(count))
    }

    private static func form(_ key: String, _ harness: inout Harness) -> Entry.Form? {
        withKey(Array(key.utf8), &harness) { $0.find($1)?.entry.form }
    }

    /// What a key takes, in bytes.
    private static func usage(_ key: String, _ harness: inout Harness) -> Int {
        Int(harness.run("MEMORY USAGE \(key)").dropFirst()) ?? 0
    }

    @Test func aLongStringTakesLess() {
        var plain = Harness(compressedOver: 0)
        var harness = Harness(compressedOver: 100)
        let text = Self.text(2000)
        for line in [["SET", "k", text], ["SET", "short", Self.text(100)]] {
            #expect(harness.run(line) == "+OK")
            #expect(plain.run(line) == "+OK")
        }
        #expect(Self.form("k", &harness) == .compressed)
        #expect(Self.form("short", &harness) == .inline)
        #expect(Self.usage("k", &harness) * 4 < Self.usage("k", &plain))
        #expect(harness.engine.keyspace.usedBytes * 2 < plain.engine.keyspace.usedBytes)
        #expect(harness.run("GET k") == "$2000 \(text)")
        #expect(harness.run("STRLEN k") == ":2000")
        #expect(harness.run("OBJECT ENCODING k") == "$3 raw")
        harness.engine.keyspace.checkInvariants()
    }

    /// What changes a string in place has it held as it is, until it is set the next time.
    @Test func writersInPlaceInflate() {
        let text = Self.text(500)
        let writes = [
            "APPEND k x", "SETRANGE k 3 x", "SETBIT k 0 1", "BITFIELD k SET u8 0 7",
            "BITOP NOT to k", "LCS k k LEN", "PFADD k a",
        ]
        for write in writes {
            var harness = Harness(compressedOver: 100)
            _ = harness.run(["SET", "k", text, "EX", "100"])
            let stamp = withKey([107], &harness) { $0.find($1)?.entry.stamp.rawValue }
            _ = harness.run(write)
            #expect(Self.form("k", &harness) == .inline, "\(write)")
            #expect(harness.run("TTL k") == ":100", "\(write)")
            let after = withKey([107], &harness) { $0.find($1)?.entry.stamp.rawValue }
            let isRead = write.hasPrefix("BITOP") || write.hasPrefix("LCS") || write.hasPrefix("PF")
            #expect((after == stamp) == isRead, "\(write)")
            _ = harness.run(["SET", "k", text])
            #expect(Self.form("k", &harness) == .compressed, "\(write)")
            harness.engine.keyspace.checkInvariants()
        }
    }

    @Test func readersLeaveItCompressed() {
        var harness = Harness(compressedOver: 100)
        let text = Self.text(500)
        _ = harness.run(["SET", "k", text])
        #expect(harness.run("GETRANGE k 0 3") == "$4 name")
        #expect(harness.run("GETBIT k 1") == ":1")
        #expect(harness.run("BITPOS k 1") == ":1")
        #expect(harness.run("BITFIELD_RO k GET u8 0") == "*1 :110")
        #expect(harness.run("MGET k k").hasPrefix("*2 $500 name"))
        #expect(harness.run("INCR k") == "-ERR value is not an integer or out of range")
        #expect(harness.run("COPY k c") == ":1")
        #expect(harness.run("RENAME k r") == "+OK")
        #expect(harness.run("PEXPIRE r 5000") == ":1")
        #expect(harness.run("PERSIST r") == ":1")
        #expect(harness.run("GETEX r EX 100") == "$500 \(text)")
        #expect(Self.form("c", &harness) == .compressed)
        #expect(Self.form("r", &harness) == .compressed)
        #expect(harness.run("GETDEL r") == "$500 \(text)")
        #expect(harness.run(["GETSET", "c", Self.text(300)]) == "$500 \(text)")
        #expect(harness.run(["SET", "c", "1", "GET"]) == "$300 \(Self.text(300))")
        harness.engine.keyspace.checkInvariants()
    }

    @Test func whatDoesNotShrinkAnEighthStays() {
        var harness = Harness(compressedOver: 10)
        var random = SplitMix64(seed: 4)
        let noise = (0..<1000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        _ = harness.raw([Array("SET".utf8), [110], noise])
        #expect(Self.form("n", &harness) == .inline)
        _ = harness.raw([Array("SET".utf8), [109], noise + [UInt8](repeating: 0, count: 100)])
        #expect(Self.form("m", &harness) == .inline)
        _ = harness.raw([Array("SET".utf8), [108], noise + [UInt8](repeating: 0, count: 200)])
        #expect(Self.form("l", &harness) == .compressed)
    }

    @Test func boundsAreThose() {
        var harness = Harness(compressedOver: 64)
        let most = Keyspace.compressedLengthMax
        for (count, form) in [
            (64, Entry.Form.inline), (65, .compressed), (4097, .compressed), (most, .compressed),
            (most + 1, .long), (200_000, .long),
        ] {
            let text = Self.text(count)
            _ = harness.run(["SET", "k", text])
            #expect(Self.form("k", &harness) == form, "\(count)")
            #expect(harness.run("GET k") == "$\(count) \(text)")
        }
        harness.engine.keyspace.compressStrings(over: 0)
        _ = harness.run(["SET", "k", Self.text(5000)])
        #expect(Self.form("k", &harness) == .long)
        harness.engine.keyspace.compressStrings(over: 1 << 30)
        _ = harness.run(["SET", "k", Self.text(5000)])
        #expect(Self.form("k", &harness) == .long)
    }

    /// A turn compresses half a mebibyte at once; SET of what is more becomes work, MSET stores it
    /// as it is.
    @Test func aTurnCompressesItsShare() {
        var harness = Harness(isLogged: false, compressedOver: 100)
        let text = Self.text(60_000)
        let words = ["MSET"] + (0..<20).flatMap { ["k\($0)", text] }
        #expect(harness.run(words) == "+OK")
        let forms = (0..<20).map { Self.form("k\($0)", &harness) }
        #expect(forms.prefix(8).allSatisfy { $0 == .compressed })
        #expect(forms.suffix(11).allSatisfy { $0 == .long })
        for index in 0..<20 { #expect(harness.run("STRLEN k\(index)") == ":60000") }
        harness.engine.limits.atOnceMax = 100
        harness.partMax = 10
        #expect(harness.run(["SET", "k19", text]) == "+OK")
        #expect(Self.form("k19", &harness) == .compressed)
        harness.engine.keyspace.checkInvariants()
    }

    @Test func borrowedKeysStayCompressed() {
        var owner = Harness(isLogged: false, compressedOver: 100)
        var borrower = Harness(isLogged: false, compressedOver: 0)
        let text = Self.text(3000)
        _ = owner.run(["SET", "k", text])
        var record = OutputBuffer()
        let isThere = withKey([107], &owner) { $0.copyEntry($1, to: &record) }
        #expect(isThere)
        #expect(borrower.engine.keyspace.putEntry(from: record.bytes) == record.count)
        #expect(Self.form("k", &borrower) == .compressed)
        #expect(borrower.run("GET k") == "$3000 \(text)")
        #expect(borrower.run("APPEND k x") == ":3001")
        var changed = OutputBuffer()
        _ = withKey([107], &borrower) { $0.copyEntry($1, to: &changed) }
        _ = owner.engine.keyspace.putEntry(from: changed.bytes, isReturned: true)
        #expect(owner.run("GET k") == "$3001 \(text)x")
        owner.engine.keyspace.checkInvariants()
        borrower.engine.keyspace.checkInvariants()
    }

    // MARK: Against an engine that compresses nothing

    /// The replies to random commands about strings are those of an engine that compresses nothing;
    /// what was logged and what a snapshot holds come back as well (``ReplayCheck``).
    @Test(arguments: 1...6) func repliesAreThoseWithoutCompression(seed: UInt64) {
        var harness = Harness(seed: seed, compressedOver: 20)
        var plain = Harness(seed: seed, compressedOver: 0)
        // LCS of long strings takes too long.
        harness.engine.limits.stringLengthMax = 1 << 19
        plain.engine.limits.stringLengthMax = 1 << 19
        if seed % 2 == 0 {
            harness.engine.limits.atOnceMax = 100
            plain.engine.limits.atOnceMax = 100
            harness.partMax = 7
            plain.partMax = 7
        }
        var random = SplitMix64(seed: seed)
        var compressed = 0
        for step in 0..<1500 {
            let words = Self.command(&random)
            let (reply, expected) = (harness.raw(words), plain.raw(words))
            if reply != expected {
                let line = words.map { String(decoding: $0.prefix(40), as: UTF8.self) }
                Issue.record("\(line): \(reply.prefix(200)), not \(expected.prefix(200))")
                return
            }
            if step % 500 == 0 {
                harness.engine.keyspace.checkInvariants()
                harness.engine.keyspace.forEachEntry { if $0.isCompressed { compressed += 1 } }
            }
        }
        #expect(compressed > 0)
        harness.engine.keyspace.checkInvariants()
    }

    private static func command(_ random: inout SplitMix64) -> [[UInt8]] {
        func pick(_ words: [String], _ random: inout SplitMix64) -> String {
            words[Int(random.next() % UInt64(words.count))]
        }
        func key(_ random: inout SplitMix64) -> String { pick(["a", "b", "c", "d", "e"], &random) }
        func number(_ random: inout SplitMix64) -> String {
            pick(["0", "1", "7", "30", "200", "-1", "-20", "5000", "x"], &random)
        }
        let line = pick(
            [
                "GET k", "GET k", "MGET k k k", "STRLEN k", "GETRANGE k n n", "GETBIT k n",
                "BITCOUNT k", "BITCOUNT k n n", "BITPOS k 1 n n", "BITPOS k 0",
                "BITFIELD_RO k GET u8 n", "BITFIELD k INCRBY u8 n n", "BITOP OR k k k",
                "BITOP NOT k k", "LCS k k LEN", "LCS k k", "COPY k k REPLACE", "RENAME k k",
                "DUMP k", "APPEND k v", "SETRANGE k n v", "SETBIT k n 1", "INCR k",
                "INCRBYFLOAT k n",
                "SET k v", "SET k v", "SET k v", "SET k v GET", "SETEX k 100 v", "SETNX k v",
                "GETSET k v", "MSET k v k v k v", "MSETNX k v k v", "GETDEL k", "GETEX k PERSIST",
                "DEL k", "EXPIRE k 100", "OBJECT ENCODING k", "TYPE k", "PFADD k n", "PFCOUNT k k",
                "SADD s a b c d", "SORT s BY * ALPHA GET * GET #", "SORT s BY nosort GET *",
                "SORT s ALPHA BY * LIMIT 1 2",
            ], &random)
        return line.split(separator: " ").map { word in
            switch word {
            case "k": Array(key(&random).utf8)
            case "n": Array(number(&random).utf8)
            case "v": value(&random)
            default: Array(word.utf8)
            }
        }
    }

    /// Of all lengths: what shrinks much, little and not at all.
    private static func value(_ random: inout SplitMix64) -> [UInt8] {
        let isLong = random.next() % 40 == 0
        let count = isLong ? 66_000 : [1, 20, 21, 44, 60, 300, 4000][Int(random.next() % 7)]
        switch random.next() % 4 {
        case 0: return Array("\(random.next() % 1000)".utf8)
        case 1: return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        case 2: return [UInt8](repeating: 0x30, count: count)
        default: return (0..<count).map { UInt8($0 / 7 % 5 + 0x61) }
        }
    }

    // MARK: RESTORE

    @Test func restoredAndReplayedValuesAreCompressed() {
        var harness = Harness(compressedOver: 100)
        let text = Self.text(1000)
        _ = harness.run(["SET", "k", text])
        let dumped = harness.send(Harness.request([Array("DUMP".utf8), [107]]))
        let start = dumped.firstIndex(of: 10)! + 1
        let payload = Array(dumped[start..<(dumped.count - 2)])
        let reply = harness.raw([Array("RESTORE".utf8), [114], [48], payload])
        #expect(reply == "+OK\r\n")
        #expect(Self.form("r", &harness) == .compressed)
        #expect(harness.run("GET r") == "$1000 \(text)")
    }
}
