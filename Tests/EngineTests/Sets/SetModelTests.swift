import Base
import Testing

@testable import Engine

/// Sets against Swift's, under random operations on a few keys.
struct SetModelTests {
    struct Mix: CustomTestStringConvertible {
        var members: UInt64
        var steps: Int
        /// set-max-intset-entries and set-max-listpack-entries.
        var integers: Int
        var entries: Int
        /// Of a hundred members so many are integers.
        var integerPercent: UInt64
        var seed: UInt64
        /// Commands that look at more elements are done in parts.
        var atOnceMax: Int?

        var testDescription: String {
            "\(members) members, \(integerPercent) % integers, limits \(integers) and \(entries), "
                + "seed \(seed), in parts from \(atOnceMax.map(String.init) ?? "never") on"
        }
    }

    @Test(arguments: [
        Mix(members: 12, steps: 6_000, integers: 512, entries: 128, integerPercent: 50, seed: 1),
        Mix(members: 12, steps: 6_000, integers: 4, entries: 128, integerPercent: 90, seed: 2),
        Mix(members: 12, steps: 6_000, integers: 6, entries: 3, integerPercent: 97, seed: 3),
        Mix(members: 12, steps: 6_000, integers: 0, entries: 0, integerPercent: 50, seed: 4),
        Mix(members: 300, steps: 6_000, integers: 512, entries: 128, integerPercent: 100, seed: 5),
        Mix(members: 300, steps: 6_000, integers: 512, entries: 128, integerPercent: 20, seed: 6),
        Mix(members: 5_000, steps: 9_000, integers: 512, entries: 128, integerPercent: 50, seed: 7),
        Mix(members: 12, steps: 6_000, integers: 4, entries: 3, integerPercent: 50, seed: 8,
            atOnceMax: 0),
        Mix(members: 300, steps: 4_000, integers: 512, entries: 40, integerPercent: 50, seed: 9,
            atOnceMax: 5),
        Mix(members: 5_000, steps: 3_000, integers: 512, entries: 128, integerPercent: 20, seed: 10,
            atOnceMax: 100),
    ])
    func behavesAsASet(mix: Mix) {
        var session = SetSession(mix)
        for step in 0..<mix.steps {
            session.isGrowing = (step / (mix.steps / 4)) % 2 == 0
            session.applyStep()
            if step % (mix.steps / 20) == 0 {
                session.harness.engine.keyspace.checkInvariants()
                session.check()
            }
        }
        session.check()
        for key in SetSession.keys { _ = session.harness.run("DEL \(key)") }
        session.harness.engine.keyspace.reclaim(budget: .max)
        session.harness.engine.keyspace.checkInvariants()
        #expect(session.harness.engine.keyspace.usedBytes == 0)
    }
}

/// An engine and what its sets should be.
private struct SetSession: ~Copyable {
    var harness: Harness
    var isGrowing = true
    private var model: [String: Set<String>] = [:]
    private var random: SplitMix64
    private let mix: SetModelTests.Mix

    static let keys = ["a", "b", "c"]

    init(_ mix: SetModelTests.Mix) {
        self.mix = mix
        harness = Harness(seed: mix.seed)
        harness.engine.limits.integerSetEntriesMax = mix.integers
        harness.engine.limits.setPack.entries = mix.entries
        if let atOnceMax = mix.atOnceMax {
            harness.engine.limits.atOnceMax = atOnceMax
            harness.partMax = max(atOnceMax, 7)
        }
        random = SplitMix64(seed: mix.seed)
    }

    private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }

    private mutating func key() -> String { Self.keys[below(Self.keys.count)] }

    /// Integers of every width, words, almost integers, and now and then one that no pack takes.
    private mutating func member() -> String {
        let number = random.next() % mix.members
        if number * 7919 % 100 < mix.integerPercent {
            let magnitude = Int64(number &* 2_654_435_761) >> Int64(number % 5 * 9)
            return "\(number % 2 == 0 ? magnitude : -magnitude)"
        }
        switch number % 6 {
        case 0: return "0\(number)"
        case 1 where number % 5 == 1:
            return "long-" + String(repeating: "m", count: 70) + "\(number)"
        default: return "member:\(number)"
        }
    }

    private func members(_ key: String) -> Set<String> { model[key] ?? [] }

    private mutating func set(_ key: String, _ members: Set<String>) {
        model[key] = members.isEmpty ? nil : members
    }

    mutating func applyStep() {
        switch below(isGrowing ? 24 : 30) {
        case 0...9: isGrowing ? add() : remove()
        case 10: add()
        case 11: remove()
        case 12...13: read()
        case 14...15: draw()
        case 16...17: move()
        case 18: combine()
        case 19: store()
        case 20: pop(count: nil)
        case 21: pop(count: isGrowing ? below(2) : below(Int(mix.members)))
        case 22: copy()
        default: isGrowing ? add() : remove()
        }
    }

    private mutating func add() {
        let (key, added) = (key(), (0...below(3)).map { _ in member() })
        let now = members(key).union(added)
        #expect(harness.run(["SADD", key] + added) == ":\(now.count - members(key).count)")
        set(key, now)
    }

    private mutating func remove() {
        let (key, removed) = (key(), (0...below(5)).map { _ in member() })
        let now = members(key).subtracting(removed)
        #expect(harness.run(["SREM", key] + removed) == ":\(members(key).count - now.count)")
        set(key, now)
    }

    private mutating func read() {
        let (key, first, second) = (key(), member(), member())
        let here = [first, second].map { members(key).contains($0) ? ":1" : ":0" }
        #expect(harness.run(["SISMEMBER", key, first]) == here[0])
        #expect(
            harness.run(["SMISMEMBER", key, first, second])
                == "*2 \(here.joined(separator: " "))")
        #expect(harness.run("SCARD \(key)") == ":\(members(key).count)")
    }

    private mutating func draw() {
        let key = key()
        let count = below(2) == 0 ? below(6) : below(Int(mix.members))
        let drawn = harness.strings("SRANDMEMBER \(key) \(count)")
        #expect(drawn.count == min(count, members(key).count))
        #expect(Set(drawn).count == drawn.count)
        #expect(members(key).isSuperset(of: drawn))
        let repeated = harness.strings("SRANDMEMBER \(key) -\(count)")
        #expect(repeated.count == (members(key).isEmpty ? 0 : count))
        #expect(members(key).isSuperset(of: repeated))
        let one = harness.strings("SRANDMEMBER \(key)")
        #expect(one.count == (members(key).isEmpty ? 0 : 1))
        #expect(members(key).isSuperset(of: one))
    }

    private mutating func move() {
        let (source, target, moved) = (key(), key(), member())
        let isThere = members(source).contains(moved)
        #expect(harness.run(["SMOVE", source, target, moved]) == (isThere ? ":1" : ":0"))
        if !isThere { return }
        set(source, members(source).subtracting([moved]))
        set(target, members(target).union([moved]))
    }

    private mutating func combined(_ name: String, _ keys: [String]) -> Set<String> {
        let first = members(keys[0])
        switch name {
        case "SINTER": return keys.reduce(first) { $0.intersection(members($1)) }
        case "SUNION": return keys.reduce(first) { $0.union(members($1)) }
        default: return keys.dropFirst().reduce(first) { $0.subtracting(members($1)) }
        }
    }

    private mutating func combine() {
        let keys = (0...below(3)).map { _ in below(20) == 0 ? "none" : key() }
        for name in ["SINTER", "SUNION", "SDIFF"] {
            let expected = combined(name, keys)
            let answered = harness.strings("\(name) \(keys.joined(separator: " "))")
            #expect(answered.count == expected.count)
            #expect(Set(answered) == expected)
        }
        let count = combined("SINTER", keys).count
        let limit = below(4)
        let line = "SINTERCARD \(keys.count) \(keys.joined(separator: " "))"
        #expect(harness.run(line) == ":\(count)")
        let limited = limit == 0 ? count : min(count, limit)
        #expect(harness.run("\(line) LIMIT \(limit)") == ":\(limited)")
    }

    private mutating func store() {
        let keys = (0...below(3)).map { _ in key() }
        let (target, name) = (key(), ["SINTER", "SUNION", "SDIFF"][below(3)])
        let expected = combined(name, keys)
        let line = "\(name)STORE \(target) \(keys.joined(separator: " "))"
        #expect(harness.run(line) == ":\(expected.count)")
        set(target, expected)
        check(target)
    }

    private mutating func pop(count: Int?) {
        let key = key()
        let popped = harness.strings("SPOP \(key)" + (count.map { " \($0)" } ?? ""))
        #expect(popped.count == min(count ?? 1, members(key).count))
        #expect(Set(popped).count == popped.count)
        #expect(members(key).isSuperset(of: popped))
        set(key, members(key).subtracting(popped))
    }

    private mutating func copy() {
        let (source, target) = (key(), key())
        if source == target { return }
        let isThere = model[source] != nil
        #expect(harness.run("COPY \(source) \(target) REPLACE") == (isThere ? ":1" : ":0"))
        if isThere { model[target] = model[source] }
    }

    mutating func check() {
        for key in Self.keys { check(key) }
    }

    private mutating func check(_ key: String) {
        let expected = members(key)
        #expect(harness.run("EXISTS \(key)") == (expected.isEmpty ? ":0" : ":1"))
        let all = harness.strings("SMEMBERS \(key)")
        #expect(all.count == expected.count)
        #expect(Set(all) == expected)
        for count in [7, 100_000] {
            var (cursor, seen, calls) = ("0", Set<String>(), 0)
            repeat {
                var page = harness.strings("SSCAN \(key) \(cursor) COUNT \(count)")
                cursor = page.removeFirst()
                seen.formUnion(page)
                calls += 1
            } while cursor != "0" && calls < 100_000
            #expect(seen == expected)
        }
    }
}
