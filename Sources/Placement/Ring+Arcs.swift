import Base

/// A token's slots: `count` of them from `start` on, wrapping round the end of the ring, and who
/// should own them.
struct RingArc: Equatable {
    var start: Int
    var count: Int
    var node: Int
    var core: Int

    /// The slot of the token that ends the arc.
    var end: SlotIndex { SlotIndex(UInt16((start + count - 1) % SlotIndex.count)) }

    var token: Token {
        Token(slot: end, node: NodeIndex(UInt16(node)), core: CoreIndex(UInt16(core)))
    }
}

/// Arcs in the order of the ring.
struct RingArcs {
    private(set) var elements: [RingArc] = []

    init() {}

    /// The arcs of `ring`'s tokens; the first one may begin near the end of the ring.
    init(_ ring: Ring) {
        elements.reserveCapacity(ring.tokens.count)
        var previous = Int(ring.tokens[ring.tokens.count - 1].slot.rawValue) - SlotIndex.count
        for token in ring.tokens {
            let slot = Int(token.slot.rawValue)
            let start = (previous + 1 + SlotIndex.count) % SlotIndex.count
            elements.append(
                RingArc(
                    start: start, count: slot - previous, node: Int(token.node.rawValue),
                    core: Int(token.core.rawValue)))
            previous = slot
        }
    }

    /// Appends `arc`, or lengthens the last one if that ends where `arc` begins and `joins` says
    /// so.
    mutating func append(_ arc: RingArc, joiningIf joins: (RingArc) -> Bool) {
        if let last = elements.last, joins(last),
            (last.start + last.count) % SlotIndex.count == arc.start
        {
            elements[elements.count - 1].count += arc.count
        } else {
            elements.append(arc)
        }
    }

    /// Joins the last arc to the first if it ends where that begins.
    mutating func joinEnds() {
        guard elements.count > 1, let last = elements.last,
            (last.start + last.count) % SlotIndex.count == elements[0].start
        else { return }
        elements[0].start = last.start
        elements[0].count += last.count
        elements.removeLast()
    }
}

extension Ring {
    /// A ring from arcs in any order that together cover every slot once. Tokens that the next one
    /// makes superfluous, because it belongs to the same core, go; arcs far longer than tokens
    /// should be apart get more of the same core, for later members to take something from
    /// everywhere.
    init(epoch: RingEpoch, members: [RingMember], arcs: [RingArc]) {
        let sorted = arcs.sorted { $0.end < $1.end }
        var joined = RingArcs()
        for arc in sorted {
            joined.append(arc, joiningIf: { $0.node == arc.node && $0.core == arc.core })
        }
        let due = members.reduce(0) {
            $0 + TokenCount.perNode(coreCount: $1.coreCount, nodeCount: members.count)
        }
        let distance = max(1, SlotIndex.count / due)
        var tokens: [Token] = []
        for arc in joined.elements {
            let count = max(1, arc.count / distance)
            for index in 0..<count {
                var part = arc
                part.count = arc.count * (index + 1) / count
                tokens.append(part.token)
            }
        }
        tokens.sort { $0.slot < $1.slot }
        self.init(epoch: epoch, members: members, tokens: tokens)
    }
}
