extension RoutingTable {
    /// The table that routes as `ring` wants it, for the node `localNode`.
    public init(ring: Ring, localNode: NodeID) {
        let local = ring.findNode(localNode)
        var arcs: [OwnedArc] = []
        for token in ring.tokens {
            let isLocal = token.node == local
            let owner = Owner(node: token.node, core: isLocal ? token.core : Owner.remoteCore)
            arcs.appendMerging(OwnedArc(end: token.slot, owner: owner))
        }
        arcs.appendMerging(OwnedArc(end: SlotRange.all.last, owner: arcs[0].owner))
        self.init(arcs: arcs, localNode: local, epoch: ring.epoch)
    }
}

extension [OwnedArc] {
    /// Appends `arc`, or lengthens the last one when that has the same owner.
    mutating func appendMerging(_ arc: OwnedArc) {
        if let last, last.owner == arc.owner {
            self[count - 1].end = arc.end
        } else if last?.end != arc.end {
            append(arc)
        }
    }
}
