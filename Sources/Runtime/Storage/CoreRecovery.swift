// From a core's files to its keys: docs/internals/log-format.md, "Reading".
//
// In two steps, since a transaction over several cores is recovered whole or not at all: all logs
// are read to their ends, the ends are settled, and then each core, on its own thread, cuts its
// log, plays it back and begins a new segment.

import Base
import Glibc
import Log
import Node
import Settings
import Uring

/// What a core's files hold, read to the log's end.
struct ScannedCore: Sendable {
    let folder: String
    let files: CoreFiles
    var scan: LogScan
}

enum CoreRecovery {
    /// Reads the logs of all cores, each on a thread of its own, and settles where they end.
    ///
    /// - Parameter cores: gets what was found, by core.
    static func scan(
        _ directory: DataDirectory, into cores: inout [ScannedCore]
    ) throws(StartupObstacle) {
        let count = Int(directory.identity.cores)
        let outcomes = Outcomes<(Int, Result<ScannedCore, StartupObstacle>)>()
        var threads: [BackgroundThread] = []
        for core in 0..<count {
            threads.append(
                BackgroundThread(name: "scan-\(core)") {
                    outcomes.append(
                        (
                            core,
                            Result { () throws(StartupObstacle) in
                                try scan(directory, core)
                            }
                        ))
                })
        }
        for thread in threads { thread.join() }
        var scanned = [ScannedCore?](repeating: nil, count: count)
        while let (core, outcome) = outcomes.take() { scanned[core] = try outcome.get() }
        cores += scanned.compactMap(\.self)
        var scans = cores.map(\.scan)
        do throws(LogFault) {
            try Recovery.settleTransactions(&scans)
        } catch {
            throw .dataDamaged(path: directory.path, fault: "\(error)")
        }
        for core in cores.indices { cores[core].scan = scans[core] }
    }

    private static func scan(
        _ directory: DataDirectory, _ core: Int
    ) throws(StartupObstacle) -> ScannedCore {
        let folder = directory.folder(ofCore: core)
        return try withObstacles(directory) { () throws in
            let manifestFile = try Files.map("\(folder)/\(FileName.manifest.text)")
            let manifest = try Manifest(manifestFile.bytes, directory.files(ofCore: core))
            var names: [String] = []
            try Files.list(folder, into: &names)
            let files = try CoreFiles(names.sorted(), manifest)
            var scan = LogScan(manifest)
            for number in files.segments {
                let file = try Files.map("\(folder)/\(FileName.segment(number).text)")
                try scan.read(file.bytes)
            }
            try scan.finish()
            return ScannedCore(folder: folder, files: files, scan: scan)
        }
    }

    /// Makes an operator's sentence of what is wrong with a file.
    private static func withObstacles<Result>(
        _ directory: DataDirectory, _ body: () throws -> Result
    ) throws(StartupObstacle) -> Result {
        do {
            return try body()
        } catch let fault as LogFault {
            if fault.reason == .newerFormat { throw .dataOfNewerVersion(path: directory.path) }
            throw .dataDamaged(path: directory.path, fault: "\(fault)")
        } catch let fault as FileFault {
            throw StartupObstacle(fault, in: directory.path)
        } catch {
            throw .dataUnusable(path: directory.path, reason: "\(error)")
        }
    }

    /// Cuts the core's log where it ends, plays it back, and begins a new segment.
    static func recover(
        _ directory: DataDirectory, _ scanned: ScannedCore, into core: inout Core
    ) throws(StartupObstacle) -> (CoreStorage, LogStart, RecoveryReport) {
        try withObstacles(directory) { () throws in
            var report = RecoveryReport(core: Int(scanned.scan.manifest.identity.core))
            let repair = scanned.scan.repair(scanned.files.segments)
            if scanned.scan.isTorn { report.cut = try findCut(scanned, repair.end) }
            try remove(scanned.files.leftovers, scanned.folder)
            try cut(scanned, repair)
            try replay(scanned, &core, &report)
            report.keyCount = core.recoveredKeyCount()
            var storage = CoreStorage(folder: scanned.folder, manifest: scanned.scan.manifest)
            let segment = try storage.create(repair.nextSegment)
            storage.add(segment)
            var start = LogStart(
                segment: segment.number, salt: segment.salt,
                firstTransaction: directory.identity.firstTransaction)
            scanned.scan.noteTransactions(in: &start.seen)
            start.logBytes = report.logBytes
            start.snapshotBytes = report.snapshotBytes
            return (storage, start, report)
        }
    }

    /// What ``cut(_:_:)`` is going to take away.
    private static func findCut(
        _ scanned: ScannedCore, _ end: LogPosition
    ) throws -> RecoveryReport.Cut {
        var bytes = 0
        for number in scanned.files.segments where number >= end.segment {
            let file = try Files.map("\(scanned.folder)/\(FileName.segment(number).text)")
            bytes += scanned.scan.countCutBytes(of: file.bytes, segment: number)
        }
        return RecoveryReport.Cut(at: end, bytes: bytes)
    }

    private static func remove(_ leftovers: [FileName], _ folder: String) throws {
        for name in leftovers { try Files.remove("\(folder)/\(name.text)") }
        if !leftovers.isEmpty { try Files.sync(folder: folder) }
    }

    /// What stands behind the log's end goes; the last segment ends with a seal.
    private static func cut(_ scanned: ScannedCore, _ repair: LogRepair) throws {
        if let deleted = repair.deleted {
            for number in deleted.reversed() {
                try Files.remove("\(scanned.folder)/\(FileName.segment(number).text)")
            }
            try Files.sync(folder: scanned.folder)
        }
        if !repair.needsSeal { return }
        let path = "\(scanned.folder)/\(FileName.segment(repair.end.segment).text)"
        let mapped = try Files.map(path)
        let header = try FileHeader(
            mapped.bytes, .segment, scanned.scan.manifest.identity, number: repair.end.segment)
        let file = unsafe open(path, O_RDWR | O_CLOEXEC)
        if file < 0 { throw FileFault(path: path, code: errno) }
        defer { close(file) }
        let end = Int(repair.end.offset)
        if ftruncate(file, end) != 0 { throw FileFault(path: path, code: errno) }
        var seal = OutputBuffer()
        header.appendSeal(at: repair.end.offset, to: &seal)
        try Files.write(seal.bytes, to: file, at: end, path)
        if fsync(file) != 0 { throw FileFault(path: path, code: errno) }
    }

    private static func replay(
        _ scanned: ScannedCore, _ core: inout Core, _ report: inout RecoveryReport
    ) throws {
        var stamps = SlotStamps()
        var inflater = Inflater()
        if let snapshot = scanned.scan.manifest.snapshot {
            report.snapshotBytes = Int(snapshot.size)
            try load(snapshot, scanned, &core, &stamps, &inflater)
        }
        let end = scanned.scan.end
        for number in scanned.files.segments where number <= end.segment {
            let name = FileName.segment(number)
            let file = try Files.map("\(scanned.folder)/\(name.text)")
            report.logBytes += number < end.segment ? file.bytes.count : Int(end.offset)
            var segment = try SegmentReplay(file.bytes, segment: number, scanned.scan)
            while let record = segment.next() {
                if !stamps.lack(record) { continue }
                try apply(record, &core, &inflater, name, scanned)
                report.records += 1
            }
        }
    }

    private static func load(
        _ snapshot: Manifest.Snapshot, _ scanned: ScannedCore, _ core: inout Core,
        _ stamps: inout SlotStamps, _ inflater: inout Inflater
    ) throws {
        let name = FileName.snapshot(snapshot.number)
        let file = try Files.map("\(scanned.folder)/\(name.text)")
        var reader = try SnapshotReader(
            front: file.bytes, fileSize: UInt64(file.bytes.count), snapshot,
            scanned.scan.manifest.identity)
        while true {
            switch try reader.next(in: file.bytes, from: 0) {
            case .effect(let record): try apply(record, &core, &inflater, name, scanned)
            case .slotEnd(let slot, let stamp):
                stamps.set(slot, stamp)
                core.endSlot(slot, stamp)
            case .more: invariantFailed("a whole file needs no larger window")
            case .end: return
            }
        }
    }

    private static func apply(
        _ record: Record, _ core: inout Core, _ inflater: inout Inflater, _ name: FileName,
        _ scanned: ScannedCore
    ) throws {
        let effect: Log.Effect?
        do throws(FaultReason) {
            effect = try inflater.effect(record)
        } catch {
            throw LogFault(
                file: Manifest.path(name, scanned.scan.manifest.identity), offset: 0, error)
        }
        if let effect, core.apply(record, effect) { return }
        throw LogFault(
            file: Manifest.path(name, scanned.scan.manifest.identity), offset: 0, .form)
    }
}
