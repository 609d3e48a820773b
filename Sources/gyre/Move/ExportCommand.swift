import ArgumentParser
import Base
import Foundation
import Glibc

/// `gyre export FILE`: writes the keys of a running server into an RDB file.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the keys of a running server into an RDB file.",
        discussion: """
            Reads with SCAN and DUMP while the server goes on, so the file holds each key as it \
            was at some moment of the export: what is there throughout is in it, what comes or \
            goes meanwhile may be. The file is of the version that the server's payloads name \
            (its parameter dump-payload-version). It is written under the name with `.new` \
            behind it, brought to the disk, then renamed.
            """)

    @Argument(help: "The RDB file to write; one that is there is replaced.")
    var file: String

    @OptionGroup var server: ServerOptions

    func run() throws {
        let started = ProcessInfo.processInfo.systemUptime
        var exporter = Exporter(try server.connect(), file)
        do {
            try exporter.run()
        } catch let error as FileError {
            throw CommandFailure("\(file) cannot be written: \(error).", EX_CANTCREAT)
        }
        let seconds = ProcessInfo.processInfo.systemUptime - started
        let keys = exporter.keyCount
        print(
            "Exported \(keys) \(keys == 1 ? "key" : "keys") of \(server.address.text) to \(file) "
                + "in " + String(format: "%.1f s", seconds) + ": \(exporter.byteCount) bytes, "
                + "RDB version \(exporter.version).")
    }
}
