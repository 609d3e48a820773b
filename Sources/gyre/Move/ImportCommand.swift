import ArgumentParser
import Base
import Foundation
import Glibc
import Uring

/// `gyre import FILE`: puts the keys of an RDB file into a running server.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Put the keys of an RDB file into a running server.",
        discussion: """
            Reads what redis-server 2.6 to 7.2 and Valkey save (RDB up to version 11). The whole \
            file is checked before the first key is sent. Keys that have expired are left out. \
            Ends with 0 if every other key of the file is in the server now; with 65 if some are \
            not (streams, values of modules, keys that were there already), or if the file is \
            damaged.
            """)

    @Argument(help: "The RDB file.")
    var file: String

    @OptionGroup var server: ServerOptions

    @Flag(help: "Overwrite keys that are there already; else they are left as they are.")
    var replace = false

    @Option(
        help: ArgumentHelp(
            "Import only this database: Gyre has one, 0, into which its keys go.",
            valueName: "number"))
    var database: UInt64?

    @Flag(help: "Import all databases of the file into the one that Gyre has.")
    var allDatabases = false

    func validate() throws {
        if allDatabases, database != nil {
            throw ValidationError("--database and --all-databases contradict each other.")
        }
    }

    func run() throws {
        let mapped = try mapFile()
        let scan = try FileScan(mapped, file)
        let wanted = try wantedDatabase(scan)
        let started = ProcessInfo.processInfo.systemUptime
        var importer = Importer(
            try server.connect(), replaces: replace, database: wanted,
            now: Int64(Date().timeIntervalSince1970 * 1000))
        do {
            try importer.run(mapped)
        } catch let error as CommandFailure {
            let sent = importer.report.imported.known
            throw CommandFailure(
                "\(error.message) \(sent) keys had been imported before.", error.exitCode)
        }
        let seconds = ProcessInfo.processInfo.systemUptime - started
        print(importer.report.text(scan, server.address, seconds: seconds), terminator: "")
        if importer.report.missing > 0 {
            throw CommandFailure(
                "\(importer.report.missing) keys of \(file) were not imported: see above.",
                EX_DATAERR)
        }
    }

    private func mapFile() throws(CommandFailure) -> MappedFile {
        let mapped: MappedFile
        do throws(SystemError) {
            mapped = try MappedFile(file)
        } catch {
            let reason = SystemError.message(error.code)
            throw CommandFailure("\(file) cannot be read: \(reason).", EX_NOINPUT)
        }
        if mapped.bytes.isEmpty {
            throw CommandFailure("\(file) is empty, and so no RDB file.", EX_DATAERR)
        }
        return mapped
    }

    /// The one database whose keys are imported; nil for all.
    private func wantedDatabase(_ scan: FileScan) throws(CommandFailure) -> UInt64? {
        if let database {
            if !scan.databases.contains(database) {
                throw CommandFailure(
                    "\(file) has no keys in database \(database), but in "
                        + "\(Self.list(scan.databases)).", EX_USAGE)
            }
            return database
        }
        if allDatabases || scan.databases.isSubset(of: [0]) { return nil }
        throw CommandFailure(
            "\(file) has keys in \(Self.list(scan.databases)), and Gyre has database 0 only: give "
                + "--database to import one of them, or --all-databases to put all into one.",
            EX_USAGE)
    }

    private static func list(_ databases: Set<UInt64>) -> String {
        if databases.isEmpty { return "none" }
        let numbers = databases.sorted().map(String.init).joined(separator: ", ")
        return databases.count == 1 ? "database \(numbers)" : "the databases \(numbers)"
    }
}

/// What an import did.
struct ImportReport {
    var imported = KeyCounts()
    /// Of types that Gyre does not have.
    var skipped = KeyCounts()
    var expired = 0
    /// There already, and left alone.
    var taken = 0
    /// What the server refused, and its words for the first one.
    var refused = 0
    var firstRefusal = ""

    /// Keys that have not expired and are not in the server.
    var missing: Int { skipped.unknown + taken + refused }

    func text(_ scan: FileScan, _ address: ServerAddress, seconds: Double) -> String {
        let keys = imported.known
        var lines = [
            "Imported \(keys) \(keys == 1 ? "key" : "keys") into \(address.text) in "
                + String(format: "%.1f s", seconds)
                + (keys > 0 ? ": \(imported.text)." : ".")
        ]
        if expired > 0 { lines.append("Left out as expired: \(expired).") }
        if skipped.unknown > 0 {
            lines.append("Skipped, as Gyre does not have such: \(skipped.foreignText).")
        }
        if scan.functions > 0 {
            let many = scan.functions == 1 ? "library" : "libraries"
            lines.append("Skipped: \(scan.functions) \(many) of functions.")
        }
        if scan.moduleRemarks > 0 { lines.append("Skipped: what modules keep besides keys.") }
        if taken > 0 {
            lines.append("There already, and left alone (--replace overwrites): \(taken).")
        }
        if refused > 0 {
            lines.append("Refused by the server: \(refused), the first with: \(firstRefusal)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
