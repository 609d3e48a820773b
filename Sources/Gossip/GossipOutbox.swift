import Base

/// Where in ``GossipOutbox/bytes`` a datagram stands.
public struct DatagramRange: Hashable, Sendable, BitwiseCopyable {
    /// Its first byte.
    public let offset: Int
    /// In bytes, at most ``DatagramLayout/sizeMax``.
    public let count: Int
}

/// Two processes under one id.
public struct IdentityConflict: Hashable, Sendable, BitwiseCopyable {
    /// The id.
    public let id: NodeID
    /// Where the process is that keeps it, as far as this node can tell.
    public let holder: MemberAddress
    /// Where the other one is.
    public let other: MemberAddress
    /// Whether this node is the other one: it has fallen silent, and its process must end.
    public let yields: Bool
}

/// What a step wants done or told. Nothing of it needs to be durable first, but that the generation
/// given to ``GossipNode/init(id:generation:metadata:seed:options:)`` was written to disk before
/// the first datagram leaves.
public enum GossipEffect: BitwiseCopyable {
    /// Send the datagram to the cluster port there. It may be lost; nothing waits for it.
    case send(MemberAddress, DatagramRange)
    /// The member answers, again or for the first time, or has changed its metadata.
    case memberAlive(NodeID)
    /// The member does not answer the one who accuses it. An opinion: no data moves for it.
    case memberSuspected(NodeID, accuser: NodeID)
    /// The member has not refuted a suspicion in time. Still an opinion; the leader acts on it.
    case memberConfirmedDead(NodeID)
    /// The member has said that it goes.
    case memberLeft(NodeID)
    /// A higher ring epoch than any before exists; that member has seen it.
    case epochSeen(RingEpoch, NodeID)
    /// Two processes have one id. May be repeated.
    case conflict(IdentityConflict)
    /// This node belongs to a cluster.
    case joined
    /// This node's leaving is told; it sends nothing any more.
    case leaveCompleted
}

/// Effects in the order in which they arose, with the bytes of their datagrams. The owner performs
/// them after the step and then clears the outbox.
public struct GossipOutbox: ~Copyable {
    /// The effects, oldest first.
    public var effects: GrowableArray<GossipEffect>
    /// The datagrams, end to end.
    public var bytes: OutputBuffer

    /// No effects.
    public init() {
        effects = GrowableArray(capacity: 64)
        bytes = OutputBuffer(capacity: 16 * DatagramLayout.sizeMax)
    }

    /// A datagram's bytes. Valid until the next step.
    public func datagram(_ range: DatagramRange) -> Bytes {
        bytes.bytes.slice(range.offset, range.offset + range.count)
    }

    /// Forgets all effects and keeps the memory.
    public mutating func removeAll() {
        effects.removeAll()
        bytes.removeAll()
    }

    mutating func append(_ effect: GossipEffect) {
        effects.append(effect)
    }
}
