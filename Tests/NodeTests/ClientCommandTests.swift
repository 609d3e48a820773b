import Testing

@Suite struct ClientCommandTests {
    @Test func helloDescribesTheServerInTheProtocolAskedFor() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        let reply = node.send(client, "HELLO 3")
        #expect(reply.hasPrefix("%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n"))
        #expect(reply.contains("$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n"))
        #expect(reply.contains("$4\r\nmode\r\n$10\r\nstandalone\r\n"))
        #expect(node.send(client, "CLIENT GETNAME") == "_\r\n")
        #expect(node.send(client, "RESET") == "+RESET\r\n")
        #expect(node.send(client, "CLIENT GETNAME") == "$-1\r\n")
    }

    @Test func helloRefusesWhatItDoesNotKnow() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        #expect(node.send(client, "HELLO 4") == "-NOPROTO unsupported protocol version\r\n")
        #expect(
            node.send(client, "HELLO x")
                == "-ERR Protocol version is not an integer or out of range\r\n")
        #expect(
            node.send(client, "HELLO 3 SETNAME")
                == "-ERR Syntax error in HELLO option 'SETNAME'\r\n")
        // A refused HELLO changes nothing.
        #expect(node.send(client, "CLIENT GETNAME") == "$-1\r\n")
    }

    @Test func passwordIsAskedForOnceItIsSet() {
        let node = NodeHarness(cores: 2)
        let first = node.connect(core: 0)
        #expect(node.send(first, "CONFIG SET requirepass secret") == "+OK\r\n")
        #expect(node.send(first, "PING") == "+PONG\r\n")
        let second = node.connect(core: 1)
        #expect(node.send(second, "PING") == "-NOAUTH Authentication required.\r\n")
        #expect(node.send(second, "HELLO 2").hasPrefix("-NOAUTH HELLO must be called"))
        #expect(
            node.send(second, "AUTH wrong")
                == "-WRONGPASS invalid username-password pair or user is disabled.\r\n")
        #expect(node.send(second, "AUTH default secret") == "+OK\r\n")
        #expect(node.send(second, "PING") == "+PONG\r\n")
    }

    @Test func listShowsTheClientsOfAllCoresInOrder() {
        let node = NodeHarness(cores: 3)
        let clients = [node.connect(core: 2), node.connect(core: 0), node.connect(core: 1)]
        for (client, name) in zip(clients, ["c", "a", "b"]) {
            node.send(client, "CLIENT SETNAME \(name)")
        }
        let lines = node.send(clients[1], "CLIENT LIST").split(separator: "\r\n")[1]
            .split(separator: "\n")
        #expect(lines.map { $0.split(separator: " ")[4] } == ["name=a", "name=b", "name=c"])
        #expect(lines[0].contains(" cmd=client|list "))
        #expect(lines[0].contains(" addr=10.0.0.1:40001 laddr=10.0.0.9:6379 "))
        let one = node.send(clients[0], "CLIENT LIST ID 2")
        #expect(one.contains("name=b") && !one.contains("name=a"))
    }

    @Test func killClosesClientsOfOtherCoresAndAnswersTheAsker() {
        let node = NodeHarness(cores: 2)
        let (asker, other) = (node.connect(core: 0), node.connect(core: 1))
        #expect(node.send(asker, "CLIENT KILL ADDR 10.0.0.1:40001") == ":1\r\n")
        #expect(node.isClosed(other))
        #expect(node.send(asker, "CLIENT KILL 9.9.9.9:1") == "-ERR No such client\r\n")
        #expect(node.send(asker, "CLIENT KILL TYPE normal") == ":0\r\n")
        #expect(!node.isClosed(asker))
        #expect(node.send(asker, "CLIENT KILL TYPE normal SKIPME no") == ":1\r\n")
        #expect(node.isClosed(asker))
    }

    @Test func pauseHoldsEveryCoreBackUntilItEnds() {
        let node = NodeHarness(cores: 2)
        let (first, second) = (node.connect(core: 0), node.connect(core: 1))
        #expect(node.send(first, "CLIENT PAUSE 100 WRITE") == "+OK\r\n")
        #expect(node.send(second, "GET k") == "$-1\r\n")
        #expect(node.send(second, "SET k 1\r\nGET k") == "")
        node.advance(milliseconds: 50)
        #expect(node.received(second) == "")
        node.advance(milliseconds: 50)
        #expect(node.received(second) == "+OK\r\n$1\r\n1\r\n")
    }

    @Test func unpauseLetsTheOthersGoOn() {
        let node = NodeHarness(cores: 2)
        let (first, second) = (node.connect(core: 0), node.connect(core: 1))
        node.send(first, "CLIENT PAUSE 10000")
        #expect(node.send(second, "PING") == "")
        #expect(node.send(first, "CLIENT UNPAUSE") == "+OK\r\n")
        #expect(node.received(second) == "+PONG\r\n")
    }

    @Test func repliesCanBeSwitchedOff() {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        #expect(node.send(client, "CLIENT REPLY SKIP\r\nSET a 1\r\nGET a") == "$1\r\n1\r\n")
        #expect(node.send(client, "CLIENT REPLY OFF\r\nGET a\r\nDBSIZE\r\nKEYS *") == "")
        #expect(node.send(client, "CLIENT REPLY ON") == "+OK\r\n")
    }

    @Test func idleClientsAreClosedAfterTheTimeout() {
        let node = NodeHarness(cores: 2)
        let (busy, idle) = (node.connect(core: 0), node.connect(core: 1))
        #expect(node.send(busy, "CONFIG SET timeout 10") == "+OK\r\n")
        node.advance(milliseconds: 9000)
        #expect(!node.isClosed(idle))
        node.send(busy, "PING")
        node.advance(milliseconds: 1500)
        #expect(node.isClosed(idle))
        #expect(!node.isClosed(busy))
    }

    @Test func debugSleepServesNobodyAndAnswersAfterwards() {
        let node = NodeHarness(cores: 2)
        let (sleeper, other) = (node.connect(core: 0), node.connect(core: 1))
        #expect(node.send(sleeper, "DEBUG SLEEP 0.5") == "")
        #expect(node.send(other, "PING") == "")
        node.advance(milliseconds: 500)
        #expect(node.received(sleeper) == "+OK\r\n")
        #expect(node.received(other) == "+PONG\r\n")
    }
}
