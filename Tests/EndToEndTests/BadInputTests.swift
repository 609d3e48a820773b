import Foundation
import Glibc
import TestSupport
import Testing

/// Clients that send too much, read too little, stop or half-close: the server's memory stays
/// bounded and everyone else is served.
@Suite(.serialized) struct BadInputTests {
    private static let mebibyte = 1 << 20

    /// Another client gets its answers.
    private func expectService(_ server: ServerProcess, _ comment: Comment) throws {
        let client = try server.connect(timeoutSeconds: 10)
        for index in 0..<100 {
            #expect(try client.call("SET", "service:\(index)", "v").text == "OK", comment)
            #expect(try client.call("GET", "service:\(index)").text == "v", comment)
        }
    }

    /// The server has got rid of all connections but this client's.
    private func expectAlone(_ client: RespConnection) throws {
        #expect(
            try Deadline.wait(seconds: 10) {
                let list = try client.call("CLIENT", "LIST").text ?? ""
                return list.split(separator: "\n").count == 1
            })
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func hugeCountsReserveNothing(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        let before = server.residentBytes
        let announced = [
            "*1000000000\r\n", "*2147483647\r\n$3\r\nGET\r\n", "*2\r\n$3\r\nGET\r\n$536870912\r\n",
            "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000000\r\nabc",
        ]
        let connections = try (0..<40).map { index in
            let connection = try server.connect()
            try connection.send(Array(announced[index % announced.count].utf8))
            return connection
        }
        try expectService(server, "with huge announcements pending")
        #expect(server.residentBytes - before < 64 * Self.mebibyte)
        withExtendedLifetime(connections) {}
    }

    @Test func oversizedArgumentsAreRefused() throws {
        let server = try ServerProcess(.subject)
        for (bytes, error) in [
            ("*2\r\n$3\r\nGET\r\n$536870913\r\n", "-ERR Protocol error: invalid bulk length\r\n"),
            ("*2147483648\r\n", "-ERR Protocol error: invalid multibulk length\r\n"),
        ] {
            let connection = try server.connect()
            try connection.send(Array(bytes.utf8))
            #expect(try connection.receiveUntilClosed() == Array(error.utf8))
        }
        let client = try server.connect()
        for far in ["536870912", "1000000000", "9223372036854775807"] {
            let reply = try client.call("SETRANGE", "k", far, "x")
            #expect(reply.text == "ERR string exceeds maximum allowed size (proto-max-bulk-len)")
        }
        #expect(try client.call("EXISTS", "k").integer == 0)
    }

    /// A million PINGs in one go; then the replies are read, and none is missing.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func deepPipeline(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        let before = server.residentBytes
        let connection = try server.connect(timeoutSeconds: 60)
        let batch = Array(String(repeating: "*1\r\n$4\r\nPING\r\n", count: 10_000).utf8)
        var sent = 0
        for _ in 0..<100 {
            let count = try connection.sendWithoutReading(batch, stallSeconds: 1)
            sent += count
            if count < batch.count { break }
        }
        try expectService(server, "with a deep pipeline unread")
        let whole = 100 * batch.count
        let single = batch[..<14]
        var rest: [UInt8] = []
        while sent + rest.count < whole {
            let phase = (sent + rest.count) % 14
            rest += single[phase...]
        }
        try connection.send(rest)
        for _ in 0..<1_000_000 {
            #expect(try connection.receive().raw.count == 7)
        }
        #expect(server.residentBytes - before < 256 * Self.mebibyte)
    }

    /// A client that asks for much and never reads: bounded by back-pressure, or disconnected.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func slowReader(cores: Int) throws {
        // redis-server has a bound only when it is told one.
        let bound = ["--client-output-buffer-limit", "normal 64mb 0 0"]
        let extra = ServerProgram.subject.hasNodePort ? [] : bound
        let server = try ServerProcess(.subject, ServerOptions(cores: cores, extra: extra))
        let client = try server.connect()
        _ = try client.call("SET", "big", String(repeating: "x", count: Self.mebibyte))
        let before = server.residentBytes
        let reader = try RespConnection(port: server.port, receiveBufferBytes: 4_096)
        let asks = Array(repeating: Call("GET", "big").encoded, count: 2_000).flatMap(\.self)
        _ = try? reader.sendWithoutReading(asks, stallSeconds: 1)
        try expectService(server, "with a slow reader")
        #expect(server.residentBytes - before < 400 * Self.mebibyte)
    }

    @Test func connectionsPastTheLimit() throws {
        let server = try ServerProcess(.subject, ServerOptions(clientsMax: 20))
        // Readiness probes of the harness may still be closing.
        let probe = try server.connect()
        try expectAlone(probe)
        var open: [RespConnection] = [probe]
        for _ in 1..<20 {
            let connection = try server.connect()
            #expect(try connection.call("PING").text == "PONG")
            open.append(connection)
        }
        let refused = try server.connect()
        #expect(
            try refused.receiveUntilClosed()
                == Array("-ERR max number of clients reached\r\n".utf8))
        open.removeLast().close()
        #expect(
            try Deadline.wait(seconds: 10) {
                let next = try server.connect()
                return (try? next.call("PING").text) == "PONG"
            })
    }

    /// The answers to what was sent before the half-close still arrive.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func halfClosedSocket(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        for _ in 0..<20 {
            let connection = try server.connect()
            let calls = (0..<50).flatMap { Call("SET", "half:\($0)", "v").encoded }
            try connection.send(calls + Call("GET", "half:49").encoded)
            for _ in 0..<50 { #expect(try connection.receive().reply.text == "OK") }
            connection.shutdownWrite()
            #expect(try connection.receive().reply.text == "v")
            #expect(throws: ConnectionError.closed) { try connection.receive() }
        }
        let client = try server.connect()
        try expectAlone(client)
    }

    /// A client process that is stopped in the middle of its load, and goes on later.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func stoppedClient(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        let directory = try TemporaryDirectory()
        let load = ["-p", "\(server.port)", "-t", "set", "-n", "300000", "-P", "16", "-q", "-d",
        "100"]
        let benchmark = try ChildProcess(
            executable: "redis-benchmark", arguments: load, directory: directory.url.path,
            input: "/dev/null", output: directory.path(of: "stdout"),
            errors: directory.path(of: "stderr"))
        let client = try server.connect()
        #expect(try Deadline.wait(seconds: 10) { try client.call("DBSIZE").integer == 1 })
        benchmark.send(signal: SIGSTOP)
        let before = server.residentBytes
        try expectService(server, "with a stopped client")
        #expect(server.residentBytes - before < 64 * Self.mebibyte)
        benchmark.send(signal: SIGCONT)
        #expect(Deadline.wait(seconds: 60) { !benchmark.isRunning })
        #expect(benchmark.exitStatus == 0, "\(directory.text(of: "stderr"))")
    }

    /// Connections that vanish in the middle of a call leave nothing behind.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func abandonedCalls(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        for index in 0..<300 {
            let connection = try server.connect()
            let call = Call("SET", "abandoned:\(index)", String(repeating: "x",
            count: 1_000)).encoded
            try connection.send(Array(call.dropLast(1 + index % 900)))
            connection.close()
        }
        let client = try server.connect()
        try expectAlone(client)
        #expect(try client.call("DBSIZE").integer == 0)
    }
}
