import Base

/// What comes next in a snapshot.
public enum SnapshotStep: BitwiseCopyable {
    /// An effect to apply.
    case effect(Record)
    /// The slot is complete as of this stamp.
    case slotEnd(slot: UInt16, stamp: UInt64)
    /// The window must reach so many bytes from ``SnapshotReader/offset`` on.
    case more(Int)
    /// The snapshot is complete.
    case end
}

/// Reads a snapshot through windows of any size. Whatever is not exactly as it was written is
/// damage: a manifest names a snapshot only when it is synced.
public struct SnapshotReader {
    private let path: String
    private let size: UInt64
    private var scanner: RecordScanner
    private var count: UInt64 = 0

    /// - Parameters:
    ///   - front: at least the first 64 bytes of the file.
    ///   - fileSize: in bytes; must be what the manifest says.
    public init(
        front: Bytes, fileSize: UInt64, _ snapshot: Manifest.Snapshot, _ identity: FileIdentity
    ) throws(LogFault) {
        path = Manifest.path(.snapshot(snapshot.number), identity)
        size = fileSize
        do throws(FaultReason) {
            let header = try FileHeader(front, .snapshot, identity, number: snapshot.number)
            scanner = RecordScanner(header)
        } catch {
            throw LogFault(file: path, offset: 0, error)
        }
        guard fileSize == snapshot.size else {
            throw LogFault(file: path, offset: min(fileSize, snapshot.size), .snapshotSize)
        }
    }

    /// Where the next record begins.
    public var offset: UInt64 { scanner.offset }

    /// What comes next. The window holds bytes of the file from `windowStart` on.
    public mutating func next(
        in window: Bytes, from windowStart: UInt64
    ) throws(LogFault) -> SnapshotStep {
        let start = scanner.offset
        switch scanner.next(in: window, from: windowStart, fileSize: size) {
        case .more(let needed): return .more(needed)
        case .blank: throw LogFault(file: path, offset: start, .snapshotEnd)
        case .bad(let reason): throw LogFault(file: path, offset: start, reason)
        case .record(let record):
            count += 1
            switch record.kind {
            case .mark, .seal, .transaction: throw LogFault(file: path, offset: start, .order)
            case .slotEnd: return .slotEnd(slot: record.slot, stamp: record.stamp)
            case .snapshotEnd:
                guard record.stamp == count - 1, scanner.offset == size else {
                    throw LogFault(file: path, offset: start, .snapshotEnd)
                }
                return .end
            default: return .effect(record)
            }
        }
    }
}

/// Gives the records of a snapshot, collected in a ``LogBuffer``, their places in its file.
public struct SnapshotWriter: BitwiseCopyable {
    private let salt: UInt64
    private var recordCount: UInt64 = 0
    /// The size of the file so far, in bytes.
    public private(set) var size = UInt64(FileHeader.size)

    /// Behind the header of a new file with this salt.
    public init(salt: UInt64) {
        self.salt = salt
    }

    /// Makes the buffer's records ready to be written behind what was written so far, the
    /// snapshot's end behind them if `isLast`. The bytes are valid until the next append.
    public mutating func place(_ buffer: inout LogBuffer, isLast: Bool) -> Bytes {
        if isLast {
            var count = recordCount
            buffer.forEachRecord(from: 0) { _ in count += 1 }
            buffer.appendBare(.snapshotEnd, stamp: count)
        }
        let records = buffer.writeChecksums(
            from: RecordLayout.headerSize, salt: salt,
            at: size - UInt64(RecordLayout.headerSize))
        recordCount += UInt64(records)
        let batch = buffer.batch(withMark: false)
        size += UInt64(batch.count)
        return batch
    }
}
