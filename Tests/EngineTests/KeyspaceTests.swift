import Base
import Placement
import Testing

@testable import Engine

/// The keyspace against a dictionary, under random operations.
struct KeyspaceTests {
    struct Mix: CustomTestStringConvertible {
        var keys: UInt64
        var steps: Int
        var isOneSlot: Bool
        var seed: UInt64
        var testDescription: String { "\(keys) keys, one slot: \(isOneSlot), seed \(seed)" }
    }

    @Test(arguments: [
        Mix(keys: 20, steps: 100_000, isOneSlot: false, seed: 1),
        Mix(keys: 300, steps: 100_000, isOneSlot: true, seed: 2),
        Mix(keys: 20_000, steps: 200_000, isOneSlot: true, seed: 3),
        Mix(keys: 60_000, steps: 200_000, isOneSlot: false, seed: 4),
        // Compressed, as one seed in four is.
        Mix(keys: 300, steps: 100_000, isOneSlot: true, seed: 7),
    ])
    func behavesAsADictionary(mix: Mix) {
        var harness = Harness(seed: mix.seed)
        var model: [String: Expected] = [:]
        var random = SplitMix64(seed: mix.seed)
        for step in 0..<mix.steps {
            let key = (mix.isOneSlot ? "{t}" : "k") + "\(random.next() % mix.keys)"
            // Alternately most operations add and most remove, so that tables grow and shrink.
            let adds = (step / (mix.steps / 4)) % 2 == 0
            let operation = random.next() % 16
            applyStep(key, adds ? operation : operation ^ 8, &random, &harness, &model)
            if step % (mix.steps / 20) == 0 { harness.engine.keyspace.checkInvariants() }
        }
        check(&harness, model)
        _ = harness.engine.removeAllKeys()
        harness.engine.keyspace.reclaim(budget: .max)
        harness.engine.keyspace.checkInvariants()
        #expect(harness.engine.keyspace.usedBytes == 0)
    }

    struct Expected {
        var value: String
        var deadline: Int64?
    }

    private func applyStep(
        _ key: String, _ operation: UInt64, _ random: inout SplitMix64, _ harness: inout Harness,
        _ model: inout [String: Expected]
    ) {
        let now = harness.engine.keyspace.now
        if let deadline = model[key]?.deadline, deadline <= now { model[key] = nil }
        switch operation {
        case 0...4:
            let value = Self.value(&random)
            #expect(harness.run(["SET", key, value]) == "+OK")
            model[key] = Expected(value: value)
        case 5:
            let time = Int64(random.next() % 2000 + 1)
            _ = harness.run(["SET", key, "due", "PX", "\(time)"])
            model[key] = Expected(value: "due", deadline: now + time)
        case 6:
            let added = Self.value(&random)
            let value = (model[key]?.value ?? "") + added
            if value.utf8.count > 20_000 { return }
            #expect(harness.run(["APPEND", key, added]) == ":\(value.utf8.count)")
            model[key] = Expected(value: value, deadline: model[key]?.deadline)
        case 7:
            let time = Int64(random.next() % 3000 + 1)
            let isThere = model[key] != nil
            #expect(harness.run(["PEXPIRE", key, "\(time)"]) == (isThere ? ":1" : ":0"))
            model[key]?.deadline = now + time
        case 8...12:
            let isThere = model.removeValue(forKey: key) != nil
            #expect(harness.run(["DEL", key]) == (isThere ? ":1" : ":0"))
        case 13: harness.advance(milliseconds: 1)
        case 14: _ = harness.engine.keyspace.expireDue(budget: 200)
        default: renameAway(key, &harness, &model)
        }
    }

    private func renameAway(
        _ key: String, _ harness: inout Harness, _ model: inout [String: Expected]
    ) {
        let target = key + "0"
        guard let moved = model.removeValue(forKey: key) else {
            #expect(harness.run(["RENAME", key, target]) == "-ERR no such key")
            return
        }
        #expect(harness.run(["RENAME", key, target]) == "+OK")
        model[target] = moved
    }

    private static func value(_ random: inout SplitMix64) -> String {
        switch random.next() % 8 {
        case 0...2: "\(Int64(truncatingIfNeeded: random.next()) >> 30)"
        case 3...5: String(repeating: "v", count: Int(random.next() % 60))
        case 6: String(repeating: "w", count: Int(random.next() % 1000))
        default: String(repeating: "x", count: 4000 + Int(random.next() % 200))
        }
    }

    private func check(_ harness: inout Harness, _ model: [String: Expected]) {
        let now = harness.engine.keyspace.now
        let left = model.filter { $0.value.deadline.map { $0 > now } ?? true }
        var seen: Set<String> = []
        harness.engine.keyspace.forEachEntry { entry in
            let key = entry.key.string
            #expect(seen.insert(key).inserted)
            #expect(entry.text == left[key]?.value)
            #expect(entry.deadline == left[key]?.deadline)
        }
        #expect(seen.count == left.count)
    }

    @Test func expiryRemovesWhatIsDueAndNothingElse() {
        var harness = Harness()
        for index in 0..<5_000 {
            _ = harness.run("SET {one}\(index) v PX \(index % 2 == 0 ? 10 : 10_000)")
        }
        #expect(harness.engine.keyspace.nextDeadline == Harness.start + 10)
        harness.advance(milliseconds: 10)
        var calls = 0
        while !harness.engine.keyspace.expireDue(budget: 100) { calls += 1 }
        #expect(calls > 1)
        #expect(harness.engine.keyspace.count == 2_500)
        #expect(harness.engine.keyspace.statistics.expired == 2_500)
        #expect(harness.engine.keyspace.nextDeadline == Harness.start + 10_000)
        harness.engine.keyspace.checkInvariants()
        harness.advance(milliseconds: 10_000)
        while !harness.engine.keyspace.expireDue(budget: 100) {}
        #expect(harness.engine.keyspace.usedBytes == 0)
    }

    @Test func everyWriteTakesOneStamp() {
        var harness = Harness()
        let lines = [
            "SET k 1", "INCR k", "APPEND k x", "APPEND k y", "SETRANGE k 5000 z", "EXPIRE k 100",
            "PERSIST k", "SET k v EX 9", "INCRBYFLOAT f 1", "SETRANGE s 3 a", "DEL k",
        ]
        #expect(checkStamps(of: lines, &harness) == ["DEL k"])
    }

    @Test func borrowedKeysComeBackAsTheyWere() {
        var owner = Harness(isLogged: false)
        var borrower = Harness(isLogged: false)
        let long = String(repeating: "l", count: 10_000)
        _ = owner.run(["MSET", "i", "12", "s", "text", "l", long])
        _ = owner.run("APPEND s more")
        _ = owner.run("EXPIRE s 100")
        for key in ["i", "s", "l"] {
            var record = OutputBuffer()
            let isThere = withKey(Array(key.utf8), &owner) { $0.copyEntry($1, to: &record) }
            #expect(isThere)
            #expect(borrower.engine.keyspace.putEntry(from: record.bytes) == record.count)
            for question in ["GET", "OBJECT ENCODING", "PTTL"] {
                let line = "\(question) \(key)"
                #expect(borrower.run(line) == owner.run(line))
            }
            let stamps = [
                withKey(Array(key.utf8), &owner) { $0.find($1)?.entry.stamp.rawValue },
                withKey(Array(key.utf8), &borrower) { $0.find($1)?.entry.stamp.rawValue },
            ]
            #expect(stamps[0] == stamps[1])
        }
        borrower.engine.keyspace.checkInvariants()
    }

    @Test func watchersLearnOfAChangeMadeElsewhereOnly() {
        var owner = Harness(isLogged: false)
        var borrower = Harness(isLogged: false)
        _ = owner.run("SET k 1")
        var record = OutputBuffer()
        _ = withKey([107], &owner) { $0.copyEntry($1, to: &record) }
        _ = borrower.engine.keyspace.putEntry(from: record.bytes)
        let mark = withKey([107], &owner) { $0.watches.watch($1.bytes) }
        _ = owner.engine.keyspace.putEntry(from: record.bytes)
        #expect(!withKey([107], &owner) { $0.watches.isDirty($1.bytes, since: mark) })
        _ = borrower.run("INCR k")
        var changed = OutputBuffer()
        _ = withKey([107], &borrower) { $0.copyEntry($1, to: &changed) }
        _ = owner.engine.keyspace.putEntry(from: changed.bytes)
        #expect(withKey([107], &owner) { $0.watches.isDirty($1.bytes, since: mark) })
        #expect(owner.run("GET k") == "$1 2")
        withKey([107], &borrower) { $0.discardEntry($1) }
        #expect(borrower.engine.keyspace.count == 0)
    }

    @Test func aFlushIsAWriteToWatchedKeysThatWereThere() {
        var harness = Harness()
        _ = harness.run("SET a 1")
        let marks = [UInt8(ascii: "a"), UInt8(ascii: "b")].map { key in
            withKey([key], &harness) { $0.watches.watch($1.bytes) }
        }
        #expect(harness.engine.removeAllKeys() == 1)
        #expect(withKey([97], &harness) { $0.watches.isDirty($1.bytes, since: marks[0]) })
        #expect(!withKey([98], &harness) { $0.watches.isDirty($1.bytes, since: marks[1]) })
    }

    @Test func randomKeysAreDrawnEvenly() {
        var harness = Harness()
        for index in 0..<100 { _ = harness.run("SET \(index < 90 ? "{t}" : "")k\(index) v") }
        var counts: [String: Int] = [:]
        var random = SplitMix64(seed: 5)
        for _ in 0..<50_000 {
            counts[harness.engine.keyspace.randomKey(&random)!.string, default: 0] += 1
        }
        #expect(counts.count == 100)
        #expect(counts.values.allSatisfy { (380...620).contains($0) })
    }

    @Test func randomKeyHidesTheExpired() {
        var harness = Harness()
        for index in 0..<1_000 { _ = harness.run("SET k\(index) v PX 5") }
        _ = harness.run("SET stays v")
        harness.advance(milliseconds: 5)
        var random = SplitMix64(seed: 6)
        #expect(harness.engine.keyspace.randomKey(&random)?.string == "stays")
        _ = harness.run("DEL stays")
        #expect(harness.engine.keyspace.randomKey(&random) == nil)
    }
}
