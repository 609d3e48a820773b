import ArgumentParser
import Base
import Foundation
import Glibc
import Layouts
import Log
import Runtime
import Uring

/// `gyre check DIR`: reads a data directory as a start would and says what it found; with
/// `--repair` it makes a damaged one sound.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verify a data directory that no server uses, and repair it if told to.",
        discussion: """
            Reads every snapshot and log that a start would read, compares every checksum, and \
            changes nothing. Ends with 0 if the data is sound, also where a crash left a torn end \
            that a start would cut; with 65 if it is damaged; with 75 while a server uses it.

            With --repair, what can be kept of damaged data is copied into a new layout in the \
            directory, which is then the one in use; what is lost is listed. The old layout stays \
            as it was. That takes as much room on the disk as the data. Ends with 0 if the data is \
            sound now; with 65 if it cannot be repaired, as there is none, or a newer version of \
            Gyre wrote it; with 74 if a file cannot be read or written: the data is as it was.
            """)

    @Flag(help: "Keep what is sound of damaged data, and list what is lost.")
    var repair = false

    @Argument(help: "The data directory.")
    var directory: String

    func run() throws {
        let lock = try takeLock()
        defer { if lock >= 0 { close(lock) } }
        if repair { return try runRepair() }
        let check = DirectoryCheck(FolderStorage(root: directory))
        print(CheckReport.text(check), terminator: "")
        if check.faults.isEmpty { return }
        throw CommandFailure(
            """
            \(directory) is damaged: the \(check.faults.count == 1 ? "fault" : "faults") above. \
            Bring back a copy of the directory if there is one; else \
            `gyre check --repair \(directory)` keeps what is sound.
            """, EX_DATAERR)
    }

    /// Others may check at the same time, but not repair.
    private func takeLock() throws -> Int32 {
        let lock = unsafe open("\(directory)/\(DirectoryName.lock)", O_RDONLY | O_CLOEXEC)
        if lock >= 0, flock(lock, (repair ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 {
            close(lock)
            throw CommandFailure(
                "A server uses \(directory): stop it, then check again.", EX_TEMPFAIL)
        }
        return lock
    }

    private func runRepair() throws {
        var storage = FolderStorage(root: directory)
        var random = SystemRandomNumberGenerator()
        do {
            let report = try DirectoryRepair.repair(&storage, salt: random.next())
            print(RepairText.text(report), terminator: "")
        } catch let fault as LogFault {
            throw CommandFailure(
                "\(directory) cannot be repaired (\(fault)); nothing was changed.",
                fault.reason == .unreadable ? EX_IOERR : EX_DATAERR)
        } catch {
            throw CommandFailure(
                """
                \(directory) was not repaired (\(error)): the data is as it was. See that there \
                is room for as much again, and the right to write there, then repair again.
                """, EX_IOERR)
        }
        let check = DirectoryCheck(storage)
        if let fault = check.faults.first {
            throw CommandFailure("\(directory) is still damaged: \(fault).", EX_DATAERR)
        }
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
        if let leftovers = check.leftovers {
            lines += leftovers.unfinished.map {
                "\($0): unfinished, left by an interruption: a start deletes it"
            }
            lines += leftovers.unwanted.map { "\($0): not in use: a start deletes it" }
            lines += leftovers.evidence.map { "\($0): not in use, kept by a repair" }
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
