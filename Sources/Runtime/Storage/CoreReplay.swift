import Base
import Glibc
import Log
import Node
import Uring

/// The second step of a core's recovery, a part at a time: its log is cut where it ends, snapshot
/// and log are read back, and a new segment begins.
struct CoreReplay: ~Copyable {
    private let scanned: ScannedCore
    private let repair: LogRepair
    private var stamps = SlotStamps()
    private var inflater = Inflater()
    private var report: RecoveryReport
    private var snapshot: SnapshotInReading?
    private var segment: SegmentInReading?
    /// Segments that are not read yet, the next one last.
    private var segmentsLeft: [UInt32]
    /// Of snapshot and log, in bytes.
    private let totalBytes: Int
    /// Of the files that are done with.
    private var doneBytes = 0
    /// Of the one that is being read.
    private var partBytes = 0

    private struct SnapshotInReading: ~Copyable {
        let name: FileName
        let file: MappedFile
        var reader: SnapshotReader
    }

    private struct SegmentInReading: ~Copyable {
        let name: FileName
        let file: MappedFile
        let size: Int
        let recordCount: Int
        var replay: SegmentReplay
    }

    private init(
        _ scanned: ScannedCore, _ repair: LogRepair, _ report: RecoveryReport,
        _ snapshot: consuming SnapshotInReading?, totalBytes: Int
    ) {
        self.scanned = scanned
        self.repair = repair
        self.report = report
        self.snapshot = snapshot
        self.totalBytes = totalBytes
        let end = scanned.scan.end.segment
        segmentsLeft = scanned.files.segments.filter { $0 <= end }.reversed()
    }

    /// Cuts what stands behind a log's end, and opens the snapshot.
    ///
    /// - Throws: a ``FileFault`` or a `LogFault`.
    static func begin(_ scanned: ScannedCore) throws -> CoreReplay {
        let repair = scanned.scan.repair(scanned.files.segments)
        var report = RecoveryReport(core: Int(scanned.scan.manifest.identity.core))
        let cutter = LogCutter(scanned: scanned, repair: repair)
        if scanned.scan.isTorn { report.cut = try cutter.findCut() }
        try cutter.cut()
        var totalBytes = 0
        for number in scanned.files.segments where number <= repair.end.segment {
            totalBytes += try size(of: number, scanned)
        }
        guard let listed = scanned.scan.manifest.snapshot else {
            return CoreReplay(scanned, repair, report, nil, totalBytes: totalBytes)
        }
        report.snapshotBytes = Int(listed.size)
        totalBytes += Int(listed.size)
        let name = FileName.snapshot(listed.number)
        let file = try Files.map("\(scanned.folder)/\(name.text)")
        let reader = try SnapshotReader(
            front: file.bytes, fileSize: UInt64(file.bytes.count), listed,
            scanned.scan.manifest.identity)
        return CoreReplay(
            scanned, repair, report, SnapshotInReading(name: name, file: file, reader: reader),
            totalBytes: totalBytes)
    }

    /// How many bytes of a segment the log has.
    private static func size(of number: UInt32, _ scanned: ScannedCore) throws -> Int {
        let end = scanned.scan.end
        if number == end.segment { return Int(end.offset) }
        return try Files.map("\(scanned.folder)/\(FileName.segment(number).text)").bytes.count
    }

    /// How much has been read, and of how much, in bytes.
    var progress: (bytes: Int, total: Int) { (doneBytes + partBytes, totalBytes) }

    /// Applies up to `count` records.
    ///
    /// - Returns: whether all have been applied.
    /// - Throws: a ``FileFault`` or a `LogFault`.
    mutating func advance(_ core: inout Core, records count: Int) throws -> Bool {
        var left = count
        while left > 0 {
            if snapshot != nil {
                try load(&core, &left)
            } else if segment != nil {
                try replay(&core, &left)
            } else if let number = segmentsLeft.popLast() {
                try open(number)
            } else {
                return true
            }
        }
        return false
    }

    private mutating func load(_ core: inout Core, _ left: inout Int) throws {
        guard var snapshot = snapshot.take() else { return }
        while left > 0 {
            switch try snapshot.reader.next(in: snapshot.file.bytes, from: 0) {
            case .effect(let record):
                try apply(record, &core, snapshot.name)
                left -= 1
            case .slotEnd(let slot, let stamp):
                stamps.set(slot, stamp)
                core.endSlot(slot, stamp)
            case .more: invariantFailed("a whole file needs no larger window")
            case .end:
                finishFile(report.snapshotBytes)
                return
            }
        }
        partBytes = Int(snapshot.reader.offset)
        self.snapshot = consume snapshot
    }

    private mutating func open(_ number: UInt32) throws {
        let name = FileName.segment(number)
        let file = try Files.map("\(scanned.folder)/\(name.text)")
        let replay = try SegmentReplay(file.bytes, segment: number, scanned.scan)
        let end = scanned.scan.end
        let size = number < end.segment ? file.bytes.count : Int(end.offset)
        let count = replay.count
        segment = SegmentInReading(
            name: name, file: file, size: size, recordCount: count, replay: replay)
    }

    private mutating func replay(_ core: inout Core, _ left: inout Int) throws {
        guard var segment = segment.take() else { return }
        while left > 0 {
            guard let record = segment.replay.next() else {
                report.logBytes += segment.size
                finishFile(segment.size)
                return
            }
            if !stamps.lack(record) { continue }
            try apply(record, &core, segment.name)
            report.records += 1
            left -= 1
        }
        let done = segment.recordCount - segment.replay.count
        partBytes = segment.size / max(segment.recordCount, 1) * done
        self.segment = consume segment
    }

    private mutating func finishFile(_ size: Int) {
        doneBytes += size
        partBytes = 0
    }

    private mutating func apply(_ record: Record, _ core: inout Core, _ name: FileName) throws {
        let effect: Log.Effect?
        do throws(FaultReason) {
            effect = try inflater.effect(record)
        } catch {
            throw fault(name, error)
        }
        if let effect, core.apply(record, effect) { return }
        throw fault(name, .form)
    }

    private func fault(_ name: FileName, _ reason: FaultReason) -> LogFault {
        LogFault(
            file: Manifest.path(name, scanned.scan.manifest.identity), offset: 0, reason)
    }

    /// Once all has been read: begins a new segment.
    ///
    /// - Parameter firstTransaction: the number of the first that this start may use.
    /// - Throws: a ``FileFault``.
    consuming func finish(
        _ core: inout Core, firstTransaction: UInt64
    ) throws -> (CoreStorage, LogStart, RecoveryReport) {
        report.keyCount = core.recoveredKeyCount()
        var storage = CoreStorage(folder: scanned.folder, manifest: scanned.scan.manifest)
        let segment = try storage.create(repair.nextSegment)
        storage.add(segment)
        var start = LogStart(
            segment: segment.number, salt: segment.salt, firstTransaction: firstTransaction)
        scanned.scan.noteTransactions(in: &start.seen)
        start.logBytes = report.logBytes
        start.snapshotBytes = report.snapshotBytes
        return (storage, start, report)
    }
}
