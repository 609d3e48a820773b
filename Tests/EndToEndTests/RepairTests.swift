import Foundation
import Glibc
import TestSupport
import Testing

/// `gyre check --repair` on directories that a server has written and something has damaged.
@Suite struct RepairTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path(of: "data") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func options(_ cores: Int) -> ServerOptions {
        ServerOptions(
            cores: cores,
            extra: ["--persistence", "yes", "--data-dir", path, "--appendfsync", "always"])
    }

    private func check(_ flags: String...) throws -> ToolResult {
        try Tool.run(["\(ServerProgram.packageRoot)/.build/release/gyre", "check"] + flags + [path])
    }

    /// Writes 60 keys, 40 of them before a snapshot, and kills the server.
    private func write(_ cores: Int) throws {
        let server = try ServerProcess(.subject, options(cores))
        let client = try server.connect()
        for number in 0..<60 {
            if number == 40 { #expect(try client.call("SAVE").text == "OK") }
            _ = try client.call("SET", "key:\(number)", "value-\(number)")
        }
        #expect(try check().status == EX_TEMPFAIL)
        #expect(try check("--repair").status == EX_TEMPFAIL)
        server.send(signal: SIGKILL)
        #expect(Deadline.wait(seconds: 20) { !server.isRunning })
    }

    /// Turns the first byte of `text` in the only file of core 0 that ends like that.
    private func damage(_ suffix: String, _ text: String) throws {
        let folder = "\(path)/layout-1/core-0"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        where name.hasSuffix(suffix) {
            let url = URL(filePath: "\(folder)/\(name)")
            guard let range = try Data(contentsOf: url).range(of: Data(text.utf8)) else { continue }
            let file = try FileHandle(forUpdating: url)
            try file.seek(toOffset: UInt64(range.lowerBound))
            try file.write(contentsOf: Data([0xFF]))
            return try file.close()
        }
        Issue.record("\(text) is in no file")
    }

    /// Expects damage, repairs it, and says what the repair printed.
    private func repair() throws -> String {
        let damaged = try check()
        #expect(damaged.status == EX_DATAERR)
        #expect(damaged.output.contains("DAMAGE layout-1/core-0/"))
        #expect(throws: ServerFailure.self) { _ = try ServerProcess(.subject, options(1)) }
        let repaired = try check("--repair")
        #expect(repaired.status == 0, "\(repaired.errors)")
        #expect(repaired.output.contains("DAMAGE layout-1/core-0/"))
        #expect(repaired.output.contains("Repaired: layout-2 is in use. layout-1 is as it was"))
        let sound = try check()
        #expect(sound.status == 0)
        #expect(sound.output.contains("The data is sound."))
        let again = try check("--repair")
        #expect(again.status == 0)
        #expect(again.output == "The data is sound: nothing was repaired.\n")
        return repaired.output
    }

    private func keys(_ cores: Int) throws -> Set<String> {
        let server = try ServerProcess(.subject, options(cores))
        let client = try server.connect()
        guard case .array(let keys) = try client.call("KEYS", "*") else { return [] }
        for key in keys {
            let name = key.text ?? ""
            #expect(try client.call("GET", name).text == "value-\(name.dropFirst(4))")
        }
        // It goes on with what was repaired.
        #expect(try client.call("SET", "key:later", "value-later").text == "OK")
        server.send(signal: SIGKILL)
        #expect(Deadline.wait(seconds: 20) { !server.isRunning })
        return Set(keys.compactMap(\.text)).subtracting(["key:later"])
    }

    private func expected(_ numbers: Range<Int>, without number: Int? = nil) -> Set<String> {
        Set(numbers.filter { $0 != number }.map { "key:\($0)" })
    }

    @Test func aDamagedSnapshotLosesItsRecord() throws {
        try write(1)
        try damage(".snap", "value-17")
        let told = try repair()
        #expect(told.contains("the snapshot lacks records: 1. Keys of "), "\(told)")
        #expect(try keys(1) == expected(0..<60, without: 17))
        #expect(try keys(1) == expected(0..<60, without: 17))
    }

    @Test func aDamagedLogEndsThere() throws {
        try write(1)
        try damage(".log", "value-45")
        let told = try repair()
        #expect(told.contains("14 records that can be read"), "\(told)")
        #expect(told.contains("\"key:46\" \"key:47\""), "\(told)")
        #expect(try keys(1) == expected(0..<45))
    }

    @Test func aDamagedManifestLosesNothing() throws {
        try write(1)
        try damage("MANIFEST", "synced")
        _ = try repair()
        #expect(try keys(1) == expected(0..<60))
    }

    @Test func helpSaysWhatItDoes() throws {
        let help = try Tool.run(
            ["\(ServerProgram.packageRoot)/.build/release/gyre", "check", "--help"])
        #expect(help.status == 0)
        for word in ["--repair", "65", "74", "75", "layout"] {
            #expect(help.output.contains(word), "\(word)")
        }
    }
}
