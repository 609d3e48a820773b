import Base
import RDB
import Testing

@testable import Engine

/// DUMP and RESTORE: every form of value there and back, at once and in parts, and payloads that
/// nobody should send.
struct PayloadTests {
    /// How values are made: a key of each form that the keyspace has.
    private static let forms: [String] = [
        "SET integer -9223372036854775808", "SET inline hello", "SET empty \u{1}",
        "RPUSH packedList a 5 -300 70000 9000000000 b", "HSET packedHash f 1 g two",
        "SADD packedSet a b 7", "SADD integerSet 1 -40000 9000000000",
        "ZADD packedSortedSet -inf a 1.5 b 2 c +inf d",
    ]

    private static func call(_ words: [String]) -> [[UInt8]] { words.map { Array($0.utf8) } }

    /// Large values of each type under their names.
    private static func fill(_ harness: inout Harness, count: Int) {
        for line in forms { _ = harness.run(line) }
        let numbers = (0..<count).map { "\($0 * 7)" }
        let texts = numbers.map { "element:\($0)" + String(repeating: "x", count: $0.count * 9) }
        _ = harness.run(["SET", "long", String(repeating: "0123456789", count: count)])
        _ = harness.run(["RPUSH", "list"] + zip(numbers, texts).flatMap { [$0, $1] })
        _ = harness.run(["SADD", "set"] + texts)
        _ = harness.run(["SADD", "integers"] + numbers)
        _ = harness.run(["HSET", "hash"] + zip(texts, numbers).flatMap { [$0, $1] })
        _ = harness.run(["ZADD", "sortedSet"] + zip(numbers, texts).flatMap { [$0, $1] })
    }

    private static let names = [
        "integer", "inline", "empty", "packedList", "packedHash", "packedSet", "integerSet",
        "packedSortedSet", "long", "list", "set", "integers", "hash", "sortedSet",
    ]

    /// The payload that DUMP answers with.
    private static func dump(_ key: String, _ harness: inout Harness) -> [UInt8] {
        let reply = harness.send(Harness.request(call(["DUMP", key])))
        let start = reply.firstIndex(of: 10)! + 1
        return Array(reply[start..<(reply.count - 2)])
    }

    private static func restore(
        _ key: String, _ payload: [UInt8], _ harness: inout Harness, _ options: String...
    ) -> String {
        harness.raw(call(["RESTORE", key, "0"]) + [payload] + call(options))
    }

    /// What a value is, the same for each order of members.
    private static func content(_ key: String, _ harness: inout Harness) -> [String] {
        let read: [String: [String]] = [
            "string": ["GET", key], "list": ["LRANGE", key, "0", "-1"], "set": ["SMEMBERS", key],
            "hash": ["HGETALL", key], "zset": ["ZRANGE", key, "0", "-1", "WITHSCORES"],
        ]
        let type = harness.run("TYPE \(key)").dropFirst().description
        guard let words = read[type] else { return [type] }
        let lines = harness.raw(call(words)).split(separator: "\r\n").map(String.init)
        if type == "set" { return lines.sorted() }
        if type != "hash" { return lines }
        return stride(from: 1, to: lines.count, by: 4).map { lines[$0..<($0 + 4)].joined() }
            .sorted()
    }

    @Test(arguments: [nil, 1, 7, 500] as [Int?], [3, 600, 5_000])
    func thereAndBack(partMax: Int?, count: Int) {
        var harness = Harness(seed: 5)
        Self.fill(&harness, count: count)
        if let partMax { harness.engine.limits.atOnceMax = 0; harness.partMax = partMax }
        for name in Self.names {
            let payload = Self.dump(name, &harness)
            let before = Self.content(name, &harness)
            #expect(Self.restore("copy", payload, &harness) == "+OK\r\n", "\(name)")
            #expect(Self.content("copy", &harness) == before, "\(name)")
            let encodings = ["copy", name].map { harness.run("OBJECT ENCODING \($0)") }
            #expect(encodings[0] == encodings[1], "\(name)")
            #expect(Self.dump("copy", &harness).count == payload.count, "\(name)")
            #expect(Self.restore("copy", payload, &harness).hasPrefix("-BUSYKEY"))
            harness.engine.keyspace.checkInvariants()
            // Over whatever was there.
            #expect(Self.restore("other", payload, &harness, "REPLACE") == "+OK\r\n")
            _ = harness.run("DEL copy")
        }
        _ = harness.run("DEL other " + Self.names.joined(separator: " "))
        harness.engine.keyspace.reclaim(budget: .max)
        harness.engine.keyspace.checkInvariants()
        #expect(harness.engine.keyspace.usedBytes == 0)
    }

    @Test func versions() {
        var harness = Harness()
        _ = harness.run("SET k v")
        for version in [9, 10, 11] as [UInt16] {
            harness.engine.limits.payloadVersion = version
            let payload = Self.dump("k", &harness)
            #expect(payload[payload.count - 10] == UInt8(version))
            #expect(Self.restore("c", payload, &harness, "REPLACE") == "+OK\r\n")
        }
    }

    /// A payload with a right version and checksum around any value.
    private static func sealed(_ value: [UInt8], version: UInt16 = 9) -> [UInt8] {
        var output = OutputBuffer()
        for byte in value { output.append(byte) }
        PayloadWriter(version: version).end(CRC64(), &output)
        return unsafe [UInt8](output.bytes.buffer)
    }

    @Test func whatIsWrong() {
        var harness = Harness()
        _ = harness.run("SET k v")
        let version = "-ERR DUMP payload version or checksum are wrong\r\n"
        let format = "-ERR Bad data format\r\n"
        let sound = Self.dump("k", &harness)
        func answer(_ payload: [UInt8]) -> String {
            Self.restore("k", payload, &harness, "REPLACE")
        }
        #expect(answer([]) == version)
        #expect(answer(sound.dropLast(8) + [UInt8](repeating: 0, count: 8)) == version)
        #expect(answer(Self.sealed([0, 1, 97], version: 12)) == version)
        #expect(answer(Self.sealed([])) == format)
        #expect(answer(Self.sealed([0, 1, 97, 0])) == format)
        #expect(answer(Self.sealed([99, 1, 97])) == format)
        // Empty collections, and members that come twice.
        for type in [1, 2, 4, 5] as [UInt8] { #expect(answer(Self.sealed([type, 0])) == format) }
        #expect(answer(Self.sealed([2, 2, 1, 97, 1, 97])) == format)
        #expect(answer(Self.sealed([4, 2, 1, 97, 1, 98, 1, 97, 1, 98])) == format)
        let scored = [1, 97] + [UInt8](repeating: 0, count: 8)
        #expect(answer(Self.sealed([5, 2] + scored + scored)) == format)
        for (type, word) in [(15, "stream"), (19, "stream"), (21, "stream"), (7, "module")] {
            let reply = answer(Self.sealed([UInt8(type), 0]))
            #expect(reply.hasPrefix("-ERR DUMP payload holds a") && reply.contains(word))
        }
        #expect(harness.run("GET k") == "$1 v")
    }

    /// Counts and lengths that are only claimed take no memory and no time.
    @Test func hugeClaims() {
        var harness = Harness()
        _ = harness.run("SET k v")
        let used = harness.engine.keyspace.usedBytes
        let claim: [UInt8] = [0x81, 0, 0, 1, 0, 0, 0, 0, 0]
        for type in [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 16, 17, 18, 20] as [UInt8] {
            for rest in [[], [1, 97], [0xC3, 5] + claim + [4, 1, 97, 98, 99, 1]] as [[UInt8]] {
                let reply = Self.restore("c", Self.sealed([type] + claim + rest), &harness)
                #expect(reply == "-ERR Bad data format\r\n")
            }
            let compressed: [UInt8] = [type, 0xC3, 5] + claim + [4, 1, 97, 98, 99]
            #expect(
                Self.restore("c", Self.sealed(compressed), &harness)
                    == "-ERR Bad data format\r\n")
        }
        harness.engine.keyspace.reclaim(budget: .max)
        #expect(harness.engine.keyspace.usedBytes == used)
    }

    /// Payloads with flipped, missing and added bytes, under a wrong and under a right checksum:
    /// an error, and nothing is stored; or a value that is sound.
    @Test(arguments: [nil, 3] as [Int?])
    func damagedPayloads(partMax: Int?) {
        var harness = Harness(seed: 9)
        Self.fill(&harness, count: 40)
        if let partMax { harness.engine.limits.atOnceMax = 0; harness.partMax = partMax }
        let payloads = Self.names.map { Self.dump($0, &harness) }
        var random = SplitMix64(seed: 77)
        var accepted = 0
        for round in 0..<6_000 {
            var payload = payloads[round % payloads.count]
            let isSealed = round % 3 > 0
            if isSealed { payload.removeLast(10) }
            for _ in 0...Int.random(in: 0...2, using: &random) where !payload.isEmpty {
                let place = Int.random(in: 0..<payload.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: payload.removeLast(payload.count - place)
                case 1: payload.insert(.random(in: 0...255, using: &random), at: place)
                case 2: payload[place] = .random(in: 0...255, using: &random)
                default: payload[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
                }
            }
            if isSealed { payload = Self.sealed(payload) }
            let reply = Self.restore("c", payload, &harness)
            if reply == "+OK\r\n" {
                accepted += 1
                #expect(harness.run("EXISTS c") == ":1")
                _ = harness.run("DEL c")
            } else {
                #expect(reply.hasPrefix("-ERR "), "\(reply)")
                #expect(harness.run("EXISTS c") == ":0")
            }
            if round % 500 == 0 {
                harness.engine.keyspace.reclaim(budget: .max)
                harness.engine.keyspace.checkInvariants()
            }
        }
        #expect(accepted > 300)
        _ = harness.run("DEL " + Self.names.joined(separator: " "))
        harness.engine.keyspace.reclaim(budget: .max)
        #expect(harness.engine.keyspace.usedBytes == 0)
    }

    @Test func times() {
        var harness = Harness()
        _ = harness.run("SET k v")
        let payload = Self.dump("k", &harness)
        func restore(_ time: String, _ options: String...) -> String {
            harness.raw(Self.call(["RESTORE", "c", time]) + [payload] + Self.call(options))
        }
        #expect(restore("5000") == "+OK\r\n")
        #expect(harness.run("PTTL c") == ":5000")
        let absolute = "\(Harness.start + 9_000)"
        #expect(restore(absolute, "ABSTTL", "REPLACE") == "+OK\r\n")
        #expect(harness.run("PTTL c") == ":9000")
        #expect(restore("1", "ABSTTL", "REPLACE") == "+OK\r\n")
        #expect(harness.run("EXISTS c") == ":0")
        #expect(restore("9223372036854775807") == "+OK\r\n")
        #expect(harness.run("EXISTS c") == ":0")
        // How long it was not used is known to a tick of 65.5 s.
        #expect(restore("0", "IDLETIME", "1000") == "+OK\r\n")
        let idle = Int(harness.run("OBJECT IDLETIME c").dropFirst()) ?? 0
        #expect((1000 - 66...1000).contains(idle))
        #expect(restore("0", "REPLACE", "IDLETIME", "9223372036854775807") == "+OK\r\n")
    }
}
