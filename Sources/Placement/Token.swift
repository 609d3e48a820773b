import Base

/// A position on the ring and the core of the node that owns it: a virtual node.
public struct Token: Hashable, Sendable {
    /// The last slot of the arc that ends at this token.
    public let slot: SlotIndex
    /// The node that owns the token.
    public let node: NodeIndex
    /// The core of `node` that serves what falls to this token.
    public let core: CoreIndex

    /// A token at `slot`, owned by a core of a node.
    @inlinable
    public init(slot: SlotIndex, node: NodeIndex, core: CoreIndex) {
        self.slot = slot
        self.node = node
        self.core = core
    }
}
