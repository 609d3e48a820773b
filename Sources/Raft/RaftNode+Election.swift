import Base
import Log

/// Whom an election has brought so far.
struct Election {
    /// The voters that have granted, or would.
    var granted: [NodeBits] = []
}

/// Elections (paper 5.2, 5.4.1; thesis 9.6 for the pre-vote).
extension RaftNode {
    // MARK: Asking

    /// Asks whether a majority would vote for this node, before it disturbs anybody.
    mutating func preCampaign(_ now: Int64, _ outbox: inout RaftOutbox) {
        role = .preCandidate
        leader = nil
        election = Election(granted: [id])
        for voter in log.configuration.voters where voter != id {
            let body = MessageBody.preVoteRequest(last: log.last)
            outbox.append(.send(Message(from: id, to: voter, term: term.next, body)))
        }
        if log.configuration.majority == 1 { campaign(now, &outbox) }
    }

    /// Begins a term and asks for votes in it. Its own counts when it is durable.
    mutating func campaign(_ now: Int64, forced: Bool = false, _ outbox: inout RaftOutbox) {
        invariant(leadership == nil, "a leader does not ask for votes")
        takeTerm(term.next, vote: id)
        role = .candidate
        leader = nil
        election = Election()
        resetElectionDeadline(now)
        sendWhenDurable(id, .voteReply(granted: true), &outbox)
        for voter in log.configuration.voters where voter != id {
            sendWhenDurable(voter, .voteRequest(last: log.last, forced: forced), &outbox)
        }
    }

    mutating func onPreVoteReply(
        _ message: Message, _ granted: Bool, _ now: Int64, _ outbox: inout RaftOutbox
    ) {
        guard granted, role == .preCandidate, message.term == term.next else { return }
        if count(message.from) { campaign(now, &outbox) }
    }

    mutating func onVoteReply(
        _ message: Message, _ granted: Bool, _ now: Int64, _ outbox: inout RaftOutbox
    ) {
        guard granted, role == .candidate, message.term == term else { return }
        if count(message.from) { becomeLeader(now, &outbox) }
    }

    /// Counts a voter that is for this node; whether they are a majority now.
    private mutating func count(_ voter: NodeBits) -> Bool {
        guard var election, log.configuration.isVoter(voter) else { return false }
        if !election.granted.contains(voter) { election.granted.append(voter) }
        self.election = election
        return election.granted.count >= log.configuration.majority
    }

    // MARK: Answering

    mutating func onPreVoteRequest(
        _ message: Message, _ last: EntryID, _ now: Int64, _ outbox: inout RaftOutbox
    ) {
        let granted = message.term > term && !isLoyal(now) && last.isUpToDate(with: log.last)
        if granted {
            let reply = MessageBody.preVoteReply(granted: true)
            outbox.append(
                .send(Message(from: id, to: message.from, term: message.term, reply)))
        } else {
            sendWhenDurable(message.from, .preVoteReply(granted: false), &outbox)
        }
    }

    mutating func onVoteRequest(
        _ message: Message, _ last: EntryID, _ forced: Bool, _ now: Int64,
        _ outbox: inout RaftOutbox
    ) {
        let isFree = hardState.vote == nil || hardState.vote == message.from
        let isComplete = last.isUpToDate(with: log.last) || isPlanted(.voteIgnoresLog)
        let isAllowed = forced || !isLoyal(now)
        let granted = (isFree || isPlanted(.votesTwice)) && isComplete && isAllowed
        if granted {
            if hardState.vote != message.from {
                hardState.vote = message.from
                disk.noteHardState()
            }
            resetElectionDeadline(now)
        }
        sendWhenDurable(message.from, .voteReply(granted: granted), &outbox)
    }

    /// The leader hands over: no pre-vote, and loyalty does not count (thesis 3.10).
    mutating func onTimeoutNow(
        _ message: Message, _ now: Int64, _ outbox: inout RaftOutbox
    ) {
        guard role == .follower, log.configuration.isVoter(id) else { return }
        if let leader, leader != message.from { return }
        campaign(now, forced: true, &outbox)
    }
}
