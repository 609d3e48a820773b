import Base
import Testing

@testable import Engine

/// The tree against a sorted array, under random operations.
struct RankTreeTests {
    /// Which scores members get.
    enum Scores: CaseIterable {
        case few, same, integers, random, extreme

        func draw(_ random: inout SplitMix64) -> Double {
            let bits = random.next()
            switch self {
            case .few: return [-1.5, -0.0, 0.0, 2, .infinity][Int(bits % 5)]
            case .same: return 0
            case .integers: return Double(bits % 3000)
            case .random: return Double.random(in: -1...1, using: &random)
            case .extreme:
                let number = Double(bitPattern: bits)
                return number.isNaN ? -.infinity : number
            }
        }
    }

    struct Mix: CustomTestStringConvertible {
        var scores: Scores
        var leafCapacity: UInt8
        var innerCapacity: UInt8
        var steps: Int
        var seed: UInt64
        var testDescription: String {
            "\(scores) scores, nodes of \(leafCapacity) and \(innerCapacity), seed \(seed)"
        }
    }

    static let mixes: [Mix] = Scores.allCases.enumerated().flatMap { number, scores in
        let seed = UInt64(number) * 3
        return [
            Mix(scores: scores, leafCapacity: 4, innerCapacity: 4, steps: 4_000, seed: seed + 1),
            Mix(scores: scores, leafCapacity: 9, innerCapacity: 5, steps: 6_000, seed: seed + 2),
            Mix(
                scores: scores, leafCapacity: RankTree.leafCapacityMax,
                innerCapacity: RankTree.innerCapacityMax, steps: 20_000, seed: seed + 3),
        ]
    }

    @Test(arguments: mixes)
    func behavesAsASortedArray(mix: Mix) {
        var model = RankTreeModel(
            RankTree(leafCapacity: mix.leafCapacity, innerCapacity: mix.innerCapacity))
        var random = SplitMix64(seed: mix.seed)
        for step in 0..<mix.steps {
            // Alternately most operations add and most remove.
            let adds = (step * 4 / mix.steps) % 2 == 0
            let operation = random.next() % 16
            apply(adds ? operation : operation ^ 8, mix.scores, &random, &model)
            if mix.steps < 10_000 || step % 50 == 0 { model.tree.checkInvariants() }
            model.checkReads(mix.scores.draw(&random), &random)
        }
        model.checkWalks()
        model.removeAll(budget: 7)
        model.checkEmpty()
    }

    private func apply(
        _ operation: UInt64, _ scores: Scores, _ random: inout SplitMix64,
        _ model: inout RankTreeModel
    ) {
        switch operation {
        case 0...6: model.insert(score: scores.draw(&random), &random)
        case 7: model.changeScore(to: scores.draw(&random), &random)
        case 8...12: model.remove(&random)
        case 13, 14: model.nudgeScore(&random)
        default: model.removeRange(&random)
        }
    }

    @Test(arguments: [false, true])
    func runsInOrderLeaveFullLeaves(isDescending: Bool) {
        var model = RankTreeModel(RankTree(leafCapacity: 8, innerCapacity: 6))
        for number in 0..<2_000 {
            model.insert(score: Double(isDescending ? -number : number), "m")
            if number % 10 == 0 { model.tree.checkInvariants() }
        }
        #expect(Int(model.tree.leafCount) == 250)
        model.checkWalks()
        model.removeAll(budget: 100)
        model.checkEmpty()
    }

    /// A window that moves: new members behind, old ones taken from the front.
    @Test func queuesKeepTheirShape() {
        var model = RankTreeModel(RankTree(leafCapacity: 8, innerCapacity: 6))
        for number in 0..<3_000 {
            model.insert(score: Double(number), "m")
            if number >= 500 { model.removeRange(0..<1, budget: 1) }
            model.tree.checkInvariants()
        }
        #expect(model.tree.leafCount <= 65)
        model.removeAll(budget: .max)
        model.checkEmpty()
    }

    @Test func aRangeIsRemovedWithinItsBudget() {
        var model = RankTreeModel(RankTree())
        for number in 0..<50_000 { model.insert(score: Double(number / 3), "m\(number % 3)") }
        var ranks = 10_000..<45_000
        while !ranks.isEmpty {
            let removed = model.removeRange(ranks, budget: 999)
            #expect(removed == min(999, ranks.count))
            ranks = ranks.lowerBound..<(ranks.upperBound - removed)
            model.tree.checkInvariants()
        }
        #expect(model.tree.count == 15_000)
        model.checkWalks()
        model.removeAll(budget: 999)
        model.checkEmpty()
    }

    @Test func boundsAreWhereScoresAndBytesPutThem() {
        var model = RankTreeModel(RankTree(leafCapacity: 4, innerCapacity: 4))
        for name in ["", "a", "aa", "ab", "b"] {
            for score in [-0.0, 1, 2] { model.insert(score: score, name) }
        }
        let tree = model.tree
        #expect(tree.rank(of: .before(0)) == 0)
        #expect(tree.rank(of: .after(0)) == 5)
        #expect(tree.rank(of: .before(1, Bytes("aa"))) == 7)
        #expect(tree.rank(of: .after(1, Bytes("aa"))) == 8)
        #expect(tree.rank(of: .after(1, Bytes("aaa"))) == 8)
        #expect(tree.count(from: .after(0), to: .before(2)) == 5)
        #expect(tree.count(from: .after(2), to: .before(0)) == 0)
        #expect(tree.firstCursor(from: .after(2)) == nil)
        #expect(tree.lastCursor(below: .before(-1)) == nil)
        #expect(tree.firstCursor(from: .before(1))?.member.bytes.string == "")
        #expect(tree.lastCursor(below: .before(1))?.member.bytes.string == "b")
        model.removeAll(budget: 1)
        model.checkEmpty()
    }

    /// Frames give hints that rise with the scores, whatever they were made for.
    @Test func hintsRiseWithTheScores() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<200 {
            var keys = (0..<50).map { _ in
                let scores = Scores.allCases.randomElement(using: &random)!
                return RankTree.Frame.orderKey(scores.draw(&random))
            }
            keys.sort()
            let (low, high) = (Int(random.next() % 50), Int(random.next() % 50))
            var frame = RankTree.Frame(least: keys[min(low, high)], greatest: keys[max(low, high)])
            for key in keys[min(low, high)...max(low, high)] { #expect(frame.holds(key)) }
            if random.next() % 2 == 0 {
                frame = frame.moved(to: keys[low], isDescending: low > high)
            }
            #expect(frame.holds(keys[min(low, high)]) || frame.base > 0)
            for (key, next) in zip(keys, keys.dropFirst()) {
                #expect(frame.hint(key) <= frame.hint(next))
            }
        }
        #expect(RankTree.Frame.orderKey(-0.0) == RankTree.Frame.orderKey(0))
        #expect(RankTree.Frame.orderKey(-1) < RankTree.Frame.orderKey(-0.5))
    }
}
