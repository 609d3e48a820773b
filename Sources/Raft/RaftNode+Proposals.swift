import Base

/// Why a proposal was not taken: surely not done.
public enum ProposalRefusal: UInt8, Error, Sendable, CaseIterable {
    /// Only a leader takes proposals; ``RaftNode/leader`` may be known.
    case notLeader
    /// Leadership is being handed over; ask again in a moment.
    case transferring
    /// The command is larger than ``RaftOptions/commandSizeMax``.
    case tooLarge
    /// The uncommitted log is as long as it may be.
    case tooManyUncommitted
}

/// What became of a proposal.
public enum ProposalOutcome: UInt8, Sendable, CaseIterable {
    /// It is committed.
    case committed
    /// Another entry is committed in its place: it is surely not done and never will be.
    case superseded
    /// It may be committed later, or is so far back that nobody knows.
    case unknown
}

/// Proposals (paper 8).
extension RaftNode {
    /// Proposes a command.
    ///
    /// - Returns: the entry that will be applied if it is committed, or why it was not taken.
    public mutating func propose(
        _ command: OwnedBytes, now: Int64, into outbox: inout RaftOutbox
    ) -> Result<EntryID, ProposalRefusal> {
        guard let leadership, halted == nil else { return .failure(.notLeader) }
        if leadership.transfer != nil { return .failure(.transferring) }
        if command.count > options.commandSizeMax { return .failure(.tooLarge) }
        if isFull { return .failure(.tooManyUncommitted) }
        return .success(appendAndSend(.command(command), now, &outbox))
    }

    /// What became of an entry that this node, or another, was told of.
    public func proposalOutcome(_ entry: EntryID) -> ProposalOutcome {
        if entry.index > commit {
            return isPlanted(.unknownCalledSuperseded) && leadership == nil
                ? .superseded : .unknown
        }
        guard let term = log.term(at: entry.index) else { return .unknown }
        return term == entry.term ? .committed : .superseded
    }

    /// Whether the log takes no further entry until some are committed.
    var isFull: Bool {
        log.last.index.distance(behind: commit) >= options.uncommittedEntriesMax
            || log.byteCount(behind: commit) >= options.uncommittedBytesMax
    }

    mutating func appendAndSend(
        _ payload: EntryPayload, _ now: Int64, _ outbox: inout RaftOutbox
    ) -> EntryID {
        let entry = appendOwn(payload)
        for place in (leadership?.peers ?? []).indices { sendNext(place, &outbox) }
        finish(&outbox)
        return entry
    }
}
