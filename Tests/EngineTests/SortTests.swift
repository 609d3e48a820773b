import Base
import Testing

@testable import Engine

/// SORT against Swift's own sorting, and what it leaves behind in the keyspace.
struct SortTests {
    private static func array(_ parts: [String]) -> String {
        parts.reduce("*\(parts.count)\r\n") { $0 + "$\($1.utf8.count)\r\n\($1)\r\n" }
    }

    @Test(arguments: ["l", "s", "z"])
    func numbersAndBytes(key: String) {
        var random = SplitMix64(seed: 3)
        for count in [1, 2, 7, 100, 600, 3_000] {
            var harness = Harness()
            var values: Set<Int> = []
            while values.count < count { values.insert(Int(random.next() % 100_000) - 50_000) }
            for value in values {
                switch key {
                case "l": _ = harness.run("RPUSH l \(value)")
                case "s": _ = harness.run("SADD s \(value)")
                default: _ = harness.run("ZADD z \(random.next() % 9) \(value)")
                }
            }
            let numbers = values.sorted().map(String.init)
            #expect(harness.raw("SORT \(key)") == Self.array(numbers))
            #expect(harness.raw("SORT_RO \(key) DESC") == Self.array(numbers.reversed()))
            let bytes = values.map(String.init).sorted()
            #expect(harness.raw("SORT \(key) ALPHA") == Self.array(bytes))
            let part = Array(bytes.dropFirst(5).prefix(20))
            #expect(harness.raw("SORT \(key) ALPHA LIMIT 5 20") == Self.array(part))
            #expect(harness.run("SORT \(key) STORE d") == ":\(count)")
            #expect(harness.raw("LRANGE d 0 -1") == Self.array(numbers))
            #expect(harness.run("RPUSH d x") == ":\(count + 1)")
            #expect(harness.run("LPOP d") == "$\(numbers[0].count) \(numbers[0])")
            harness.engine.keyspace.checkInvariants()
        }
    }

    /// Elements that are alike keep their order, whichever way is sorted.
    @Test func orderIsStable() {
        var harness = Harness()
        for number in 0..<200 { _ = harness.run("RPUSH l \(number)") }
        for number in 0..<200 { _ = harness.run("SET w_\(number) \(number % 3)") }
        let groups = (0..<3).map { rest in (0..<200).filter { $0 % 3 == rest }.map(String.init) }
        #expect(harness.raw("SORT l BY w_* ALPHA") == Self.array(groups.flatMap { $0 }))
        #expect(
            harness.raw("SORT l BY w_* ALPHA DESC") == Self.array(groups.reversed().flatMap { $0 }))
    }

    /// Patterns meet keys that have expired while the elements are being read.
    @Test func expiredKeysAreNotThere() {
        var harness = Harness()
        for number in 0..<50 {
            _ = harness.run("RPUSH l \(number)")
            _ = harness.run("SET w_\(number) \(50 - number) PX \(number % 2 == 0 ? 10 : 100_000)")
        }
        harness.engine.keyspace.now += 1_000
        let odd = (0..<50).filter { $0 % 2 == 1 }.reversed().map(String.init)
        let even = (0..<50).filter { $0 % 2 == 0 }.map(String.init)
        let byBytes = even.sorted()
        #expect(harness.raw("SORT l BY w_*") == Self.array(byBytes + odd))
        #expect(harness.run("DBSIZE") == "+NODE")
        #expect(harness.engine.keyspace.count == 26)
        harness.engine.keyspace.checkInvariants()
    }

    @Test func largeValuesAreStoredWhole() {
        var harness = Harness()
        let large = String(repeating: "x", count: 100_000)
        _ = harness.run(["RPUSH", "l", "2", "1", "3"])
        _ = harness.run(["SET", "v_1", large])
        _ = harness.run(["SET", "v_2", "12345678901"])
        #expect(harness.run("SORT l GET v_* STORE l") == ":3")
        #expect(harness.raw("LRANGE l 0 -1") == Self.array([large, "12345678901", ""]))
        harness.engine.keyspace.checkInvariants()
    }

    @Test func patterns() {
        func parts(_ word: StaticString) -> [String?] {
            let pattern = SortPattern(Bytes(word))
            return [pattern.prefix.string, pattern.suffix.string, pattern.field?.string]
        }
        #expect(parts("w_*") == ["w_", "", nil])
        #expect(parts("a*b->c") == ["a", "b", "c"])
        #expect(parts("a*b->") == ["a", "b->", nil])
        #expect(parts("a->b*c") == ["a->b", "c", nil])
        #expect(parts("**->->x") == ["", "*", "->x"])
        #expect(SortPattern(Bytes("#")).isElement)
        #expect(!SortPattern(Bytes("nosort")).namesKeys)
    }
}
