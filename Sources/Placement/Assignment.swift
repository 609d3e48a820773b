import Base

/// Consecutive slots with the same primary, in-sync replicas and slot epoch.
public struct AssignedArc: Hashable, Sendable {
    /// The last slot; the first one follows the arc before.
    public let end: SlotIndex
    /// The primary and the replicas in sync with it.
    public let holders: ReplicaSet
    /// Version of the arc's holders; rises with every change of them.
    public let epoch: SlotEpoch

    /// An arc that ends at `end` and has these holders since `epoch`.
    public init(end: SlotIndex, holders: ReplicaSet, epoch: SlotEpoch) {
        self.end = end
        self.holders = holders
        self.epoch = epoch
    }
}

/// Who *does* own each slot, while the ``Ring`` says who should: the state that nodes agree on and
/// act by.
///
/// Invariants:
/// 1. Nodes are sorted by id, without duplicates.
/// 2. Arcs are sorted, and the last one ends at slot 16,383; so they cover every slot once.
/// 3. Holders are positions in the list of nodes.
public struct Assignment: Equatable, Sendable {
    /// The version of the ring that the assignment was last brought closer to.
    public let epoch: RingEpoch
    /// The members' ids; a ``NodeIndex`` is a position in this list.
    public let nodes: [NodeID]
    /// The arcs, sorted by their last slots, covering all slots.
    public let arcs: [AssignedArc]

    /// - Parameters: as the type's invariants want them.
    public init(epoch: RingEpoch, nodes: [NodeID], arcs: [AssignedArc]) {
        self.epoch = epoch
        self.nodes = nodes
        self.arcs = arcs
        checkInvariants()
    }

    /// The assignment that `ring` aims at, every slot in the first epoch.
    ///
    /// - Parameter factor: how many nodes hold each slot, the primary included; 1…8.
    public init(following ring: Ring, replicationFactor factor: Int) {
        let chooser = ReplicaChooser(ring: ring, factor: factor)
        var arcs: [AssignedArc] = []
        arcs.reserveCapacity(ring.tokens.count + 1)
        for (index, token) in ring.tokens.enumerated() {
            let holders = chooser.replicaSet(ofToken: index)
            arcs.appendMerging(AssignedArc(end: token.slot, holders: holders, epoch: .first))
        }
        arcs.appendMerging(
            AssignedArc(end: SlotRange.all.last, holders: arcs[0].holders, epoch: .first))
        self.init(epoch: ring.epoch, nodes: ring.members.map(\.id), arcs: arcs)
    }

    /// The arc that holds `slot`.
    public func arc(of slot: SlotIndex) -> AssignedArc {
        arcs[arcs.partitioningIndex { $0.end >= slot }]
    }

    /// The position in ``nodes`` of the node with this id, by binary search.
    public func findNode(_ id: NodeID) -> NodeIndex? {
        let index = nodes.partitioningIndex { $0 >= id }
        guard index < nodes.count, nodes[index] == id else { return nil }
        return NodeIndex(UInt16(index))
    }

    /// The assignment after `slots` got `holders`. The slot epoch rises where these are others than
    /// before, and nowhere else.
    ///
    /// - Parameter epoch: the version of the ring that this brings the assignment closer to.
    public func changing(
        _ slots: SlotRange, to holders: ReplicaSet, epoch: RingEpoch
    ) -> Assignment {
        var changed: [AssignedArc] = []
        var first = SlotIndex(0)
        for arc in arcs {
            if first < slots.first, slots.first <= arc.end {
                let end = SlotIndex(slots.first.rawValue - 1)
                changed.appendMerging(AssignedArc(end: end, holders: arc.holders, epoch: arc.epoch))
            }
            if slots.first <= arc.end, first <= slots.last {
                let epoch = arc.holders == holders ? arc.epoch : arc.epoch.next
                let end = min(arc.end, slots.last)
                changed.appendMerging(AssignedArc(end: end, holders: holders, epoch: epoch))
            }
            if arc.end < slots.first || slots.last < arc.end { changed.appendMerging(arc) }
            first = SlotIndex(arc.end.rawValue + 1)
        }
        return Assignment(epoch: epoch, nodes: nodes, arcs: changed)
    }

    /// The same assignment with `ids` among its nodes, so that they can become holders.
    public func adding(nodes ids: [NodeID]) -> Assignment {
        let union = Set(nodes).union(ids).sorted()
        let positions = nodes.map { id in
            NodeIndex(UInt16(union.partitioningIndex { $0 >= id }))
        }
        let arcs = arcs.map { arc in
            AssignedArc(end: arc.end, holders: arc.holders.renumbered(positions), epoch: arc.epoch)
        }
        return Assignment(epoch: epoch, nodes: union, arcs: arcs)
    }

    /// Ends the process unless the type's invariants hold.
    public func checkInvariants() {
        for index in nodes.indices.dropFirst() {
            invariant(nodes[index - 1] < nodes[index], "nodes are sorted")
        }
        invariant(arcs.last?.end == SlotRange.all.last, "the arcs cover all slots")
        for (index, arc) in arcs.enumerated() {
            if index > 0 { invariant(arcs[index - 1].end < arc.end, "arcs are sorted") }
            for holder in 0..<arc.holders.count {
                invariant(
                    Int(arc.holders[holder].rawValue) < nodes.count, "holders are among the nodes")
            }
        }
    }
}

extension [AssignedArc] {
    /// Appends `arc`, or lengthens the last one when that has the same holders and epoch.
    mutating func appendMerging(_ arc: AssignedArc) {
        guard let last, last.end < arc.end else {
            if isEmpty { append(arc) }
            return
        }
        if last.holders == arc.holders, last.epoch == arc.epoch { removeLast() }
        append(arc)
    }
}
