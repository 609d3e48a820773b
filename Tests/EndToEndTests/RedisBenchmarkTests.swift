import TestSupport
import Testing

/// redis-benchmark, which ends at the first error reply: on every port, with one and two cores.
@Suite struct RedisBenchmarkTests {
    private static let tests = ["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)"]

    private func run(port: UInt16, _ words: String...) throws {
        let load = ["-t", "ping,set,get,incr,mset", "-q", "-n", "10000", "-r", "1000"]
        let result = try Tool.run(
            ["redis-benchmark", "-p", "\(port)"] + load + words, timeoutSeconds: 120)
        #expect(result.status == 0, "\(result.output)\n\(result.errors)")
        for test in Self.tests {
            #expect(result.output.contains("\(test): "), "\(result.output)\n\(result.errors)")
        }
        for text in [result.output, result.errors] {
            #expect(!text.lowercased().contains("error"), "\(text)")
        }
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func gatewayPort(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        try run(port: server.port)
        try run(port: server.port, "-P", "16")
        try run(port: server.port, "-3")
    }

    /// What it runs when it is told nothing: every type that it knows.
    @Test(arguments: [1, 2])
    func wholeSuite(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        for words in [["-n", "20000"], ["-n", "20000", "-P", "16", "-r", "1000"]] {
            let result = try Tool.run(
                ["redis-benchmark", "-p", "\(server.port)", "-q", "-c", "20"] + words,
                timeoutSeconds: 240)
            #expect(result.status == 0, "\(result.output)\n\(result.errors)")
            for name in Self.suite {
                #expect(result.output.contains("\(name): "), "\(result.output)")
            }
            for text in [result.output, result.errors] {
                #expect(!text.lowercased().contains("error"), "\(text)")
            }
        }
    }

    private static let suite = [
        "PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "LPUSH", "RPUSH", "LPOP", "RPOP",
        "SADD", "HSET", "SPOP", "ZADD", "ZPOPMIN", "LPUSH (needed to benchmark LRANGE)",
        "LRANGE_100 (first 100 elements)", "LRANGE_300 (first 300 elements)",
        "LRANGE_500 (first 500 elements)", "LRANGE_600 (first 600 elements)", "MSET (10 keys)",
    ]

    /// redis-benchmark refuses `--cluster` for a cluster of one node, Redis's own included; a
    /// cluster of one never answers MOVED, so it runs there without the flag.
    @Test(.enabled(if: ServerProgram.subject.hasNodePort, "needs a node port"), arguments: [1, 2])
    func nodePort(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        try run(port: server.ports.node)
        try run(port: server.ports.node, "-P", "16")
        let refused = try Tool.run(
            ["redis-benchmark", "-p", "\(server.ports.node)", "--cluster", "-n", "1"],
            timeoutSeconds: 120)
        #expect((refused.output + refused.errors).contains("Invalid cluster: 1 node(s)"))
    }

    @Test(.enabled(if: ServerProgram.subject.hasNodePort, "needs core ports"), arguments: [2, 3])
    func corePortsWithCluster(cores: Int) throws {
        let options = ServerOptions(cores: cores, opensCorePorts: true)
        let server = try ServerProcess(.subject, options)
        for core in 0..<UInt16(cores) {
            try run(port: server.ports.firstCore + core, "--cluster")
            try run(port: server.ports.firstCore + core, "--cluster", "-P", "16")
        }
    }
}
