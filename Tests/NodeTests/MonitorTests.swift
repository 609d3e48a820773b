import Node
import Testing

@Suite struct MonitorTests {
    /// The requests that a monitor was shown, without time, database and client.
    private func requests(_ text: String) -> [String] {
        text.split(separator: "\r\n").filter { $0.hasPrefix("+") && $0.contains("] ") }
            .map { String($0.drop { $0 != "]" }.dropFirst(2)) }
    }

    private func monitor(_ node: NodeHarness, core: Int) -> Int {
        let monitor = node.connect(core: core)
        #expect(node.send(monitor, "MONITOR") == "+OK\r\n")
        node.forget(monitor)
        return monitor
    }

    @Test(arguments: [1, 3])
    func requestsOfClientsOfAllCoresAreShown(cores: Int) {
        let node = NodeHarness(cores: cores)
        let monitors = (0..<cores).map { monitor(node, core: $0) }
        var expected: [String] = []
        for core in 0..<cores {
            let client = node.connect(core: core)
            node.send(client, "SET key:\(core) x\r\nget key:1\r\nMSET a 1 b 2 c 3")
            node.send(client, "DBSIZE\r\nPING")
            expected += [
                "\"SET\" \"key:\(core)\" \"x\"", "\"get\" \"key:1\"",
                "\"MSET\" \"a\" \"1\" \"b\" \"2\" \"c\" \"3\"", "\"DBSIZE\"", "\"PING\"",
            ]
        }
        for monitor in monitors { #expect(requests(node.received(monitor)) == expected) }
    }

    @Test func aLineHasTimeDatabaseClientAndEscapes() {
        let node = NodeHarness(cores: 1)
        let monitor = monitor(node, core: 0)
        let client = node.connect()
        node.advance(milliseconds: 7)
        node.send(client, #"ECHO "\x01\xff a\"b\\c\n\r\t\a\b'""#)
        #expect(
            node.received(monitor)
                == "+1000000000.007000 [0 10.0.0.1:40001] "
                + #""ECHO" "\x01\xff a\"b\\c\n\r\t\a\b'""# + "\r\n")
    }

    @Test func secretsOperatorsAndRefusedRequestsAreNotShown() {
        let node = NodeHarness(cores: 2)
        let monitor = monitor(node, core: 0)
        let client = node.connect(core: 1)
        for line in [
            "AUTH x", "AUTH default x", "HELLO 2 AUTH default x", "HELLO 2 SETNAME a AUTH u p",
            "CONFIG GET port", "CLIENT LIST", "CLIENT ID", "NONSENSE a", "GET", "MULTI", "GET a",
            "SUBSCRIBE", "EXEC",
        ] {
            node.send(client, line)
        }
        #expect(
            requests(node.received(monitor)) == [
                #""AUTH" "(redacted)""#, #""AUTH" "(redacted)" "(redacted)""#,
                #""HELLO" "2" "AUTH" "(redacted)" "(redacted)""#,
                #""HELLO" "2" "SETNAME" "a" "AUTH" "(redacted)" "(redacted)""#,
                #""CLIENT" "ID""#, #""MULTI""#, #""EXEC""#,
            ])
    }

    @Test(arguments: [1, 3])
    func aTransactionIsShownWhenItRuns(cores: Int) {
        let node = NodeHarness(cores: cores)
        let monitor = monitor(node, core: 0)
        let client = node.connect(core: cores - 1)
        node.send(client, "MULTI\r\nSET a 1\r\nSET b 2\r\nSET c 3\r\nEXEC")
        #expect(
            requests(node.received(monitor)) == [
                #""MULTI""#, #""SET" "a" "1""#, #""SET" "b" "2""#, #""SET" "c" "3""#, #""EXEC""#,
            ])
    }

    @Test func aMonitorMayNotTouchKeys() {
        let node = NodeHarness(cores: 1)
        let monitor = monitor(node, core: 0)
        let refusal = "-ERR Replica can't interact with the keyspace\r\n"
        for line in ["GET a", "SET a 1", "DBSIZE", "PUBLISH x y"] {
            #expect(node.send(monitor, line) == refusal)
        }
        #expect(node.send(monitor, "MONITOR") == "")
        let reply = node.send(monitor, "PING")
        #expect(reply.hasPrefix("+PONG\r\n+1") && requests(reply) == [#""PING""#])
        #expect(node.send(monitor, "CLIENT INFO").contains(" flags=O "))
        #expect(node.send(monitor, "RESET") == "+RESET\r\n")
        #expect(node.send(monitor, "GET a") == "$-1\r\n")
        #expect(
            node.send(monitor, "MULTI\r\nMONITOR\r\nEXEC").hasSuffix(
                "*1\r\n-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n"))
    }
}
