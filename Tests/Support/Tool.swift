import Foundation
import Glibc

/// What a finished command-line tool left behind.
public struct ToolResult: Sendable {
    public let status: Int32
    public let output: String
    public let errors: String
}

/// Command-line tools: redis-cli, redis-benchmark, python.
public enum Tool {
    /// Runs a tool found in PATH (or by its path) to its end; kills it at the deadline and then fails.
    public static func run(
        _ words: [String], input: Data? = nil, timeoutSeconds: Double = 60
    ) throws -> ToolResult {
        let directory = try TemporaryDirectory()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.standardOutput = try directory.createFile("stdout")
        process.standardError = try directory.createFile("stderr")
        if let input {
            let path = directory.url.appending(path: "stdin")
            try input.write(to: path)
            process.standardInput = try FileHandle(forReadingFrom: path)
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
        guard Deadline.wait(seconds: timeoutSeconds, until: { !process.isRunning }) else {
            kill(process.processIdentifier, SIGKILL)
            throw ServerFailure(
                """
                '\(words.joined(separator: " "))' did not end within \(timeoutSeconds) s.
                \(directory.text(of: "stdout").suffix(2000))
                \(directory.text(of: "stderr").suffix(2000))
                """)
        }
        return ToolResult(
            status: process.terminationStatus, output: directory.text(of: "stdout"),
            errors: directory.text(of: "stderr"))
    }
}
