import Glibc
import TestSupport
import Testing

/// SIGTERM and SIGINT: what was accepted is answered, then the process ends with status 0.
@Suite struct DrainTests {
    @Test(arguments: ServerProgram.subject.coreCounts, [SIGTERM, SIGINT])
    func repliesInFlightArrive(cores: Int, signal: Int32) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        let connections = try (0..<10).map { _ in try server.connect() }
        let count = 2_000
        for (index, connection) in connections.enumerated() {
            let calls = (0..<count).flatMap { Call("SET", "key:\(index):\($0)", "v").encoded }
            try connection.send(calls)
            // The server has begun with this connection.
            #expect(try connection.receive().reply.text == "OK")
        }
        // All of it has been received once a later call of each connection is answered.
        for connection in connections {
            for _ in 1..<count { #expect(try connection.receive().reply.text == "OK") }
            try connection.send(Call("PING").encoded)
            #expect(try connection.receive().reply.text == "PONG")
        }
        for connection in connections {
            try connection.send(Array(repeating: Call("PING").encoded, count: 100).flatMap(\.self))
            #expect(try connection.receive().reply.text == "PONG")
        }
        server.send(signal: signal)
        for connection in connections {
            var replies = 1
            while let received = try? connection.receive() {
                #expect(received.reply.text == "PONG")
                replies += 1
            }
            #expect(replies == 100)
        }
        #expect(Deadline.wait(seconds: 20) { !server.isRunning })
        #expect(server.exitStatus == 0, "\(server.output)")
    }

    @Test func idleServerEndsAtOnce() throws {
        let server = try ServerProcess(.subject)
        let idle = try server.connect()
        server.send(signal: SIGTERM)
        #expect(Deadline.wait(seconds: 5) { !server.isRunning })
        #expect(server.exitStatus == 0, "\(server.output)")
        #expect(throws: ConnectionError.closed) { try idle.receive() }
    }

    @Test func shutdownCommand() throws {
        let server = try ServerProcess(.subject)
        let client = try server.connect()
        #expect(throws: ConnectionError.closed) { try client.call("SHUTDOWN", "NOSAVE") }
        #expect(Deadline.wait(seconds: 10) { !server.isRunning })
        #expect(server.exitStatus == 0, "\(server.output)")
    }
}
