import Base
import Glibc
import Log
import Uring

/// Makes a core's log end where its last whole group ends.
struct LogCutter {
    let scanned: ScannedCore
    let repair: LogRepair

    /// What ``cut()`` is going to take away.
    func findCut() throws -> RecoveryReport.Cut {
        var bytes = 0
        for number in scanned.files.segments where number >= repair.end.segment {
            let file = try Files.map("\(scanned.folder)/\(FileName.segment(number).text)")
            bytes += scanned.scan.countCutBytes(of: file.bytes, segment: number)
        }
        return RecoveryReport.Cut(at: repair.end, bytes: bytes)
    }

    /// What stands behind the log's end goes, as does what a crash left over; the last segment ends
    /// with a seal.
    func cut() throws {
        try remove(scanned.files.leftovers)
        if let deleted = repair.deleted { try remove(deleted.reversed().map { .segment($0) }) }
        if repair.needsSeal { try seal() }
    }

    private func remove(_ names: [FileName]) throws {
        for name in names { try Files.remove("\(scanned.folder)/\(name.text)") }
        if !names.isEmpty { try Files.sync(folder: scanned.folder) }
    }

    private func seal() throws {
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
}
