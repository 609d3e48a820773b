import Base

/// What makes the logs of a node's cores one state.
public enum Recovery {
    /// Cuts each core's log, finished and in the order of cores, before the first transaction of
    /// which a participant lacks its part, until all transactions are whole or gone.
    public static func settleTransactions(_ scans: inout [LogScan]) throws(LogFault) {
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            var seen = [[UInt16: UInt64]](repeating: [:], count: scans.count)
            for core in scans.indices { scans[core].noteTransactions(in: &seen[core]) }
            for core in scans.indices where try scans[core].cut(seen) {
                hasChanged = true
            }
        }
    }
}

/// The stamps that a core's snapshot gave its slots: which records of the log it lacks.
public struct SlotStamps: ~Copyable {
    private var stamps = GrowableArray<UInt64>(capacity: 1 << 14)

    /// As if no slot had been written: all records apply.
    public init() {
        for _ in 0..<1 << 14 { stamps.append(0) }
    }

    /// Whether the state lacks a record of the log.
    public func lack(_ record: Record) -> Bool {
        record.stamp > stamps[Int(record.slot)]
    }

    /// The stamp of a slot.
    public func stamp(ofSlot slot: UInt16) -> UInt64 {
        stamps[Int(slot)]
    }

    /// The state holds what was written to the slot up to this stamp.
    public mutating func set(_ slot: UInt16, _ stamp: UInt64) {
        stamps[Int(slot)] = stamp
    }
}

/// The second pass over a segment: its effects up to the log's end, once ``LogScan`` has checked
/// them. Checksums are not compared again.
public struct SegmentReplay: BitwiseCopyable {
    private var scanner: RecordScanner
    private let file: Bytes
    private let limit: UInt64

    /// Over a segment's bytes, up to `end` of the log.
    public init(_ file: Bytes, segment: UInt32, _ scan: LogScan) throws(LogFault) {
        do throws(FaultReason) {
            let header = try FileHeader(
                file, .segment, scan.manifest.identity, number: segment)
            scanner = RecordScanner(header, verifies: false)
        } catch {
            let path = Manifest.path(.segment(segment), scan.manifest.identity)
            throw LogFault(file: path, offset: 0, error)
        }
        self.file = file
        let end = scan.end
        limit =
            segment < end.segment
            ? UInt64(file.count) : segment == end.segment ? UInt64(end.offset) : 0
    }

    /// The next effect, or nil at the end.
    public mutating func next() -> Record? {
        while scanner.offset < limit {
            guard
                case .record(let record) = scanner.next(
                    in: file, from: 0, fileSize: UInt64(file.count))
            else { return nil }
            if record.kind == .seal { return nil }
            if record.kind.isEffect { return record }
        }
        return nil
    }
}
