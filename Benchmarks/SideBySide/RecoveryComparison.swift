import Foundation
import Uring

/// How fast servers read their data back: the time from the start to the first PONG with all keys
/// there, less that of a start without data, by the clock and of the process's CPU.
struct RecoveryComparison {
    /// What a server reads.
    private enum Source: String, CaseIterable {
        case log = "gyre log"
        case appendOnly = "redis AOF"
        case snapshot = "gyre snap"
        case dump = "redis RDB"
    }

    /// Seconds of a start.
    private struct Start {
        var wall = 0.0
        var cpu = 0.0
    }

    private let options: SideBySideOptions

    init(_ options: SideBySideOptions) {
        self.options = options
    }

    func run() throws {
        var directories: [ServerDirectory] = []
        var empty: [ServerDirectory] = []
        for source in Source.allCases {
            directories.append(try fill(source))
            empty.append(try ServerDirectory())
        }
        var times = [[Start]](repeating: [], count: directories.count)
        for _ in 0..<options.rounds {
            for (index, source) in Source.allCases.enumerated() {
                let idle = try start(source, in: empty[index], keys: 0)
                let whole = try start(source, in: directories[index], keys: options.keys)
                times[index].append(
                    Start(wall: whole.wall - idle.wall, cpu: whole.cpu - idle.cpu))
            }
        }
        report("Reading \(options.keys) keys back: medians of \(options.rounds) rounds")
        report(row(["", "wall, ms", "CPU, ms", "keys/s", "keys/CPU s", "/ redis", "CPU"]))
        for (index, source) in Source.allCases.enumerated() {
            let reference = times[index / 2 * 2 + 1]
            let wall = median(times[index].map(\.wall))
            let cpu = median(times[index].map(\.cpu))
            var cells = [source.rawValue, decimal(wall * 1000, 0), decimal(cpu * 1000, 0)]
            cells.append(decimal(Double(options.keys) / wall, 0))
            cells.append(decimal(Double(options.keys) / cpu, 0))
            let pairs = zip(times[index], reference)
            cells.append(decimal(median(pairs.map { $1.wall / $0.wall }), 2))
            cells.append(decimal(median(pairs.map { $1.cpu / $0.cpu }), 2))
            report(row(cells))
        }
    }

    /// A directory with all keys, written by a server that has ended.
    private func fill(_ source: Source) throws -> ServerDirectory {
        let directory = try ServerDirectory()
        let server = try makeServer(source, in: directory)
        let client = try PipelineClient(port: server.port)
        _ = try client.reply(to: "CONFIG SET auto-aof-rewrite-percentage 0")
        _ = try LoadRun(.fill(keys: options.keys), on: server, options)
        if source == .snapshot || source == .dump {
            let reply = try client.reply(to: "SAVE")
            if reply != "+OK" { throw Failure("SAVE on \(server.name): \(reply)") }
        }
        server.end()
        return directory
    }

    private func makeServer(
        _ source: Source, in directory: ServerDirectory
    ) throws -> ServerProcess {
        switch source {
        case .log, .snapshot: try LoggingServer.gyre(options, "everysec", in: directory)
        case .appendOnly: try LoggingServer.redis("everysec", in: directory)
        case .dump: try ServerProcess("redis", redisCommand, cpus: [0], in: directory)
        }
    }

    /// What a start took.
    private func start(
        _ source: Source, in directory: ServerDirectory, keys: Int
    ) throws -> Start {
        let server = try makeServer(source, in: directory)
        let client = try PipelineClient(port: server.port)
        while try client.reply(to: "PING") != "+PONG" { usleep(2_000) }
        let size = try client.reply(to: "DBSIZE")
        let end = Clocks.monotonicNanoseconds()
        let cpu = Double(try server.cpuNanoseconds()) / 1e9
        if size != ":\(keys)" { throw Failure("\(source.rawValue): DBSIZE \(size)") }
        return Start(wall: Double(end - server.startedAt) / 1e9, cpu: cpu)
    }
}
