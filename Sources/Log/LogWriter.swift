// Where a core's batches go, and up to where they are safe.
//
// A state machine of the core, one thread; it performs nothing. The owner writes and syncs what the
// machine says and reports completions. One write and one sync are in flight at most; what comes
// meanwhile waits in the buffer and leaves as one batch, which is how many writes share a sync.
//
// Invariants:
// 1. synced ≤ syncing ≤ written ≤ position, and only `failed` keeps them from meeting.
// 2. After the first failure nothing rises any more, and no write or sync is asked for.
// 3. A mark claims `synced`, nothing else (docs/internals/log-format.md, "Writing").

import Base

/// A write to a segment's file.
public struct LogWrite: Equatable, BitwiseCopyable, Sendable {
    /// The segment.
    public var segment: UInt32
    /// Where in its file.
    public var offset: UInt32
    /// How many bytes.
    public var count: Int
    /// From where in the batch they are.
    public var batchOffset: Int
}

/// What a completed write calls for.
public enum WriteStep: Equatable, BitwiseCopyable, Sendable {
    /// The batch is written.
    case done
    /// The kernel took a part: this is the rest.
    case rest(LogWrite)
    /// The log has failed; nothing of it is acknowledged from now on.
    case failed
}

/// Where a core's batches go; see the essay above.
public struct LogWriter: BitwiseCopyable {
    /// A segment that is larger gets no further batch, in bytes.
    public var segmentSizeMax: UInt32
    private var salt: UInt64
    /// The successor, ready to be written to.
    private var next: (segment: UInt32, salt: UInt64)?
    /// Where the next batch goes.
    public private(set) var position: LogPosition
    /// All before it has been written.
    public private(set) var written: LogPosition
    /// All before it is on disk.
    public private(set) var synced: LogPosition
    /// Records of changes in all batches.
    public private(set) var changeCount = 0
    private var writing: LogWrite?
    private var syncing: LogPosition?
    /// Whether a write or a sync has failed.
    public private(set) var hasFailed = false

    /// Of a new and synced segment without records, behind a log that is synced.
    public init(segment: UInt32, salt: UInt64, segmentSizeMax: UInt32 = 64 << 20) {
        self.salt = salt
        self.segmentSizeMax = segmentSizeMax
        position = LogPosition(segment: segment, offset: UInt32(FileHeader.size))
        written = position
        synced = position
    }

    /// Whether the owner should create the segment behind the current one now.
    public var wantsSegment: Bool {
        next == nil && position.offset >= segmentSizeMax / 2
    }

    /// Whether the next batch has a place. If not, no segment could be created, which is how a full
    /// disk shows: writes are refused before they run, until ``segmentCreated(salt:)``.
    public var hasRoom: Bool {
        if hasFailed { return false }
        return next != nil || position.offset < segmentSizeMax
    }

    /// Whether the segment behind the current one is ready.
    public var hasNext: Bool { next != nil }

    /// The number of the segment that ``wantsSegment`` asks for.
    public var nextSegment: UInt32 { position.segment + 1 }

    /// The segment ``nextSegment`` exists: its header is synced, and its directory.
    public mutating func segmentCreated(salt: UInt64) {
        invariant(next == nil, "one segment is created at a time")
        next = (nextSegment, salt)
    }

    // MARK: Writing

    /// Makes a batch of the buffer's records, if there are any, or `aloneToo`, and nothing is in
    /// flight; the batch is ``LogBuffer/content`` until it is removed.
    ///
    /// - Parameter aloneToo: write a mark even without records, since a sync has passed.
    /// - Parameter changingSegment: this is the segment's last batch, if its successor exists: a
    ///   snapshot begins.
    public mutating func beginWrite(
        _ buffer: inout LogBuffer, aloneToo: Bool = false, changingSegment: Bool = false
    ) -> LogWrite? {
        if hasFailed || writing != nil { return nil }
        if buffer.isEmpty, !aloneToo, !changingSegment { return nil }
        let isLast = next != nil && (changingSegment || position.offset >= segmentSizeMax)
        if isLast, let next { buffer.appendBare(.seal, stamp: UInt64(next.segment)) }
        buffer.writeMark(synced: synced)
        let records = buffer.writeChecksums(from: 0, salt: salt, at: UInt64(position.offset))
        changeCount += records - (isLast ? 2 : 1)
        let count = buffer.batch(withMark: true).count
        let write = LogWrite(
            segment: position.segment, offset: position.offset, count: count, batchOffset: 0)
        invariant(count <= Int(UInt32.max - position.offset), "an offset has 32 bits")
        if isLast, let next {
            position = LogPosition(segment: next.segment, offset: UInt32(FileHeader.size))
            salt = next.salt
            self.next = nil
        } else {
            position = LogPosition(
                segment: position.segment, offset: position.offset + UInt32(count))
        }
        writing = write
        return write
    }

    /// What is in flight, and is to be tried again as it is where the disk had no room for it.
    public var writeInFlight: LogWrite? { writing }

    /// The kernel has taken `count` bytes of the write in flight, or, with nil, none and never
    /// will.
    public mutating func writeCompleted(_ count: Int?) -> WriteStep {
        guard let write = writing else { invariantFailed("what completes was begun") }
        writing = nil
        guard let count, count > 0, !hasFailed else {
            hasFailed = true
            return .failed
        }
        invariant(count <= write.count, "no more is written than was asked")
        if count < write.count {
            let rest = LogWrite(
                segment: write.segment, offset: write.offset + UInt32(count),
                count: write.count - count, batchOffset: write.batchOffset + count)
            writing = rest
            return .rest(rest)
        }
        written = position
        return .done
    }

    // MARK: Syncing

    /// Begins a sync of all that is written, if there is something to sync and none is in flight.
    /// The files of these segments are to be synced, all of them, before ``syncCompleted(_:)``.
    public mutating func beginSync() -> ClosedRange<UInt32>? {
        if hasFailed || syncing != nil || written == synced { return nil }
        syncing = written
        // A segment in which nothing is written yet has nothing to sync.
        let isUnused = written.offset == UInt32(FileHeader.size)
        return synced.segment...(isUnused ? written.segment - 1 : written.segment)
    }

    /// The sync in flight has succeeded on all its files, or failed on one.
    public mutating func syncCompleted(_ succeeded: Bool) {
        guard let target = syncing else { invariantFailed("what completes was begun") }
        syncing = nil
        guard succeeded, !hasFailed else {
            hasFailed = true
            return
        }
        synced = target
    }

    /// Checks the invariants; see the essay.
    public func checkInvariants() {
        invariant(synced <= written, "nothing is synced that is not written")
        invariant(written <= position, "nothing is written that has no place")
        if let syncing { invariant(syncing <= written, "a sync covers what is written") }
        if writing == nil, !hasFailed { invariant(written == position, "a batch is written") }
    }
}

extension LogBuffer {
    /// The batch that ``LogWriter/beginWrite(_:aloneToo:changingSegment:)`` made. Valid until the
    /// next append.
    public var content: Bytes { batch(withMark: true) }
}
