import Base
import Log

/// What a node wants done in the world. The owner performs effects in order, after the step that
/// wrote them (docs/internals/raft.md, "Effects").
public enum RaftEffect: Equatable, Sendable {
    /// Write and sync this, behind all requests before it; then
    /// ``RaftNode/persisted(upTo:now:into:)``. Nothing that depends on it is in the outbox yet.
    case persist(PersistRequest)
    /// Send the message; all that it promises is durable. May be lost, doubled or late.
    case send(Message)
    /// Apply the entry to the state. In the order of indexes, without gaps.
    case apply(Entry)
    /// Replace the state by the snapshot's, which is durable here.
    case restore(Snapshot)
    /// Hand in the state's bytes by ``RaftNode/compact(upTo:state:into:)``; the log is long.
    case snapshotWanted
    /// The read may see the state as it is now: all up to the index has been applied.
    case readConfirmed(ReadID, LogIndex)
    /// The read was not confirmed and never will be; nothing was read.
    case readRefused(ReadID)
    /// Leadership ended before this entry was committed: it may be committed yet. Never to be
    /// reported as not done.
    case proposalUnknown(EntryID)
    /// This node leads.
    case becameLeader(Term)
    /// This node follows, whom if that is known.
    case becameFollower(Term, leader: NodeBits?)
    /// The hand-over was given up; this node goes on leading.
    case transferAborted(NodeBits)
    /// The node is silent from now on.
    case halted(HaltReason)
}

/// Why a node is silent for good.
public enum HaltReason: UInt8, Sendable, CaseIterable {
    /// A write or sync failed: what is on disk is not known any more.
    case diskFailed
    /// A leader contradicts what is committed here: this node's disk or the leader's lies.
    case contradiction
}

/// What must be on disk, all of it, before ``RaftNode/persisted(upTo:now:into:)``.
public struct PersistRequest: Equatable, Sendable {
    /// The number that the completion names.
    public var sequence: PersistSequence
    /// The term and the vote.
    public var hardState: HardState
    /// The snapshot, where it is new: then a new file is begun, with ``base`` and all of the log.
    public var snapshot: Snapshot?
    /// The entry before the first that the log keeps.
    public var base: EntryID
    /// The new entries; the first replaces what the log has at its index and behind.
    public var entries: [Entry]
}

/// Effects in the order in which they must be performed. Filled by a node's steps, emptied by its
/// owner.
public struct RaftOutbox: ~Copyable {
    /// The effects, oldest first.
    public var effects: [RaftEffect] = []

    /// No effects.
    public init() {}

    mutating func append(_ effect: RaftEffect) {
        effects.append(effect)
    }

    /// Hands out the effects and forgets them.
    public mutating func take() -> [RaftEffect] {
        let taken = effects
        effects.removeAll(keepingCapacity: true)
        return taken
    }
}
