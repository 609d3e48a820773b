import Base
import Log

/// A snapshot of which some parts are here.
struct IncomingSnapshot {
    let last: EntryID
    let configuration: Configuration
    let totalSize: UInt64
    var state: [UInt8]
}

/// What a follower does with the leader's messages (paper 5.3 and 7).
extension RaftNode {
    /// Takes note of the leader of this term; false where there is another, which cannot be.
    private mutating func hear(
        _ message: Message, _ round: Round, _ now: Int64, _ outbox: inout RaftOutbox
    ) -> Bool {
        if leadership != nil || (leader != nil && leader != message.from) {
            halt(.contradiction, now, &outbox)
            return false
        }
        becomeFollower(term, leader: message.from, now, &outbox)
        leaderContact = now
        leaderRound = max(leaderRound, round)
        resetElectionDeadline(now)
        return true
    }

    // MARK: Entries

    mutating func onAppend(
        _ message: Message, _ request: AppendRequest, _ now: Int64, _ outbox: inout RaftOutbox
    ) {
        guard message.term == term else { return }
        guard hear(message, request.round, now, &outbox) else { return }
        let known = log.snapshot.last.index
        if request.previous.index >= known, !log.contains(request.previous) {
            reject(request, &outbox)
            return
        }
        // What the snapshot covers is committed, so it is alike.
        let entries = request.entries.drop { $0.id.index <= known }
        guard take(entries, now, &outbox) else { return }
        let received = request.entries.last?.id.index ?? request.previous.index
        verified = max(verified, received, known)
        if isPlanted(.appendTruncates), received < log.last.index, received >= known {
            cut(from: received.next)
        }
        let compared = isPlanted(.commitNotCompared) ? log.last.index : verified
        commit = max(commit, min(request.commit, compared))
        acknowledge(&outbox)
        advanceApplied(&outbox)
    }

    /// Appends what the log lacks, and replaces what is not alike; false where that would take back
    /// a committed entry.
    private mutating func take(
        _ entries: ArraySlice<Entry>, _ now: Int64, _ outbox: inout RaftOutbox
    ) -> Bool {
        for entry in entries {
            if log.contains(entry.id) { continue }
            if entry.id.index <= log.last.index {
                if entry.id.index <= commit {
                    halt(.contradiction, now, &outbox)
                    return false
                }
                cut(from: entry.id.index)
            }
            log.append(entry)
            disk.noteEntry(entry.id.index)
        }
        return true
    }

    private mutating func cut(from first: LogIndex) {
        log.truncate(from: first, keepingConfigurations: isPlanted(.configurationKept))
        disk.noteTruncation(from: first)
    }

    private mutating func reject(_ request: AppendRequest, _ outbox: inout RaftOutbox) {
        let previous = request.previous
        let hint = log.lastEntry(upTo: previous.index.previous, termAtMost: previous.term)
        sendWhenDurable(
            leader ?? id,
            .appendRejection(previous: previous.index, hint: hint, round: leaderRound), &outbox)
    }

    /// Says how far the log is alike with the leader's, and how far it is durable.
    mutating func acknowledge(_ outbox: inout RaftOutbox) {
        guard let leader, leader != id else { return }
        let matched = isPlanted(.entriesNotDurable) ? verified : min(disk.durable, verified)
        sendWhenDurable(
            leader, .appendReply(matched: matched, received: verified, round: leaderRound),
            &outbox)
    }

    // MARK: Snapshots

    mutating func onSnapshotPart(
        _ message: Message, _ part: SnapshotPart, _ now: Int64, _ outbox: inout RaftOutbox
    ) {
        guard message.term == term else { return }
        guard hear(message, part.round, now, &outbox) else { return }
        if part.last.index <= commit {
            // All of it is here; say so as for entries.
            incoming = nil
            verified = max(verified, part.last.index)
            return acknowledge(&outbox)
        }
        if part.totalSize > UInt64(options.snapshotSizeMax) { return }
        var snapshot = takeIncoming(part)
        if part.offset == UInt64(snapshot.state.count) { snapshot.state += part.bytes }
        let received = UInt64(snapshot.state.count)
        incoming = snapshot
        if received < part.totalSize {
            sendWhenDurable(
                message.from,
                .snapshotReply(last: part.last, received: received, round: leaderRound), &outbox)
        } else {
            install(snapshot, &outbox)
        }
    }

    /// The snapshot that the part belongs to, as far as it is here.
    private mutating func takeIncoming(_ part: SnapshotPart) -> IncomingSnapshot {
        if let incoming, incoming.last == part.last, incoming.totalSize == part.totalSize {
            return incoming
        }
        return IncomingSnapshot(
            last: part.last, configuration: part.configuration, totalSize: part.totalSize,
            state: [])
    }

    /// Puts a whole snapshot in place of the log, or of the part of the log that it covers. The
    /// owner's state follows when it is durable.
    private mutating func install(_ whole: IncomingSnapshot, _ outbox: inout RaftOutbox) {
        incoming = nil
        let snapshot = Snapshot(
            last: whole.last, configuration: whole.configuration, state: whole.state)
        if log.contains(snapshot.last) {
            // Only the commit index was behind: the entries say the same (paper 7).
            verified = max(verified, snapshot.last.index)
        } else {
            disk.noteTruncation(from: commit.next)
            log.reset(to: snapshot)
            disk.noteSnapshot()
            verified = snapshot.last.index
            // What the owner was asked for is out of date; it will be asked again.
            isSnapshotWanted = false
        }
        commit = max(commit, snapshot.last.index)
        acknowledge(&outbox)
        advanceApplied(&outbox)
    }

    // MARK: The owner's snapshots

    /// Puts the owner's state, as of an index that it has applied, in place of the log up to there.
    ///
    /// - Returns: false, and nothing is done, where the state is larger than
    ///   ``RaftOptions/snapshotSizeMax`` or not newer than the last one.
    public mutating func compact(
        upTo index: LogIndex, state: [UInt8], into outbox: inout RaftOutbox
    ) -> Bool {
        if halted != nil || state.count > options.snapshotSizeMax { return false }
        if index <= log.snapshot.last.index { return false }
        invariant(index <= applied, "a snapshot is of what was applied")
        guard let term = log.term(at: index) else { return false }
        let snapshot = Snapshot(
            last: EntryID(index: index, term: term),
            configuration: log.configuration(asOf: index), state: state)
        log.compact(snapshot, keeping: options.entriesKeptMax)
        disk.noteSnapshot()
        isSnapshotWanted = false
        finish(&outbox)
        return true
    }

    mutating func wantSnapshot(_ outbox: inout RaftOutbox) {
        if isSnapshotWanted { return }
        let count = applied.distance(behind: log.snapshot.last.index)
        if count < options.snapshotAfterEntries { return }
        isSnapshotWanted = true
        outbox.append(.snapshotWanted)
    }
}
