// What of a node's state is durable, what is on its way to the disk, and what has not been sent
// there yet.
//
// Owned by the node. Invariants:
// 1. persisted ≤ issued.
// 2. `durable` is an index up to which the log, as it is now, is on disk. A cut of the log lowers
//    it, and what requests under way will raise it to.

import Base

/// A request to the disk that is not complete.
struct PendingPersist {
    let sequence: PersistSequence
    /// The last entry that is durable with it and is in the log still.
    var last: LogIndex
}

/// A message that waits for a request to the disk.
struct HeldMessage {
    let after: PersistSequence
    let message: Message
}

/// The disk's progress; see the essay above.
struct DiskProgress {
    private(set) var issued = PersistSequence.zero
    private(set) var persisted = PersistSequence.zero
    /// Up to here the log is durable.
    private(set) var durable: LogIndex
    private var pending: [PendingPersist] = []
    /// The last request that brought another term or vote.
    private var lastHardState = PersistSequence.zero

    // What no request has taken on yet.
    private(set) var isHardStateNew = false
    private(set) var firstNewEntry: LogIndex?
    private(set) var isSnapshotNew = false

    /// Of a log that is durable up to `durable`.
    init(durable: LogIndex) {
        self.durable = durable
    }

    /// Whether the term and the vote are on disk.
    var isHardStateDurable: Bool { !isHardStateNew && lastHardState <= persisted }
    /// The request that makes them so.
    var hardStateRequest: PersistSequence { isHardStateNew ? issued.next : lastHardState }
    /// Whether there is something for a request.
    var hasNew: Bool { isHardStateNew || firstNewEntry != nil || isSnapshotNew }

    mutating func noteHardState() { isHardStateNew = true }

    mutating func noteEntry(_ index: LogIndex) {
        firstNewEntry = min(firstNewEntry ?? index, index)
    }

    /// The log was cut: only what is before `first` is what it was.
    mutating func noteTruncation(from first: LogIndex) {
        durable = min(durable, first.previous)
        for place in pending.indices {
            pending[place].last = min(pending[place].last, first.previous)
        }
        if let firstNewEntry { self.firstNewEntry = min(firstNewEntry, first) }
    }

    /// The log has another snapshot and base; a request brings all of it.
    mutating func noteSnapshot() {
        isSnapshotNew = true
        firstNewEntry = nil
    }

    /// All that is new goes into a request.
    mutating func issue(last: LogIndex) -> PersistSequence {
        issued = issued.next
        if isHardStateNew { lastHardState = issued }
        pending.append(PendingPersist(sequence: issued, last: last))
        isHardStateNew = false
        firstNewEntry = nil
        isSnapshotNew = false
        return issued
    }

    /// The request and all before it are durable.
    mutating func complete(_ sequence: PersistSequence) {
        invariant(sequence <= issued, "what completes was asked for")
        persisted = max(persisted, sequence)
        while let first = pending.first, first.sequence <= persisted {
            // A later request may have less: the log was cut in between.
            durable = max(durable, first.last)
            pending.removeFirst()
        }
    }

    /// Checks the invariants; see the essay.
    func checkInvariants(last: LogIndex) {
        invariant(persisted <= issued, "nothing is durable that was not asked for")
        invariant(durable <= last, "what is durable is in the log")
        for request in pending {
            invariant(request.sequence > persisted, "what is durable is not pending")
            invariant(request.last <= last, "what will be durable is in the log")
        }
    }
}
