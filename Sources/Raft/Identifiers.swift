import Base
import Log

/// A leader's reign, counted from 1; 0 is before the first election (paper 5.1).
public struct Term: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The count.
    public let rawValue: UInt64

    /// The term of this number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Before the first election.
    public static let zero = Term(0)

    /// The term after this one.
    public var next: Term { Term(rawValue + 1) }

    @inlinable
    public static func < (left: Term, right: Term) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A place in the log, counted from 1; 0 is before the first entry (paper 5.3).
public struct LogIndex: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The count.
    public let rawValue: UInt64

    /// The place of this number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Before the first entry.
    public static let zero = LogIndex(0)

    /// The place behind this one.
    public var next: LogIndex { LogIndex(rawValue + 1) }

    /// The place before this one; not of ``zero``.
    public var previous: LogIndex {
        invariant(rawValue > 0, "there is no place before the first")
        return LogIndex(rawValue - 1)
    }

    /// How many places this one is behind `other`, or 0 where it is not behind it.
    public func distance(behind other: LogIndex) -> Int {
        rawValue > other.rawValue ? Int(clamping: rawValue - other.rawValue) : 0
    }

    @inlinable
    public static func < (left: LogIndex, right: LogIndex) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// What names an entry for ever: two entries of one index and term are the same (paper 5.3).
public struct EntryID: Hashable, Sendable, BitwiseCopyable {
    /// Where it stands.
    public var index: LogIndex
    /// The term of the leader that made it.
    public var term: Term

    /// The entry of that term at that place.
    @inlinable
    public init(index: LogIndex, term: Term) {
        self.index = index
        self.term = term
    }

    /// Before the first entry.
    public static let zero = EntryID(index: .zero, term: .zero)

    /// Whether a log that ends here is at least as complete as one that ends at `other` (paper
    /// 5.4.1).
    public func isUpToDate(with other: EntryID) -> Bool {
        term == other.term ? index >= other.index : term > other.term
    }
}

/// The number of a request to the disk; they are made, and completed, in ascending order.
public struct PersistSequence: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The number, from 1; 0 is before the first.
    public let rawValue: UInt64

    /// The request of this number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Before the first request.
    public static let zero = PersistSequence(0)

    /// The request after this one.
    public var next: PersistSequence { PersistSequence(rawValue + 1) }

    @inlinable
    public static func < (left: PersistSequence, right: PersistSequence) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A round of a leader's messages; the first of a term is 1.
public struct Round: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The number.
    public let rawValue: UInt64

    /// The round of this number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Before the first.
    public static let zero = Round(0)

    /// The round after this one.
    public var next: Round { Round(rawValue + 1) }

    @inlinable
    public static func < (left: Round, right: Round) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The owner's name for a read.
public struct ReadID: Hashable, Sendable, BitwiseCopyable {
    /// The owner's number.
    public let rawValue: UInt64

    /// The read of this number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

extension NodeBits {
    /// Whether this id comes before `other` in the order of their digits.
    func precedes(_ other: NodeBits) -> Bool {
        (high, middle, low) < (other.high, other.middle, other.low)
    }
}
