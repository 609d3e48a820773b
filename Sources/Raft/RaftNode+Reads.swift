import Base

/// Why a read was not taken, or not covered.
public enum ReadRefusal: UInt8, Sendable, CaseIterable {
    /// Only a leader reads; ``RaftNode/leader`` may be known.
    case notLeader
    /// No entry of the leader's term is committed, so it does not know what is (paper 8).
    case ownTermNotCommitted
    /// No majority has followed lately, or leadership was ordered away in this term: ask by
    /// ``RaftNode/read(_:now:into:)``.
    case noLease
    /// As many reads wait as may.
    case tooManyReads
}

/// Whether a lease covers a read.
public enum LeaseAnswer: Equatable, Sendable {
    /// The state may be read once it has been applied up to the index; the answer may leave before
    /// the time, in milliseconds, at which the lease ends.
    case covered(LogIndex, until: Int64)
    /// It is not covered.
    case refused(ReadRefusal)
}

/// Reads that see all that was committed before (thesis 6.4).
extension RaftNode {
    /// Asks a majority whether this node still leads; ``RaftEffect/readConfirmed(_:_:)`` or
    /// ``RaftEffect/readRefused(_:)`` follows.
    ///
    /// - Returns: why the read was not taken, if so; then no effect follows.
    public mutating func read(
        _ read: ReadID, now: Int64, into outbox: inout RaftOutbox
    ) -> ReadRefusal? {
        guard let leadership else { return .notLeader }
        if !mayRead { return .ownTermNotCommitted }
        if leadership.reads.count >= options.readsMax { return .tooManyReads }
        self.leadership?.reads.append(
            PendingRead(id: read, index: commit, round: leadership.round.next))
        askForReads(now, &outbox)
        confirmReads(&outbox)
        finish(&outbox)
        return nil
    }

    /// Whether a lease covers a read at `now`. To be asked again, with the time read anew, before
    /// the answer leaves: the process may have been stopped in between.
    public func leaseRead(now: Int64) -> LeaseAnswer {
        guard let leadership else { return .refused(.notLeader) }
        if !mayRead { return .refused(.ownTermNotCommitted) }
        if leadership.hasOrderedTransfer, !isPlanted(.leaseKeptInTransfer) {
            return .refused(.noLease)
        }
        guard let contact = majorityContact(now), contact > .min else {
            return .refused(.noLease)
        }
        let margin = isPlanted(.leaseWithoutMargin) ? 0 : options.leaseMargin
        let end = contact + options.electionTimeoutMin - margin
        return now < end ? .covered(commit, until: end) : .refused(.noLease)
    }

    private var mayRead: Bool { hasCommittedInTerm || isPlanted(.readBeforeOwnTerm) }

    /// Begins the round that reads wait for, unless the one before it is under way: reads that come
    /// meanwhile share the next one.
    mutating func askForReads(_ now: Int64, _ outbox: inout RaftOutbox) {
        guard let leadership, let newest = leadership.reads.last else { return }
        if newest.round > leadership.round, majorityRound() == leadership.round {
            beginRound(now, &outbox)
        }
    }

    /// Confirms the reads whose round a majority has answered and whose state is here.
    mutating func confirmReads(_ outbox: inout RaftOutbox) {
        guard let leadership, !leadership.reads.isEmpty else { return }
        let answered = isPlanted(.readWithoutRound) ? leadership.round.next : majorityRound()
        let ready = leadership.reads.prefix { $0.round <= answered && $0.index <= applied }
        self.leadership?.reads.removeFirst(ready.count)
        for read in ready { outbox.append(.readConfirmed(read.id, read.index)) }
    }
}
