import Base

extension RaftNode {
    /// Checks the invariants; see the essay in RaftNode.swift.
    public func checkInvariants() {
        log.checkInvariants()
        disk.checkInvariants(last: log.last.index)
        invariant(applied <= commit, "only what is committed is applied")
        invariant(commit <= log.last.index, "what is committed is in the log")
        invariant(log.snapshot.last.index <= commit, "a snapshot is of what is committed")
        invariant(log.last.term <= term, "the log has no entry of a later term")
        invariant((leadership != nil) == (role == .leader), "who leads knows the others")
        let isCandidate = role == .candidate || role == .preCandidate
        invariant((election != nil) == isCandidate, "an election is a candidate's")
        if role == .leader {
            invariant(leader == id, "a leader knows who leads")
            invariant(hardState.vote == id, "a leader has voted for itself")
        }
        if isCandidate { invariant(leader == nil, "a candidate has no leader") }
        for (left, right) in zip(held, held.dropFirst()) {
            invariant(left.after <= right.after, "what waits is in order")
        }
        if halted == nil {
            invariant(!disk.hasNew, "what is new is on its way to the disk")
            for message in held {
                invariant(message.after > disk.persisted, "what is durable is not held")
                invariant(message.after <= disk.issued, "what is held waits for a request")
            }
        }
        leadership?.checkInvariants(last: log.last.index)
    }
}
