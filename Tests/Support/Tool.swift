import Foundation
import Glibc

/// What a finished command-line tool left behind.
public struct ToolResult: Sendable {
    /// The exit status; -1 when a signal ended the tool.
    public let status: Int32
    public let output: String
    public let errors: String
}

/// Command-line tools: redis-cli, redis-benchmark, python.
public enum Tool {
    /// Runs a tool found in PATH (or by its path) to its end; kills it at the deadline and then
    /// fails.
    public static func run(
        _ words: [String], input: Data? = nil, timeoutSeconds: Double = 60
    ) throws -> ToolResult {
        let directory = try TemporaryDirectory()
        if let input { try input.write(to: directory.url.appending(path: "stdin")) }
        let process = try ChildProcess(
            executable: words[0], arguments: Array(words.dropFirst()),
            directory: directory.url.path,
            input: input == nil ? "/dev/null" : directory.path(of: "stdin"),
            output: directory.path(of: "stdout"), errors: directory.path(of: "stderr"))
        guard Deadline.wait(seconds: timeoutSeconds, until: { !process.isRunning }) else {
            process.send(signal: SIGKILL)
            throw ServerFailure(
                """
                '\(words.joined(separator: " "))' did not end within \(timeoutSeconds) s.
                \(directory.text(of: "stdout").suffix(2000))
                \(directory.text(of: "stderr").suffix(2000))
                """)
        }
        return ToolResult(
            status: process.exitStatus ?? -1, output: directory.text(of: "stdout"),
            errors: directory.text(of: "stderr"))
    }
}
