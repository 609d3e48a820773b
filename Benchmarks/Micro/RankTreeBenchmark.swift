import Base
import Engine

/// The order of a sorted set of a million members of 16 bytes, used in an order that caches do not
/// foresee. Each call is one member.
struct RankTreeBenchmark: ~Copyable {
    private static let memberCount = 1_000_000
    private static let batchCount = 5

    /// What the scores are.
    enum Scores: String {
        case random = "random scores"
        case ties = "ten scores"
    }

    private let scores: Scores
    private var memory = SlabAllocator()
    private var tree = RankTree()
    /// In an order of their own.
    private var members: [ScoredMember] = []
    private var random = SplitMix64(seed: 4)

    init(_ scores: Scores) {
        self.scores = scores
        for number in 0..<Self.memberCount {
            let digits = "\(number)"
            var name = OutputBuffer()
            for byte in "member:".utf8 { name.append(byte) }
            for _ in digits.utf8.count..<9 { name.append(UInt8(ascii: "0")) }
            for byte in digits.utf8 { name.append(byte) }
            members.append(.allocate(score: drawScore(), name.bytes, &memory))
        }
        members.shuffle(using: &random)
    }

    private mutating func drawScore() -> Double {
        scores == .ties ? Double(random.next() % 10) : Double(random.next() % 1_000_000_000)
    }

    mutating func run() {
        report("insert", before: { $0.removeAll() }, { $0.insertAll() })
        report("rank") { benchmark in
            for member in benchmark.members {
                invariant(benchmark.tree.rank(of: member) >= 0, "a rank is not negative")
            }
        }
        report("member at rank") { benchmark in
            for _ in 0..<Self.memberCount {
                let rank = Int(benchmark.random.next() % UInt64(Self.memberCount))
                invariant(!benchmark.tree.member(at: rank).bytes.isEmpty, "members have names")
            }
        }
        report("count below a score") { benchmark in
            for _ in 0..<Self.memberCount {
                invariant(benchmark.tree.rank(of: .before(benchmark.drawScore())) >= 0, "a count")
            }
        }
        report("walk") { benchmark in
            var cursor = benchmark.tree.firstCursor
            var bytes = 0
            while let here = cursor {
                bytes += here.member.length
                cursor = here.next
            }
            invariant(bytes == 16 * Self.memberCount, "every member is met")
        }
        report("change score") { benchmark in
            for member in benchmark.members {
                let score = benchmark.drawScore()
                benchmark.tree.changeScore(of: member, to: score, &benchmark.memory)
            }
        }
        let perMember = Double(tree.usedBytes) / Double(Self.memberCount)
        print("rank tree, \(scores.rawValue): \(perMember) bytes a member")
        report("remove", before: { $0.removeAll(); $0.insertAll() }) { $0.removeEach() }
        report("remove in ranges", before: { $0.removeAll(); $0.insertAll() }) { $0.removeAll() }
    }

    private mutating func report(
        _ name: String, before: (inout RankTreeBenchmark) -> Void = { _ in },
        _ body: (inout RankTreeBenchmark) -> Void
    ) {
        Measurement.report(
            "rank tree, \(scores.rawValue): \(name)", calls: Self.memberCount,
            batches: Self.batchCount, before: { before(&self) }, { body(&self) })
    }

    private mutating func insertAll() {
        for member in members { tree.insert(member, &memory) }
    }

    private mutating func removeEach() {
        for member in members { tree.remove(member, &memory) }
    }

    private mutating func removeAll() {
        while !tree.isEmpty {
            _ = tree.removeRange(0..<tree.count, budget: 1_000, &memory) { _, _ in }
        }
    }
}
