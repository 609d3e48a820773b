import Base

/// The slots of one owner as few ranges as possible, sorted: the rows of CLUSTER SLOTS, SHARDS and
/// NODES.
public struct SlotRanges: Equatable, Sendable {
    /// The ranges in the order of slots, none touching the next.
    public private(set) var ranges: [SlotRange] = []

    /// The slots whose primary is `node`.
    public init(ofPrimary node: NodeIndex, in assignment: Assignment) {
        var first: UInt16 = 0
        for arc in assignment.arcs {
            if arc.holders.primary == node {
                append(SlotRange(first: SlotIndex(first), last: arc.end))
            }
            first = arc.end.rawValue + 1
        }
    }

    /// The slots that `node` serves, whichever its cores.
    public init(ofNode node: NodeIndex, in table: borrowing RoutingTable) {
        for index in 0..<table.arcCount {
            let arc = table.arc(at: index)
            if arc.owner.node == node { append(arc.slots) }
        }
    }

    /// The slots that a core of this node serves.
    public init(ofLocalCore core: CoreIndex, in table: borrowing RoutingTable) {
        for index in 0..<table.arcCount {
            let arc = table.arc(at: index)
            if !arc.owner.isRemote, arc.owner.core == core { append(arc.slots) }
        }
    }

    /// How many slots there are in all.
    public var slotCount: Int { ranges.reduce(0) { $0 + $1.count } }

    private mutating func append(_ range: SlotRange) {
        if let last = ranges.last, last.last.rawValue + 1 == range.first.rawValue {
            ranges[ranges.count - 1] = SlotRange(first: last.first, last: range.last)
        } else {
            ranges.append(range)
        }
    }
}
