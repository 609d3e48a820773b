/// A position on the hash ring, 0…16,383: Redis Cluster's hash slots are the ring's positions.
///
/// Source: Redis Cluster specification, "Key distribution model".
public struct SlotIndex: Hashable, Comparable, Sendable, BitwiseCopyable {
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

/// The version of one arc's primary and members: rises only when these change. 24 bits, because it
/// is the upper part of every key's 64-bit stamp.
public struct SlotEpoch: Hashable, Comparable, Sendable {
    public let rawValue: UInt32

    /// The largest slot epoch that a stamp can hold.
    public static let max = SlotEpoch((1 << 24) - 1)

    /// - Parameter rawValue: 0…16,777,215.
    @inlinable
    public init(_ rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The epoch of every slot of a cluster that was just founded.
    public static let first = SlotEpoch(1)

    public var next: SlotEpoch { SlotEpoch(rawValue + 1) }

    @inlinable
    public static func < (left: SlotEpoch, right: SlotEpoch) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A failure domain (rack, hall, site) by the name that the operator gave it. Replicas of a slot
/// are put into distinct zones while there are enough.
public struct ZoneID: Hashable, Comparable, Sendable {
    /// The zone's name as the operator wrote it; any text.
    public let name: String

    /// The zone of that name.
    public init(_ name: String) {
        self.name = name
    }

    /// The zone of nodes for which none was named.
    public static let unnamed = ZoneID("")

    public static func < (left: ZoneID, right: ZoneID) -> Bool {
        left.name < right.name
    }
}

/// A position in a ring's member list, which is sorted by node id: the short name of a node within
/// one ring epoch.
public struct NodeIndex: Hashable, Comparable, Sendable {
    public let rawValue: UInt16

    /// The member at this position.
    @inlinable
    public init(_ rawValue: UInt16) {
        self.rawValue = rawValue
    }

    @inlinable
    public static func < (left: NodeIndex, right: NodeIndex) -> Bool {
        left.rawValue < right.rawValue
    }
}
