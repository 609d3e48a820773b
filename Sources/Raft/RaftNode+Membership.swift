import Base

/// Changes of the members (thesis 4).
extension RaftNode {
    /// Proposes the next configuration, which is in force at once.
    ///
    /// - Returns: its entry; or why it was not taken, which is surely not done.
    public mutating func changeMembership(
        _ change: MembershipChange, now: Int64, into outbox: inout RaftOutbox
    ) -> Result<EntryID, ChangeRefusal> {
        if let refusal = refusal(of: change) { return .failure(refusal) }
        switch log.configuration.applying(change) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let configuration):
            return .success(appendAndSend(.configuration(configuration), now, &outbox))
        }
    }

    private func refusal(of change: MembershipChange) -> ChangeRefusal? {
        guard let leadership, halted == nil else { return .notLeader }
        if leadership.transfer != nil { return .transferring }
        // Without this, two changes of two leaders can have majorities that share no voter.
        if !hasCommittedInTerm, !isPlanted(.changeBeforeOwnTerm) { return .ownTermNotCommitted }
        if !isConfigurationCommitted, !isPlanted(.changesOverlap) { return .changeInProgress }
        if isFull { return .tooManyUncommitted }
        guard case .promote(let node) = change, let place = leadership.place(of: node) else {
            return nil
        }
        let lag = log.last.index.distance(behind: leadership.peers[place].matched)
        return lag > options.promotionLagMax ? .lagging : nil
    }
}
