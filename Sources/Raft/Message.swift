import Log

/// What the nodes of a cluster say to each other (docs/internals/raft.md, "Messages").
public struct Message: Hashable, Sendable {
    /// Who sends it.
    public var from: NodeBits
    /// For whom it is.
    public var to: NodeBits
    /// The sender's term; in a pre-vote and in one that is granted, the term that would begin.
    public var term: Term
    /// What it says.
    public var body: MessageBody

    /// A message of that body.
    public init(from: NodeBits, to: NodeBits, term: Term, _ body: MessageBody) {
        self.from = from
        self.to = to
        self.term = term
        self.body = body
    }
}

/// What a message says.
public enum MessageBody: Hashable, Sendable {
    /// Would I get your vote, with a log that ends with `last`? (thesis 9.6)
    case preVoteRequest(last: EntryID)
    /// The answer to it; promises nothing.
    case preVoteReply(granted: Bool)
    /// Vote for me, whose log ends with `last`; `forced` where the leader hands over to the sender.
    case voteRequest(last: EntryID, forced: Bool)
    /// The answer to it. The vote must be durable before it leaves.
    case voteReply(granted: Bool)
    /// Entries for the log, or a heartbeat without any.
    case append(AppendRequest)
    /// The entries are alike up to `received`, and durable up to `matched`, which must be so before
    /// it leaves, as must the term.
    case appendReply(matched: LogIndex, received: LogIndex, round: Round)
    /// There is no such entry as the one at `previous`; `hint` is the last one that might be alike.
    case appendRejection(previous: LogIndex, hint: EntryID, round: Round)
    /// A part of a snapshot.
    case snapshotPart(SnapshotPart)
    /// So many bytes of the snapshot that ends with `last` are here.
    case snapshotReply(last: EntryID, received: UInt64, round: Round)
    /// Begin an election at once: leadership is yours (thesis 3.10).
    case timeoutNow
}

/// Entries for a follower's log.
public struct AppendRequest: Hashable, Sendable {
    /// The entry before them, which must be in the log.
    public var previous: EntryID
    /// The leader's commit index.
    public var commit: LogIndex
    /// The leader's round.
    public var round: Round
    /// The entries, in order and without gaps.
    public var entries: [Entry]

    /// Entries behind `previous`.
    public init(previous: EntryID, commit: LogIndex, round: Round, entries: [Entry]) {
        self.previous = previous
        self.commit = commit
        self.round = round
        self.entries = entries
    }
}

/// A part of a snapshot, for a follower that lacks entries which are gone.
public struct SnapshotPart: Hashable, Sendable {
    /// The last entry of the snapshot.
    public var last: EntryID
    /// Its members.
    public var configuration: Configuration
    /// Bytes of its state in all.
    public var totalSize: UInt64
    /// Where in the state this part begins.
    public var offset: UInt64
    /// The leader's round.
    public var round: Round
    /// The part.
    public var bytes: [UInt8]

    /// A part of the snapshot that ends with `last`.
    public init(
        last: EntryID, configuration: Configuration, totalSize: UInt64, offset: UInt64,
        round: Round, bytes: [UInt8]
    ) {
        self.last = last
        self.configuration = configuration
        self.totalSize = totalSize
        self.offset = offset
        self.round = round
        self.bytes = bytes
    }

    /// Whether it is the last part.
    public var isLast: Bool { offset + UInt64(bytes.count) == totalSize }
}
