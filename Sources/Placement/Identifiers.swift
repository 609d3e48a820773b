/// A position on the hash ring, 0…16,383: Redis Cluster's hash slots are the ring's positions.
///
/// Source: Redis Cluster specification, "Key distribution model".
public struct SlotIndex: Hashable, Comparable, Sendable {
    public let rawValue: UInt16

    /// How many positions the ring has.
    public static let count = 16_384

    /// - Parameter rawValue: 0…16,383; the callers that read it from outside validate it first.
    @inlinable
    public init(_ rawValue: UInt16) {
        self.rawValue = rawValue
    }

    @inlinable
    public static func < (left: SlotIndex, right: SlotIndex) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// One event loop of a node and what it owns, numbered from 0 within its node.
public struct CoreIndex: Hashable, Comparable, Sendable {
    public let rawValue: UInt16

    @inlinable
    public init(_ rawValue: UInt16) {
        self.rawValue = rawValue
    }

    @inlinable
    public static func < (left: CoreIndex, right: CoreIndex) -> Bool {
        left.rawValue < right.rawValue
    }
}
