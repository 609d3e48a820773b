// Ids that more than one of the pure modules speaks of.

/// One event loop of a node and what it owns, numbered from 0 within its node.
public struct CoreIndex: Hashable, Comparable, Sendable, BitwiseCopyable {
    public let rawValue: UInt16

    /// The core of this number, from 0.
    @inlinable
    public init(_ rawValue: UInt16) {
        self.rawValue = rawValue
    }

    @inlinable
    public static func < (left: CoreIndex, right: CoreIndex) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The version of the ring: rises by one with every change of members, tokens or weights.
public struct RingEpoch: Hashable, Comparable, Sendable, BitwiseCopyable {
    public let rawValue: UInt64

    /// The version with this number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The epoch of a cluster that was just founded.
    public static let first = RingEpoch(1)

    public var next: RingEpoch { RingEpoch(rawValue + 1) }

    @inlinable
    public static func < (left: RingEpoch, right: RingEpoch) -> Bool {
        left.rawValue < right.rawValue
    }
}
