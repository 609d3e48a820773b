import Foundation
import TestSupport
import Testing

/// redis-py, a client that asks much on connect; the programs are in Resources.
@Suite struct RedisPyTests {
    private func run(_ program: String, port: UInt16, _ words: String...) throws {
        let python = "\(ServerProgram.packageRoot)/.build/venv/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python),
            try Tool.run([python, "-c", "import redis"]).status == 0
        else {
            throw ServerFailure("redis-py is not installed in .build/venv: run .ci/setup")
        }
        let path = Bundle.module.bundleURL.appending(path: "Resources/\(program)").path
        let result = try Tool.run([python, path, "\(port)"] + words)
        #expect(result.status == 0, "\(result.output)\n\(result.errors)")
    }

    @Test(arguments: ServerProgram.subject.coreCounts, ["2", "3"])
    func client(cores: Int, protocolVersion: String) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        try run("standalone.py", port: server.port, protocolVersion)
    }

    @Test(arguments: ServerProgram.subject.coreCounts, ["2", "3"])
    func dataTypes(cores: Int, protocolVersion: String) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        try run("datatypes.py", port: server.port, protocolVersion)
    }

    @Test(arguments: ServerProgram.subject.coreCounts, ["2", "3"])
    func messages(cores: Int, protocolVersion: String) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        try run("pubsub.py", port: server.port, protocolVersion)
    }

    @Test(
        .enabled(if: ServerProgram.subject.hasNodePort, "needs a node port"),
        arguments: [1, 2], ["2", "3"])
    func clusterClient(cores: Int, protocolVersion: String) throws {
        let options = ServerOptions(cores: cores, opensCorePorts: true)
        let server = try ServerProcess(.subject, options)
        try run("cluster.py", port: server.ports.node, protocolVersion)
        for core in 0..<UInt16(cores) {
            try run("cluster.py", port: server.ports.firstCore + core, protocolVersion)
        }
    }
}
