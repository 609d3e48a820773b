import Logging
import Settings

/// The operator's log: one line an event on standard error, never on the way of a request.
enum ServerLog {
    /// A logger that keeps what `level` includes.
    static func makeLogger(level: LogLevel) -> Logger {
        var logger = Logger(label: "gyre") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = threshold(of: level)
        return logger
    }

    /// Redis has four levels and the logger seven; each of ours is the least severe that it shows.
    static func threshold(of level: LogLevel) -> Logger.Level {
        switch level {
        case .debug: .debug
        case .verbose: .info
        case .notice: .notice
        case .warning: .warning
        }
    }
}
