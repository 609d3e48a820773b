import Base
import Log

/// How a leader's log gets to the others (paper 5.3 and 7).
extension RaftNode {
    /// Sends a member what it lacks, as far as the bounds allow.
    ///
    /// - Parameter isHeartbeat: send something in any case.
    mutating func sendNext(_ place: Int, isHeartbeat: Bool = false, _ outbox: inout RaftOutbox) {
        guard var peer = leadership?.peers[place] else { return }
        let lacksSnapshot = peer.next <= log.base.index
        if case .snapshot(let last, _) = peer.mode, last == log.snapshot.last {
            if isHeartbeat { sendSnapshotPart(peer, &outbox) }
            return
        }
        if lacksSnapshot {
            peer.mode = .snapshot(last: log.snapshot.last, received: 0)
            leadership?.peers[place] = peer
            sendSnapshotPart(peer, &outbox)
            return
        }
        switch peer.mode {
        case .snapshot: peer.mode = .probe(isSent: false)
        case .probe, .stream: break
        }
        sendEntries(&peer, isHeartbeat, &outbox)
        leadership?.peers[place] = peer
    }

    private func sendEntries(
        _ peer: inout Progress, _ isHeartbeat: Bool, _ outbox: inout RaftOutbox
    ) {
        var mustSend = isHeartbeat
        while true {
            let room = options.entriesInFlightMax - (peer.next.distance(behind: peer.matched) - 1)
            let isProbing = peer.mode != .stream
            if peer.mode == .probe(isSent: true), !mustSend { return }
            let entries = log.slice(
                from: peer.next, countMax: isProbing ? options.entriesInFlightMax : max(room, 0),
                bytesMax: options.bytesPerMessageMax)
            if entries.isEmpty, !mustSend { return }
            sendAppend(peer, entries, &outbox)
            mustSend = false
            if isProbing {
                peer.mode = .probe(isSent: true)
                return
            }
            peer.next = LogIndex(peer.next.rawValue + UInt64(entries.count))
        }
    }

    private func sendAppend(
        _ peer: Progress, _ entries: [Entry], _ outbox: inout RaftOutbox
    ) {
        let before = peer.next.previous
        guard let leadership, let term = log.term(at: before) else {
            invariantFailed("what comes before an entry that is sent is known")
        }
        let request = AppendRequest(
            previous: EntryID(index: before, term: term), commit: commit,
            round: leadership.round, entries: entries)
        send(peer.node, .append(request), &outbox)
    }

    private func sendSnapshotPart(_ peer: Progress, _ outbox: inout RaftOutbox) {
        guard let leadership, case .snapshot(_, let received) = peer.mode else { return }
        let state = log.snapshot.state
        let start = Int(received)
        let end = min(start + options.bytesPerMessageMax, state.count)
        let part = SnapshotPart(
            last: log.snapshot.last, configuration: log.snapshot.configuration,
            totalSize: UInt64(state.count), offset: received, round: leadership.round,
            bytes: Array(state[start..<end]))
        send(peer.node, .snapshotPart(part), &outbox)
    }

    // MARK: Answers

    mutating func onAppendReply(
        _ from: NodeBits, _ matched: LogIndex, _ received: LogIndex, _ round: Round,
        _ now: Int64, _ outbox: inout RaftOutbox
    ) {
        guard let place = onAnswer(from, round, now) else { return }
        // More than there is was never sent: not from a follower of this log.
        guard var peer = leadership?.peers[place], received <= log.last.index else { return }
        peer.matched = max(peer.matched, matched)
        peer.next = max(peer.next, received.next, peer.matched.next)
        switch peer.mode {
        case .probe: peer.mode = .stream
        case .snapshot(let last, _) where received >= last.index: peer.mode = .stream
        default: break
        }
        leadership?.peers[place] = peer
        advanceCommit(now, &outbox)
        continueTransfer(&outbox)
        if leadership != nil { sendNext(place, &outbox) }
        confirmReads(&outbox)
        askForReads(now, &outbox)
    }

    mutating func onAppendRejection(
        _ from: NodeBits, _ previous: LogIndex, _ hint: EntryID, _ round: Round,
        _ now: Int64, _ outbox: inout RaftOutbox
    ) {
        guard let place = onAnswer(from, round, now) else { return }
        guard var peer = leadership?.peers[place] else { return }
        defer {
            confirmReads(&outbox)
            askForReads(now, &outbox)
        }
        // A late answer: the entry is there by now, or another question has been asked since.
        if previous <= peer.matched { return }
        if peer.mode != .stream, previous != peer.next.previous { return }
        if case .snapshot = peer.mode { return }
        let alike = log.lastEntry(upTo: hint.index, termAtMost: hint.term)
        let next = max(peer.matched, min(alike.index, previous.previous)).next
        peer.next = min(next, log.last.index.next)
        // What it has is behind the log's beginning: the snapshot goes instead.
        if hint.index < log.base.index, peer.matched < log.base.index {
            peer.next = log.base.index
        }
        peer.mode = .probe(isSent: false)
        leadership?.peers[place] = peer
        sendNext(place, &outbox)
    }

    mutating func onSnapshotReply(
        _ from: NodeBits, _ last: EntryID, _ received: UInt64, _ round: Round, _ now: Int64,
        _ outbox: inout RaftOutbox
    ) {
        guard let place = onAnswer(from, round, now) else { return }
        guard var peer = leadership?.peers[place] else { return }
        if case .snapshot(let sent, let before) = peer.mode, sent == last,
            last == log.snapshot.last, received != before,
            received <= UInt64(log.snapshot.state.count)
        {
            peer.mode = .snapshot(last: last, received: received)
            leadership?.peers[place] = peer
            sendSnapshotPart(peer, &outbox)
        }
        confirmReads(&outbox)
        askForReads(now, &outbox)
    }

    /// Takes note that a member still follows; its place, or nil where this node does not lead or
    /// it is no member.
    private mutating func onAnswer(
        _ from: NodeBits, _ round: Round, _ now: Int64
    ) -> Int? {
        guard let place = leadership?.place(of: from) else { return nil }
        let replyTime = isPlanted(.leaseFromReply) ? now : nil
        leadership?.acknowledge(place, round, fromReply: replyTime)
        return place
    }
}
