import Base
import Placement
import Testing

@testable import Engine

/// What is there from a scan's start to its end is returned, whatever happens to the tables
/// meanwhile.
struct ScanTests {
    private func scan(_ harness: inout Harness, count: Int, between: (inout Harness) -> Void)
        -> [String: Int]
    {
        var seen: [String: Int] = [:]
        var cursor = ScanCursor(rawValue: 0)
        repeat {
            cursor = harness.engine.keyspace.scan(from: cursor, through: 16_383, count: count) {
                seen[$0.key.string, default: 0] += 1
            }
            #expect(cursor.rawValue <= UInt64(Int64.max))
            between(&harness)
        } while !cursor.isStart
        return seen
    }

    @Test(arguments: [0, 1, 7, 100, 430, 5_000, 30_000], [true, false])
    func aStillKeyspaceIsReturnedOnce(keys: Int, isOneSlot: Bool) {
        var harness = Harness()
        for index in 0..<keys { _ = harness.run("SET \(isOneSlot ? "{s}" : "k")\(index) v") }
        let seen = scan(&harness, count: 10) { _ in }
        #expect(seen.count == keys)
        #expect(seen.values.allSatisfy { $0 == 1 })
    }

    @Test(arguments: [true, false], [1, 2, 3])
    func changesHideNothingThatStays(grows: Bool, seed: UInt64) {
        var harness = Harness(seed: seed)
        for index in 0..<300 { _ = harness.run("SET {s}stays\(index) v") }
        for index in 0..<(grows ? 0 : 12_000) { _ = harness.run("SET {s}goes\(index) v") }
        var next = 0
        let seen = scan(&harness, count: 5) { harness in
            for _ in 0..<100 where next < 12_000 {
                _ = harness.run(grows ? "SET {s}comes\(next) v" : "DEL {s}goes\(next)")
                next += 1
            }
        }
        #expect(next > 2_000)
        for index in 0..<300 { #expect(seen["{s}stays\(index)"] != nil) }
    }

    @Test func aRangeOfSlotsEndsWhereTheNextBegins() {
        var harness = Harness()
        for index in 0..<2_000 { _ = harness.run("SET k\(index) v") }
        var cursor = ScanCursor(rawValue: 0)
        var seen = 0
        while cursor.slot <= 8_191 {
            cursor = harness.engine.keyspace.scan(from: cursor, through: 8_191, count: 20) { _ in
                seen += 1
            }
        }
        #expect(cursor == ScanCursor(slot: 8_192))
        let expected = (0...8_191).reduce(0) {
            $0 + harness.engine.keyspace.count(inSlot: SlotIndex(UInt16($1)))
        }
        #expect(seen == expected)
    }

    @Test func theExpiredAreHidden() {
        var harness = Harness()
        _ = harness.run("SET a v PX 1")
        _ = harness.run("SET b v")
        harness.advance(milliseconds: 1)
        #expect(scan(&harness, count: 10) { _ in } == ["b": 1])
    }
}
