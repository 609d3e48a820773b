/// CPU time per operation of Gyre, the floor and redis-server, each alone on CPU 0.
struct CPUComparison {
    private let options: SideBySideOptions
    private let servers: [ServerProcess]

    init(_ options: SideBySideOptions) throws {
        self.options = options
        servers = [
            try ServerProcess("gyre", options.gyre, cpus: [0]),
            try ServerProcess("floor", [Executables.path(of: "floor"), "{port}"], cpus: [0]),
            try ServerProcess("redis", redisCommand, cpus: [0]),
        ]
    }

    func run() throws {
        report("CPU time per operation, nanoseconds: medians of \(options.rounds) rounds")
        report(row(["load", "gyre", "floor", "redis", "gyre/floor", "gyre/redis", "rate/redis"]))
        for load in LoadSpecification.all
        where options.only.isEmpty || options.only.contains(load.name) {
            try compare(load)
        }
    }

    /// Fills every server, then lets them take turns, so that what disturbs one disturbs all.
    private func compare(_ load: LoadSpecification) throws {
        for server in servers { _ = try LoadRun(.fill(keys: load.keys), on: server, options) }
        var cpu = [[Double]](repeating: [], count: servers.count)
        var rate = cpu
        for _ in 0..<options.rounds {
            for (index, server) in servers.enumerated() {
                let run = try LoadRun(load, on: server, options)
                cpu[index].append(run.cpuNanoseconds)
                rate[index].append(run.operationsPerSecond)
            }
        }
        let middle = cpu.map(median)
        report(
            row(
                [load.name] + middle.map { decimal($0, 0) } + [
                    decimal(middle[0] / middle[1], 2), decimal(middle[0] / middle[2], 2),
                    decimal(median(rate[0]) / median(rate[2]), 2),
                ]))
    }
}

/// redis-server without persistence.
let redisCommand = ["redis-server", "--port", "{port}", "--save", "", "--appendonly", "no"]
