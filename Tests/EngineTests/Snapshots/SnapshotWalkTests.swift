import Base
import Testing

@testable import Engine

/// Snapshots that are written while their slot changes. What is written is compared with the log
/// when a harness ends (ReplayCheck).
@Suite struct SnapshotWalkTests {
    /// Keys of one slot, some of which are large for the limits of the test.
    private static func keys(_ prefix: String, _ count: Int) -> [String] {
        (0..<count).map { "{t}\(prefix)\($0)" }
    }

    private static func write(
        _ type: String, _ key: String, _ random: inout SplitMix64
    ) -> String {
        func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
        let some = (0...number(12)).map { _ in number(60) }
        func words(_ make: (Int) -> String) -> String { some.map(make).joined(separator: " ") }
        if number(40) == 0 { return "DEL \(key)" }
        if number(30) == 0 { return "PEXPIRE \(key) \(number(3) == 0 ? 1 : 100_000_000)" }
        if number(60) == 0 { return "RENAME \(key) \(key)x" }
        if number(60) == 0 { return "RENAME \(key)x \(key)" }
        switch type {
        case "hash":
            return number(2) == 0
                ? "HSET \(key) \(words { "field\($0) value\(number(1000))" })"
                : "HDEL \(key) \(words { "field\($0)" })"
        case "set":
            return number(2) == 0
                ? "SADD \(key) \(words { "member\($0)" })"
                : "SREM \(key) \(words { "member\($0)" })"
        case "zset":
            return number(2) == 0
                ? "ZADD \(key) \(words { "\(number(100)) member\($0)" })"
                : "ZREM \(key) \(words { "member\($0)" })"
        case "list": return writeList(key, words { "element\($0)" }, &random)
        default:
            return number(2) == 0
                ? "SETRANGE \(key) \(number(300_000)) text\(number(1000))"
                : number(20) == 0 ? "SET \(key) short" : "APPEND \(key) tail\(number(100))"
        }
    }

    private static func writeList(
        _ key: String, _ elements: String, _ random: inout SplitMix64
    ) -> String {
        func number(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }
        switch number(14) {
        case 0..<3: return "LPUSH \(key) \(elements)"
        case 3..<6: return "RPUSH \(key) \(elements)"
        case 6: return "LPOP \(key) \(number(8) + 1)"
        case 7: return "RPOP \(key) \(number(8) + 1)"
        case 8: return "LSET \(key) \(number(40) - 20) set\(number(100))"
        case 9: return "LINSERT \(key) BEFORE element\(number(60)) inserted\(number(100))"
        case 10: return "LINSERT \(key) AFTER element\(number(60)) inserted\(number(100))"
        case 11: return "LTRIM \(key) \(number(6)) -\(number(6) + 1)"
        default: return "LREM \(key) \(number(7) - 3) element\(number(60))"
        }
    }

    @Test(arguments: ["hash", "set", "zset", "list", "string"], 0..<6)
    func aSlotIsWrittenWhileItChanges(type: String, seed: UInt64) {
        var harness = Harness(seed: seed)
        harness.engine.limits.hashPack = PackLimits(entries: 4, valueLength: 64)
        harness.engine.limits.setPack = PackLimits(entries: 4, valueLength: 64)
        harness.engine.limits.sortedSetPack = PackLimits(entries: 4, valueLength: 64)
        harness.engine.limits.listChunkSize = 4
        harness.snapshot.budgets = [1, 2, 5, 9]
        var random = SplitMix64(seed: seed)
        let keys = Self.keys(type, 5)
        for key in keys {
            for _ in 0..<20 { _ = harness.run(Self.write(type, key, &random)) }
        }
        for round in 0..<1500 {
            let key = keys[Int.random(in: 0..<keys.count, using: &random)]
            _ = harness.run(Self.write(type, key, &random))
            // The walk reaches the slot at once, so that most of the commands meet it there.
            if round % 150 == 0 { harness.snapshot.begin(at: key, harness.engine) }
            if round % 9 == 0 { harness.advance(milliseconds: 1) }
        }
    }

    /// Tables grow and divide while the walk is in the middle of them.
    @Test(arguments: 0..<3)
    func aSlotOfManyKeysIsWrittenWhileItGrows(seed: UInt64) {
        var harness = Harness(seed: seed)
        harness.snapshot.budgets = [1, 40]
        var random = SplitMix64(seed: seed)
        _ = harness.run("SET {t}0 0")
        for round in 0..<12_000 {
            if round % 3000 == 10 { harness.snapshot.begin(at: "{t}0", harness.engine) }
            let number = Int.random(in: 0..<(round + 10), using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<7: _ = harness.run("SET {t}\(number) \(round)")
            case 7: _ = harness.run("DEL {t}\(number)")
            default: _ = harness.run("APPEND {t}\(number) more")
            }
        }
    }

    @Test func aFlushInTheMiddleIsSeen() {
        var harness = Harness()
        harness.snapshot.budgets = [30]
        for number in 0..<500 { _ = harness.run("SET {t}\(number) \(number)") }
        harness.snapshot.begin(at: "{t}0", harness.engine)
        _ = harness.run("GET {t}0")
        _ = harness.run("FLUSHALL")
        _ = harness.run("SET {t}1 again")
    }
}
