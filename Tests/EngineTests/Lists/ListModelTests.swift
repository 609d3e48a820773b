import Base
import Testing

@testable import Engine

/// Lists against arrays, under random operations.
struct ListModelTests {
    struct Mix: CustomTestStringConvertible {
        /// About how many elements the lists have.
        var size: Int
        var steps: Int
        /// list-max-listpack-size.
        var chunkSize: Int
        /// The longest element, in bytes.
        var lengthMax: Int
        var seed: UInt64
        /// Commands that look at more elements are done in parts.
        var atOnceMax: Int?
        var testDescription: String {
            "\(size) elements of \(lengthMax) in chunks of \(chunkSize), seed \(seed), "
                + "in parts from \(atOnceMax.map(String.init) ?? "never") on"
        }
    }

    @Test(arguments: [
        Mix(size: 8, steps: 6_000, chunkSize: -2, lengthMax: 20, seed: 1),
        Mix(size: 60, steps: 6_000, chunkSize: -2, lengthMax: 40, seed: 2),
        Mix(size: 2_000, steps: 8_000, chunkSize: -2, lengthMax: 30, seed: 3),
        Mix(size: 300, steps: 6_000, chunkSize: -1, lengthMax: 400, seed: 4),
        Mix(size: 100, steps: 4_000, chunkSize: -2, lengthMax: 6_000, seed: 5),
        Mix(size: 30, steps: 1_500, chunkSize: -1, lengthMax: 90_000, seed: 6),
        Mix(size: 50, steps: 6_000, chunkSize: 3, lengthMax: 60, seed: 7),
        Mix(size: 40, steps: 6_000, chunkSize: 1, lengthMax: 60, seed: 8),
        Mix(size: 400, steps: 4_000, chunkSize: -5, lengthMax: 2_000, seed: 9),
        Mix(size: 60, steps: 6_000, chunkSize: 3, lengthMax: 40, seed: 10, atOnceMax: 5),
        Mix(size: 2_000, steps: 4_000, chunkSize: -1, lengthMax: 30, seed: 11, atOnceMax: 99),
    ])
    func behavesAsAnArray(mix: Mix) {
        var walk = ListWalk(mix)
        for step in 0..<mix.steps {
            walk.takeStep(step)
            if step % (mix.steps / 50) == 0 { walk.check() }
        }
        walk.check()
        _ = walk.harness.run("DEL l m copy")
        walk.harness.engine.keyspace.reclaim(budget: .max)
        walk.harness.engine.keyspace.checkInvariants()
        #expect(walk.harness.engine.keyspace.usedBytes == 0)
    }
}

/// Two lists, and what they should hold.
private struct ListWalk: ~Copyable {
    var harness: Harness
    private let mix: ListModelTests.Mix
    private var lists: [String: [String]] = ["l": [], "m": []]
    private var random: SplitMix64

    init(_ mix: ListModelTests.Mix) {
        self.mix = mix
        harness = Harness(seed: mix.seed)
        harness.engine.limits.listChunkSize = mix.chunkSize
        if let atOnceMax = mix.atOnceMax {
            harness.engine.limits.atOnceMax = atOnceMax
            harness.partMax = max(atOnceMax, 7)
        }
        random = SplitMix64(seed: mix.seed)
    }

    private mutating func number(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    private mutating func value() -> String {
        switch number(8) {
        case 0, 1: return "\(number(30) - 3)"
        case 2: return "\(Int64(truncatingIfNeeded: random.next()) >> Int64(number(64)))"
        case 3: return String(repeating: "x", count: number(4))
        case 4 where mix.lengthMax > 100:
            return String(repeating: "long", count: number(mix.lengthMax) / 4)
        default: return "e" + String(repeating: "y", count: number(min(mix.lengthMax, 300)))
        }
    }

    private mutating func values() -> [String] {
        (0...number(number(20) == 0 ? 30 : 3)).map { _ in value() }
    }

    /// An index of the list, now and then outside.
    private mutating func index(_ list: [String]) -> Int {
        let index = number(list.count + 2)
        return number(2) == 0 ? index : index - list.count - 1
    }

    private func text(_ value: String?) -> String {
        value.map { "$\($0.utf8.count) \($0)" } ?? "$-1"
    }

    private func text(_ values: some Collection<String>) -> String {
        (["*\(values.count)"] + values.map { text($0) }).joined(separator: " ")
    }

    private mutating func run(_ words: [String], _ expected: String) {
        let reply = harness.run(words)
        if reply != expected {
            Issue.record("\(words.prefix(5)): \(reply.prefix(200)), not \(expected.prefix(200))")
        }
    }

    mutating func takeStep(_ step: Int) {
        let key = number(4) == 0 ? "m" : "l"
        // By turns the lists mostly grow and mostly shrink.
        let grows = (step / (mix.steps / 6)) % 2 == 0 && lists[key]!.count < mix.size
        switch number(grows ? 10 : 20) {
        case 0...4: push(key)
        case 5: insert(key)
        case 6: set(key)
        case 7: move(key)
        case 8: read(key)
        case 9: number(5) == 0 ? travel(key) : findPositions(key)
        case 10...15: pop(key)
        case 16, 17: remove(key)
        case 18: trim(key)
        default: popFromFirst()
        }
    }

    private mutating func push(_ key: String) {
        let values = values()
        let isLeft = number(2) == 0
        let isCareful = number(8) == 0
        if isCareful, lists[key]!.isEmpty {
            run(["LPUSHX", key] + values, ":0")
            return
        }
        if isLeft {
            lists[key]! = values.reversed() + lists[key]!
        } else {
            lists[key]! += values
        }
        let name = (isLeft ? "LPUSH" : "RPUSH") + (isCareful ? "X" : "")
        run([name, key] + values, ":\(lists[key]!.count)")
    }

    private mutating func pop(_ key: String) {
        let isLeft = number(2) == 0
        let list = lists[key]!
        let name = isLeft ? "LPOP" : "RPOP"
        if number(2) == 0 {
            run([name, key], text(isLeft ? list.first : list.last))
            if !list.isEmpty { _ = isLeft ? lists[key]!.removeFirst() : lists[key]!.removeLast() }
            return
        }
        let count = number(number(10) == 0 ? list.count + 2 : 6)
        let popped = isLeft ? Array(list.prefix(count)) : list.suffix(count).reversed()
        run([name, key, "\(count)"], list.isEmpty ? "*-1" : text(popped))
        lists[key]! = isLeft ? Array(list.dropFirst(count)) : list.dropLast(count)
    }

    private mutating func popFromFirst() {
        guard let key = ["m", "l"].first(where: { !lists[$0]!.isEmpty }) else {
            run(["LMPOP", "2", "m", "l", "LEFT"], "*-1")
            return
        }
        let popped = Array(lists[key]!.prefix(3))
        run(
            ["LMPOP", "2", "m", "l", "LEFT", "COUNT", "3"],
            "*2 $1 \(key) " + text(popped))
        lists[key]!.removeFirst(popped.count)
    }

    private mutating func insert(_ key: String) {
        let list = lists[key]!
        let pivot = list.isEmpty || number(6) == 0 ? value() : list[number(list.count)]
        let value = value()
        let isBefore = number(2) == 0
        guard let place = list.firstIndex(of: pivot) else {
            run(["LINSERT", key, "BEFORE", pivot, value], list.isEmpty ? ":0" : ":-1")
            return
        }
        lists[key]!.insert(value, at: isBefore ? place : place + 1)
        run(
            ["LINSERT", key, isBefore ? "BEFORE" : "AFTER", pivot, value],
            ":\(list.count + 1)")
    }

    private mutating func set(_ key: String) {
        let list = lists[key]!
        let index = index(list)
        let value = value()
        let place = index < 0 ? index + list.count : index
        guard list.indices.contains(place) else {
            let error = list.isEmpty ? "-ERR no such key" : "-ERR index out of range"
            run(["LSET", key, "\(index)", value], error)
            return
        }
        run(["LSET", key, "\(index)", value], "+OK")
        lists[key]![place] = value
    }

    private mutating func remove(_ key: String) {
        let list = lists[key]!
        let value = list.isEmpty || number(6) == 0 ? value() : list[number(list.count)]
        let count = number(7) - 3
        var kept = count < 0 ? list.reversed() : list
        var left = count == 0 ? Int.max : abs(count)
        kept.removeAll {
            if $0 != value || left == 0 { return false }
            left -= 1
            return true
        }
        lists[key]! = count < 0 ? kept.reversed() : kept
        run(["LREM", key, "\(count)", value], ":\(list.count - kept.count)")
    }

    private mutating func trim(_ key: String) {
        let list = lists[key]!
        let isCautious = number(4) > 0
        let start = isCautious ? number(3) : index(list)
        let stop = isCautious ? -1 - number(3) : index(list)
        run(["LTRIM", key, "\(start)", "\(stop)"], "+OK")
        lists[key]! = slice(list, start, stop)
    }

    private func slice(_ list: [String], _ start: Int, _ stop: Int) -> [String] {
        let from = max(start < 0 ? start + list.count : start, 0)
        let to = min(stop < 0 ? stop + list.count : stop, list.count - 1)
        return from > to ? [] : Array(list[from...to])
    }

    private mutating func move(_ key: String) {
        let target = number(2) == 0 ? "l" : "m"
        let sides = ["LEFT", "RIGHT"]
        let (from, to) = (number(2), number(2))
        let words =
            from == 1 && to == 0 && number(2) == 0
            ? ["RPOPLPUSH", key, target] : ["LMOVE", key, target, sides[from], sides[to]]
        let list = lists[key]!
        guard let value = from == 0 ? list.first : list.last else {
            run(words, "$-1")
            return
        }
        run(words, text(value))
        _ = from == 0 ? lists[key]!.removeFirst() : lists[key]!.removeLast()
        lists[target]!.insert(value, at: to == 0 ? 0 : lists[target]!.count)
    }

    private mutating func read(_ key: String) {
        let list = lists[key]!
        let index = index(list)
        let place = index < 0 ? index + list.count : index
        run(["LINDEX", key, "\(index)"], text(list.indices.contains(place) ? list[place] : nil))
        run(["LLEN", key], ":\(list.count)")
        let (start, stop) = (self.index(list), self.index(list))
        run(["LRANGE", key, "\(start)", "\(stop)"], text(slice(list, start, stop)))
    }

    private mutating func findPositions(_ key: String) {
        let list = lists[key]!
        let value = list.isEmpty || number(4) == 0 ? value() : list[number(list.count)]
        let rank = number(2) == 0 ? 1 + number(3) : -1 - number(3)
        let count = number(3)
        let lengthMax = number(3) == 0 ? number(list.count + 2) : 0
        var places = Array(list.indices)
        if rank < 0 { places.reverse() }
        if lengthMax > 0 { places = Array(places.prefix(lengthMax)) }
        var found = Array(places.filter { list[$0] == value }.dropFirst(abs(rank) - 1))
        if count > 0 { found = Array(found.prefix(count)) }
        let numbers = ["*\(found.count)"] + found.map { ":\($0)" }
        run(
            ["LPOS", key, value, "RANK", "\(rank)", "COUNT", "\(count)", "MAXLEN", "\(lengthMax)"],
            numbers.joined(separator: " "))
        if count == 1 {
            let words = ["LPOS", key, value, "RANK", "\(rank)", "MAXLEN", "\(lengthMax)"]
            run(words, found.first.map { ":\($0)" } ?? "$-1")
        }
    }

    /// The key is lent to another core and comes back, and is copied.
    private mutating func travel(_ key: String) {
        withKey(Array(key.utf8), &harness) { keyspace, reference in
            var record = OutputBuffer()
            guard keyspace.copyEntry(reference, to: &record) else { return }
            keyspace.discardEntry(reference)
            #expect(keyspace.putEntry(from: record.bytes) == record.count)
        }
        run(["COPY", key, "copy", "REPLACE"], lists[key]!.isEmpty ? ":0" : ":1")
        if !lists[key]!.isEmpty { run(["LRANGE", "copy", "0", "-1"], text(lists[key]!)) }
    }

    mutating func check() {
        for (key, list) in lists {
            run(["EXISTS", key], list.isEmpty ? ":0" : ":1")
            run(["LRANGE", key, "0", "-1"], text(list))
        }
        harness.engine.keyspace.reclaim(budget: .max)
        harness.engine.keyspace.checkInvariants()
    }
}
