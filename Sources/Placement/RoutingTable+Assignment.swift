import Base

extension RoutingTable {
    /// The table that routes as `assignment` says, for the node `localNode`.
    ///
    /// - Parameter coreMap: this node's own tokens; `nil` only for a node that is no slot's
    ///   primary, as one that is still to join.
    public init(assignment: Assignment, localNode: NodeID, coreMap: CoreMap?) {
        let local = assignment.findNode(localNode)
        var arcs: [OwnedArc] = []
        var first = SlotIndex(0)
        for arc in assignment.arcs {
            let node = arc.holders.primary
            if let coreMap, node == local {
                for part in coreMap.parts(of: SlotRange(first: first, last: arc.end)) {
                    arcs.appendMerging(
                        OwnedArc(end: part.end, owner: Owner(node: node, core: part.core)))
                }
            } else {
                arcs.appendMerging(
                    OwnedArc(end: arc.end, owner: Owner(node: node, core: Owner.remoteCore)))
            }
            first = SlotIndex(arc.end.rawValue + 1)
        }
        self.init(arcs: arcs, localNode: local, epoch: assignment.epoch)
    }

    /// The table that routes as `ring` aims at, for the node `localNode`.
    public init(ring: Ring, localNode: NodeID) {
        self.init(
            assignment: Assignment(following: ring, replicationFactor: 1), localNode: localNode,
            coreMap: ring.findNode(localNode).map { CoreMap(ring: ring, node: $0) })
    }
}

extension CoreMap {
    /// Consecutive slots of one core, by the last of them.
    struct Part {
        let end: SlotIndex
        let core: CoreIndex
    }

    /// The parts of `slots` by the core that serves them, in order.
    func parts(of slots: SlotRange) -> some Sequence<Part> {
        let firstIndex = tokens.partitioningIndex { $0.slot >= slots.first }
        return sequence(state: (index: firstIndex, isDone: false)) { state -> Part? in
            guard !state.isDone else { return nil }
            let isLast = state.index == tokens.count || tokens[state.index].slot >= slots.last
            let core = tokens[state.index % tokens.count].core
            let end = isLast ? slots.last : tokens[state.index].slot
            state = (state.index + 1, isLast)
            return Part(end: end, core: core)
        }
    }
}

extension [OwnedArc] {
    /// Appends `arc`, or lengthens the last one when that has the same owner.
    mutating func appendMerging(_ arc: OwnedArc) {
        if let last, last.owner == arc.owner {
            self[count - 1].end = arc.end
        } else {
            append(arc)
        }
    }
}
