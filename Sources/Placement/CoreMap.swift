import Base

/// The ring as one node sees it from inside: its own tokens only. A slot belongs to the core of the
/// node's own first token at or after it, for slots that it serves as primary and as replica alike;
/// so what other nodes do never moves data between this node's cores.
///
/// A node that left the ring keeps its last map until its slots are gone.
public struct CoreMap: Equatable, Sendable {
    /// Sorted by slot, at least one.
    let tokens: [Token]

    /// The map of the member at `node` in `ring`.
    public init(ring: Ring, node: NodeIndex) {
        tokens = ring.tokens.filter { $0.node == node }
    }

    /// The core that serves `slot` on this node.
    public func core(of slot: SlotIndex) -> CoreIndex {
        let index = tokens.partitioningIndex { $0.slot >= slot }
        return tokens[index == tokens.count ? 0 : index].core
    }

    fileprivate init(tokens: [Token]) {
        self.tokens = tokens
    }
}

/// The core maps of all members of a ring, in their order.
struct CoreMaps {
    let elements: [CoreMap]

    init(_ ring: Ring) {
        var tokens = [[Token]](repeating: [], count: ring.members.count)
        for token in ring.tokens { tokens[Int(token.node.rawValue)].append(token) }
        elements = tokens.map { CoreMap(tokens: $0) }
    }

    subscript(node: Int) -> CoreMap { elements[node] }
}
