// Another number of cores: docs/internals/log-format.md, "Another number of cores".
//
// Records name slots, not cores. So each is copied, as it stands, from the files of the core that
// had its slot to those of the core that has it now: first the snapshots, whose slots ascend in
// every one of them and therefore are merged, then the logs, core by core. The memory that this
// takes is a batch for each new core.
//
// Invariants:
// 1. A slot belongs to one core before and to one afterwards, so the order of its records is kept.
// 2. What is copied is what a start would apply, to the settled ends of the logs; every checksum is
//    compared once more.
// 3. The files of before are only read.

import Base
import Log

/// Writes the data of a directory for another number of cores; see the essay above.
public struct Resharding {
    /// A core of before.
    private struct Source {
        let files: CoreFiles
        var scan: LogScan
        var manifest: Manifest { scan.manifest }
    }

    /// A core of now. On the heap as a writer cannot be copied.
    private final class Target {
        var writer: CoreWriter
        /// Whether a group is open that has records for this core.
        var isInGroup = false

        init(_ writer: consuming CoreWriter) {
            self.writer = writer
        }
    }

    private var sources: [Source] = []
    private let owners: [UInt16]
    private var targets: [Target] = []
    /// By slot, as of which the snapshots are.
    private var stamps = [UInt64](repeating: 0, count: Self.slotCount)
    private var report: ReshardingReport

    private static let slotCount = 1 << 14
    /// What all new cores together may hold back until it is written, in bytes.
    private static let batchesSize = 32 << 20

    /// Writes a layout for other cores and has IDENTITY name it; the old one is then to be deleted
    /// (``DirectoryLeftovers``).
    ///
    /// - Parameters:
    ///   - old: what IDENTITY says.
    ///   - owners: by slot, the core that has it from now on.
    ///   - salt: random; the salts of the new files come from it.
    /// - Throws: ``LogFault`` where the data is damaged or of a newer version; else what a step of
    ///   the storage throws. The old layout is then in use still, and as it was.
    public static func reshard(
        _ storage: inout some LayoutStorage, _ old: DataIdentity, cores: UInt16, owners: [UInt16],
        salt: UInt64
    ) throws -> ReshardingReport {
        invariant(owners.count == slotCount, "every slot has an owner")
        var resharding = Resharding(old, cores, owners)
        try resharding.scan(storage)
        resharding.report.new.layout = NewLayout.number(after: old.layout, storage)
        let new = resharding.report.new
        // Those that an interruption kept from being deleted are replaced with it.
        let unwanted = DirectoryLeftovers(storage, layout: old.layout).unwanted
        let replaced = [old.layout] + unwanted.compactMap(DirectoryName.layoutNumber)
        try NewLayout.install(new, replacing: replaced, &storage) { root, storage in
            try resharding.write(root, salt, &storage)
        }
        return resharding.report
    }

    private init(_ old: DataIdentity, _ cores: UInt16, _ owners: [UInt16]) {
        self.owners = owners
        var new = old
        new.cores = cores
        report = ReshardingReport(old: old, new: new)
    }

    // MARK: What there is

    private mutating func scan(_ storage: some LayoutStorage) throws(LogFault) {
        for core in 0..<report.old.cores {
            let identity = report.old.files(ofCore: core)
            let manifest = try DirectoryCheck.readManifest(identity, storage)
            let files = try DirectoryCheck.findFiles(manifest, storage)
            let scan = try DirectoryCheck.scan(files, manifest, storage)
            sources.append(Source(files: files, scan: scan))
        }
        var scans = sources.map(\.scan)
        try Recovery.settleTransactions(&scans)
        for core in sources.indices {
            sources[core].scan = scans[core]
            if scans[core].isTorn { try noteCut(sources[core], storage) }
        }
    }

    private mutating func noteCut(
        _ source: Source, _ storage: some LayoutStorage
    ) throws(LogFault) {
        let end = source.scan.end
        var byteCount = 0
        for number in source.files.segments where number >= end.segment {
            let path = Manifest.path(.segment(number), source.manifest.identity)
            try storage.read(path) { (file) throws(LogFault) in
                guard let file else { throw LogFault(file: path, offset: 0, .fileMissing) }
                byteCount += source.scan.countCutBytes(of: file, segment: number)
            }
        }
        let core = source.manifest.identity.core
        report.cuts.append(ReshardingReport.Cut(core: core, at: end, bytes: byteCount))
    }

    // MARK: Writing

    private mutating func write(
        _ root: String, _ salt: UInt64, _ storage: inout some LayoutStorage
    ) throws {
        let cores = report.new.cores
        let batchSize = min(CoreWriter.batchSizeMax, Self.batchesSize / Int(cores))
        for core in 0..<cores {
            let writer = try CoreWriter(
                report.new.files(ofCore: core), root: root, salt: salt &+ UInt64(core) << 48,
                batchSize: batchSize, &storage)
            targets.append(Target(writer))
        }
        try copySnapshots(&storage)
        for source in sources {
            for number in source.files.segments where number <= source.scan.end.segment {
                let path = Manifest.path(.segment(number), source.manifest.identity)
                try storage.withFile(path) { (file, storage) in
                    guard let file else { throw LogFault(file: path, offset: 0, .fileMissing) }
                    try copySegment(number, source, path, file, &storage)
                }
            }
        }
        for target in targets {
            report.logRecordCount += target.writer.recordCount
            // No transaction of before can be in a log again: the count of starts is raised.
            try target.writer.finish(seen: [:], &storage)
            report.byteCount += target.writer.byteCount
        }
    }

    private func target(ofSlot slot: UInt16) -> Target { targets[Int(owners[Int(slot)])] }

    // MARK: The logs

    private func copySegment(
        _ number: UInt32, _ source: Source, _ path: String, _ file: Bytes,
        _ storage: inout some LayoutStorage
    ) throws {
        let header: FileHeader
        do throws(FaultReason) {
            header = try FileHeader(file, .segment, source.manifest.identity, number: number)
        } catch {
            throw LogFault(file: path, offset: 0, error)
        }
        let end = source.scan.end
        var scanner = RecordScanner(header)
        var group: [Target] = []
        while number < end.segment || scanner.offset < UInt64(end.offset) {
            let place = scanner.offset
            guard
                case .record(let record) = scanner.next(
                    in: file, from: 0, fileSize: UInt64(file.count))
            else { throw LogFault(file: path, offset: place, .lost) }
            if record.kind == .seal { return }
            if record.kind.isEffect, record.stamp > stamps[Int(record.slot)] {
                let target = target(ofSlot: record.slot)
                target.writer.append(record)
                if !target.isInGroup { group.append(target) }
                target.isInGroup = true
            }
            if record.hasMore { continue }
            for target in group {
                try target.writer.endGroup(inSnapshot: false, &storage)
                target.isInGroup = false
            }
            group.removeAll(keepingCapacity: true)
        }
    }

    // MARK: The snapshots

    private mutating func copySnapshots(_ storage: inout some LayoutStorage) throws {
        let named = sources.filter { $0.manifest.snapshot != nil }
        if named.isEmpty { return }
        for target in targets { try target.writer.beginSnapshot(&storage) }
        let paths = named.map { source in
            let number = source.manifest.snapshot?.number ?? 0
            return Manifest.path(.snapshot(number), source.manifest.identity)
        }
        try storage.withFiles(paths) { files, storage in
            var readers: [SlotReader] = []
            for (source, file) in zip(named, files) {
                readers.append(try SlotReader(file, source.manifest))
            }
            for slot in 0..<Self.slotCount {
                for index in readers.indices where readers[index].slot == slot {
                    try copySlot(&readers[index], &storage)
                }
            }
        }
        for target in targets {
            try target.writer.endSnapshot(&storage)
            report.snapshotRecordCount += target.writer.takeRecordCount()
        }
    }

    private mutating func copySlot(
        _ reader: inout SlotReader, _ storage: inout some LayoutStorage
    ) throws {
        let slot = reader.slot
        let target = target(ofSlot: UInt16(slot))
        while case .effect(let record) = reader.step, reader.slot == slot {
            target.writer.append(record)
            if !record.hasMore { try target.writer.endGroup(inSnapshot: true, &storage) }
            try reader.advance()
        }
        // In what a repair wrote, a slot that is not certain has no end.
        guard case .slotEnd(let ended, let stamp) = reader.step, reader.slot == slot else { return }
        try target.writer.appendSlotEnd(ended, stamp, &storage)
        stamps[slot] = stamp
        try reader.advance()
    }
}

/// Reads a snapshot in which slots must ascend.
private struct SlotReader {
    private let file: Bytes
    private let path: String
    private var reader: SnapshotReader
    /// What stands there.
    private(set) var step: SnapshotStep
    /// The slot that is read; behind all slots at the end.
    private(set) var slot = -1
    /// Nothing more of ``slot`` can follow.
    private var hasEnded = true

    init(_ file: Bytes, _ manifest: Manifest) throws(LogFault) {
        let snapshot = manifest.snapshot ?? Manifest.Snapshot(number: 0, size: 0)
        self.file = file
        path = Manifest.path(.snapshot(snapshot.number), manifest.identity)
        reader = try SnapshotReader(
            front: file, fileSize: UInt64(file.count), snapshot, manifest.identity)
        step = .end
        try advance()
    }

    /// Goes on to what follows.
    mutating func advance() throws(LogFault) {
        let place = reader.offset
        if case .slotEnd = step { hasEnded = true }
        step = try reader.next(in: file, from: 0)
        let next: Int
        switch step {
        case .effect(let record): next = Int(record.slot)
        case .slotEnd(let slot, _): next = Int(slot)
        case .end: next = 1 << 14
        case .more: invariantFailed("a whole file needs no larger window")
        }
        guard hasEnded ? next > slot : next >= slot else {
            throw LogFault(file: path, offset: place, .order)
        }
        slot = next
        hasEnded = false
    }
}
