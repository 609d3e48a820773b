import Base
import Foundation
import Testing

@testable import Engine

/// Integer sets byte by byte: what `docs/internals/collections.md` says of them.
struct IntegerSetTests {
    private func bytes(_ harness: inout Harness) -> [UInt8] {
        withKey(Array("s".utf8), &harness) { keyspace, key in
            let entry = keyspace.find(key)!.entry
            #expect(entry.form == .integerSet)
            return unsafe Array(entry.valueBytes.buffer)
        }
    }

    @Test func theLayoutIsThatOfThePage() {
        var harness = Harness()
        _ = harness.run("SADD s 5 -2 300")
        #expect(bytes(&harness) == [2, 0xFE, 0xFF, 5, 0, 0x2C, 1])
        _ = harness.run("SADD s 70000")
        #expect(
            bytes(&harness)
                == [4, 0xFE, 0xFF, 0xFF, 0xFF, 5, 0, 0, 0, 0x2C, 1, 0, 0, 0x70, 0x11, 1, 0])
        _ = harness.run("SREM s 5 300 70000")
        #expect(bytes(&harness) == [4, 0xFE, 0xFF, 0xFF, 0xFF])
    }

    /// The edges of each width, added in any order.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func edgesOfWidths(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let edges: [Int64] = [
            0, -1, 1, 32_767, -32_768, 32_768, -32_769, 2_147_483_647, -2_147_483_648,
            2_147_483_648, -2_147_483_649, .max, .min,
        ]
        var harness = Harness()
        var added: [Int64] = []
        for edge in edges.shuffled(using: &random) {
            #expect(harness.run("SISMEMBER s \(edge)") == ":0")
            #expect(harness.run("SADD s \(edge)") == ":1")
            #expect(harness.run("SADD s \(edge)") == ":0")
            added.append(edge)
            #expect(harness.strings("SMEMBERS s") == added.sorted().map { "\($0)" })
            harness.engine.keyspace.checkInvariants()
        }
        #expect(bytes(&harness)[0] == 8)
        for edge in edges.shuffled(using: &random) {
            #expect(harness.run("SREM s \(edge)") == ":1")
            harness.engine.keyspace.checkInvariants()
        }
        #expect(harness.run("EXISTS s") == ":0")
    }

    /// Whatever the setting, an entry holds no more than its length can tell.
    @Test func thereIsABoundInBytes() {
        var harness = Harness()
        harness.engine.limits.integerSetEntriesMax = .max
        harness.engine.limits.setPack.entries = .max
        for index in 0..<40_000 { _ = harness.run("SADD s \(index)") }
        #expect(harness.run("SCARD s") == ":40000")
        #expect(harness.run("OBJECT ENCODING s") == "$9 hashtable")
        harness.engine.keyspace.checkInvariants()
        _ = harness.run("DEL t")
        for index in 0..<20_000 { _ = harness.run("SADD t \(index)") }
        #expect(harness.run("OBJECT ENCODING t") == "$6 intset")
        // Widening all would take more than there is room for.
        #expect(harness.run("SADD t 9223372036854775807") == ":1")
        #expect(harness.run("SCARD t") == ":20001")
        #expect(harness.run("SISMEMBER t 9223372036854775807") == ":1")
        harness.engine.keyspace.checkInvariants()
    }

    /// The page's table tells where things lie.
    @Test func thePageSaysWhatTheCodeDoes() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../docs/internals/collections.md").standardized
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(text.contains("| 0 | 1 | width of an integer in bytes: 2, 4 or 8 |"))
        #expect(text.contains("| \(IntegerSet.headerSize) | … | the integers"))
        #expect(text.contains("60,000 bytes"))
        #expect(Pack.byteCountMax == 60_000)
    }
}
