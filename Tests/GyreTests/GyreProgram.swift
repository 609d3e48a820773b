import Foundation

/// The program as it was built beside these tests.
enum GyreProgram {
    /// What one run left behind.
    struct Outcome {
        let exitCode: Int32
        let standardOutput: String
        let standardError: String
    }

    /// Runs the program to its end with nothing in the environment but `environment`.
    static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "gyre")
        process.arguments = arguments
        process.environment = environment
        let output = Pipe()
        let errors = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // A few lines fit into a pipe, so that reading one stream after the other cannot block.
        let outputText = try output.fileHandleForReading.readToEnd() ?? Data()
        let errorText = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Outcome(
            exitCode: process.terminationStatus,
            standardOutput: String(decoding: outputText, as: UTF8.self),
            standardError: String(decoding: errorText, as: UTF8.self))
    }
}
