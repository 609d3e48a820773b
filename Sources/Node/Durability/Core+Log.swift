// A core's log in its turns: what was noted leaves, what is on disk lets replies go.

import Base
import Engine
import Log
import Placement

extension Core {
    /// Applies a record of the log or of a snapshot, before the core serves.
    ///
    /// - Returns: false where the record cannot be applied, which is damage.
    public mutating func apply(_ record: Record, _ effect: Log.Effect) -> Bool {
        engine.apply(record, effect)
    }

    /// Applies the end of a slot in a snapshot.
    public mutating func endSlot(_ slot: UInt16, _ stamp: UInt64) {
        engine.endSlot(slot, stamp)
    }

    /// From now on what changes is logged. Called once, after all is recovered.
    public mutating func startLog(_ start: LogStart) {
        log = CoreLog(
            start, policy: configuration.syncPolicy, core: index, coreCount: coreCount)
        engine.startLog()
        isLogging = true
        saved.lastAt = now
        saved.bytes = start.snapshotBytes
        applySnapshotSettings()
    }

    /// Follows the setting appendfsync.
    mutating func applySyncPolicy() { log?.setPolicy(configuration.syncPolicy) }

    /// The end of a turn: what the engine has noted is written, and what is due is synced.
    @inline(never)
    mutating func advanceLog() {
        advanceSnapshot()
        guard var log = log.take() else { return }
        let write = engine.withLogRecords { log.nextWrite(&$0, now: now) }
        if let write {
            snapshot.walk.logTaken()
            perform(write)
        }
        if let retry = log.nextRetry(now: now) { perform(retry) }
        if let sync = log.nextSync(now: now) { perform(sync) }
        if let creation = log.nextSegment(now: now) { perform(creation) }
        tellParts(&log)
        if let deadline = log.deadline { tickAtLatest(max(deadline, now)) }
        let refusal = log.refusal
        self.log = consume log
        refuseWrites(refusal)
        noteSegmentChange()
    }

    private mutating func perform(_ step: CoreLog.Step) {
        switch step {
        case .write(let write, let bytes): outbox.append(.writeLog(write, bytes))
        case .sync(let first, let last): outbox.append(.syncLog(first: first, last: last))
        case .createSegment(let number): outbox.append(.createSegment(number))
        }
    }

    // MARK: Completions

    /// The kernel has written so many bytes of the last ``Effect/writeLog(_:_:)``, or nil for none.
    public mutating func logWritten(_ count: Int?, reason: String = "") {
        guard var log = log.take() else { return }
        let rest = log.writeCompleted(count)
        let (hasFailed, refusal) = (log.hasFailed, log.refusal)
        self.log = consume log
        if let rest { perform(rest) }
        if hasFailed {
            logFailed(reason)
            return
        }
        refuseWrites(refusal)
        letGo()
    }

    /// The disk had no room for the last ``Effect/writeLog(_:_:)``: it is tried again until it has,
    /// and writes are refused meanwhile. What the write was to make safe is held back.
    public mutating func logHadNoRoom(_ reason: String) {
        if log?.writeHadNoRoom(reason, now: now) != true {
            logWritten(nil, reason: reason)
            return
        }
        refuseWrites(reason)
        tickAtLatest(now)
    }

    /// The last ``Effect/syncLog(first:last:)`` has come to its end.
    public mutating func logSynced(_ succeeded: Bool, reason: String = "") {
        guard var log = log.take() else { return }
        log.syncCompleted(succeeded, now: now)
        let hasFailed = log.hasFailed
        self.log = consume log
        if hasFailed {
            logFailed(reason)
            return
        }
        letGo()
    }

    /// The segment that was asked for exists, with this salt in its header.
    public mutating func segmentCreated(salt: UInt64) {
        log?.segmentCreated(salt: salt)
        if isLogging { refuseWrites(log?.refusal) }
    }

    /// The segment that was asked for could not be created. Writes are refused once the current one
    /// is full, until one can be.
    public mutating func segmentFailed(_ reason: String) {
        log?.segmentFailed(reason, now: now)
        if !isLogging { return }
        refuseWrites(log?.refusal)
        if case .segment = snapshot.step { snapshotFailed(reason) }
    }

    /// The log is at its end: memory may hold what the disk does not. Nothing that depends on it is
    /// acknowledged any more.
    private mutating func logFailed(_ reason: String) {
        refusals.readsToo = configuration.syncPolicy == .always
        refuseWrites(reason.isEmpty ? "Input/output error" : reason)
        engine.stopLog()
        isLogging = false
        defer {
            dropSnapshotWithLog()
            answerSynced()
        }
        guard var log = log.take() else { return }
        log.letGo(all: true) { id in
            // A client that would never get its reply learns that it does not.
            if let connection = connections.find(id) {
                connection.state.isSending = false
                connection.state.sending.removeAll()
                closeNow(connection)
            }
        } mail: { core, parcel in
            outbox.append(.mail(core, parcel))
        }
        self.log = consume log
    }

    // MARK: Holding back

    /// Whether something is in the way of what this turn has to say, and if so, which batch.
    @inline(never)
    mutating func batchInTheWay() -> UInt64? {
        return log?.batchInTheWay(hasRecords: engine.hasLogRecords())
    }

    /// Sends what a connection has to send, once it may be seen.
    @inline(never)
    mutating func sendWhenReleased(_ connection: ConnectionReference) {
        if let batch = batchInTheWay() {
            log?.hold(connection.state.id, until: batch)
        } else {
            outbox.append(.send(connection.state.id, connection.state.sending.bytes))
        }
    }

    /// Mails what another core may see of this one's keys, once it may be seen.
    mutating func mailWhenReleased(
        _ parcel: ParcelReference, to core: CoreIndex, as kind: ParcelKind
    ) {
        if let batch = batchInTheWay() {
            parcel.content.kind = kind
            parcel.content.sender = index
            log?.hold(parcel, to: core, until: batch)
        } else {
            mail(parcel, to: core, as: kind)
        }
    }

    /// Lets out what waited for what is on disk now.
    private mutating func letGo() {
        guard var log = log.take() else { return }
        log.letGo(all: false) { id in
            if let connection = connections.find(id) {
                outbox.append(.send(id, connection.state.sending.bytes))
            }
        } mail: { core, parcel in
            outbox.append(.mail(core, parcel))
        }
        self.log = consume log
        if _slowPath(!syncWaiters.isEmpty) { answerSynced() }
    }

    // MARK: Transactions over several cores

    /// Ends what this core's part of an operation is to its log. Where other cores are to log what
    /// they get back changed, all parts are those of one transaction.
    mutating func endParts(of operation: Operation) {
        var changed: [UInt16] = []
        for participant in operation.participants {
            guard let parcel = participant.parcel else { continue }
            if operation.isFlushed || isChanged(parcel) {
                changed.append(participant.core.rawValue)
            }
        }
        if changed.isEmpty {
            engine.appendLog(&operation.records)
            return
        }
        engine.beginLogGroup()
        engine.appendLog(&operation.records)
        guard let number = log?.takeTransactionNumber() else { return }
        // This core logs a part even if it has changed no key of its own: its reply waits for all.
        changed.append(index.rawValue)
        changed.sort()
        var loggers = GrowableArray<UInt16>(capacity: changed.count)
        for core in changed { loggers.append(core) }
        for participant in operation.participants where participant.core != index {
            guard let parcel = participant.parcel,
                changed.contains(participant.core.rawValue)
            else { continue }
            parcel.content.transaction = number
            for core in changed { parcel.content.loggers.append(core) }
        }
        endPart(index, number, loggers)
    }

    /// Whether an operation has changed a key that another core has lent.
    private func isChanged(_ parcel: ParcelReference) -> Bool {
        parcel.content.keys.contains { key in
            if !key.isBorrowed { return false }
            let stamp = key.withReference { engine.keyspace.findStamp($0) }
            return stamp == nil ? key.isPresent : !key.isPresent || stamp != key.lentStamp
        }
    }

    /// Ends this core's part of a transaction of `home`.
    mutating func endPart(
        _ home: CoreIndex, _ number: UInt64, _ loggers: borrowing GrowableArray<UInt16>
    ) {
        engine.endLogGroup(home: home, number: number, participants: loggers)
        log?.partNoted(home: home, number: number, participants: loggers)
    }

    /// Tells the other cores which parts of transactions this one has logged, and how many are
    /// safe.
    private mutating func tellParts(_ log: inout CoreLog) {
        var news = OutputBuffer()
        if coreCount == 1 || !log.takeNews(into: &news) { return }
        for core in 0..<coreCount where core != Int(index.rawValue) {
            let parcel = parcels.take()
            parcel.content.reply.append(news.bytes)
            mail(parcel, to: CoreIndex(UInt16(core)), as: .synced)
        }
    }

    /// Another core has told of its parts of transactions.
    mutating func syncedArrived(_ parcel: ParcelReference) {
        log?.peerTells(parcel.content.sender, parcel.content.reply.bytes)
        mail(parcel, to: parcel.content.home, as: .spent)
        letGo()
    }

    // MARK: The end

    /// The node ends: what was noted is written and synced.
    mutating func endLog() { log?.end() }

    /// Whether all that was noted is on disk, or cannot come there.
    public mutating func isLogSettled() -> Bool {
        let hasRecords = engine.hasLogRecords()
        return log?.isSettled(hasRecords: hasRecords) ?? true
    }
}
