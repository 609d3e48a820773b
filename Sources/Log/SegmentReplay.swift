import Base
import CIntrinsics

/// The second pass over a segment: its effects up to the log's end, once ``LogScan`` has checked
/// them. Checksums are not compared again.
///
/// Slot by slot, and within a slot in the log's order: effects on different slots do not depend on
/// each other, and a slot's table stays in the caches while its records are applied.
public struct SegmentReplay: ~Copyable {
    private let file: Bytes
    /// Where the effects begin in the file, in the order in which they are given.
    private var offsets: GrowableArray<UInt32>
    private var place = 0

    /// An effect's place in the file and its slot.
    private struct Found: BitwiseCopyable {
        let offset: UInt32
        let slot: UInt16
    }

    private static let slotCount = 1 << 14
    /// So many records ahead are asked for from memory, two cache lines of each.
    private static let lookAhead = 12
    private static let cacheLine = 64

    /// Over a segment's bytes, up to `end` of the log. Takes 12 bytes for each record.
    public init(_ file: Bytes, segment: UInt32, _ scan: LogScan) throws(LogFault) {
        var scanner: RecordScanner
        do throws(FaultReason) {
            let header = try FileHeader(file, .segment, scan.manifest.identity, number: segment)
            scanner = RecordScanner(header, verifies: false)
        } catch {
            let path = Manifest.path(.segment(segment), scan.manifest.identity)
            throw LogFault(file: path, offset: 0, error)
        }
        let end = scan.end
        let limit =
            segment < end.segment
            ? UInt64(file.count) : segment == end.segment ? UInt64(end.offset) : 0
        self.file = file
        var found = GrowableArray<Found>(capacity: 1024)
        Self.find(&scanner, file, limit, into: &found)
        offsets = GrowableArray(capacity: max(found.count, 1))
        sort(found)
    }

    private static func find(
        _ scanner: inout RecordScanner, _ file: Bytes, _ limit: UInt64,
        into found: inout GrowableArray<Found>
    ) {
        while scanner.offset < limit {
            let offset = UInt32(scanner.offset)
            let step = scanner.next(in: file, from: 0, fileSize: UInt64(file.count))
            guard case .record(let record) = step else { return }
            if record.kind == .seal { return }
            if record.kind.isEffect { found.append(Found(offset: offset, slot: record.slot)) }
        }
    }

    /// Puts the offsets in the order of their slots, without changing the order within one.
    private mutating func sort(_ found: borrowing GrowableArray<Found>) {
        var starts = GrowableArray<Int>(capacity: Self.slotCount + 1)
        for _ in 0...Self.slotCount { starts.append(0) }
        for index in 0..<found.count {
            starts[Int(found[index].slot) + 1] += 1
            offsets.append(0)
        }
        for slot in 0..<Self.slotCount { starts[slot + 1] += starts[slot] }
        for index in 0..<found.count {
            let slot = Int(found[index].slot)
            offsets[starts[slot]] = found[index].offset
            starts[slot] += 1
        }
    }

    /// How many effects are left.
    public var count: Int { offsets.count - place }

    /// The next effect, or nil at the end.
    public mutating func next() -> Record? {
        if place == offsets.count { return nil }
        let ahead = place + Self.lookAhead
        if ahead < offsets.count {
            let start = unsafe file.start + Int(offsets[ahead])
            unsafe gyre_prefetch(start)
            unsafe gyre_prefetch(start + Self.cacheLine)
        }
        let offset = Int(offsets[place])
        place += 1
        let length = Int(file.integer(at: offset + 8, UInt32.self))
        return Record(checked: file.slice(offset, offset + RecordLayout.span(length)))
    }
}
