import Base
import Log

/// Why leadership is not handed over.
public enum TransferRefusal: UInt8, Sendable, CaseIterable {
    /// Only a leader can.
    case notLeader
    /// The target does not vote, or is this node.
    case notVoter
    /// Another hand-over is under way.
    case transferring
}

/// Handing leadership over (thesis 3.10).
extension RaftNode {
    /// Brings the target's log up to date and tells it to begin an election; takes no proposals
    /// meanwhile. Ends with ``RaftEffect/becameFollower(_:leader:)`` or
    /// ``RaftEffect/transferAborted(_:)``.
    public mutating func transferLeadership(
        to target: NodeBits, now: Int64, into outbox: inout RaftOutbox
    ) -> TransferRefusal? {
        guard let leadership, halted == nil else { return .notLeader }
        if leadership.transfer != nil { return .transferring }
        if target == id || !log.configuration.isVoter(target) { return .notVoter }
        self.leadership?.transfer = Transfer(
            target: target, deadline: now + options.transferTimeout)
        continueTransfer(&outbox)
        if let place = leadership.place(of: target) { sendNext(place, &outbox) }
        finish(&outbox)
        return nil
    }

    /// Gives the order once the target has the whole log.
    mutating func continueTransfer(_ outbox: inout RaftOutbox) {
        guard var transfer = leadership?.transfer, !transfer.isOrdered else { return }
        guard let place = leadership?.place(of: transfer.target) else { return }
        guard leadership?.peers[place].matched == log.last.index else { return }
        transfer.isOrdered = true
        leadership?.transfer = transfer
        // The order may arrive at any time from now on, and overrides loyalty.
        leadership?.hasOrderedTransfer = true
        send(transfer.target, .timeoutNow, &outbox)
    }

    mutating func expireTransfer(_ now: Int64, _ outbox: inout RaftOutbox) {
        guard let transfer = leadership?.transfer, now >= transfer.deadline else { return }
        leadership?.transfer = nil
        outbox.append(.transferAborted(transfer.target))
    }
}
