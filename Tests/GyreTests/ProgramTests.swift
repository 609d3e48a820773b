import Foundation
import Settings
import Testing

/// The built program: what it prints and how it ends when its settings are wrong.
@Suite struct ProgramTests {
    @Test func helpShowsEveryFlag() throws {
        let outcome = try GyreProgram.run(["server", "--help"])
        #expect(outcome.exitCode == 0)
        #expect(outcome.standardError.isEmpty)
        for setting in Setting.all {
            #expect(outcome.standardOutput.contains("  --\(setting.name) "), "\(setting.name)")
        }
    }

    @Test(
        arguments: [
            (["server", "--prot", "1"], "Unknown option '--prot'. Did you mean '--port'?"),
            (["server", "--port"], "Missing value for '--port"),
            (["server", "--port", "70000"], "--port is '70000': give a port from 1 to 65535."),
            (["server", "--host", "0.0.0.0"], "opens 0.0.0.0 to other machines"),
            (["serve"], "Unexpected argument 'serve'"),
        ])
    func wrongUsageEndsWithOneSentence(arguments: [String], excerpt: String) throws {
        let outcome = try GyreProgram.run(arguments)
        #expect(outcome.exitCode == 64)
        #expect(outcome.standardOutput.isEmpty)
        #expect(outcome.standardError.hasPrefix("gyre: "))
        #expect(outcome.standardError.contains(excerpt))
        #expect(outcome.standardError.split(separator: "\n").count == 1)
    }

    @Test func wrongEnvironmentEndsWithOneSentence() throws {
        let outcome = try GyreProgram.run(["server"], environment: ["GYRE_PORTS": "1"])
        #expect(outcome.exitCode == 78)
        #expect(
            outcome.standardError == "gyre: The environment variable GYRE_PORTS names no setting: "
                + "use GYRE_PORT or unset it.\n")
    }

    @Test func flagNamesTheFileBeforeTheEnvironmentDoes() throws {
        let outcome = try GyreProgram.run(
            ["server", "--config", "/nonexistent/by-flag"],
            environment: ["GYRE_CONFIG": "/nonexistent/by-environment"])
        #expect(outcome.exitCode == 78)
        #expect(outcome.standardError.contains("/nonexistent/by-flag cannot be used"))
        #expect(outcome.standardError.contains("it does not exist"))
    }

    @Test func fileIsReadThroughTheEnvironment() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("# a node\nport: 70000\n".utf8).write(to: file)
        let outcome = try GyreProgram.run(["server"], environment: ["GYRE_CONFIG": file.path])
        #expect(outcome.exitCode == 78)
        #expect(outcome.standardError.contains("'port' (\(file.path), line 2) is '70000'"))
    }
}
