// A core's snapshots in its turns: docs/internals/durability.md, "Snapshots".

import Base
import Engine
import Log
import Placement

extension Core {
    // MARK: Beginning

    /// Begins a snapshot; false where one is under way or nothing is logged.
    mutating func beginSnapshot() -> Bool {
        if snapshot.isUnderWay || log == nil || log?.hasFailed == true { return false }
        snapshot.step = .segment
        snapshot.startedAt = now
        log?.changeSegment()
        tickAtLatest(now)
        return true
    }

    /// Whether the log or the operator's rules ask for one.
    private mutating func isSnapshotDue() -> Bool {
        if now < saved.notBefore { return false }
        let changes = (log?.changeCount ?? 0) - saved.changesBefore
        if changes == 0 { return false }
        if saved.bytes + (log?.byteCount ?? 0) >= snapshotDueBytes { return true }
        if saveRules.isEmpty { return false }
        if now < nextRuleCheckAt {
            tickAtLatest(nextRuleCheckAt)
            return false
        }
        nextRuleCheckAt = now + 1000
        tickAtLatest(nextRuleCheckAt)
        // Where the cores have as many changes as a rule says, one of them has its share.
        return saveRules.contains { rule in
            now - saved.lastAt >= rule.seconds * 1000 && changes * coreCount >= rule.changes
        }
    }

    /// Follows the settings that say when the log is long enough.
    mutating func applySnapshotSettings() {
        configuration.readSaveRules(into: &saveRules)
        let percentage = configuration.logGrowthPercentage
        if percentage == 0 {
            snapshotDueBytes = .max
            return
        }
        let growth = Double(saved.bytes) * (1 + Double(percentage) / 100)
        snapshotDueBytes = max(configuration.logSizeMin / coreCount, Int(growth))
    }

    // MARK: In a turn

    /// Before the turn's records leave the engine: the snapshot sees them, and goes on.
    mutating func advanceSnapshot() {
        switch snapshot.step {
        case .none: if isSnapshotDue() { _ = beginSnapshot() }
        case .keys: writeKeys()
        case .segment, .creating, .closing, .log, .installing: break
        }
    }

    /// After them: the log has gone on in a new segment, perhaps.
    mutating func noteSegmentChange() {
        guard case .segment = snapshot.step, let state = log?.segmentState() else { return }
        snapshot.firstSegment = state.segment
        snapshot.bytesBefore = state.byteCount
        snapshot.changesAtStart = state.changeCount
        snapshot.seen.removeAll()
        for home in 0..<coreCount {
            snapshot.seen.append(log?.logged(home: UInt16(home)) ?? 0)
        }
        snapshot.step = .creating
        outbox.append(.createSnapshot)
    }

    private mutating func writeKeys() {
        let mayWalk = !snapshot.isWalked && snapshot.records.byteCount < CoreSnapshot.writeLength
        if mayWalk || snapshot.walk.isInSlot {
            var resting = SlotSet()
            if mayWalk, !works.isEmpty { works.noteSlots(in: &resting) }
            snapshot.isWalked = engine.writeSnapshot(
                &snapshot.walk, into: &snapshot.records,
                budget: mayWalk ? CoreSnapshot.budget : 0, resting: resting)
            if snapshot.isWalked {
                snapshot.batch = batchInTheWay() ?? 0
            } else if mayWalk {
                tickAtLatest(now)
            }
        }
        placeRecords()
    }

    /// Has what is written so far written to the file, if it is enough or all.
    private mutating func placeRecords() {
        let isEnough = snapshot.records.byteCount >= CoreSnapshot.writeLength
        if snapshot.isWriting || snapshot.isPlaced || !(snapshot.isWalked || isEnough) { return }
        swap(&snapshot.records, &snapshot.writing)
        guard var writer = snapshot.writer else { invariantFailed("a file that grows is there") }
        snapshot.offset = writer.size
        snapshot.inFlight = writer.place(&snapshot.writing, isLast: snapshot.isWalked)
        snapshot.writer = writer
        snapshot.isPlaced = snapshot.isWalked
        snapshot.isWriting = true
        outbox.append(.writeSnapshot(snapshot.offset, snapshot.inFlight))
    }

    // MARK: What the shell reports

    /// The file of ``Effect/createSnapshot`` is there, with this salt in its header.
    public mutating func snapshotCreated(salt: UInt64) {
        if dropsSnapshot() { return }
        snapshot.writer = SnapshotWriter(salt: salt)
        snapshot.step = .keys
        tickAtLatest(now)
    }

    /// The kernel has taken so many bytes of the last ``Effect/writeSnapshot(_:_:)``, or nil for
    /// none.
    public mutating func snapshotWritten(_ count: Int?, reason: String = "") {
        guard let count, count > 0 else {
            snapshot.isWriting = false
            snapshotFailed(reason)
            return
        }
        snapshot.offset += UInt64(count)
        snapshot.inFlight = snapshot.inFlight.slice(count, snapshot.inFlight.count)
        if snapshot.inFlight.count > 0 {
            outbox.append(.writeSnapshot(snapshot.offset, snapshot.inFlight))
            return
        }
        snapshot.isWriting = false
        snapshot.writing.removeAll()
        if dropsSnapshot() { return }
        if snapshot.isPlaced {
            snapshot.step = .closing
            outbox.append(.closeSnapshot)
        } else {
            tickAtLatest(now)
        }
    }

    /// The snapshot's file is synced, and has its name.
    public mutating func snapshotClosed() {
        if dropsSnapshot() { return }
        snapshot.step = .log
        awaitSync(.snapshot, batch: snapshot.batch)
    }

    /// This core's log is safe up to `position`, the snapshot's last key included; the others'
    /// parts of what stands there are still to be.
    mutating func snapshotIsLogged(_ position: LogPosition) {
        guard case .log = snapshot.step else { return }
        snapshot.safe = position
        snapshot.isRefused = false
        snapshot.pendingCores = coreCount - 1
        for core in 0..<coreCount where core != Int(index.rawValue) {
            mail(parcels.take(), to: CoreIndex(UInt16(core)), as: .syncWanted)
        }
        installIfSafe()
    }

    /// Another core has synced all that it had written, or cannot.
    mutating func syncDoneArrived(_ parcel: ParcelReference) {
        if parcel.content.reply.bytes.integer(at: 0) != 1 { snapshot.isRefused = true }
        parcels.giveBack(parcel)
        guard case .log = snapshot.step else { return }
        snapshot.pendingCores -= 1
        installIfSafe()
    }

    /// Goes on once all have answered: an answer that is late would be taken for the next
    /// snapshot's.
    private mutating func installIfSafe() {
        if snapshot.pendingCores > 0 { return }
        if snapshot.isRefused {
            snapshotFailed("the log of another core has failed")
            return
        }
        snapshot.step = .installing
        outbox.append(.installSnapshot)
    }

    /// What ``Effect/installSnapshot`` is to put in place.
    public mutating func withSnapshotPlan<Result>(_ body: (SnapshotPlan) -> Result) -> Result {
        var seen: [UInt16: UInt64] = [:]
        for home in 0..<snapshot.seen.count where snapshot.seen[home] > 0 {
            seen[UInt16(home)] = snapshot.seen[home]
        }
        return body(
            SnapshotPlan(
                firstSegment: snapshot.firstSegment, synced: snapshot.safe,
                size: snapshot.writer?.size ?? 0, seen: seen))
    }

    /// The manifest names the snapshot.
    public mutating func snapshotInstalled() {
        log?.byteCount -= snapshot.bytesBefore
        saved.count += 1
        saved.lastAt = now
        saved.lastMilliseconds = now - snapshot.startedAt
        saved.hasSucceeded = true
        saved.failures = 0
        saved.bytes = Int(snapshot.writer?.size ?? 0)
        saved.changesBefore = snapshot.changesAtStart
        applySnapshotSettings()
        endSnapshot(succeeded: true)
    }

    /// A step of the snapshot could not be done: what there is of it is dropped, and the log goes
    /// on as it did.
    public mutating func snapshotFailed(_ reason: String) {
        if !snapshot.isUnderWay { return }
        if case .segment = snapshot.step { log?.keepSegment() }
        outbox.append(.dropSnapshot)
        saved.hasSucceeded = false
        saved.failures += 1
        snapshot.lastFailure = reason
        saved.notBefore = now + Self.retryMilliseconds
        saved.lastMilliseconds = now - snapshot.startedAt
        endSnapshot(succeeded: false)
    }

    /// How long nothing is begun by itself after a failure.
    private static var retryMilliseconds: Int64 { 5000 }

    /// Whether a snapshot that the shell reports of is not wanted any more, as the log has failed.
    private mutating func dropsSnapshot() -> Bool {
        if log?.hasFailed != true { return false }
        snapshotFailed("the log has failed")
        return true
    }

    /// The log is at its end, and so is a snapshot beside it, unless the shell is at work on it:
    /// then when that reports.
    mutating func dropSnapshotWithLog() {
        switch snapshot.step {
        case .segment, .log: snapshotFailed("the log has failed")
        case .keys: if !snapshot.isWriting { snapshotFailed("the log has failed") }
        case .none, .creating, .closing, .installing: break
        }
    }

    private mutating func endSnapshot(succeeded: Bool) {
        snapshot.clear()
        let waiters = snapshot.takeWaiters()
        for place in 0..<waiters.count { answer(waiters[place], succeeded) }
        if snapshot.isScheduled {
            snapshot.isScheduled = false
            _ = beginSnapshot()
        }
    }
}

/// What a snapshot's manifest says.
public struct SnapshotPlan: Sendable {
    /// The first segment of the log that is needed besides.
    public var firstSegment: UInt32
    /// Up to here the log is synced, and every transaction in it complete.
    public var synced: LogPosition
    /// Of the snapshot, in bytes.
    public var size: UInt64
    /// By home core, the highest transaction that was logged before ``firstSegment``.
    public var seen: [UInt16: UInt64]
}

extension WorkTable {
    /// Adds the slots with changes that belong to works that are not done.
    func noteSlots(in slots: inout SlotSet) {
        for place in 0..<count {
            self[place].records.forEachRecord(from: 0) { slots.insert($0.slot) }
            self[place].operation?.records.forEachRecord(from: 0) { slots.insert($0.slot) }
        }
    }
}
