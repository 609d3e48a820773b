/// What durability costs, beside redis-server with an append-only file: CPU time of SET with a log,
/// operations per second when every reply waits for a sync, starts that read the data back
/// (``RecoveryComparison``), and memory while a snapshot is written (``SnapshotComparison``).
struct LogComparison {
    private let options: SideBySideOptions

    init(_ options: SideBySideOptions) {
        self.options = options
    }

    func run() throws {
        if isWanted("set") { try compareSets() }
        if isWanted("always") { try compareSyncs() }
        if isWanted("recovery") { try RecoveryComparison(options).run() }
        if isWanted("snapshot") { try SnapshotComparison(options).run() }
    }

    private func isWanted(_ part: String) -> Bool {
        options.only.isEmpty || options.only.contains(part)
    }

    /// SET in pipelines of 16 with a log that is synced once a second.
    private func compareSets() throws {
        let servers = [
            try ServerProcess("plain", options.gyre, cpus: [0]),
            try LoggingServer.gyre(options, "everysec"),
            try LoggingServer.redis("everysec"),
        ]
        let load = LoadSpecification(
            name: "P16set", connections: 50, pipeline: 16, keys: options.keys, mode: "set")
        for server in servers { _ = try LoadRun(.fill(keys: load.keys), on: server, options) }
        var cpu = [[Double]](repeating: [], count: servers.count)
        for _ in 0..<options.rounds {
            for (index, server) in servers.enumerated() {
                cpu[index].append(try LoadRun(load, on: server, options).cpuNanoseconds)
            }
        }
        report("SET, 50 connections x 16, everysec: CPU time per operation, nanoseconds")
        report(row(["", "gyre, no log", "gyre", "redis", "/ no log", "/ redis"]))
        report(
            row(
                ["set"] + cpu.map { decimal(median($0), 0) } + [
                    decimal(ratio(cpu[1], cpu[0]), 2), decimal(ratio(cpu[1], cpu[2]), 2),
                ]))
    }

    /// SET without pipelines, where each reply waits for a sync.
    private func compareSyncs() throws {
        let servers = [
            try LoggingServer.gyre(options, "always"), try LoggingServer.redis("always"),
        ]
        let load = LoadSpecification(
            name: "P1set", connections: 50, pipeline: 1, keys: 100_000, mode: "set")
        var rates = [[Double]](repeating: [], count: servers.count)
        for _ in 0..<options.rounds {
            for (index, server) in servers.enumerated() {
                rates[index].append(try LoadRun(load, on: server, options).operationsPerSecond)
            }
        }
        report("SET, 50 connections x 1, always: operations per second")
        report(row(["", "gyre", "redis", "gyre/redis"]))
        report(
            row(
                ["always"] + rates.map { decimal(median($0), 0) } + [
                    decimal(ratio(rates[0], rates[1]), 2)
                ]))
    }

    /// The median of the rounds' ratios.
    private func ratio(_ values: [Double], _ others: [Double]) -> Double {
        median(zip(values, others).map { $0 / $1 })
    }
}
