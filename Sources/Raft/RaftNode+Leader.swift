import Base
import Log

/// What a leader does on its own: begins, keeps its followers, ends.
extension RaftNode {
    mutating func becomeLeader(_ now: Int64, _ outbox: inout RaftOutbox) {
        invariant(log.configuration.isVoter(id), "only voters lead")
        role = .leader
        leader = id
        election = nil
        incoming = nil
        // Its own log is the measure now.
        verified = .zero
        let first = log.last.index.next
        leadership = Leadership(since: now, firstIndex: first)
        outbox.append(.becameLeader(term))
        appendOwn(.blank)
        beginRound(now, &outbox)
        advanceCommit(now, &outbox)
    }

    /// Appends an entry of this term.
    @discardableResult
    mutating func appendOwn(_ payload: EntryPayload) -> EntryID {
        let entryID = EntryID(index: log.last.index.next, term: term)
        log.append(Entry(entryID, payload))
        disk.noteEntry(entryID.index)
        let members = log.configuration.members.filter { $0 != id }
        leadership?.setMembers(members, next: entryID.index)
        return entryID
    }

    /// Says of everything that was asked and is not done that it will not be, or is not known.
    mutating func giveUpLeadership(_ outbox: inout RaftOutbox) {
        guard let ended = leadership else { return }
        leadership = nil
        for read in ended.reads { outbox.append(.readRefused(read.id)) }
        for entry in log.entries where entry.id.index > commit {
            guard entry.id.term == term, entry.payload != .blank else { continue }
            outbox.append(.proposalUnknown(entry.id))
        }
    }

    // MARK: Time

    mutating func leaderTick(_ now: Int64, _ outbox: inout RaftOutbox) {
        if !isHeard(now), !isPlanted(.noCheckQuorum) {
            becomeFollower(term, leader: nil, now, &outbox)
            return
        }
        expireTransfer(now, &outbox)
        if let deadline = leadership?.heartbeatDeadline, now >= deadline {
            beginRound(now, &outbox)
        }
    }

    /// Whether a majority has followed within an election time-out (thesis 6.2).
    private func isHeard(_ now: Int64) -> Bool {
        guard let leadership else { return false }
        let contact = max(majorityContact(now) ?? Int64.min, leadership.since)
        return now - contact <= options.electionTimeoutMin
    }

    /// The latest time at which a majority is known to have followed.
    func majorityContact(_ now: Int64) -> Int64? {
        guard let leadership else { return nil }
        return log.configuration.reachedByMajority { voter in
            if voter == id { return now }
            return leadership.place(of: voter).map { leadership.peers[$0].ackedStart } ?? .min
        }
    }

    /// The newest round that a majority has answered.
    func majorityRound() -> Round {
        guard let leadership else { return .zero }
        return log.configuration.reachedByMajority { voter in
            if voter == id { return leadership.round }
            return leadership.place(of: voter).map { leadership.peers[$0].ackedRound } ?? .zero
        } ?? .zero
    }

    /// Begins a round: everybody gets a message, with entries or without.
    mutating func beginRound(_ now: Int64, _ outbox: inout RaftOutbox) {
        leadership?.beginRound(now, horizon: now - options.electionTimeoutMax)
        leadership?.heartbeatDeadline = now + options.heartbeatInterval
        guard let count = leadership?.peers.count else { return }
        for place in 0..<count { sendNext(place, isHeartbeat: true, &outbox) }
        confirmReads(&outbox)
    }

    // MARK: Committing

    /// Commits what a majority has on disk, if it is of this term (paper 5.4.2).
    mutating func advanceCommit(_ now: Int64, _ outbox: inout RaftOutbox) {
        guard let leadership else { return }
        let reached = majorityIndex(leadership) ?? .zero
        guard reached > commit else { return }
        guard log.term(at: reached) == term || isPlanted(.olderTermCounted) else { return }
        commit = reached
        advanceApplied(&outbox)
        for place in leadership.peers.indices { sendNext(place, isHeartbeat: true, &outbox) }
        // A leader that is no voter any more has done its last duty (thesis 4.2.2).
        if isConfigurationCommitted, !log.configuration.isVoter(id) {
            becomeFollower(term, leader: nil, now, &outbox)
        }
    }

    private func majorityIndex(_ leadership: Leadership) -> LogIndex? {
        func matched(_ node: NodeBits) -> LogIndex {
            if node == id { return disk.durable }
            return leadership.place(of: node).map { leadership.peers[$0].matched } ?? .zero
        }
        if isPlanted(.learnersCounted) {
            let all = log.configuration.members.map(matched).sorted(by: >)
            return all.isEmpty ? nil : all[min(log.configuration.majority, all.count) - 1]
        }
        return log.configuration.reachedByMajority(matched)
    }
}
