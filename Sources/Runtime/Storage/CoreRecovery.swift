// From a core's files to its keys: docs/internals/log-format.md, "Reading".
//
// In two steps, since a transaction over several cores is recovered whole or not at all: all logs
// are read to their ends, and the ends are settled; then each core, in the turns of its loop, cuts
// its log, plays it back and begins a new segment (`CoreReplay`).

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
    static func withObstacles<Result>(
        _ directory: DataDirectory, _ body: () throws -> Result
    ) throws(StartupObstacle) -> Result {
        do {
            return try body()
        } catch let fault as LogFault {
            if fault.reason == .newerFormat { throw .dataOfNewerVersion(path: directory.path) }
            throw .dataDamaged(path: directory.path, fault: "\(fault)")
        } catch let fault as FileFault {
            throw .dataUnusable(path: fault.path, reason: fault.reason)
        } catch {
            throw .dataUnusable(path: directory.path, reason: "\(error)")
        }
    }
}
