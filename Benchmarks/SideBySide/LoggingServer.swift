import Glibc

/// Servers of one core that keep their data, and begin no snapshot by themselves.
enum LoggingServer {
    static func gyre(
        _ options: SideBySideOptions, _ policy: String, in used: ServerDirectory? = nil
    ) throws -> ServerProcess {
        let command =
            options.gyre + [
                "--persistence", "yes", "--data-dir", "{dir}/data", "--appendfsync", policy,
            ]
        let server = try ServerProcess("gyre", command, cpus: [0], in: used)
        if used == nil { try keepLog(server) }
        return server
    }

    static func redis(
        _ policy: String, in used: ServerDirectory? = nil
    ) throws -> ServerProcess {
        let command = [
            "redis-server", "--port", "{port}", "--save", "", "--appendonly", "yes",
            "--appendfsync", policy, "--aof-use-rdb-preamble", "no",
            "--auto-aof-rewrite-percentage", "0",
        ]
        return try ServerProcess("redis", command, cpus: [0], in: used)
    }

    private static func keepLog(_ server: ServerProcess) throws {
        let client = try PipelineClient(port: server.port)
        // It accepts before it has looked for data.
        while try client.reply(to: "PING") != "+PONG" { usleep(1_000) }
        let reply = try client.reply(to: "CONFIG SET auto-aof-rewrite-percentage 0")
        if reply != "+OK" { throw Failure("\(server.name): \(reply)") }
    }
}
