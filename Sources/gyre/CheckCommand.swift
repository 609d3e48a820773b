import ArgumentParser
import Base
import Foundation
import Glibc
import Log
import Uring

/// `gyre check DIR`: reads a data directory as a start would, changes nothing, and says what it
/// found.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verify a data directory that no server uses; changes nothing.",
        discussion: """
            Reads every snapshot and log that a start would read and compares every checksum. \
            Ends with 0 if the data is sound, also where a crash left a torn end that a start \
            would cut; with 65 if it is damaged; with 75 while a server uses it.
            """)

    @Argument(help: "The data directory.")
    var directory: String

    func run() throws {
        let lock = unsafe open("\(directory)/\(DirectoryName.lock)", O_RDONLY)
        defer { if lock >= 0 { close(lock) } }
        if lock >= 0, flock(lock, LOCK_SH | LOCK_NB) != 0 {
            throw CommandFailure(
                "A server uses \(directory): stop it, then check again.", EX_TEMPFAIL)
        }
        let check = DirectoryCheck(FolderStorage(root: directory))
        print(CheckReport.text(check), terminator: "")
        if check.faults.isEmpty { return }
        throw CommandFailure(
            "\(directory) is damaged: the \(check.faults.count == 1 ? "fault" : "faults") above.",
            EX_DATAERR)
    }
}

/// What `gyre check` prints.
enum CheckReport {
    static func text(_ check: DirectoryCheck) -> String {
        var lines: [String] = []
        if let identity = check.identity {
            lines.append(
                "Node \(identity.node), \(identity.cores) cores, started \(identity.starts) times")
        }
        lines += check.cores.map(line)
        for core in check.cores where !core.leftovers.isEmpty || !core.unknown.isEmpty {
            for name in core.leftovers { lines.append("  core \(core.core): \(name): a leftover") }
            for name in core.unknown { lines.append("  core \(core.core): \(name): not of Gyre") }
        }
        lines += check.faults.map { "DAMAGE \($0)" }
        if check.faults.isEmpty { lines.append("The data is sound.") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(_ core: CoreCheck) -> String {
        var parts: [String] = []
        if let count = core.snapshotKeyCount { parts.append("snapshot of \(count) keys") }
        if let segments = core.segments, let end = core.end {
            let names = "\(segments.lowerBound) to \(segments.upperBound)"
            parts.append("log of \(core.recordCount) records in segments \(names)")
            parts.append(
                core.isTorn ? "torn, ends at \(end): a start cuts there" : "ends at \(end)")
        } else {
            parts.append("log not read to its end")
        }
        return "Core \(core.core): " + parts.joined(separator: ", ")
    }
}

/// A folder on this machine.
private struct FolderStorage: DirectoryStorage {
    let root: String

    func list(_ folder: String, into names: inout [String]) {
        let found = try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")
        names += found ?? []
    }

    func read(_ path: String, _ body: (Bytes?) throws(LogFault) -> Void) throws(LogFault) {
        guard let file = try? MappedFile("\(root)/\(path)") else { return try body(nil) }
        try body(file.bytes)
    }
}
