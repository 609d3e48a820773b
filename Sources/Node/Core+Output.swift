// From replies to sends, in the order of the requests.

import Base
import Engine

extension Core {
    /// Ends a turn: the mail leaves, then all replies that nothing is missing before.
    public mutating func endTurn() {
        if _slowPath(engine.hasNews()) { seeToNews(of: .nobody) }
        if _slowPath(!duties.isEmpty) { fulfilDuties(replyStart: nil) }
        if _slowPath(!works.isEmpty || !passages.isIdle) { doWork() }
        if _slowPath(resting.isInUse) { serveResting() }
        engine.postponed.spent = 0
        var next = 0
        repeat {
            if _slowPath(broadcasts.hasWritten) { tellBroadcasts() }
            while next < dirty.count {
                let id = dirty[next]
                next &+= 1
                if let connection = connections.find(id) { flush(connection) }
            }
            // What has waited may have run just now and written something.
            if _slowPath(engine.hasInvalidations()) {
                tellInvalidations(writer: .nobody)
            }
        } while _slowPath(next < dirty.count || broadcasts.hasWritten)
        dirty.removeAll()
        if coreCount > 1 {
            postParcels()
            if _slowPath(hasMessageParcels) { postMessages() }
        }
        if _slowPath(isLogging) { advanceLog() }
        scheduleExpiry()
        if _slowPath(engine.keyspace.wantsUpkeep()) { keepUp() }
    }

    /// How many elements of removed collections a turn frees: well below a millisecond of work.
    private static var reclaimBudget: Int { 4096 }
    /// How many words of tables a turn looks at to bring entries together; below a millisecond.
    private static var compactionBudget: Int { 16_384 }

    /// Does a part of what the keyspace has left undone, and wants another turn where more is left
    /// to be freed.
    @inline(never)
    private mutating func keepUp() {
        if engine.keyspace.hasRemains {
            engine.keyspace.reclaim(budget: Self.reclaimBudget)
            if engine.keyspace.hasRemains { tickAtLatest(now) }
        }
        if engine.keyspace.wantsCompaction {
            engine.keyspace.compact(budget: Self.compactionBudget)
        }
        if let region = engine.keyspace.takeMemoryToPrepare() {
            outbox.append(.prepareMemory(region))
        }
    }

    /// The memory of the last ``Effect/prepareMemory(_:)`` has been touched.
    public mutating func memoryPrepared() {
        engine.keyspace.memoryPrepared()
    }

    /// Hands what can go out to the kernel; ends the connection when it is to be closed and nothing
    /// is left.
    private mutating func flush(_ connection: ConnectionReference) {
        connection.state.isDirty = false
        if _slowPath(connection.state.isBroken) {
            breakOff(connection)
            return
        }
        if _slowPath(connection.state.hasPieces) { takePieces(connection) }
        if _slowPath(!connection.state.holes.isEmpty) {
            fillHoles(connection)
            if connection.state.hasPieces { takePieces(connection) }
        }
        if connection.state.holes.isEmpty {
            if _slowPath(connection.state.stall == .holes) { connection.state.stall = .none }
            if !connection.state.released.isEmpty, !connection.state.output.isEmpty {
                connection.state.released.append(connection.state.output.bytes)
                connection.state.output.removeAll()
            }
        }
        if _slowPath(!connection.state.input.isEmpty), connection.state.stall == .none {
            // What waited goes on; that makes the connection dirty again, so it comes up once more.
            serveInput(connection)
        }
        if !connection.state.isSending { send(connection) }
        if _slowPath(connection.state.outputBytes > outputNoticeLimit) {
            boundOutput(connection)
        }
        if _slowPath(connection.state.isClosing || connection.state.isEnding) {
            closeWhenDone(connection)
        }
    }

    private mutating func send(_ connection: ConnectionReference) {
        if !connection.state.released.isEmpty {
            swap(&connection.state.released, &connection.state.sending)
        } else if connection.state.holes.isEmpty, !connection.state.output.isEmpty {
            swap(&connection.state.output, &connection.state.sending)
        } else {
            return
        }
        connection.state.isSending = true
        if _slowPath(isLogging) {
            sendWhenReleased(connection)
        } else {
            outbox.append(.send(connection.state.id, connection.state.sending.bytes))
        }
    }

    /// The kernel has taken `result` bytes of the last send, or refused with a negated errno.
    public mutating func sendCompleted(_ id: ConnectionID, result: Int) {
        guard let connection = connections.find(id) else { return }
        if _slowPath(result < connection.state.sending.count) {
            sendFellShort(connection, result)
            return
        }
        statistics.bytesSent &+= result
        statistics.sends &+= 1
        connection.state.isSending = false
        connection.state.sending.removeAll()
        connection.state.sending.shrink(over: 1 << 16)
        let hasMore =
            !connection.state.released.isEmpty || !connection.state.output.isEmpty
            || connection.state.isClosing || connection.state.hasPieces
        if _slowPath(hasMore) { markDirty(connection) }
    }

    private mutating func sendFellShort(_ connection: ConnectionReference, _ result: Int) {
        if result <= 0 || connection.state.isBroken {
            connection.state.isSending = false
            connection.state.sending.removeAll()
            closeNow(connection)
            return
        }
        if plantedFault != .sendRepeated { connection.state.sending.removeFirst(result) }
        statistics.bytesSent &+= result
        statistics.sends &+= 1
        outbox.append(.send(connection.state.id, connection.state.sending.bytes))
    }

    /// Ends a client that does not read: at once over the hard limit, after a while over the soft
    /// one.
    private mutating func boundOutput(_ connection: ConnectionReference) {
        let held = connection.state.outputBytes
        let limits = outputLimits(of: connection)
        if held > limits.hard {
            closeNow(connection)
            return
        }
        if held <= limits.soft {
            connection.state.overLimitSince = 0
            return
        }
        if connection.state.overLimitSince == 0 { connection.state.overLimitSince = now }
        let softMilliseconds = Int64(limits.softSeconds) * 1000
        if now - connection.state.overLimitSince >= softMilliseconds {
            closeNow(connection)
        } else {
            tickAtLatest(now + 1000)
        }
    }

    /// How much a client may leave unread.
    func outputLimits(of connection: ConnectionReference) -> OutputLimit {
        connection.state.session.isSubscriber
            ? configuration.subscriberOutputLimit : configuration.outputLimit
    }

    private mutating func closeWhenDone(_ connection: ConnectionReference) {
        if connection.state.isEnding, connection.state.stall == .none {
            // What was received is run; what is left is no whole request.
            connection.state.input.removeAll()
            connection.state.isClosing = true
        }
        if !connection.state.isClosing { return }
        let isDone =
            connection.state.outputBytes == 0 && connection.state.holes.isEmpty
            && !connection.state.isSending && connection.state.stall == .none
        if isDone { destroy(connection) }
    }

    // MARK: Holes

    /// Moves what has no hole before it, with the replies that have come in, to what can be sent.
    private mutating func fillHoles(_ connection: ConnectionReference) {
        let count = connection.state.holes.count
        let first = connection.state.holes[0]
        // A send costs more than all else: what stands before the first hole waits for it, and goes
        // out with it.
        if first.parcel == nil, first.offset < Self.prefixBytesMax { return }
        var filled = 0
        var from = 0
        while filled < count {
            let hole = connection.state.holes[filled]
            guard let parcel = hole.parcel else { break }
            let isReversed = plantedFault == .repliesOutOfOrder
            if isReversed { appendReply(of: hole, parcel, connection) }
            connection.state.released.append(
                connection.state.output.bytes.slice(from, hole.offset))
            if !isReversed { appendReply(of: hole, parcel, connection) }
            from = hole.offset
            resolve(parcel)
            filled += 1
        }
        connection.state.holes.removeFirst(filled)
        let isWhole = filled == count
        let upTo =
            isWhole ? connection.state.output.count : connection.state.holes[0].offset
        connection.state.released.append(connection.state.output.bytes.slice(from, upTo))
        connection.state.output.removeFirst(upTo)
        noteFirstHole(connection)
        if _slowPath(connection.state.session.tracking.contains(.holdsMessages)) {
            releaseHeldMessages(connection)
        }
        if isWhole || upTo == 0 { return }
        for index in 0..<connection.state.holes.count {
            connection.state.holes[index].offset -= upTo
        }
    }

    private func appendReply(
        of hole: Hole, _ parcel: ParcelReference, _ connection: ConnectionReference
    ) {
        if hole.isSwallowed { return }
        connection.state.released.append(parcel.content.reply.bytes.slice(hole.start, hole.end))
    }

    /// How many bytes of replies wait for a hole behind them, at most.
    static var prefixBytesMax: Int { 1 << 14 }

    /// One reply of a parcel is not needed any more.
    mutating func resolve(_ parcel: ParcelReference) {
        parcel.content.unresolved -= 1
        if parcel.content.unresolved == 0 { parcels.giveBack(parcel) }
    }
}
