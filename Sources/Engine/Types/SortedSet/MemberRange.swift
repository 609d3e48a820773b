import Base

/// By what a range of a sorted set is given.
enum RangeKind {
    /// Whatever the options say.
    case any
    case ranks
    case scores
    case bytes
}

/// A range of a sorted set's members, as a client gives it.
enum MemberRange {
    /// From the one to the other, both included; negative ones count from the end.
    case ranks(Int64, Int64)
    case scores(ScoreBound, ScoreBound)
    case bytes(BytesBound, BytesBound)

    /// What is wrong with a range that cannot be read.
    static func error(_ kind: RangeKind) -> CommandError {
        switch kind {
        case .any, .ranks: .notInteger
        case .scores: .boundNotFloat
        case .bytes: .boundNotString
        }
    }

    /// Reads a range; nil where an end is none of the kind.
    init?(_ kind: RangeKind, _ first: Bytes, _ last: Bytes) {
        switch kind {
        case .any, .ranks:
            guard let start = first.canonicalInteger, let end = last.canonicalInteger else {
                return nil
            }
            self = .ranks(start, end)
        case .scores:
            guard let lower = ScoreBound(first), let upper = ScoreBound(last) else { return nil }
            self = .scores(lower, upper)
        case .bytes:
            guard let lower = BytesBound(first), let upper = BytesBound(last) else { return nil }
            self = .bytes(lower, upper)
        }
    }
}

extension Keyspace {
    /// The ranks that a range has in a sorted set. Ranks that are given count from the last member
    /// where `isReversed`.
    func ranks(_ range: MemberRange, in entry: Entry, isReversed: Bool = false) -> Range<Int> {
        let count = memberCount(of: entry)
        switch range {
        case .ranks(let first, let last):
            let start = Int(max(0, first < 0 ? first &+ Int64(count) : first))
            let end = Int(min(Int64(count) - 1, last < 0 ? last &+ Int64(count) : last))
            if start > end || start >= count { return 0..<0 }
            return isReversed ? (count - 1 - end)..<(count - start) : start..<(end + 1)
        case .scores(let lower, let upper):
            let start = rank(of: lower.lower, in: entry)
            return start..<max(start, rank(of: upper.upper, in: entry))
        case .bytes(let lower, let upper):
            let score = firstScore(in: entry)
            let start = rank(of: lower, score, isUpper: false, in: entry, count)
            return start..<max(start, rank(of: upper, score, isUpper: true, in: entry, count))
        }
    }

    /// How many members are below an end of a range of members that all have one score.
    private func rank(
        of bound: BytesBound, _ score: Double, isUpper: Bool, in entry: Entry, _ count: Int
    ) -> Int {
        switch bound {
        case .least: 0
        case .greatest: count
        case .inclusive(let bytes):
            rank(of: isUpper ? .after(score, bytes) : .before(score, bytes), in: entry)
        case .exclusive(let bytes):
            rank(of: isUpper ? .before(score, bytes) : .after(score, bytes), in: entry)
        }
    }
}
