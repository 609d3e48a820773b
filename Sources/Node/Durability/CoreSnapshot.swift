// What a core knows of its snapshots: which step the one under way has come to.
//
// Purpose. A snapshot keeps the log short: it holds every key as of a position of the log, so the
// segments before it can go (docs/internals/durability.md, "Snapshots").
//
// Ownership. The core's; one thread. Pure: the shell creates, writes, syncs and renames files.
//
// Invariants.
// 1. One snapshot is under way at most, and of it one request to the shell.
// 2. While it is written, every turn's records have been seen by the walk before they leave the
//    engine (Core+Snapshot.swift).

import Base
import Engine
import Log

/// See the essay above.
struct CoreSnapshot: ~Copyable {
    /// What the snapshot waits for.
    enum Step: BitwiseCopyable {
        /// There is none.
        case none
        /// The log goes on in another segment.
        case segment
        /// The shell creates the file.
        case creating
        /// Keys are written.
        case keys
        /// The shell syncs the file and gives it its name.
        case closing
        /// The log is synced up to where it was at the last key, and so is what belongs to it
        /// elsewhere.
        case log
        /// The shell writes the manifest.
        case installing
    }

    var step = Step.none
    var walk = SnapshotWalk()
    /// What is to be written next, and what is being written.
    var records = LogBuffer(capacity: 0)
    var writing = LogBuffer(capacity: 0)
    var writer: SnapshotWriter?
    /// Where the bytes in flight go, and what is left of them.
    var offset: UInt64 = 0
    var inFlight = Bytes()
    var isWriting = false
    /// All keys are in `records`, `writing` or the file.
    var isWalked = false
    /// The last bytes are being written, or are.
    var isPlaced = false
    /// The first segment that is needed besides the snapshot, and by home the highest transaction
    /// logged before it.
    var firstSegment: UInt32 = 0
    var seen = GrowableArray<UInt64>(capacity: 1)
    /// What the segments before that take, in bytes.
    var bytesBefore = 0
    /// The batch with the last change that is in the snapshot; 0 where that is released.
    var batch: UInt64 = 0
    /// Up to where the log is safe.
    var safe = LogPosition(rawValue: 0)
    /// Other cores that have not answered yet whether they have synced.
    var pendingCores = 0
    /// One of them cannot.
    var isRefused = false
    var startedAt: Int64 = 0
    var changesAtStart = 0
    /// Who waits for its end (SAVE).
    private var waiters = GrowableArray<LateAnswer>(capacity: 1)
    /// Another one is to follow.
    var isScheduled = false
    /// Why the last one that failed did.
    var lastFailure = ""

    /// Bytes of records that are written at a time.
    static let writeLength = 256 << 10
    /// How many elements a turn writes at most: some hundred microseconds.
    static let budget = 768

    var isUnderWay: Bool { if case .none = step { false } else { true } }

    mutating func wait(_ answer: LateAnswer) { waiters.append(answer) }

    mutating func takeWaiters() -> GrowableArray<LateAnswer> {
        var taken = GrowableArray<LateAnswer>(capacity: 1)
        swap(&taken, &waiters)
        return taken
    }

    /// Forgets everything of a snapshot but who waits.
    mutating func clear() {
        step = .none
        walk = SnapshotWalk()
        records = LogBuffer(capacity: 0)
        writing = LogBuffer(capacity: 0)
        writer = nil
        inFlight = Bytes()
        isWriting = false
        isWalked = false
        isPlaced = false
    }
}

/// What INFO and LASTSAVE say of a core's snapshots.
struct SnapshotStatistics: BitwiseCopyable {
    /// How many were written to their ends.
    var count = 0
    /// Of the last one: when it ended, or the start of the core, in milliseconds since 1970.
    var lastAt: Int64 = 0
    /// How long it took, in milliseconds; -1 where there was none.
    var lastMilliseconds: Int64 = -1
    /// Whether the last one that was begun came to its end.
    var hasSucceeded = true
    /// Failed ones since the last that succeeded.
    var failures = 0
    /// Its size, in bytes.
    var bytes = 0
    /// Changes logged before the last one began.
    var changesBefore = 0
    /// When the next one may begin by itself, in milliseconds since 1970.
    var notBefore: Int64 = 0
}
