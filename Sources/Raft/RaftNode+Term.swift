import Base
import Log

/// Whose term counts (paper 5.1).
extension RaftNode {
    /// Compares a message's term with this node's, and takes a higher one.
    ///
    /// - Returns: whether the message is to be looked at.
    mutating func settleTerm(
        _ message: Message, _ now: Int64, _ outbox: inout RaftOutbox
    ) -> Bool {
        if message.term == term { return true }
        if message.term < term {
            answerOld(message, &outbox)
            return isPlanted(.olderRepliesCounted)
        }
        switch message.body {
        case .preVoteRequest, .preVoteReply(granted: true):
            // A term that nobody has begun.
            return true
        case .voteRequest(_, let forced):
            // Neither a vote nor the term: this is what keeps a leader that is heard (thesis
            // 4.2.3).
            if !forced, isLoyal(now) { return false }
        default: break
        }
        becomeFollower(message.term, leader: nil, now, &outbox)
        return true
    }

    /// Whether a leader was heard, or is this node, so that no other may be elected.
    func isLoyal(_ now: Int64) -> Bool {
        if isPlanted(.voteDisloyal) { return false }
        return leadership != nil || now - leaderContact < options.electionTimeoutMin
    }

    /// Tells the sender of an old term of the new one. A leader must hear it: it could otherwise
    /// send for ever to a node that will never follow it.
    private mutating func answerOld(_ message: Message, _ outbox: inout RaftOutbox) {
        switch message.body {
        case .append, .snapshotPart:
            sendWhenDurable(
                message.from, .appendReply(matched: .zero, received: .zero, round: .zero),
                &outbox)
        case .preVoteRequest:
            sendWhenDurable(message.from, .preVoteReply(granted: false), &outbox)
        case .voteRequest: sendWhenDurable(message.from, .voteReply(granted: false), &outbox)
        default: break
        }
    }

    /// Follows `leader`, or nobody yet, in `newTerm`, which is not below the current one.
    mutating func becomeFollower(
        _ newTerm: Term, leader newLeader: NodeBits?, _ now: Int64, _ outbox: inout RaftOutbox
    ) {
        invariant(newTerm >= term, "terms do not fall")
        let wasLeader = leadership != nil
        let isNews = role != .follower || newTerm > term || newLeader != leader
        if wasLeader { giveUpLeadership(&outbox) }
        if newTerm > term { takeTerm(newTerm, vote: nil) }
        role = .follower
        election = nil
        leader = newLeader
        if wasLeader { resetElectionDeadline(now) }
        if isNews { outbox.append(.becameFollower(term, leader: newLeader)) }
    }

    /// Begins a term with a vote, if there is one; what was said in the old one is not said any
    /// more.
    mutating func takeTerm(_ newTerm: Term, vote: NodeBits?) {
        hardState = HardState(term: newTerm, vote: vote)
        disk.noteHardState()
        held = []
        verified = .zero
        leaderRound = .zero
        incoming = nil
    }
}
