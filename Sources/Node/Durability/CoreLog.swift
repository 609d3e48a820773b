// What a core knows of its log: what is being written, what is on disk, and who waits for that.
//
// Purpose. The engine notes effects (EffectLog.swift); at the end of each turn they leave as one
// write. Under `always` nothing that a client or another core could see leaves the core before
// every write that it may tell of is on disk, of all cores that had a part in it.
//
// Ownership. The core's; one thread. Pure: the shell performs the writes and syncs.
//
// Batches are numbered. What a turn produces may leave once the batch is released that has all
// records noted up to then: the one in which the records will be that have no batch yet.
//
// Invariants.
// 1. One write is in flight at most, and one sync (LogWriter).
// 2. What is held leaves in the order in which it was held.

import Base
import Log
import Placement

/// When a core's log is synced: appendfsync.
public enum SyncPolicy: String, Sendable, CaseIterable {
    /// After every write; replies wait for it.
    case always
    /// About once a second.
    case everySecond = "everysec"
    /// When the kernel sees fit.
    case never = "no"
}

/// Where a core's log begins after a start.
public struct LogStart: Sendable {
    /// The first segment of this start: created and synced, without a record.
    public var segment: UInt32
    /// Of its header.
    public var salt: UInt64
    /// The lowest number that a transaction of this core may have.
    public var firstTransaction: UInt64
    /// By home core, the highest transaction that this core has logged.
    public var seen: [UInt16: UInt64] = [:]
    /// What the segments before it take, in bytes.
    public var logBytes = 0
    /// What the snapshot takes, in bytes; 0 where there is none.
    public var snapshotBytes = 0

    /// A log that goes on in a new segment.
    public init(segment: UInt32, salt: UInt64, firstTransaction: UInt64) {
        self.segment = segment
        self.salt = salt
        self.firstTransaction = firstTransaction
    }
}

/// See the essay above.
struct CoreLog: ~Copyable {
    /// A batch that is not released.
    struct Batch: BitwiseCopyable {
        let number: UInt64
        let end: LogPosition
    }

    /// A send or a parcel that waits for a batch.
    struct Held: BitwiseCopyable {
        enum What: BitwiseCopyable {
            case send(ConnectionID)
            case mail(CoreIndex, ParcelReference)
        }

        let what: What
        let batch: UInt64
    }

    /// A part of a transaction over several cores that is in no batch yet.
    struct NotedPart: BitwiseCopyable {
        let home: CoreIndex
        let number: UInt64
        let firstCore: Int
        let coreCount: Int
    }

    private(set) var writer: LogWriter
    private(set) var gate: ReleaseGate
    private var policy: SyncPolicy
    /// The records that are being written.
    private var writing = LogBuffer()
    private var isWriting = false
    private var isSyncing = false
    /// A segment is being created.
    private var isCreating = false
    /// When a segment that could not be created is tried again, in milliseconds since 1970.
    private var createAgainAt: Int64 = 0
    /// Why the last segment that was wanted could not be created; nil where it could.
    private var creationFailure: String?
    /// Why there was no room on the disk for the write in flight; nil where none is known of.
    private var writeFailure: String?
    /// When that write is tried again, in milliseconds since 1970; 0 while it is being tried.
    private var writeAgainAt: Int64 = 0
    private var lastBatch: UInt64 = 0
    private var releasedBatch: UInt64 = 0
    private var batches = GrowableArray<Batch>(capacity: 16)
    private var held = GrowableArray<Held>(capacity: 64)
    private var parts = GrowableArray<NotedPart>(capacity: 8)
    private var partCores = GrowableArray<UInt16>(capacity: 16)
    private var nextTransaction: UInt64
    /// What the other cores have not been told of this one's parts: home, number, how many
    /// participants, and these.
    private var news = GrowableArray<UInt64>(capacity: 8)
    /// There is something to tell the other cores.
    private var hasNews = false
    /// When the last sync was begun, in milliseconds since 1970.
    private var lastSyncAt: Int64 = 0
    /// When a mark alone is to claim what was synced last, in milliseconds since 1970, if no batch
    /// comes before that does it; nil where that is claimed.
    private var markAt: Int64?
    /// Records were written since the last mark was asked for.
    private var hasUnclaimed = false
    /// The node ends: all that is written is synced.
    private var isEnding = false
    /// The next batch is to be the last of its segment: a snapshot begins.
    private var changesSegment = false
    /// Somebody waits for a sync up to here, whatever the policy.
    private var wantedSync = LogPosition(rawValue: 0)
    /// What the segments take that are needed, in bytes.
    var byteCount = 0

    init(_ start: LogStart, policy: SyncPolicy, core: CoreIndex, coreCount: Int) {
        writer = LogWriter(segment: start.segment, salt: start.salt)
        gate = ReleaseGate(
            core: core.rawValue, coreCount: coreCount, synced: writer.synced, logged: start.seen)
        byteCount = start.logBytes
        nextTransaction = start.firstTransaction
        self.policy = policy
    }

    // MARK: Holding back

    /// Up to where the log is safe from what the policy promises to survive: under `always` the
    /// loss of power, else the end of the process.
    private var safe: LogPosition { policy == .always ? writer.synced : writer.written }

    /// The batch that must be released before what is known now may leave; nil where nothing
    /// waits.
    ///
    /// - Parameter hasRecords: the engine has noted effects that are in no batch.
    func batchInTheWay(hasRecords: Bool) -> UInt64? {
        let last = hasRecords ? lastBatch + 1 : lastBatch
        return last > releasedBatch ? last : nil
    }

    mutating func hold(_ id: ConnectionID, until batch: UInt64) {
        held.append(Held(what: .send(id), batch: batch))
    }

    mutating func hold(_ parcel: ParcelReference, to core: CoreIndex, until batch: UInt64) {
        held.append(Held(what: .mail(core, parcel), batch: batch))
    }

    /// Calls one of the two for each that may leave now.
    mutating func letGo(
        all: Bool, send: (ConnectionID) -> Void, mail: (CoreIndex, ParcelReference) -> Void
    ) {
        var count = 0
        while count < held.count, all || held[count].batch <= releasedBatch {
            switch held[count].what {
            case .send(let id): send(id)
            case .mail(let core, let parcel): mail(core, parcel)
            }
            count += 1
        }
        if count > 0 { held.removeFirst(count) }
    }

    // MARK: Transactions

    /// The number of this core's next transaction over several cores.
    mutating func takeTransactionNumber() -> UInt64 {
        nextTransaction += 1
        return nextTransaction - 1
    }

    /// The engine has noted this core's part of a transaction.
    mutating func partNoted(
        home: CoreIndex, number: UInt64, participants: borrowing GrowableArray<UInt16>
    ) {
        parts.append(
            NotedPart(
                home: home, number: number, firstCore: partCores.count,
                coreCount: participants.count))
        for index in 0..<participants.count { partCores.append(participants[index]) }
    }

    private mutating func placeParts(from start: LogPosition, to end: LogPosition) {
        for index in 0..<parts.count {
            let part = parts[index]
            var cores = GrowableArray<UInt16>(capacity: part.coreCount)
            for place in 0..<part.coreCount { cores.append(partCores[part.firstCore + place]) }
            gate.transactionLogged(
                home: part.home.rawValue, number: part.number, participants: cores, start: start,
                end: end)
            news.append(UInt64(part.home.rawValue))
            news.append(part.number)
            news.append(UInt64(part.coreCount))
            for place in 0..<cores.count { news.append(UInt64(cores[place])) }
        }
        hasNews = hasNews || !parts.isEmpty
        parts.removeAll()
        partCores.removeAll()
    }

    // MARK: Writing

    /// What the shell is to do next.
    enum Step {
        case write(LogWrite, Bytes)
        case sync(first: UInt32, last: UInt32)
        case createSegment(UInt32)
    }

    /// Why commands that write must be refused: there is no room for the write in flight, or the
    /// segment is full and the next one could not be created. Nil where they need not be.
    var refusal: String? { writeFailure ?? (writer.hasRoom ? nil : creationFailure) }

    /// Whether the disk has failed to write or sync.
    var hasFailed: Bool { writer.hasFailed }

    /// What is to be written now, if anything: takes the records out of `records`.
    mutating func nextWrite(_ records: inout LogBuffer, now: Int64) -> Step? {
        if isWriting || writer.hasFailed { return nil }
        let isMark = records.isEmpty
        let isLast = changesSegment && writer.hasNext
        if isMark, !isLast {
            guard let markAt, now >= markAt else { return nil }
        }
        swap(&records, &writing)
        records.time = writing.time
        let start = writer.position
        guard
            let write = writer.beginWrite(&writing, aloneToo: isMark, changingSegment: isLast)
        else { return nil }
        if isLast { changesSegment = false }
        byteCount += write.count
        markAt = nil
        isWriting = true
        placeParts(from: start, to: writer.position)
        if !isMark {
            hasUnclaimed = true
            lastBatch += 1
            batches.append(Batch(number: lastBatch, end: writer.position))
        }
        return .write(write, writing.content)
    }

    /// The write that the disk had no room for, where it is time to try again.
    mutating func nextRetry(now: Int64) -> Step? {
        guard writeAgainAt > 0, now >= writeAgainAt, let write = writer.writeInFlight else {
            return nil
        }
        writeAgainAt = 0
        return .write(write, writing.content.slice(write.batchOffset, writing.content.count))
    }

    /// A sync, if one is due.
    mutating func nextSync(now: Int64) -> Step? {
        if isSyncing || writer.written == writer.synced { return nil }
        switch policy {
        case _ where writer.synced < wantedSync: break
        case .always: break
        case .everySecond:
            if !isEnding, now < lastSyncAt + Self.syncIntervalMilliseconds { return nil }
        case .never: if !isEnding { return nil }
        }
        guard let segments = writer.beginSync() else { return nil }
        isSyncing = true
        lastSyncAt = now
        return .sync(first: segments.lowerBound, last: segments.upperBound)
    }

    /// The segment behind this one, where it is time for it.
    mutating func nextSegment(now: Int64) -> Step? {
        let isWanted = writer.wantsSegment || changesSegment && !writer.hasNext
        if isCreating || !isWanted || now < createAgainAt { return nil }
        isCreating = true
        return .createSegment(writer.nextSegment)
    }

    private static let syncIntervalMilliseconds: Int64 = 1000
    private static let markDelayMilliseconds: Int64 = 500

    /// When something is to be done though nothing happens, in milliseconds since 1970.
    var deadline: Int64? {
        if writer.hasFailed { return nil }
        var deadline: Int64?
        if policy == .everySecond, !isSyncing, writer.written != writer.synced {
            deadline = lastSyncAt + Self.syncIntervalMilliseconds
        }
        if createAgainAt > 0, !isCreating, writer.wantsSegment || changesSegment {
            deadline = min(deadline ?? createAgainAt, createAgainAt)
        }
        if writeAgainAt > 0 { deadline = min(deadline ?? writeAgainAt, writeAgainAt) }
        if let markAt, !isWriting { deadline = min(deadline ?? markAt, markAt) }
        return deadline
    }

    // MARK: What the shell reports

    /// - Parameter count: nil where nothing was written.
    /// - Returns: the rest, which is to be written at once.
    mutating func writeCompleted(_ count: Int?) -> Step? {
        isWriting = false
        switch writer.writeCompleted(count) {
        case .rest(let rest):
            isWriting = true
            return .write(rest, writing.content.slice(rest.batchOffset, writing.content.count))
        case .done:
            writeFailure = nil
            writing.removeAll()
            noteSafe()
            return nil
        case .failed:
            writing.removeAll()
            return nil
        }
    }

    /// There was no room on the disk for the write in flight, or for what is left of it. It may
    /// be tried again: nothing of it has been acknowledged, and no sync has failed.
    ///
    /// - Returns: false where that is not waited for, since the node ends.
    mutating func writeHadNoRoom(_ reason: String, now: Int64) -> Bool {
        if isEnding { return false }
        writeFailure = reason
        writeAgainAt = now + Self.retryIntervalMilliseconds
        return true
    }

    mutating func syncCompleted(_ succeeded: Bool, now: Int64) {
        isSyncing = false
        let claimed = writer.synced
        writer.syncCompleted(succeeded)
        if writer.hasFailed { return }
        if hasUnclaimed, writer.synced > claimed, !isEnding {
            hasUnclaimed = false
            markAt = now + Self.markDelayMilliseconds
        }
        noteSafe()
    }

    private mutating func noteSafe() {
        if gate.logSafe(safe) { hasNews = true }
        noteReleased()
    }

    /// Writes what the other cores are to be told, if there is anything: how many parts are safe,
    /// then those that are new.
    mutating func takeNews(into output: inout OutputBuffer) -> Bool {
        if !hasNews { return false }
        hasNews = false
        output.append(plain: UInt64(gate.safeCount))
        for index in 0..<news.count { output.append(plain: news[index]) }
        news.removeAll()
        return true
    }

    /// Another core tells what ``takeNews(into:)`` wrote there.
    mutating func peerTells(_ peer: CoreIndex, _ news: Bytes) {
        var offset = 8
        while offset < news.count {
            let count = Int(news.plain(UInt64.self, at: offset + 16))
            var cores = GrowableArray<UInt16>(capacity: count)
            for place in 0..<count {
                cores.append(UInt16(news.plain(UInt64.self, at: offset + 24 + 8 * place)))
            }
            gate.peerLogged(
                peer.rawValue, home: UInt16(news.plain(UInt64.self, at: offset)),
                news.plain(UInt64.self, at: offset + 8), participants: cores)
            offset += 24 + 8 * count
        }
        gate.peerSafe(peer.rawValue, Int(news.plain(UInt64.self, at: 0)))
        noteReleased()
    }

    private mutating func noteReleased() {
        var count = 0
        while count < batches.count, batches[count].end <= gate.released { count += 1 }
        if count == 0 { return }
        releasedBatch = batches[count - 1].number
        batches.removeFirst(count)
    }

    mutating func segmentCreated(salt: UInt64) {
        isCreating = false
        createAgainAt = 0
        creationFailure = nil
        writer.segmentCreated(salt: salt)
    }

    /// The segment could not be created: it is tried again in a while.
    mutating func segmentFailed(_ reason: String, now: Int64) {
        isCreating = false
        creationFailure = reason
        createAgainAt = now + Self.retryIntervalMilliseconds
    }

    /// How long nothing is asked of a disk that had no room.
    private static let retryIntervalMilliseconds: Int64 = 500

    // MARK: Snapshots

    /// The log is to go on in a new segment, which a snapshot is written beside.
    mutating func changeSegment() { changesSegment = true }

    /// Where the log stands once it has done so; nil before.
    func segmentState() -> (segment: UInt32, byteCount: Int, changeCount: Int)? {
        if changesSegment { return nil }
        return (writer.position.segment, byteCount, writer.changeCount)
    }

    /// Records of changes since the start.
    var changeCount: Int { writer.changeCount }

    /// By home, the highest transaction that this core has logged.
    func logged(home: UInt16) -> UInt64 { gate.logged(home: home) }

    /// Nothing needs a new segment any more.
    mutating func keepSegment() { changesSegment = false }

    /// Whether no crash takes a batch back.
    func isReleased(_ batch: UInt64) -> Bool { batch <= releasedBatch }

    /// What is written, or of it what no crash of this process takes back, is to be synced soon,
    /// whatever the policy.
    ///
    /// - Returns: up to where.
    mutating func wantSync(toReleased: Bool) -> LogPosition {
        let position = toReleased ? gate.released : writer.written
        wantedSync = max(wantedSync, position)
        return position
    }

    func isSynced(_ position: LogPosition) -> Bool { writer.synced >= position }

    // MARK: Settings and the end

    mutating func setPolicy(_ policy: SyncPolicy) { self.policy = policy }

    mutating func end() {
        isEnding = true
        markAt = nil
    }

    /// Whether nothing of what was written is still to be synced.
    func isSettled(hasRecords: Bool) -> Bool {
        if writer.hasFailed { return true }
        return !hasRecords && !isWriting && !isSyncing && writer.synced == writer.position
    }
}
