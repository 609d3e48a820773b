// One node's part in the agreement of all on a sequence of entries.
//
// A machine without I/O, owned by one thread. It is told of messages, ticks, the disk's completions
// and the owner's wishes, each with the time, and appends effects to the outbox. The paper is
// Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014), the thesis
// Ongaro, "Consensus: Bridging Theory and Practice" (2014); docs/internals/raft.md says what is
// promised, and how this differs from both.
//
// Invariants:
// 1. applied ≤ commit ≤ last index of the log, and applied ≤ what is durable here.
// 2. A message that leaves promises nothing that is not durable: the others are held.
// 3. `leadership` exists where the role is leader, `election` where it is (pre-)candidate.
// 4. The log's terms are at most the node's.
// 5. A halted node appends no effect.

import Base
import Log

/// What a node is in its term (paper, figure 4; the pre-candidate is thesis 9.6).
public enum RaftRole: UInt8, Sendable, CaseIterable {
    /// Follows the leader, or waits for one.
    case follower
    /// Asks whether it would be elected.
    case preCandidate
    /// Asks for votes.
    case candidate
    /// Takes proposals.
    case leader
}

/// Why a message was not taken.
public enum StepRefusal: UInt8, Sendable, CaseIterable {
    /// It is for another node, or from this one.
    case misaddressed
    /// The node is halted.
    case halted
}

/// A consensus node; see the essay above.
public struct RaftNode: ~Copyable {
    /// Who it is.
    public let id: NodeBits
    /// Timers and bounds.
    public let options: RaftOptions
    /// The term, and the vote in it.
    public internal(set) var hardState: HardState
    /// What it is in this term.
    public internal(set) var role = RaftRole.follower
    /// Who leads in this term, if that is known.
    public internal(set) var leader: NodeBits?
    /// All up to it is committed.
    public internal(set) var commit: LogIndex
    /// All up to it has been handed to the owner.
    public internal(set) var applied = LogIndex.zero
    /// Why the node is silent, if it is.
    public internal(set) var halted: HaltReason?

    var log: RaftLog
    var disk: DiskProgress
    var random: SplitMix64
    /// When an election begins, unless a leader is heard before.
    var electionDeadline: Int64
    /// When a leader was last heard.
    var leaderContact: Int64
    /// Up to here the log is alike with that of this term's leader.
    var verified = LogIndex.zero
    /// The newest round of this term's leader that was heard.
    var leaderRound = Round.zero
    var election: Election?
    var leadership: Leadership?
    var incoming: IncomingSnapshot?
    var held: [HeldMessage] = []
    var isSnapshotWanted = false
    package var plantedFault: PlantedRaftFault?

    /// The node that these files were written by.
    ///
    /// - Parameters:
    ///   - state: what ``RaftFileScan`` or ``RecoveredState/founding(_:)`` says, durable in a file
    ///     of its own.
    ///   - random: another one for each node, or elections collide.
    ///   - now: monotonic, in milliseconds.
    public init(
        id: NodeBits, _ state: RecoveredState, options: RaftOptions = RaftOptions(),
        random: SplitMix64, now: Int64, into outbox: inout RaftOutbox
    ) {
        options.check()
        self.id = id
        self.options = options
        self.random = random
        hardState = state.hardState
        log = RaftLog(snapshot: state.snapshot, base: state.base, entries: state.entries)
        commit = state.snapshot.last.index
        disk = DiskProgress(durable: log.last.index)
        // Before it stopped it may have promised a leader not to vote for another.
        leaderContact = now
        electionDeadline = now
        resetElectionDeadline(now)
        advanceApplied(&outbox)
        // Nobody was ever promised anything in a new cluster.
        if state.isFounding, log.configuration.voters == [id] { campaign(now, &outbox) }
        finish(&outbox)
    }

    // MARK: What the owner may ask

    /// The current term.
    public var term: Term { hardState.term }
    /// The last entry of the log.
    public var lastEntry: EntryID { log.last }
    /// The last entry of the snapshot.
    public var snapshotEntry: EntryID { log.snapshot.last }
    /// The members in force, committed or not.
    public var configuration: Configuration { log.configuration }
    /// Whether the members in force are committed.
    public var isConfigurationCommitted: Bool { log.configurationIndex <= commit }
    /// Whether this node leads and an entry of its term is committed: it may read, and members may
    /// change.
    public var hasCommittedInTerm: Bool {
        guard let leadership else { return false }
        return commit >= leadership.firstIndex
    }

    /// When ``tick(now:into:)`` next has something to do, in milliseconds; the end of time where
    /// the node is halted.
    public var deadline: Int64 {
        if halted != nil { return .max }
        guard let leadership else { return electionDeadline }
        return min(leadership.heartbeatDeadline, leadership.transfer?.deadline ?? Int64.max)
    }

    // MARK: Events

    /// Takes a message.
    ///
    /// - Returns: why it was not taken, if so.
    @discardableResult
    public mutating func step(
        _ message: Message, now: Int64, into outbox: inout RaftOutbox
    ) -> StepRefusal? {
        if halted != nil { return .halted }
        if message.to != id || message.from == id { return .misaddressed }
        if settleTerm(message, now, &outbox) { onMessage(message, now, &outbox) }
        finish(&outbox)
        return nil
    }

    /// Does what is due; may be called at any time, and should be at ``deadline``.
    public mutating func tick(now: Int64, into outbox: inout RaftOutbox) {
        if halted != nil { return }
        if leadership != nil {
            leaderTick(now, &outbox)
        } else if now >= electionDeadline {
            resetElectionDeadline(now)
            if log.configuration.isVoter(id) {
                isPlanted(.noPreVote) ? campaign(now, &outbox) : preCampaign(now, &outbox)
            }
        }
        finish(&outbox)
    }

    private mutating func onMessage(
        _ message: Message, _ now: Int64, _ outbox: inout RaftOutbox
    ) {
        switch message.body {
        case .preVoteRequest(let last): onPreVoteRequest(message, last, now, &outbox)
        case .preVoteReply(let granted): onPreVoteReply(message, granted, now, &outbox)
        case .voteRequest(let last, let forced):
            onVoteRequest(message, last, forced, now, &outbox)
        case .voteReply(let granted): onVoteReply(message, granted, now, &outbox)
        case .append(let request): onAppend(message, request, now, &outbox)
        case .appendReply(let matched, let received, let round):
            onAppendReply(message.from, matched, received, round, now, &outbox)
        case .appendRejection(let previous, let hint, let round):
            onAppendRejection(message.from, previous, hint, round, now, &outbox)
        case .snapshotPart(let part): onSnapshotPart(message, part, now, &outbox)
        case .snapshotReply(let last, let received, let round):
            onSnapshotReply(message.from, last, received, round, now, &outbox)
        case .timeoutNow: onTimeoutNow(message, now, &outbox)
        }
    }

    // MARK: Sending

    /// Sends what promises nothing that is not durable.
    func send(_ to: NodeBits, _ body: MessageBody, _ outbox: inout RaftOutbox) {
        outbox.append(.send(Message(from: id, to: to, term: term, body)))
    }

    /// Sends a message once the term and the vote are durable.
    mutating func sendWhenDurable(
        _ to: NodeBits, _ body: MessageBody, _ outbox: inout RaftOutbox
    ) {
        let message = Message(from: id, to: to, term: term, body)
        if disk.isHardStateDurable || (isPlanted(.voteNotDurable) && to != id) {
            outbox.append(.send(message))
        } else {
            held.append(HeldMessage(after: disk.hardStateRequest, message: message))
        }
    }

    // MARK: Time

    mutating func resetElectionDeadline(_ now: Int64) {
        let spread = UInt64(options.electionTimeoutMax - options.electionTimeoutMin)
        electionDeadline = now + options.electionTimeoutMin + Int64(random.next() % spread)
    }

    func isPlanted(_ fault: PlantedRaftFault) -> Bool { plantedFault == fault }
}
