import Base
import Testing

@testable import Engine

/// Bits of strings: the loops against loops bit by bit, and what counts as a write.
struct BitTests {
    private static func random(_ count: Int, _ random: inout SplitMix64) -> [UInt8] {
        switch random.next() % 3 {
        case 0: (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        case 1: oneApart(0x00, count, &random)
        default: oneApart(0xFF, count, &random)
        }
    }

    /// One byte over and over, but for one bit.
    private static func oneApart(
        _ byte: UInt8, _ count: Int, _ random: inout SplitMix64
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: byte, count: count)
        if count > 0 { bytes[Int(random.next() % UInt64(count))] ^= 1 << UInt8(random.next() % 8) }
        return bytes
    }

    private static func bit(_ bytes: [UInt8], _ index: Int) -> Bool {
        bytes[index / 8] & (0x80 >> UInt8(index % 8)) != 0
    }

    @Test func countingAndFindingAreThoseBitByBit() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<3_000 {
            let bytes = Self.random(Int(random.next() % 150) + 1, &random)
            let bound = UInt64(bytes.count * 8)
            let ends = [Int(random.next() % bound), Int(random.next() % bound)].sorted()
            guard
                let range = BitRange(
                    from: Int64(ends[0]), through: Int64(ends[1]), isInBits: true,
                    length: bytes.count)
            else {
                Issue.record("a range inside is one")
                continue
            }
            let inside = ends[0]...ends[1]
            unsafe bytes.withUnsafeBytes { buffer in
                let view = unsafe Bytes(buffer)
                #expect(view.setBitCount(range) == inside.count { Self.bit(bytes, $0) })
                #expect(view.findBit(true, range) == inside.first { Self.bit(bytes, $0) })
                #expect(view.findBit(false, range) == inside.first { !Self.bit(bytes, $0) })
            }
        }
    }

    @Test func rangesAreCutToTheString() {
        func range(_ start: Int64, _ end: Int64, _ isInBits: Bool) -> [Int]? {
            BitRange(from: start, through: end, isInBits: isInBits, length: 3)
                .map { [$0.first, $0.last] }
        }
        #expect(range(0, -1, false) == [0, 23])
        #expect(range(1, 1, false) == [8, 15])
        #expect(range(-9, -2, true) == [15, 22])
        #expect(range(.min, .max, true) == [0, 23])
        #expect(range(24, 30, true) == nil)
        #expect(range(2, 1, false) == nil)
        #expect(range(-100, -90, false) == [0, 7])
        #expect(BitRange(length: 0) == nil)
    }

    /// Fields of every width at every place, against the bits one by one.
    @Test func fieldsAreReadAndWrittenBitByBit() {
        var random = SplitMix64(seed: 6)
        var harness = Harness()
        var model = [UInt8](repeating: 0, count: 40)
        _ = harness.run("SETRANGE k 39 \0")
        for _ in 0..<2_000 {
            let isSigned = random.next() % 2 == 0
            let width = Int(random.next() % (isSigned ? 64 : 63)) + 1
            let offset = Int(random.next() % UInt64(320 - width + 1))
            let type = (isSigned ? "i" : "u") + "\(width)"
            let value = Int64(bitPattern: random.next())
            var before: UInt64 = 0
            for index in 0..<width {
                before = before << 1 | (Self.bit(model, offset + index) ? 1 : 0)
                let mask = UInt8(0x80) >> UInt8((offset + index) % 8)
                let isSet = value >> Int64(width - 1 - index) & 1 == 1
                if isSet { model[(offset + index) / 8] |= mask } else {
                    model[(offset + index) / 8] &= ~mask
                }
            }
            var expected = Int64(bitPattern: before)
            if isSigned, width < 64, before >> UInt64(width - 1) == 1 {
                expected &-= Int64(1) << Int64(width)
            }
            #expect(harness.run("BITFIELD k SET \(type) \(offset) \(value)") == "*1 :\(expected)")
        }
        #expect(harness.send(Harness.request([Array("GET".utf8), [107]])).suffix(42).prefix(40)
            == model[...])
    }

    @Test(arguments: [
        "SETBIT k 1 1", "SETBIT k 0 0", "BITFIELD k SET u8 0 116", "BITFIELD k INCRBY u8 0 0",
        "BITFIELD k OVERFLOW FAIL INCRBY u8 0 255", "BITFIELD k GET u8 0", "GETBIT k 1",
        "SETBIT k 0 2", "SETBIT k -1 1", "BITFIELD k SET u8 0 1 x", "BITOP NOT k k l",
        "BITOP NAND k k", "BITCOUNT k", "BITPOS k 0", "SETBIT l 3 1",
    ])
    func whatChangesNoBitIsNoWrite(line: String) {
        var harness = Harness()
        _ = harness.run("MSET k text l 5")
        let stamps = ["k", "l"].map { Self.stamp($0, &harness) }
        _ = harness.run(line)
        #expect(["k", "l"].map { Self.stamp($0, &harness) } == stamps)
        #expect(harness.run("MGET k l") == "*2 $4 text $1 5")
    }

    @Test(arguments: [
        "SETBIT k 0 1", "SETBIT k 1000 0", "SETBIT l 0 1", "SETBIT l 90 0", "BITOP OR k k",
        "BITFIELD k SET u8 0 1", "BITFIELD k OVERFLOW FAIL INCRBY u8 80 300",
    ])
    func aWriteTakesOneStamp(line: String) {
        var harness = Harness()
        _ = harness.run("MSET k text l 5")
        let key = line.contains(" k ") ? "k" : "l"
        let before = Self.stamp(key, &harness)
        _ = harness.run(line)
        #expect(Self.stamp(key, &harness) == before + 1)
    }

    private static func stamp(_ key: String, _ harness: inout Harness) -> UInt64 {
        withKey(Array(key.utf8), &harness) { $0.find($1)?.entry.stamp.rawValue ?? 0 }
    }

    /// The result goes into the destination's block, a new one, or the entry, with and without a
    /// deadline.
    @Test func combiningAccountsForMemory() {
        var random = SplitMix64(seed: 7)
        var harness = Harness()
        let lengths = [0, 3, 100, 4_096, 4_097, 5_000, 30_000]
        for round in 0..<400 {
            let name = "k\(random.next() % 4)"
            let length = lengths[Int(random.next() % 7)]
            let value = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            switch round % 4 {
            case 0: _ = harness.raw([Array("SET".utf8), Array(name.utf8), value])
            case 1: _ = harness.run("PEXPIRE \(name) \(random.next() % 100 + 1)")
            case 2: _ = harness.run("BITOP XOR \(name) k0 k1 k2 k3")
            default: _ = harness.run("BITOP NOT \(name) k\(random.next() % 4)")
            }
            harness.advance(milliseconds: 1)
            harness.engine.keyspace.checkInvariants()
        }
    }

    @Test func aFarBitCostsNoZeroing() {
        var harness = Harness()
        #expect(harness.run("SETBIT k 4294967295 1") == ":0")
        #expect(harness.run("STRLEN k") == ":536870912")
        #expect(harness.run("SETBIT l 7 1") == ":0")
        #expect(harness.run("SETBIT l 4294967288 1") == ":0")
        #expect(harness.run("GETBIT l 7") == ":1")
        #expect(harness.run("SETBIT m 40000 1") == ":0")
        #expect(harness.run("SETBIT m 4294967295 1") == ":0")
        #expect(harness.run("GETBIT m 40000") == ":1")
        #expect(harness.run("BITCOUNT m 0 100000") == ":1")
        harness.engine.keyspace.checkInvariants()
    }
}
