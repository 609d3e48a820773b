import Base
import Testing

@testable import Engine

/// Removing everything at once, and giving the memory back in parts.
struct FlushTests {
    /// Keys of all types in slots of all sizes, some with a deadline.
    private static func fill(_ harness: inout Harness, keys: Int, prefix: String = "") {
        let long = String(repeating: "l", count: 5_000)
        for index in 0..<keys {
            let key = prefix + (index % 3 == 0 ? "{one}" : "k") + "\(index)"
            switch index % 8 {
            case 0: _ = harness.run(["SET", key, long])
            case 1: _ = harness.run(["HSET", key, "a", "1", "b", "2"])
            case 2: _ = harness.run(["RPUSH", key, "a", "b", long])
            case 3: _ = harness.run(["SADD", key, "1", "2", "3"])
            case 4: _ = harness.run(["SET", key, "v", "PX", "100000"])
            case 5: _ = harness.run(["SADD", key, "a", "b"])
            default: _ = harness.run(["SET", key, "\(index)"])
            }
        }
        for field in 0..<1_500 {
            _ = harness.run("HSET \(prefix)hash field\(field) \(long.prefix(1 + field % 7 * 800))")
            _ = harness.run("SADD \(prefix)set member\(field)")
            _ = harness.run("RPUSH \(prefix)list \(long.prefix(20 + field % 100))")
        }
    }

    @Test func memoryComesBackInParts() {
        var harness = Harness()
        Self.fill(&harness, keys: 8_000)
        harness.engine.keyspace.checkInvariants()
        let used = harness.engine.keyspace.usedBytes
        #expect(harness.engine.removeAllKeys() == 8_003)
        #expect(harness.engine.keyspace.count == 0)
        #expect(harness.engine.keyspace.volatileCount == 0)
        #expect(harness.engine.keyspace.nextDeadline == nil)
        #expect(harness.engine.keyspace.usedBytes > used / 2)
        var (calls, least) = (0, harness.engine.keyspace.usedBytes)
        while harness.engine.keyspace.hasRemains {
            let before = harness.engine.keyspace.usedBytes
            harness.engine.keyspace.reclaim(budget: 500)
            // What 500 of the largest entries take, and one table's buckets.
            #expect(before - harness.engine.keyspace.usedBytes < 500 * 6_000)
            least = min(least, harness.engine.keyspace.usedBytes)
            calls += 1
            if calls % 10 == 0 { _ = harness.run("HSET new:\(calls) a 1") }
        }
        // Of the 12,500 keys and members, and some thousand pages of long values.
        #expect(calls > 20)
        harness.engine.keyspace.checkInvariants()
        #expect(harness.engine.keyspace.count == calls / 10)
        _ = harness.engine.removeAllKeys()
        harness.engine.keyspace.reclaim(budget: .max)
        #expect(harness.engine.keyspace.usedBytes == 0)
    }

    @Test func flushesFollowEachOther() {
        var harness = Harness()
        for round in 0..<4 {
            Self.fill(&harness, keys: 2_000, prefix: "r\(round)")
            #expect(harness.engine.removeAllKeys() == 2_003)
            harness.engine.keyspace.reclaim(budget: 700)
            #expect(harness.run("EXISTS r\(round)hash k1 k2") == ":0")
        }
        Self.fill(&harness, keys: 500)
        harness.engine.keyspace.reclaim(budget: .max)
        harness.engine.keyspace.checkInvariants()
        #expect(harness.engine.keyspace.count == 503)
        #expect(harness.run("HLEN hash") == ":1500")
    }

    @Test func aSmallFlushIsDoneAtOnce() {
        var harness = Harness()
        for index in 0..<500 { _ = harness.run("SET k\(index) v") }
        _ = harness.engine.removeAllKeys()
        let hasRemains = harness.engine.keyspace.hasRemains
        #expect(!hasRemains)
        #expect(harness.engine.keyspace.usedBytes == 0)
    }

    /// What is written after a flush counts as later than all that was there.
    @Test func stampsRiseOverAFlush() {
        var harness = Harness()
        for _ in 0..<5 { _ = harness.run("SET k v") }
        let before = withKey([107], &harness) { $0.find($1)!.entry.stamp.rawValue }
        _ = harness.engine.removeAllKeys()
        _ = harness.run("SET k v")
        #expect(withKey([107], &harness) { $0.find($1)!.entry.stamp.rawValue } == before + 2)
    }

    @Test func deletedCollectionsAreFreedInParts() {
        for line in ["DEL hash set list", "UNLINK hash set list", "EXPIRE hash -1", "SET hash x"] {
            var harness = Harness()
            Self.fill(&harness, keys: 0)
            _ = harness.run(line)
            let hasRemains = harness.engine.keyspace.hasRemains
            #expect(hasRemains)
            var calls = 0
            while harness.engine.keyspace.hasRemains {
                harness.engine.keyspace.reclaim(budget: 200)
                calls += 1
            }
            #expect(calls > 5)
            harness.engine.keyspace.checkInvariants()
        }
    }
}
