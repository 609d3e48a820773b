import Base

/// The nodes that hold a slot, the primary first: 1…8, all different. A plain value without
/// a heap allocation, because there is one for every arc.
public struct ReplicaSet: Hashable, Sendable {
    /// Node positions; unused lanes hold ``unused``.
    private var lanes: SIMD8<UInt16>

    /// The most nodes that can hold a slot.
    public static let countMax = 8

    private static let unused = UInt16.max

    /// A set of the primary alone.
    public init(primary: NodeIndex) {
        lanes = SIMD8(repeating: ReplicaSet.unused)
        lanes[0] = primary.rawValue
    }

    /// The node that orders the slot's writes.
    public var primary: NodeIndex { NodeIndex(lanes[0]) }

    /// How many nodes there are, the primary included; 1…8.
    public var count: Int {
        var count = 1
        while count < ReplicaSet.countMax, lanes[count] != ReplicaSet.unused { count += 1 }
        return count
    }

    /// The node at `index`, 0 ..< ``count``; 0 is the primary.
    public subscript(index: Int) -> NodeIndex {
        invariant(index < count, "the index is below the count")
        return NodeIndex(lanes[index])
    }

    public func contains(_ node: NodeIndex) -> Bool {
        any(lanes .== SIMD8(repeating: node.rawValue))
    }

    /// Adds a replica, which must not be there yet; there must be room for it.
    public mutating func append(_ node: NodeIndex) {
        let count = count
        invariant(count < ReplicaSet.countMax, "there is room for one more replica")
        invariant(!contains(node), "replicas are distinct")
        lanes[count] = node.rawValue
    }

    /// The same nodes by other positions: node `i` becomes `positions[i]`.
    func renumbered(_ positions: [NodeIndex]) -> ReplicaSet {
        var result = ReplicaSet(primary: positions[Int(primary.rawValue)])
        for index in 1..<count { result.append(positions[Int(self[index].rawValue)]) }
        return result
    }
}
