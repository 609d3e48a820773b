import Base
import Testing

@testable import Engine

/// What goes when memory is short, and what stays.
struct EvictionTests {
    private func fill(_ harness: inout Harness, _ range: Range<Int>, suffix: String = "") {
        let value = String(repeating: "v", count: 100)
        for index in range {
            let options = suffix.split(separator: " ").map(String.init)
            let words = ["SET", "key:\(index)", value] + options
            _ = harness.run(words)
        }
    }

    private func present(_ harness: inout Harness, _ range: Range<Int>) -> Int {
        range.count { harness.run("EXISTS key:\($0)") == ":1" }
    }

    private func limited(_ policy: EvictionPolicy, keys: Int) -> Harness {
        // The values differ in length, and would not if they were compressed.
        var harness = Harness(compressedOver: 0)
        fill(&harness, 0..<keys)
        let used = harness.engine.keyspace.usedBytes
        _ = harness.engine.removeAllKeys()
        harness.engine.keyspace.eviction.select(policy)
        harness.engine.keyspace.setMemoryLimit(used)
        return harness
    }

    @Test(arguments: EvictionPolicy.allCases.filter { $0 != .none && !$0.isVolatile })
    func theLimitHoldsAndTheRestStays(policy: EvictionPolicy) {
        var harness = limited(policy, keys: 10_000)
        fill(&harness, 0..<30_000)
        let keyspace = harness.engine.keyspace.count
        #expect(keyspace > 9_000 && keyspace < 10_500)
        #expect(harness.engine.keyspace.statistics.evicted == 30_000 - keyspace)
        let limit = harness.engine.keyspace.eviction.bytesMax
        #expect(harness.engine.keyspace.usedBytes < limit + 4096)
        harness.engine.keyspace.checkInvariants()
    }

    @Test func whatIsReadStaysUnderLRU() {
        var harness = limited(.allLRU, keys: 10_000)
        fill(&harness, 0..<9_000)
        harness.engine.keyspace.now += 70_000
        for index in 0..<1_000 { _ = harness.run("GET key:\(index)") }
        for index in 10_000..<25_000 {
            fill(&harness, index..<index + 1)
            // The first thousand is read again and again, each within a third of a turnover.
            _ = harness.run("GET key:\(index * 3 % 1_000)")
            _ = harness.run("GET key:\((index * 3 + 1) % 1_000)")
            _ = harness.run("GET key:\((index * 3 + 2) % 1_000)")
        }
        #expect(present(&harness, 0..<1_000) > 990)
        #expect(present(&harness, 2_000..<9_000) < 400)
    }

    @Test func whatIsUsedOftenStaysUnderLFU() {
        var harness = limited(.allLFU, keys: 5_000)
        fill(&harness, 0..<5_000)
        for _ in 0..<20 {
            for index in 0..<500 { _ = harness.run("GET key:\(index)") }
        }
        fill(&harness, 5_000..<9_000)
        #expect(present(&harness, 0..<500) > 450)
        #expect(present(&harness, 500..<1_000) < 250)
        #expect(harness.run("OBJECT FREQ key:8999") == ":5")
        #expect(harness.run("OBJECT IDLETIME key:3").hasPrefix("-ERR An LFU maxmemory policy"))
    }

    @Test func keysWithoutDeadlineStayUnderVolatilePolicies() {
        var harness = limited(.volatileTTL, keys: 4_000)
        fill(&harness, 0..<1_000)
        fill(&harness, 1_000..<2_000, suffix: "EX 100")
        fill(&harness, 2_000..<3_000, suffix: "EX 100000")
        fill(&harness, 3_000..<4_600)
        #expect(present(&harness, 0..<1_000) == 1_000)
        #expect(present(&harness, 3_000..<4_600) == 1_600)
        // What expires soon goes first.
        #expect(present(&harness, 1_000..<2_000) < 600)
        #expect(present(&harness, 2_000..<3_000) > 900)
        // Nothing is left that might go.
        fill(&harness, 5_000..<9_000)
        #expect(
            harness.run("SET more x")
                == "-OOM command not allowed when used memory > 'maxmemory'.")
        #expect(harness.run("GET key:0").hasPrefix("$100 "))
        #expect(harness.run("DEL key:0 key:1 key:2 key:3 key:4 key:5") == ":6")
    }

    @Test func withoutAPolicyWritesAreRefusedAndDeletesMakeRoom() {
        var harness = limited(.none, keys: 1_000)
        fill(&harness, 0..<2_000)
        let count = harness.engine.keyspace.count
        #expect(count > 900 && count < 1_100)
        #expect(harness.run("APPEND key:0 x").hasPrefix("-OOM "))
        #expect(harness.run("GET key:0").hasPrefix("$100 "))
        for index in 0..<100 { _ = harness.run("DEL key:\(index)") }
        #expect(harness.run("SET again x") == "+OK")
        #expect(harness.engine.keyspace.statistics.evicted == 0)
    }

    @Test func pagesBecomeFreeForValuesOfOtherSizes() {
        var harness = Harness()
        harness.engine.keyspace.eviction.select(.allLRU)
        harness.engine.keyspace.setMemoryLimit(24 << 20)
        for length in [40, 1_000, 200, 3_000, 60] {
            let value = String(repeating: "v", count: length)
            for index in 0..<(60 << 20) / (length + 100) {
                _ = harness.run(["SET", "key:\(length):\(index)", value])
                if harness.engine.keyspace.wantsCompaction {
                    harness.engine.keyspace.compact(budget: 16_384)
                }
            }
            #expect(harness.engine.keyspace.residentBytes < 29 << 20)
            #expect(harness.engine.keyspace.usedBytes > 20 << 20)
            harness.engine.keyspace.checkInvariants()
        }
    }
}
