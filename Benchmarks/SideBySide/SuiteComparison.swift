import Foundation

/// CPU time per operation of Gyre, of redis-server and of the floor under the tests of
/// redis-benchmark's default suite, 16 requests in a pipeline; each server alone on CPU 0.
///
/// The floor's replies are short whatever is asked, so it says nothing about LRANGE.
struct SuiteComparison {
    private struct Test {
        let name: String
        /// How many requests a run sends.
        let requestCount: Int
    }

    private static let tests =
        [
            "ping_mbulk", "set", "get", "incr", "lpush", "rpush", "lpop", "rpop", "sadd", "hset",
            "spop", "zadd", "zpopmin", "mset",
        ].map { Test(name: $0, requestCount: 400_000) }
        + ["lrange_100", "lrange_300", "lrange_500", "lrange_600"].map {
            Test(name: $0, requestCount: 40_000)
        }

    private let options: SideBySideOptions
    private let servers: [ServerProcess]

    init(_ options: SideBySideOptions) throws {
        self.options = options
        servers = [
            try ServerProcess("gyre", options.gyre, cpus: [0]),
            try ServerProcess("redis", redisCommand, cpus: [0]),
            try ServerProcess("floor", [Executables.path(of: "floor"), "{port}"], cpus: [0]),
        ]
    }

    func run() throws {
        report("CPU time per operation, nanoseconds: medians of \(options.rounds) rounds")
        report(row(["test", "gyre", "redis", "floor", "gyre/redis", "floor/redis"]))
        for test in Self.tests where options.only.isEmpty || options.only.contains(test.name) {
            var cpu = [[Double]](repeating: [], count: servers.count)
            for _ in 0..<options.rounds {
                for (index, server) in servers.enumerated() {
                    cpu[index].append(try nanoseconds(test, server))
                }
            }
            let middle = cpu.map(median)
            report(
                row(
                    [test.name] + middle.map { decimal($0, 0) } + [
                        decimal(middle[0] / middle[1], 2), decimal(middle[2] / middle[1], 2),
                    ]))
        }
    }

    /// What one request of a test costs a server.
    private func nanoseconds(_ test: Test, _ server: ServerProcess) throws -> Double {
        let before = try server.cpuNanoseconds()
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "taskset", "-c", "\(options.loadCPU)", "redis-benchmark", "-p", "\(server.port)",
            "-t", test.name, "-n", "\(test.requestCount)", "-P", "16", "-r", "100000", "-q",
        ]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        if process.terminationStatus != 0 || text.contains("rror") {
            throw Failure("\(test.name) on \(server.name): \(text.suffix(200))")
        }
        return Double(try server.cpuNanoseconds() - before) / Double(test.requestCount)
    }
}
