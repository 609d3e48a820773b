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
