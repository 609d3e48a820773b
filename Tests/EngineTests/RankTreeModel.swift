import Base
import Testing

@testable import Engine

/// A tree beside the simplest thing that does the same: an array that is sorted by insertion.
struct RankTreeModel: ~Copyable {
    var tree: RankTree
    private var memory = SlabAllocator()
    private var sorted: [ScoredMember] = []
    private var names: Set<String> = []

    init(_ tree: RankTree) {
        self.tree = tree
    }

    // MARK: Changes

    mutating func insert(score: Double, _ random: inout SplitMix64) {
        // Short names are prefixes of each other; long ones differ at the end.
        let number = random.next() % 5_000
        let name = number % 3 == 0
            ? String(repeating: "a", count: Int(number % 40)) : "member:\(number)"
        if names.contains("\(name)") { return }
        insert(score: score, name, isUnique: true)
    }

    /// Without `isUnique`, names may come again with other scores, which the tree allows.
    mutating func insert(score: Double, _ name: String, isUnique: Bool = false) {
        if isUnique { names.insert(name) }
        var bytes = OutputBuffer()
        for byte in name.utf8 { bytes.append(byte) }
        let member = ScoredMember.allocate(score: score, bytes.bytes, &memory)
        sorted.insert(member, at: index(for: member))
        tree.insert(member, &memory)
    }

    mutating func remove(_ random: inout SplitMix64) {
        guard let index = draw(&random) else { return }
        let member = sorted.remove(at: index)
        names.remove(member.bytes.string)
        tree.remove(member, &memory)
        member.free(&memory)
    }

    mutating func changeScore(to score: Double, _ random: inout SplitMix64) {
        guard let index = draw(&random) else { return }
        changeScore(at: index, to: score)
    }

    /// Changes a score to that of a neighbour or something close by.
    mutating func nudgeScore(_ random: inout SplitMix64) {
        guard let index = draw(&random) else { return }
        let score = sorted[index].score
        switch random.next() % 4 {
        case 0: changeScore(at: index, to: sorted[max(0, index - 1)].score)
        case 1: changeScore(at: index, to: sorted[min(sorted.count - 1, index + 1)].score)
        case 2: changeScore(at: index, to: score.nextUp)
        default: changeScore(at: index, to: score.nextDown)
        }
    }

    private mutating func changeScore(at index: Int, to score: Double) {
        let member = sorted.remove(at: index)
        tree.changeScore(of: member, to: score, &memory)
        #expect(member.score == score)
        sorted.insert(member, at: self.index(for: member))
    }

    mutating func removeRange(_ random: inout SplitMix64) {
        guard let lower = draw(&random) else { return }
        let upper = min(sorted.count, lower + Int(random.next() % 20))
        removeRange(lower..<upper, budget: Int(random.next() % 16))
    }

    @discardableResult
    mutating func removeRange(_ ranks: Range<Int>, budget: Int) -> Int {
        var gone: [ScoredMember] = []
        var texts: [String] = []
        let removed = tree.removeRange(ranks, budget: budget, &memory) { member, memory in
            gone.append(member)
            texts.append(member.bytes.string)
            member.free(&memory)
        }
        #expect(removed == min(ranks.count, budget))
        let expected = sorted[ranks.prefix(removed)]
        #expect(gone.elementsEqual(expected, by: ==), "they come in order")
        for text in texts { names.remove(text) }
        sorted.removeSubrange(ranks.lowerBound..<(ranks.lowerBound + removed))
        return removed
    }

    mutating func removeAll(budget: Int) {
        while !tree.isEmpty { removeRange(0..<tree.count, budget: budget) }
    }

    private func draw(_ random: inout SplitMix64) -> Int? {
        sorted.isEmpty ? nil : Int(random.next() % UInt64(sorted.count))
    }

    // MARK: The oracle

    private static func compare(_ left: ScoredMember, _ right: ScoredMember) -> Bool {
        if left.score != right.score { return left.score < right.score }
        return left.bytes.string < right.bytes.string
    }

    private func index(for member: ScoredMember) -> Int {
        index { Self.compare($0, member) }
    }

    /// How many members come before the first that is not below.
    private func index(_ isBelow: (ScoredMember) -> Bool) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if isBelow(sorted[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Checks

    /// Compares every kind of look-up at a random place and score.
    func checkReads(_ score: Double, _ random: inout SplitMix64) {
        expect(tree.count == sorted.count)
        checkBound(.before(score), index { $0.score < score })
        checkBound(.after(score), index { $0.score <= score })
        guard let index = draw(&random) else { return }
        let member = sorted[index]
        expect(tree.member(at: index) == member)
        expect(tree.rank(of: member) == index)
        expect(tree.cursor(of: member).member == member)
        checkBound(.before(member.score, member.bytes), index)
        checkBound(.after(member.score, member.bytes), index + 1)
        let other = sorted[draw(&random)!].bytes
        checkBound(
            .before(score, other),
            self.index {
                $0.score < score || ($0.score == score && $0.bytes.string < other.string)
            })
    }

    private func checkBound(_ bound: RankTree.Bound, _ rank: Int) {
        expect(tree.rank(of: bound) == rank)
        let first = tree.firstCursor(from: bound)?.member
        let last = tree.lastCursor(below: bound)?.member
        expect(isSame(first, rank < sorted.count ? sorted[rank] : nil))
        expect(isSame(last, rank > 0 ? sorted[rank - 1] : nil))
    }

    private func isSame(_ left: ScoredMember?, _ right: ScoredMember?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left == right
    }

    /// Cheaper than `#expect` where it is called a million times.
    private func expect(_ condition: Bool, line: Int = #line) {
        if !condition { Issue.record("the tree and the array differ, line \(line)") }
    }

    /// Goes through all members in both directions.
    func checkWalks() {
        tree.checkInvariants()
        var cursor = tree.firstCursor
        for member in sorted {
            expect(isSame(cursor?.member, member))
            cursor = cursor?.next
        }
        #expect(cursor == nil)
        cursor = tree.lastCursor
        for member in sorted.reversed() {
            expect(isSame(cursor?.member, member))
            cursor = cursor?.previous
        }
        #expect(cursor == nil)
    }

    func checkEmpty() {
        tree.checkInvariants()
        #expect(tree.count == 0)
        #expect(memory.usedBytes == 0, "nothing leaks")
    }
}
