import Foundation
import TestSupport
import Testing

/// `gyre top` beside a running server, with a terminal and without one.
@Suite(.enabled(if: ServerProgram.subject.hasNodePort, "needs Gyre"))
struct TopTests {
    private static let program = "\(ServerProgram.packageRoot)/.build/release/gyre"

    private func top(_ words: String...) throws -> ToolResult {
        try Tool.run([Self.program, "top", "--once", "--interval", "0.5"] + words)
    }

    @Test(arguments: [1, 2])
    func oneTable(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        let client = try server.connect()
        for number in 0..<500 { _ = try client.call("SET", "k\(number)", "v") }
        let result = try top("--port", "\(server.port)")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.isEmpty)
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines[0].hasPrefix("gyre top  127.0.0.1:\(server.port)  \(cores) core"))
        let columns = lines[1].split(separator: " ").map(String.init)
        #expect(columns.first == "core" && columns.contains("ops/s") && columns.contains("hops/s"))
        // A row for each core and, of several, one for all.
        let rows = lines.dropFirst(2).map { $0.split(separator: " ").map(String.init) }
        #expect(rows.map(\.first) == (cores == 1 ? ["0"] : ["0", "1", "all"]))
        let keys = lines[1].range(of: "keys").map { lines[1].distance(
            from: lines[1].startIndex, to: $0.upperBound) } ?? 0
        #expect(lines.last?.prefix(keys).hasSuffix(" 500") == true, "\(result.output)")
        // Not one byte for a terminal.
        #expect(!result.output.contains("\u{1B}"))
    }

    @Test func passwords() throws {
        let server = try ServerProcess(.subject, ServerOptions(password: "secret"))
        let refused = try top("--port", "\(server.port)")
        #expect(refused.status == 69)
        #expect(refused.errors.hasPrefix("gyre: The server asks for a password"))
        let words = [
            "env", "GYRE_REQUIREPASS=secret", Self.program, "top", "--once", "--interval", "0.1",
            "--port", "\(server.port)",
        ]
        #expect(try Tool.run(words).status == 0)
    }

    @Test func otherServers() throws {
        let server = try ServerProcess(.reference)
        let result = try top("--port", "\(server.port)")
        #expect(result.status == 69)
        #expect(result.errors.contains("shows Gyre servers only"))
    }

    /// In a terminal it draws until it is told to end, and leaves the terminal as it was.
    @Test(arguments: ["", "SIGTERM", "SIGHUP"])
    func inATerminal(ending: String) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: 2))
        let python = "\(ServerProgram.packageRoot)/.build/venv/bin/python"
        let path = Bundle.module.bundleURL.appending(path: "Resources/terminal.py").path
        let words = [python, path, Self.program, "\(server.port)"]
        let result = try Tool.run(words + (ending.isEmpty ? [] : [ending]))
        #expect(result.status == 0, "\(result.output)\n\(result.errors)")
    }
}
