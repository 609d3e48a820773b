import Base

/// Consecutive slots whose holders change in the same way.
public struct PlacementChange: Hashable, Sendable {
    /// The slots that change, contiguous.
    public let slots: SlotRange
    /// Who holds them until the change.
    public let before: ReplicaSet
    /// Who holds them afterwards.
    public let after: ReplicaSet

    /// Whether the slots get another primary, not only other replicas.
    public var changesPrimary: Bool { before.primary != after.primary }
}

/// What has to change to come from one assignment to another.
public struct PlacementDiff: Equatable, Sendable {
    /// The nodes of both assignments, sorted: what the changes' node positions refer to.
    public let nodes: [NodeID]
    /// In the order of the slots.
    public let changes: [PlacementChange]

    /// What changes from `old` to `new`, in the order of slots.
    public init(from old: Assignment, to new: Assignment) {
        let old = old.adding(nodes: new.nodes)
        let new = new.adding(nodes: old.nodes)
        var changes: [PlacementChange] = []
        var (oldIndex, newIndex, first) = (0, 0, 0)
        while first < SlotIndex.count {
            let (oldArc, newArc) = (old.arcs[oldIndex], new.arcs[newIndex])
            let end = min(oldArc.end, newArc.end)
            if oldArc.holders != newArc.holders {
                changes.appendMerging(
                    PlacementChange(
                        slots: SlotRange(first: SlotIndex(UInt16(first)), last: end),
                        before: oldArc.holders, after: newArc.holders))
            }
            if oldArc.end == end { oldIndex += 1 }
            if newArc.end == end { newIndex += 1 }
            first = Int(end.rawValue) + 1
        }
        nodes = old.nodes
        self.changes = changes
    }

    /// From one target to another.
    public init(from old: Ring, to new: Ring, replicationFactor factor: Int) {
        self.init(
            from: Assignment(following: old, replicationFactor: factor),
            to: Assignment(following: new, replicationFactor: factor))
    }
}

extension [PlacementChange] {
    /// Appends `change`, or lengthens the last one when that ends where this begins and is alike.
    fileprivate mutating func appendMerging(_ change: PlacementChange) {
        guard let last, last.before == change.before, last.after == change.after,
            last.slots.last.rawValue + 1 == change.slots.first.rawValue
        else { return append(change) }
        let slots = SlotRange(first: last.slots.first, last: change.slots.last)
        self[count - 1] = PlacementChange(slots: slots, before: change.before, after: change.after)
    }
}
