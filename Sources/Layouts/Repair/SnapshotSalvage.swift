// What can be read of a snapshot: before the damage and behind it. Slots come in ascending order,
// each closed by its slotEnd; a slot without one between two others is empty. So a slot is whole if
// nothing between the slotEnd before it and its own was unreadable.

import Base
import Log

/// Reads a snapshot as far as it can be read; see above.
struct SnapshotSalvage: ~Copyable {
    private let path: String
    private let file: Bytes
    private let header: FileHeader
    private var scanner: RecordScanner
    private var budget: Int
    /// Behind the last slot that ended.
    private var nextSlot = 0
    /// Whether something was unreadable since it ended.
    private var hasGap = false
    /// The records of a group that is not complete.
    private var group: [Record] = []
    private var readCount: UInt64 = 0
    private(set) var missingRecordCount: Int?
    private(set) var faults: [LogFault] = []
    private(set) var lost: [LostStretch] = []

    init(_ path: String, _ file: Bytes, _ header: FileHeader) {
        self.path = path
        self.file = file
        self.header = header
        scanner = RecordScanner(header, at: FileHeader.size)
        budget = CoreSalvage.searchBudget(file)
    }

    /// Takes the next record; false at the end.
    mutating func step(
        _ known: inout KnownState, _ writer: inout CoreWriter, _ storage: inout some LayoutStorage
    ) throws -> Bool {
        let start = scanner.offset
        switch scanner.next(in: file, from: 0, fileSize: UInt64(file.count)) {
        case .record(let record): return try take(record, start, &known, &writer, &storage)
        case .blank: return skip(from: start, .snapshotEnd)
        case .bad(let reason):
            if reason == .newerFormat { throw LogFault(file: path, offset: start, reason) }
            return skip(from: start, reason)
        case .more: invariantFailed("a whole file needs no larger window")
        }
    }

    private mutating func take(
        _ record: Record, _ start: UInt64, _ known: inout KnownState, _ writer: inout CoreWriter,
        _ storage: inout some LayoutStorage
    ) throws -> Bool {
        readCount += 1
        switch record.kind {
        case .slotEnd:
            try endSlot(record, &known, &writer, &storage)
            return true
        case .snapshotEnd:
            if !hasGap { known.complete(nextSlot..<(1 << 14), last: 0) }
            missingRecordCount = Int(clamping: Int64(clamping: record.stamp)) - Int(readCount - 1)
            if missingRecordCount != 0, faults.isEmpty {
                faults.append(LogFault(file: path, offset: start, .snapshotEnd))
            }
            return false
        case .mark, .seal, .transaction: return skip(from: start, .order)
        default:
            group.append(record)
            if record.hasMore { return true }
            for record in group where known.takeSnapshot(record, afterGap: hasGap) {
                writer.append(record)
            }
            group.removeAll()
            try writer.endGroup(inSnapshot: true, &storage)
            return true
        }
    }

    private mutating func endSlot(
        _ record: Record, _ known: inout KnownState, _ writer: inout CoreWriter,
        _ storage: inout some LayoutStorage
    ) throws {
        let slot = Int(record.slot)
        if !hasGap, slot >= nextSlot {
            known.complete(nextSlot..<(slot + 1), last: record.stamp)
            try writer.appendSlotEnd(record.slot, record.stamp, &storage)
        }
        hasGap = false
        nextSlot = max(nextSlot, slot + 1)
    }

    /// Goes on behind what cannot be read; false where there is nothing any more.
    private mutating func skip(from start: UInt64, _ reason: FaultReason) -> Bool {
        faults.append(LogFault(file: path, offset: start, reason))
        hasGap = true
        // Half a group would be half a value.
        group.removeAll()
        let next = scanner.findRecord(
            in: file, from: Int(start) + RecordLayout.alignment, budget: &budget)
        var stretch = LostStretch(file: path, offset: start)
        stretch.byteCount = (next ?? file.count) - Int(start)
        stretch.unreadableByteCount = stretch.byteCount
        if stretch.byteCount > 0 { lost.append(stretch) }
        guard let next else { return false }
        scanner = RecordScanner(header, at: next)
        return true
    }
}
