// A core's files, read as far as they can be: first all cores' logs to their ends, which are
// settled among them, then each core's records into its new files.

import Base
import Log

/// A core's files while they are repaired; see above.
struct CoreSalvage {
    private let identity: FileIdentity
    private(set) var report: CoreRepair
    private(set) var manifest: Manifest
    private var segments: ClosedRange<UInt32>
    private var present: Set<UInt32> = []
    var scan: LogScan
    private var known: KnownState

    /// Reads the manifest, or finds one that may do, and the log to its end.
    ///
    /// - Throws: where a file cannot be read at all, or a newer version wrote it.
    init(_ identity: FileIdentity, _ storage: some LayoutStorage) throws {
        self.identity = identity
        report = CoreRepair(core: identity.core)
        var names: [String] = []
        storage.list(DirectoryName.core(identity.core, layout: identity.layout), into: &names)
        var snapshots: Set<UInt32> = []
        for name in names.map(FileName.init) {
            if case .segment(let number) = name { present.insert(number) }
            if case .snapshot(let number) = name { snapshots.insert(number) }
        }
        let found: Manifest?
        do throws(LogFault) {
            found = try DirectoryCheck.readManifest(identity, storage)
        } catch {
            if error.reason == .newerFormat || error.reason == .unreadable { throw error }
            report.faults.append(error)
            found = nil
        }
        let first = found?.firstSegment ?? present.min() ?? 1
        manifest =
            try found
            ?? Self.standIn(identity, first, snapshot: snapshots.max(), storage)
        segments = first...max(present.max() ?? first, first)
        // Without a manifest nobody knows whether a log that does not begin with 1 had a snapshot.
        known = KnownState(isCertain: manifest.snapshot == nil && (found != nil || first == 1))
        scan = LogScan(manifest, salvages: true)
        try readLog(storage)
        if found == nil {
            // What it saw of other homes before its log begins is not known: all of it, to keep
            // what others have.
            var seen: [UInt16: UInt64] = [:]
            scan.noteTransactions(in: &seen)
            for home in 0..<identity.cores where seen[home] == nil {
                manifest.seen[home] = UInt64.max
            }
            scan = LogScan(manifest, salvages: true)
            try readLog(storage)
        }
    }

    private static func standIn(
        _ identity: FileIdentity, _ first: UInt32, snapshot: UInt32?, _ storage: some LayoutStorage
    ) throws -> Manifest {
        let start = LogPosition(segment: first, offset: UInt32(FileHeader.size))
        var manifest = Manifest(identity, firstSegment: first, synced: start)
        guard let snapshot else { return manifest }
        try storage.read(Manifest.path(.snapshot(snapshot), identity)) { bytes in
            let size = UInt64(bytes?.count ?? 0)
            manifest.snapshot = Manifest.Snapshot(number: snapshot, size: size)
        }
        return manifest
    }

    private mutating func readLog(_ storage: some LayoutStorage) throws(LogFault) {
        for number in segments {
            guard present.contains(number) else {
                try scan.readMissing()
                continue
            }
            let path = Manifest.path(.segment(number), identity)
            try storage.read(path) { (bytes) throws(LogFault) in
                guard let bytes else { throw LogFault(file: path, offset: 0, .fileMissing) }
                try scan.read(bytes)
            }
        }
        try scan.finish()
    }

    // MARK: Writing

    /// Writes what is kept into the files of a new layout, and finds out what is lost.
    mutating func write(
        _ identity: FileIdentity, root: String, salt: UInt64, _ storage: inout some LayoutStorage
    ) throws {
        report.faults += scan.faults
        var writer = try CoreWriter(identity, root: root, salt: salt, &storage)
        if let snapshot = manifest.snapshot {
            try writer.beginSnapshot(&storage)
            try copySnapshot(snapshot, &writer, &storage)
            try writer.endSnapshot(&storage)
            report.snapshotRecordCount = writer.takeRecordCount()
        }
        report.uncertainSlotCount = known.uncertainSlotCount
        for number in segments where number <= scan.end.segment {
            let path = Manifest.path(.segment(number), manifest.identity)
            try storage.withFile(path) { (file, storage) in
                if let file { try copySegment(number, file, &writer, &storage) }
            }
        }
        report.logRecordCount = writer.recordCount
        if scan.isTorn || !scan.faults.isEmpty { try listLost(&storage) }
        var seen: [UInt16: UInt64] = [:]
        scan.noteTransactions(in: &seen)
        try writer.finish(seen: seen.filter { $0.value != UInt64.max }, &storage)
    }

    private func header(
        _ file: Bytes, _ content: FileHeader.Content, _ number: UInt32
    ) -> (header: FileHeader?, fault: FaultReason?) {
        do throws(FaultReason) {
            return (try FileHeader(file, content, manifest.identity, number: number), nil)
        } catch {
            let salvaged = FileHeader(
                salvaging: file, manifest.identity, number, error, content)
            return (salvaged, error)
        }
    }

    private mutating func copySegment(
        _ number: UInt32, _ file: Bytes, _ writer: inout CoreWriter,
        _ storage: inout some LayoutStorage
    ) throws {
        guard let header = header(file, .segment, number).header else { return }
        let limit =
            number == scan.end.segment ? UInt64(scan.end.offset) : UInt64(file.count)
        var scanner = RecordScanner(header, at: FileHeader.size)
        while scanner.offset < limit {
            guard
                case .record(let record) = scanner.next(
                    in: file, from: 0, fileSize: UInt64(file.count))
            else { return }
            if record.kind.isEffect {
                switch known.takeLog(record) {
                case .apply:
                    writer.append(record)
                    report.staleKeys.heal(record)
                case .skip: break
                case .lose: report.staleKeys.insert(bytes(record.key))
                }
            }
            if !record.hasMore { try writer.endGroup(inSnapshot: false, &storage) }
        }
    }

    // MARK: What is lost of the log

    private mutating func listLost(_ storage: inout some LayoutStorage) throws {
        report.cutAt = scan.end
        for number in segments where number >= scan.end.segment {
            let path = Manifest.path(.segment(number), manifest.identity)
            try storage.withFile(path) { (file, _) in
                guard let file else { return }
                let byteCount = scan.countCutBytes(of: file, segment: number)
                if byteCount == 0 { return }
                let start =
                    number == scan.end.segment ? Int(scan.end.offset) : FileHeader.size
                var stretch = LostStretch(file: path, offset: UInt64(start))
                stretch.byteCount = byteCount
                readLost(file, number, from: start, &stretch)
                report.lost.append(stretch)
            }
        }
    }

    /// Reads what records there are behind the log's end, for their keys' names.
    private mutating func readLost(
        _ file: Bytes, _ number: UInt32, from start: Int, _ stretch: inout LostStretch
    ) {
        stretch.unreadableByteCount = stretch.byteCount
        guard let header = header(file, .segment, number).header else { return }
        var scanner = RecordScanner(header, at: start)
        var budget = Self.searchBudget(file)
        while true {
            let place = Int(scanner.offset)
            switch scanner.next(in: file, from: 0, fileSize: UInt64(file.count)) {
            case .record(let record):
                stretch.unreadableByteCount -= record.bytes.count
                if !record.kind.isEffect { continue }
                stretch.recordCount += 1
                if record.kind.hasKey { report.staleKeys.insert(bytes(record.key)) }
            default:
                guard
                    let next = scanner.findRecord(
                        in: file, from: place + RecordLayout.alignment, budget: &budget)
                else { return }
                scanner = RecordScanner(header, at: next)
            }
        }
    }

    static func searchBudget(_ file: Bytes) -> Int { 16 * file.count + (1 << 20) }

    // MARK: The snapshot

    private mutating func copySnapshot(
        _ snapshot: Manifest.Snapshot, _ writer: inout CoreWriter,
        _ storage: inout some LayoutStorage
    ) throws {
        let path = Manifest.path(.snapshot(snapshot.number), identity)
        try storage.withFile(path) { (file, storage) in
            guard let file else {
                report.faults.append(LogFault(file: path, offset: 0, .fileMissing))
                return
            }
            let (header, fault) = header(file, .snapshot, snapshot.number)
            if fault == .newerFormat { throw LogFault(file: path, offset: 0, .newerFormat) }
            if let fault { report.faults.append(LogFault(file: path, offset: 0, fault)) }
            if UInt64(file.count) != snapshot.size {
                let offset = min(UInt64(file.count), snapshot.size)
                report.faults.append(LogFault(file: path, offset: offset, .snapshotSize))
            }
            guard let header else {
                var stretch = LostStretch(file: path, offset: 0)
                stretch.byteCount = file.count
                stretch.unreadableByteCount = file.count
                report.lost.append(stretch)
                return
            }
            var reading = SnapshotSalvage(path, file, header)
            while try reading.step(&known, &writer, &storage) {}
            report.faults += reading.faults
            report.lost += reading.lost
            report.missingSnapshotRecordCount = reading.missingRecordCount
        }
    }
}

extension KeyList {
    /// A record that says all of a key makes up for changes that were left out before.
    fileprivate mutating func heal(_ record: Record) {
        if count > 0, record.kind.isPut || record.kind == .remove { remove(bytes(record.key)) }
    }
}
