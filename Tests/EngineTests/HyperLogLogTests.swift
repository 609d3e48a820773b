import Base
import Testing

@testable import Engine

/// HyperLogLogs by themselves: how they are laid out, that nothing in a string leads outside of it,
/// and what counts as a write.
struct HyperLogLogTests {
    private static let header = Array("HYLL".utf8)

    private static func get(_ key: String, _ harness: inout Harness) -> [UInt8] {
        let reply = harness.send(Harness.request([Array("GET".utf8), Array(key.utf8)]))
        let start = (reply.firstIndex(of: 10) ?? 0) + 1
        return Array(reply[start...].dropLast(2))
    }

    private static func set(_ key: String, _ value: [UInt8], _ harness: inout Harness) {
        _ = harness.raw([Array("SET".utf8), Array(key.utf8), value])
    }

    @Test func anEmptyOneIsAHeaderAndARun() {
        var harness = Harness()
        #expect(harness.run("PFADD k") == ":1")
        let zeros = [UInt8](repeating: 0, count: 10)
        #expect(Self.get("k", &harness) == Self.header + [1] + zeros + [0x80, 0x7F, 0xFF])
        #expect(harness.run("PFCOUNT k") == ":0")
        #expect(Self.get("k", &harness) == Self.header + [1] + zeros + [0x00, 0x7F, 0xFF])
    }

    /// The values that the format's other implementations agree on.
    @Test func elementsGoWhereTheFormatSays() {
        var harness = Harness()
        _ = harness.run("PFADD k a b")
        #expect(harness.run("PFDEBUG DECODE k") == "$32 Z:12711 v:2,1 Z:3068 v:1,1 Z:603")
    }

    @Test func registersOfSixBitsDoNotMeet() {
        var random = SplitMix64(seed: 3)
        var memory = OutputBuffer(capacity: HyperLogLog.denseSize)
        let bytes = unsafe HyperLogLogBytes(memory.reserve(HyperLogLog.denseSize))
        let registers = DenseRegisters(bytes)
        registers.clear()
        var model = [UInt8](repeating: 0, count: HyperLogLog.registerCount)
        var isSound = true
        for index in model.indices.shuffled(using: &random) {
            model[index] = UInt8(random.next() % 64)
            let isRaised = registers.raise(index, to: model[index])
            isSound = isSound && isRaised == (model[index] > 0)
            isSound = isSound && !registers.raise(index, to: model[index])
        }
        var merged = RegisterArray()
        for group in 0..<DenseRegisters.groupCount {
            for lane in 0..<8 {
                let value = UInt8(truncatingIfNeeded: registers.group(group) >> UInt64(8 * lane))
                isSound = isSound && value == model[group * 8 + lane]
                merged.raise(group * 8 + lane, to: value)
            }
        }
        registers.clear()
        merged.pack(into: registers)
        #expect(model.indices.allSatisfy { registers[$0] == model[$0] })
        #expect(isSound)
    }

    /// The sparse form holds what the dense form holds, whatever was added.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func sparseAndDenseAreTheSameRegisters(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var sparse = Harness()
        var dense = Harness()
        sparse.engine.limits.hyperLogLogSparseSizeMax = .max
        _ = dense.run("PFADD k")
        _ = dense.run("PFDEBUG TODENSE k")
        for _ in 0..<400 {
            let elements = (0..<random.next() % 4).map { _ in "\(random.next() % 20_000)" }
            #expect(sparse.run(["PFADD", "k"] + elements) != "")
            _ = dense.run(["PFADD", "k"] + elements)
        }
        #expect(sparse.run("PFDEBUG ENCODING k") == "+sparse")
        #expect(sparse.run("PFCOUNT k") == dense.run("PFCOUNT k"))
        #expect(sparse.run("PFDEBUG GETREG k") == dense.run("PFDEBUG GETREG k"))
        sparse.engine.keyspace.checkInvariants()
    }

    @Test func estimatesAreWithinThreeStandardErrors() {
        var harness = Harness()
        var added = 0
        for bound in [10, 100, 1_000, 30_000] {
            while added < bound {
                let elements = (added..<min(added + 100, bound)).map { "element:\($0)" }
                _ = harness.run(["PFADD", "k"] + elements)
                added += elements.count
            }
            let count = Int(harness.run("PFCOUNT k").dropFirst()) ?? 0
            #expect(abs(count - added) <= max(added * 25 / 1_000, 1))
        }
        #expect(harness.run("PFSELFTEST") == "+OK")
    }

    /// Strings that somebody made up, cut, and changed: every command answers, and no invariant
    /// breaks.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func noStringLeadsOutside(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var harness = Harness()
        let dense = [UInt8](repeating: 0, count: 12_288)
        for round in 0..<300 {
            let form = UInt8(random.next() % 8 == 0 ? 0 : 1)
            var string = Self.header + [form] + [UInt8](repeating: 0, count: 10) + [0x80]
            if form == 0 { string += dense }
            for _ in 0..<random.next() % 40 {
                string.append(UInt8(truncatingIfNeeded: random.next()))
            }
            string.removeLast(Int(random.next() % 3))
            Self.set("k\(round % 3)", string, &harness)
            for line in [
                "PFADD k0 \(random.next()) \(random.next())", "PFADD k1 x", "PFCOUNT k0",
                "PFCOUNT k0 k1 k2", "PFMERGE k2 k0 k1", "PFDEBUG DECODE k1", "PFADD k2 1 2 3 4 5",
                "PFDEBUG TODENSE k0", "PFDEBUG ENCODING k2",
            ] { #expect(!harness.run(line).isEmpty) }
            if round % 100 == 0 { harness.engine.keyspace.checkInvariants() }
        }
        harness.engine.keyspace.checkInvariants()
    }

    /// Registers that no element can set.
    @Test func impossibleRegistersHaveACount() {
        var harness = Harness()
        let full = Self.header + [0] + [UInt8](repeating: 0, count: 10) + [0x80]
            + [UInt8](repeating: 0xFF, count: 12_288)
        Self.set("k", full, &harness)
        #expect(harness.run("PFCOUNT k") == ":-9223372036854775808")
        #expect(harness.run("PFCOUNT k k") == ":-9223372036854775808")
    }

    private static func stamp(_ harness: inout Harness) -> UInt64 {
        withKey([107], &harness) { $0.find($1)?.entry.stamp.rawValue ?? 0 }
    }

    @Test(arguments: [
        "PFADD k", "PFADD k a b", "PFCOUNT k l", "PFDEBUG ENCODING k", "PFDEBUG DECODE k",
        "PFMERGE l k", "PFDEBUG nonsense k", "PFMERGE k text", "PFCOUNT k text",
    ])
    func whatChangesNothingIsNoWrite(line: String) {
        var harness = Harness()
        _ = harness.run("PFADD k a b")
        _ = harness.run("SET text x")
        let before = (Self.stamp(&harness), Self.get("k", &harness))
        _ = harness.run(line)
        #expect(Self.stamp(&harness) == before.0)
        #expect(Self.get("k", &harness) == before.1)
    }

    @Test(arguments: ["PFADD k c", "PFADD k c d e f", "PFCOUNT k", "PFMERGE k l"])
    func aChangeTakesOneStamp(line: String) {
        var harness = Harness()
        _ = harness.run("PFADD k a b")
        _ = harness.run("PFADD l x")
        let before = Self.stamp(&harness)
        _ = harness.run(line)
        #expect(Self.stamp(&harness) == before + 1)
    }

    @Test func aDeadlineOutlivesTheSparseForm() {
        var harness = Harness()
        _ = harness.run("PFADD k a")
        _ = harness.run("PEXPIRE k 5000")
        _ = harness.run("PFDEBUG TODENSE k")
        #expect(harness.run("PTTL k") == ":5000")
        #expect(harness.run("PFDEBUG ENCODING k") == "+dense")
        harness.advance(milliseconds: 5_000)
        #expect(harness.run("PFCOUNT k") == ":0")
        harness.engine.keyspace.checkInvariants()
    }
}
