import ArgumentParser
import Foundation
import Glibc
import Uring

/// `gyre top`: what each core of a running server does.
struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Show what each core of a running server does.",
        discussion: """
            Reads INFO's sections server, cores and corelatency, from any of the server's ports. A \
            password is taken from the environment variable GYRE_REQUIREPASS. All figures but \
            keys, memory and clients are those of the last interval. Ctrl-C ends it.
            """)

    @Option(help: "The server's address.") var host = "127.0.0.1"
    @Option(name: .shortAndLong, help: "One of the server's ports.") var port: UInt16 = 6379
    @Option(help: ArgumentHelp("Seconds between two looks.", valueName: "seconds"))
    var interval = 1.0
    @Flag(help: "Print one table, of one interval, and end; so does a terminal's absence.")
    var once = false

    func validate() throws {
        if !(0.1...3600).contains(interval) {
            throw ValidationError("--interval is \(interval): give 0.1 to 3600 seconds.")
        }
    }

    func run() throws {
        let connection = try TopConnection(host: host, port: port)
        try connection.authenticate(Environment.current["GYRE_REQUIREPASS"])
        let first = try TopSample(connection)
        if once || isatty(STDOUT_FILENO) == 0 {
            Foundation.Thread.sleep(forTimeInterval: interval)
            let table = TopTable(try TopSample(connection), since: first)
            print(table.lines(title: title(of: table)).joined(separator: "\n"))
        } else {
            try watch(connection, first)
        }
    }

    private func watch(_ connection: borrowing TopConnection, _ first: TopSample) throws {
        let screen = TopScreen()
        defer { screen.close() }
        var last = first
        var lines = ["gyre top: the first figures come in \(TopTable.short(interval)) s"]
        var isDue = false
        while true {
            if isDue {
                let sample = try TopSample(connection)
                let table = TopTable(sample, since: last)
                last = sample
                lines = table.lines(title: title(of: table))
            }
            screen.show(lines)
            // Another size of the terminal draws the same figures; they keep their rhythm.
            let now = ProcessInfo.processInfo.systemUptime
            switch screen.wait(seconds: max(0, last.seconds + interval - now)) {
            case .end: return
            case .resized: isDue = false
            case .due: isDue = true
            }
        }
    }

    private func title(of table: TopTable) -> String {
        "gyre top  \(host):\(port)  \(table.summary)"
    }
}

/// Why `gyre top` ended.
enum TopFailure: Error {
    case unreachable(host: String, port: UInt16, reason: String)
    case disconnected
    /// The server's words.
    case refused(String)
    /// What answers is no Gyre server.
    case notGyre

    /// Cause and remedy.
    var message: String {
        switch self {
        case .unreachable(let host, let port, let reason):
            "No server answers at \(host):\(port) (\(reason)): name another with --host and --port."
        case .disconnected: "The server has closed the connection."
        case .refused(let words) where words.hasPrefix("NOAUTH"):
            "The server asks for a password: put it into the environment variable GYRE_REQUIREPASS."
        case .refused(let words): "The server refused: \(words)."
        case .notGyre: "The server tells nothing of its cores: `gyre top` shows Gyre servers only."
        }
    }
}
