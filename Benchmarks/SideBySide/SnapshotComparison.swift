import Foundation
import Uring

/// Memory while a snapshot is written under a load of SETs, of all processes that take part: what
/// it grows to, over what it was under the same load before.
struct SnapshotComparison {
    private static let elements = 1_000_000
    private static let key = "board"

    private let options: SideBySideOptions

    init(_ options: SideBySideOptions) {
        self.options = options
    }

    func run() throws {
        report("A snapshot of \(options.keys) keys and a sorted set, under 50 connections of SET")
        report(row(["", "before, MB", "peak, MB", "growth, %", "took, s"]))
        try measure(LoggingServer.gyre(options, "everysec"))
        try measure(LoggingServer.redis("everysec"))
    }

    private func measure(_ server: ServerProcess) throws {
        _ = try LoadRun(.fill(keys: options.keys), on: server, options)
        let client = try PipelineClient(port: server.port)
        try addElements(client)
        let load = Process()
        load.executableURL = URL(fileURLWithPath: Executables.path(of: "load"))
        load.arguments = [
            "--port", "\(server.port)", "--connections", "50", "--keys", "\(options.keys)",
            "--mode", "set", "--seconds", "600", "--cpu", "\(options.loadCPU)",
        ]
        load.standardOutput = FileHandle.nullDevice
        try load.run()
        defer {
            load.terminate()
            load.waitUntilExit()
        }
        var before = 0
        let loadStart = Clocks.monotonicNanoseconds()
        let settled = UInt64(options.seconds * 1e9)
        while Clocks.monotonicNanoseconds() < loadStart + settled {
            before = max(before, try server.proportionalBytes())
            usleep(20_000)
        }
        let count = try client.info("persistence", "rdb_saves") ?? 0
        let start = Clocks.monotonicNanoseconds()
        let reply = try client.reply(to: "BGSAVE")
        if !reply.hasPrefix("+") { throw Failure("BGSAVE on \(server.name): \(reply)") }
        var peak = 0
        // redis-server counts a snapshot when it begins, Gyre when it has ended.
        while try client.info("persistence", "rdb_saves") == count
            || client.info("persistence", "rdb_bgsave_in_progress") != 0
        {
            peak = max(peak, try server.proportionalBytes())
            usleep(20_000)
            if Clocks.monotonicNanoseconds() > start + 300_000_000_000 {
                throw Failure("the snapshot of \(server.name) does not end")
            }
        }
        let seconds = Double(Clocks.monotonicNanoseconds() - start) / 1e9
        if !load.isRunning { throw Failure("the load on \(server.name) ended") }
        let growth = (Double(peak) / Double(before) - 1) * 100
        report(
            row([
                server.name, decimal(Double(before) / 1e6, 1), decimal(Double(peak) / 1e6, 1),
                decimal(growth, 1), decimal(seconds, 2),
            ]))
    }

    private func addElements(_ client: PipelineClient) throws {
        let batch = 100
        for first in stride(from: 0, to: Self.elements, by: batch * 100) {
            var text = ""
            for start in stride(from: first, to: first + batch * 100, by: batch) {
                text += "ZADD \(Self.key)"
                for member in start..<(start + batch) { text += " \(member * 7) member:\(member)" }
                text += "\r\n"
            }
            try client.exchange(Array(text.utf8), replyCount: 100)
        }
    }
}
