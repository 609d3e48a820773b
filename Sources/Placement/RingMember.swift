import Base

/// A node as the ring knows it.
public struct RingMember: Hashable, Sendable {
    public let id: NodeID
    /// The failure domain that the node is in.
    public let zone: ZoneID
    /// The share of the slots that the node should own, in proportion to the other members'
    /// weights; 1…65,535.
    public let weight: Int
    /// How many cores the node serves with, 1…1,024.
    public let coreCount: Int

    /// The largest weight.
    public static let weightMax = 65_535
    /// The largest number of cores of one node.
    public static let coreCountMax = 1_024

    /// - Parameter weight: as many as `coreCount` unless given: equal cores get equal shares.
    public init(id: NodeID, zone: ZoneID = .unnamed, coreCount: Int, weight: Int? = nil) {
        self.id = id
        self.zone = zone
        self.coreCount = coreCount
        self.weight = weight ?? coreCount
    }
}
