import Foundation
import Node
import TestSupport
import Testing

/// SLOWLOG and LATENCY, over all cores. The stopwatch makes every call take as long as a test
/// wants.
@Suite struct SlowLogTests {
    /// The entries' calls in SLOWLOG GET's reply, each as its words.
    private func arguments(_ text: String) -> [String] {
        var parser = ReplyParser()
        parser.append(Array(text.utf8))
        guard let entries = try? parser.next()?.reply.elements else { return ["no entries"] }
        return entries.map { entry in
            (entry.elements?[3].elements ?? []).compactMap(\.text).joined(separator: " ")
        }
    }

    /// A node that monitors latencies from so many milliseconds, and a client of it.
    private static func monitored(cores: Int, milliseconds: Int) -> (NodeHarness, Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        node.send(client, "CONFIG SET latency-monitor-threshold \(milliseconds)")
        return (node, client)
    }

    @Test func anEntryIsAsInRedis() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        node.send(client, "CLIENT SETNAME me")
        node.setStopwatch(step: 12_000_000)
        node.send(client, "SET k v")
        node.setStopwatch(step: 0)
        #expect(node.send(client, "SLOWLOG LEN") == ":1\r\n")
        #expect(
            node.send(client, "SLOWLOG GET")
                == """
                *1\r\n*6\r\n:0\r\n:1000000000\r\n:12000\r\n\
                *3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n\
                $14\r\n10.0.0.1:40000\r\n$2\r\nme\r\n
                """)
        #expect(node.send(client, "SLOWLOG RESET") == "+OK\r\n")
        #expect(node.send(client, "SLOWLOG GET") == "*0\r\n")
    }

    @Test func longArgumentsAreCutAndSecretsHidden() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        node.send(client, "CONFIG SET slowlog-log-slower-than 0")
        let numbers = (0..<40).map(String.init).joined(separator: " ")
        node.send(client, "SET k \(String(repeating: "x", count: 130))")
        node.send(client, "MSET \(numbers)")
        node.send(client, "AUTH secret\r\nCONFIG SET maxclients 9 requirepass hush")
        node.send(client, "HELLO 2 AUTH default hush SETNAME x\r\nGET\r\nnonsense")
        let logged = arguments(node.send(client, "SLOWLOG GET -1"))
        #expect(
            logged == [
                "HELLO 2 AUTH (redacted) (redacted) SETNAME x",
                "CONFIG SET maxclients 9 requirepass (redacted)",
                "AUTH (redacted)",
                "MSET \((0..<30).map(String.init).joined(separator: " ")) "
                    + "... (10 more arguments)",
                "SET k \(String(repeating: "x", count: 128))... (2 more bytes)",
                "CONFIG SET slowlog-log-slower-than 0",
            ])
    }

    /// Requests that another core ran are logged with the client that sent them.
    @Test(arguments: [1, 2, 3], [1, 7, 80])
    func whatOtherCoresRanIsLogged(cores: Int, pipeline: Int) {
        let node = NodeHarness(cores: cores)
        let clients = (0..<cores).map { node.connect(core: $0) }
        for (number, client) in clients.enumerated() {
            node.send(client, "CLIENT SETNAME c\(number)")
        }
        node.send(clients[0], "CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 1000")
        node.send(clients[0], "SLOWLOG RESET")
        var expected: [String] = []
        for (number, client) in clients.enumerated() {
            node.advance(milliseconds: 1)
            let requests = (0..<pipeline).map { "SET k\($0) \(number)" }
            node.pipeline(client, requests)
            expected += requests
        }
        node.send(clients[0], "CONFIG SET slowlog-log-slower-than -1")
        let reply = node.send(clients[cores - 1], "SLOWLOG GET -1")
        let logged = arguments(reply).filter { $0.hasPrefix("SET") }
        #expect(logged.sorted() == expected.sorted())
        for number in 0..<cores {
            let count = reply.components(separatedBy: "\r\nc\(number)\r\n").count - 1
            #expect(count == pipeline + (number == 0 ? 1 : 0), "client \(number)")
        }
        let newest = logged.first?.split(separator: " ").last
        #expect(newest == "\(cores - 1)", "the newest are first")
        #expect(node.send(clients[0], "SLOWLOG LEN") == ":\(pipeline * cores + 1)\r\n")
    }

    @Test func commandsOverAllCoresAndTransactionsAreLoggedOnce() {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        node.send(client, "CONFIG SET slowlog-log-slower-than 0")
        node.send(client, "SLOWLOG RESET")
        node.send(client, "MSET a 1 b 2 c 3\r\nDBSIZE\r\nKEYS *")
        node.send(client, "MULTI\r\nGET a\r\nSET b 1\r\nDBSIZE\r\nEXEC")
        let logged = arguments(node.send(client, "SLOWLOG GET -1"))
        #expect(
            logged == [
                "DBSIZE", "SET b 1", "GET a", "MULTI", "KEYS *", "DBSIZE", "MSET a 1 b 2 c 3",
                "SLOWLOG RESET",
            ])
    }

    @Test func theHeaviestOfABatchIsTakenForTheSlowOne() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        node.send(client, "SET big \(String(repeating: "x", count: 500))")
        node.send(client, "CONFIG SET slowlog-log-slower-than -1")
        // The first batch is watched, and none for a millisecond from its time on.
        node.setStopwatch(step: 100_000_000_000)
        node.pipeline(client, ["GET a", "GET b"])
        node.setStopwatch(step: 30_000_000)
        node.send(client, "CONFIG SET slowlog-log-slower-than 50000")
        node.setStopwatch(step: 60_000_000)
        let write = "SET b \(String(repeating: "y", count: 90))"
        node.pipeline(client, ["GET a", "ECHO x", "GET big", write])
        node.pipeline(client, ["GET a", write, "GET c"])
        node.pipeline(client, ["GET a", "LCS a b", "GET b"])
        node.setStopwatch(step: 0)
        let logged = arguments(node.send(client, "SLOWLOG GET"))
        // What is timed alone is slow itself; the rest of its batch has no more than one reading.
        #expect(logged == ["GET b", "LCS a b", write, "GET big", "ECHO x"])
    }

    @Test func theLogIsBoundedAndCanBeOff() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        node.send(client, "CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 3")
        for number in 0..<9 { node.send(client, "GET k\(number)") }
        #expect(
            arguments(node.send(client, "SLOWLOG GET")) == ["GET k8", "GET k7", "GET k6"])
        #expect(arguments(node.send(client, "SLOWLOG GET 1")) == ["SLOWLOG GET"])
        node.send(client, "CONFIG SET slowlog-log-slower-than -1")
        node.send(client, "SLOWLOG RESET\r\nGET k")
        #expect(node.send(client, "SLOWLOG LEN") == ":0\r\n")
        #expect(
            node.send(client, "SLOWLOG GET -2")
                == "-ERR count should be greater than or equal to -1\r\n")
    }

    // MARK: LATENCY

    @Test(arguments: [1, 2])
    func eventsAreSampledAboveTheThreshold(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        node.setStopwatch(step: 40_000_000)
        node.send(client, "GET k")
        #expect(node.send(client, "LATENCY LATEST") == "*0\r\n", "the monitor is off")
        node.setStopwatch(step: 0)
        node.send(client, "CONFIG SET latency-monitor-threshold 30")
        for (step, seconds) in [(UInt64(40_000_000), 1), (50_000_000, 1), (35_000_000, 0)] {
            node.setStopwatch(step: step)
            // On each core.
            for key in 0..<10 { node.send(client, "GET k\(key)") }
            node.setStopwatch(step: 0)
            node.advance(milliseconds: Int64(seconds) * 1000)
        }
        node.setStopwatch(step: 29_000_000)
        node.send(client, "GET k")
        node.setStopwatch(step: 31_000_000)
        node.send(client, "MGET a")
        node.send(client, "SETRANGE k 0 v")
        node.setStopwatch(step: 0)
        #expect(
            node.send(client, "LATENCY LATEST")
                == """
                *2\r\n*4\r\n$7\r\ncommand\r\n:1000000002\r\n:31\r\n:31\r\n\
                *4\r\n$12\r\nfast-command\r\n:1000000002\r\n:35\r\n:50\r\n
                """)
        #expect(
            node.send(client, "LATENCY HISTORY fast-command")
                == """
                *3\r\n*2\r\n:1000000000\r\n:40\r\n*2\r\n:1000000001\r\n:50\r\n\
                *2\r\n:1000000002\r\n:35\r\n
                """)
        #expect(node.send(client, "LATENCY HISTORY nonsense") == "*0\r\n")
        #expect(node.send(client, "LATENCY GRAPH command").contains("all time high 31 ms"))
        #expect(node.send(client, "LATENCY DOCTOR").contains("fast-command: 3 (mean 41 ms"))
        #expect(node.send(client, "LATENCY RESET fast-command x") == ":1\r\n")
        #expect(node.send(client, "LATENCY RESET") == ":1\r\n")
        #expect(node.send(client, "LATENCY LATEST") == "*0\r\n")
    }

    @Test func anExpiryThatTakesLongIsAnEvent() {
        let (node, client) = Self.monitored(cores: 1, milliseconds: 1)
        node.send(client, "SET k v PX 10")
        node.setStopwatch(step: 7_000_000)
        node.advance(milliseconds: 1000)
        node.setStopwatch(step: 0)
        #expect(
            node.send(client, "LATENCY LATEST")
                == "*1\r\n*4\r\n$12\r\nexpire-cycle\r\n:1000000001\r\n:7\r\n:7\r\n")
    }

    @Test func sleepingCountsAsTime() {
        let (node, client) = Self.monitored(cores: 2, milliseconds: 10)
        node.send(client, "DEBUG SLEEP 0.05")
        node.advance(milliseconds: 60)
        #expect(arguments(node.send(client, "SLOWLOG GET")) == ["DEBUG SLEEP 0.05"])
        #expect(
            node.send(client, "LATENCY HISTORY command")
                == "*1\r\n*2\r\n:1000000000\r\n:50\r\n")
    }

    @Test func graphHasAColumnForEachSample() {
        let (node, client) = Self.monitored(cores: 1, milliseconds: 1)
        for step in [UInt64(10), 50, 110] {
            node.setStopwatch(step: step * 1_000_000)
            node.send(client, "GET k")
            node.setStopwatch(step: 0)
            node.advance(milliseconds: 61_000)
        }
        let line = String(repeating: "-", count: 80)
        let graph = node.send(client, "LATENCY GRAPH fast-command")
        #expect(
            graph.hasSuffix(
                """
                \r\nfast-command - high 110 ms, low 10 ms (all time high 110 ms)\n\(line)\n\
                \u{20} #\n  |\n o|\n_||\n\n321\nmmm\n\r\n
                """))
    }
}
