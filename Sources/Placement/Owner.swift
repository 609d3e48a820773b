import Base

/// Who serves a slot now: a node, and which of its cores when the node is this one.
public struct Owner: Hashable, Sendable {
    /// The node's position in the assignment's member list.
    public let node: NodeIndex
    /// The core of this node that serves the slot; ``remoteCore`` when another node does.
    public let core: CoreIndex

    /// Stands for "whichever core the other node chooses".
    public static let remoteCore = CoreIndex(.max)

    /// A core of a node.
    @inlinable
    public init(node: NodeIndex, core: CoreIndex) {
        self.node = node
        self.core = core
    }

    /// Whether another node serves the slot.
    @inlinable
    public var isRemote: Bool { core.rawValue == UInt16.max }
}
