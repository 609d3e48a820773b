import ArgumentParser
import Glibc
import Settings

/// One run of the program, from its arguments to its exit code.
enum CommandLineRun {
    /// Runs the command that `arguments` name, without the program's own name.
    ///
    /// - Returns: 0, or one of sysexits(3); the reason then stands on standard error.
    static func run(_ arguments: [String]) -> Int32 {
        do {
            var command = try GyreCommand.parseAsRoot(arguments)
            try command.run()
            return 0
        } catch {
            return report(error)
        }
    }

    private static func report(_ error: any Error) -> Int32 {
        switch error {
        case let error as SettingsError:
            writeError(error.message)
            return error.exitCode
        case let error as StartupObstacle:
            writeError(error.message)
            return error.exitCode
        case let error as TopFailure:
            writeError(error.message)
            return EX_UNAVAILABLE
        case let error as CommandFailure:
            writeError(error.message)
            return error.exitCode
        default:
            return reportParsing(error)
        }
    }

    /// A request for help ends here too: the parser throws it, with exit code 0.
    private static func reportParsing(_ error: any Error) -> Int32 {
        let code = GyreCommand.exitCode(for: error)
        guard code != .success else {
            print(GyreCommand.message(for: error))
            return 0
        }
        writeError("\(GyreCommand.message(for: error)) (`gyre help` lists commands and flags)")
        return code.rawValue
    }

    private static func writeError(_ sentence: String) {
        let line = Array("gyre: \(sentence)\n".utf8)
        _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
