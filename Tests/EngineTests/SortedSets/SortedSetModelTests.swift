import Base
import Testing

@testable import Engine

/// Sorted sets against a dictionary that is sorted when it is read, under random operations.
struct SortedSetModelTests {
    struct Mix: CustomTestStringConvertible {
        var members: UInt64
        var steps: Int
        /// Where a sorted set gets a table and a tree (zset-max-listpack-entries).
        var entries: Int
        /// Scores are whole numbers from 0 up to this one.
        var scores: UInt64
        var seed: UInt64
        /// Commands that look at more elements are done in parts.
        var atOnceMax: Int?
        var testDescription: String {
            "\(members) members, pack of \(entries), seed \(seed), "
                + "in parts from \(atOnceMax.map(String.init) ?? "never") on"
        }
    }

    @Test(arguments: [
        Mix(members: 12, steps: 2_000, entries: 128, scores: 5, seed: 1),
        Mix(members: 12, steps: 2_000, entries: 6, scores: 5, seed: 2),
        Mix(members: 300, steps: 2_400, entries: 500, scores: 40, seed: 3),
        Mix(members: 3_000, steps: 4_000, entries: 128, scores: 1_000, seed: 4),
        Mix(members: 900, steps: 2_400, entries: 0, scores: 3, seed: 5),
        Mix(members: 300, steps: 2_400, entries: 6, scores: 40, seed: 6, atOnceMax: 5),
        Mix(members: 900, steps: 2_400, entries: 128, scores: 9, seed: 7, atOnceMax: 60),
    ])
    func behavesAsASortedDictionary(mix: Mix) {
        var run = Run(mix)
        for step in 0..<mix.steps {
            run.step(adds: (step / (mix.steps / 4)) % 2 == 0)
            if step % (mix.steps / 20) == 0 {
                run.harness.engine.keyspace.checkInvariants()
                run.check()
            }
        }
        run.check()
        run.checkTravel()
        _ = run.harness.run("DEL z y")
        while run.harness.engine.keyspace.hasRemains {
            run.harness.engine.keyspace.reclaim(budget: 100)
        }
        run.harness.engine.keyspace.checkInvariants()
        #expect(run.harness.engine.keyspace.usedBytes == 0)
    }

    /// The engine, the model and the dice.
    private struct Run: ~Copyable {
        let mix: Mix
        var harness: Harness
        var model: [String: Double] = [:]
        var random: SplitMix64

        init(_ mix: Mix) {
            self.mix = mix
            harness = Harness(seed: mix.seed)
            harness.engine.limits.sortedSetPack.entries = mix.entries
            if let atOnceMax = mix.atOnceMax {
                harness.engine.limits.atOnceMax = atOnceMax
                harness.partMax = max(atOnceMax, 7)
            }
            random = SplitMix64(seed: mix.seed)
        }

        var sorted: [(member: String, score: Double)] {
            model.map { (member: $0.key, score: $0.value) }.sorted {
                $0.score != $1.score
                    ? $0.score < $1.score : Array($0.member.utf8).lexicographicallyPrecedes(
                        Array($1.member.utf8))
            }
        }

        mutating func member() -> String {
            let number = random.next() % mix.members
            switch number % 5 {
            case 0: return "\(number)"
            case 1: return "-\(number)000"
            default: return "member:\(number)"
            }
        }

        mutating func score() -> Double {
            let number = Double(random.next() % mix.scores)
            return random.next() % 4 == 0 ? number + 0.5 : number
        }

        mutating func step(adds: Bool) {
            let operation = random.next() % 16
            switch adds ? operation : operation ^ 8 {
            case 0...5: add()
            case 6: increment()
            case 7, 15: read()
            case 8...11: remove()
            case 12: pop(least: true)
            case 13: pop(least: false)
            default: removeRange()
            }
        }

        mutating func add() {
            var call = ["ZADD", "z"]
            var added = 0
            for _ in 0...(random.next() % 3) {
                let (member, score) = (member(), score())
                call += ["\(score)", member]
                if model.updateValue(score, forKey: member) == nil { added += 1 }
            }
            #expect(harness.run(call) == ":\(added)")
        }

        mutating func increment() {
            let (member, score) = (member(), score())
            let sum = model[member, default: 0] + score
            model[member] = sum
            #expect(harness.run(["ZINCRBY", "z", "\(score)", member]) == text(sum))
        }

        mutating func remove() {
            let names = [member(), member()]
            let count = Set(names).count { model.removeValue(forKey: $0) != nil }
            #expect(harness.run(["ZREM", "z"] + names) == ":\(count)")
        }

        mutating func pop(least: Bool) {
            let count = Int(random.next() % 3)
            let all = sorted
            let taken = least ? Array(all.prefix(count)) : Array(all.suffix(count).reversed())
            for pair in taken { model[pair.member] = nil }
            let reply = harness.run([least ? "ZPOPMIN" : "ZPOPMAX", "z", "\(count)"])
            #expect(reply == list(taken, hasScores: true))
        }

        mutating func removeRange() {
            let (low, high) = (score(), score())
            let gone = model.filter { $0.value > low && $0.value <= high && high - low < 2 }
            if high - low >= 2 { return }
            for pair in gone { model[pair.key] = nil }
            let reply = harness.run(["ZREMRANGEBYSCORE", "z", "(\(low)", "\(high)"])
            #expect(reply == ":\(gone.count)")
        }

        mutating func read() {
            let member = member()
            let expected = model[member].map { text($0) } ?? "$-1"
            #expect(harness.run(["ZSCORE", "z", member]) == expected)
            let all = sorted
            let rank = all.firstIndex { $0.member == member }
            #expect(harness.run(["ZRANK", "z", member]) == (rank.map { ":\($0)" } ?? "$-1"))
            let (low, high) = (score(), score())
            let inside = all.filter { $0.score >= low && $0.score < high }
            #expect(harness.run(["ZCOUNT", "z", "\(low)", "(\(high)"]) == ":\(inside.count)")
            let reply = harness.run(["ZREVRANGEBYSCORE", "z", "(\(high)", "\(low)"])
            #expect(reply == list(Array(inside.reversed()), hasScores: false))
        }

        mutating func check() {
            let all = sorted
            #expect(harness.run("ZCARD z") == ":\(all.count)")
            #expect(harness.run("ZRANGE z 0 -1 WITHSCORES") == list(all, hasScores: true))
            let middle = Array(all.dropFirst(2).dropLast(1).reversed())
            #expect(harness.run("ZREVRANGE z 1 -3") == list(middle, hasScores: false))
        }

        /// Copies and records have the same members in the same order.
        mutating func checkTravel() {
            if model.isEmpty { return }
            let all = list(sorted, hasScores: true)
            #expect(harness.run("COPY z y") == ":1")
            harness.engine.keyspace.checkInvariants()
            #expect(harness.run("ZRANGE y 0 -1 WITHSCORES") == all)
            #expect(harness.run("ZRANGESTORE y z 0 -1") == ":\(model.count)")
            harness.engine.keyspace.checkInvariants()
            #expect(harness.run("ZRANGE y 0 -1 WITHSCORES") == all)
            #expect(harness.run("ZDIFFSTORE y 2 z none") == ":\(model.count)")
            #expect(harness.run("ZRANGE y 0 -1 WITHSCORES") == all)
            var record = OutputBuffer()
            let key = harness.engine.reference(Bytes("z"))
            let isThere = harness.engine.keyspace.copyEntry(key, to: &record)
            #expect(isThere)
            _ = harness.run("DEL z")
            _ = harness.engine.keyspace.putEntry(from: record.bytes)
            harness.engine.keyspace.reclaim(budget: .max)
            harness.engine.keyspace.checkInvariants()
            #expect(harness.run("ZRANGE z 0 -1 WITHSCORES") == all)
        }

        /// A score as a bulk string; the test's are halves.
        func text(_ score: Double) -> String {
            let whole = Int(score)
            let text = Double(whole) == score ? "\(whole)" : "\(whole).5"
            return "$\(text.utf8.count) \(text)"
        }

        func list(_ pairs: [(member: String, score: Double)], hasScores: Bool) -> String {
            var words = ["*\(hasScores ? 2 * pairs.count : pairs.count)"]
            for pair in pairs {
                words.append("$\(pair.member.utf8.count) \(pair.member)")
                if hasScores { words.append(text(pair.score)) }
            }
            return words.joined(separator: " ")
        }
    }
}
