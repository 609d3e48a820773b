import Base

/// What goes to the disk, and what waits for it.
extension RaftNode {
    /// The request of that number, and all before it, are durable.
    public mutating func persisted(
        upTo sequence: PersistSequence, now: Int64, into outbox: inout RaftOutbox
    ) {
        if halted != nil { return }
        let before = disk.durable
        disk.complete(sequence)
        release(now, &outbox)
        if leadership != nil {
            advanceCommit(now, &outbox)
        } else if disk.durable > before, verified > .zero {
            acknowledge(&outbox)
        }
        advanceApplied(&outbox)
        finish(&outbox)
    }

    /// A write or sync failed. The node is silent from now on: what is on disk is not known any
    /// more, and trying again would report as durable what is not.
    public mutating func persistFailed(now: Int64, into outbox: inout RaftOutbox) {
        if isPlanted(.failureIgnored) {
            return persisted(upTo: disk.issued, now: now, into: &outbox)
        }
        halt(.diskFailed, now, &outbox)
    }

    mutating func halt(_ reason: HaltReason, _ now: Int64, _ outbox: inout RaftOutbox) {
        if halted != nil { return }
        becomeFollower(term, leader: nil, now, &outbox)
        halted = reason
        held = []
        outbox.append(.halted(reason))
    }

    /// Sends what waited, or counts this node's own vote.
    private mutating func release(_ now: Int64, _ outbox: inout RaftOutbox) {
        let ready = held.prefix { $0.after <= disk.persisted }
        held.removeFirst(ready.count)
        for item in ready {
            if item.message.to == id {
                onVoteReply(item.message, true, now, &outbox)
            } else {
                outbox.append(.send(item.message))
            }
        }
    }

    /// Ends every step: what is new goes to the disk, what is committed to the owner.
    mutating func finish(_ outbox: inout RaftOutbox) {
        if halted != nil { return }
        if disk.hasNew { requestPersist(&outbox) }
        wantSnapshot(&outbox)
    }

    private mutating func requestPersist(_ outbox: inout RaftOutbox) {
        let isWhole = disk.isSnapshotNew
        let first = disk.firstNewEntry
        var entries: [Entry] = []
        if isWhole {
            entries = log.entries
        } else if let first {
            entries = log.slice(from: first, countMax: .max, bytesMax: .max)
        }
        let sequence = disk.issue(last: log.last.index)
        outbox.append(
            .persist(
                PersistRequest(
                    sequence: sequence, hardState: hardState,
                    snapshot: isWhole ? log.snapshot : nil, base: log.base, entries: entries)))
    }

    /// Hands to the owner what is committed, and durable here: a state that knew more than the log
    /// behind it would be ahead of it after a crash.
    mutating func advanceApplied(_ outbox: inout RaftOutbox) {
        if applied < log.snapshot.last.index {
            if disk.durable < log.snapshot.last.index { return }
            applied = log.snapshot.last.index
            outbox.append(.restore(log.snapshot))
        }
        let limit = min(commit, disk.durable)
        while applied < limit, let entry = log.entry(at: applied.next) {
            applied = applied.next
            outbox.append(.apply(entry))
        }
        confirmReads(&outbox)
    }
}
