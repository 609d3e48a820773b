import Testing

@Suite struct ServerCommandTests {
    @Test func settingsAreSetOnAllCoresOrNotAtAll() {
        let node = NodeHarness(cores: 2)
        let (first, second) = (node.connect(core: 0), node.connect(core: 1))
        #expect(
            node.send(first, "CONFIG SET maxclients 5 timeout x")
                == """
                -ERR CONFIG SET failed (possibly related to argument 'timeout') - argument \
                couldn't be parsed into an integer\r\n
                """)
        #expect(
            node.send(second, "CONFIG GET maxclients")
                == "*2\r\n$10\r\nmaxclients\r\n$5\r\n10000\r\n")
        #expect(node.send(first, "CONFIG SET maxclients 2 hash-max-ziplist-value 9") == "+OK\r\n")
        #expect(
            node.send(second, "CONFIG GET hash-max-listpack-value")
                == "*2\r\n$23\r\nhash-max-listpack-value\r\n$1\r\n9\r\n")
        let third = node.connect(core: 1)
        #expect(node.received(third) == "-ERR max number of clients reached\r\n")
        #expect(node.isClosed(third))
    }

    @Test func infoSumsOverAllCores() {
        let node = NodeHarness(cores: 3)
        let client = node.connect(core: 1)
        _ = node.connect(core: 2)
        for key in 0..<10 { node.send(client, "SET k\(key) v EX 100") }
        node.send(client, "GET k1\r\nGET missing")
        let info = node.send(client, "INFO")
        #expect(info.contains("\r\nconnected_clients:2\r\n"))
        #expect(info.contains("\r\ndb0:keys=10,expires=10,avg_ttl=0\r\n"))
        #expect(info.contains("\r\nkeyspace_hits:1\r\nkeyspace_misses:1\r\n"))
        #expect(info.contains("\r\ntotal_commands_processed:12\r\n"))
        #expect(info.contains("\r\nredis_mode:standalone\r\n"))
        let ofCore2 = info.split(separator: "\r\n").first { $0.hasPrefix("core2:ops=") }
        #expect(ofCore2?.contains(",connections=1,") == true)
        #expect(
            node.send(client, "INFO keyspace")
                == "$46\r\n# Keyspace\r\ndb0:keys=10,expires=10,avg_ttl=0\r\n\r\n")
        #expect(node.send(client, "CONFIG RESETSTAT") == "+OK\r\n")
        #expect(
            node.send(client, "INFO stats").contains("\r\ntotal_connections_received:0\r\n"))
    }

    @Test func throughputIsMeasuredWithoutATimer() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        node.send(client, "PING")
        for _ in 0..<100 { node.send(client, "GET k") }
        node.advance(milliseconds: 1000)
        let busy = node.send(client, "INFO stats")
        #expect(busy.contains("\r\ninstantaneous_ops_per_sec:101\r\n"))
        node.advance(milliseconds: 100_000)
        #expect(
            node.send(client, "INFO stats").contains("\r\ninstantaneous_ops_per_sec:0\r\n"))
    }

    @Test func commandDescribesItsRows() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        #expect(
            node.send(client, "COMMAND INFO get nonsense").hasPrefix(
                """
                *2\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n\
                *3\r\n+@read\r\n+@string\r\n+@fast\r\n*0\r\n*1\r\n*6\r\n$5\r\nflags\r\n*2\r\n\
                +RO\r\n+access\r\n
                """))
        #expect(
            node.send(client, "COMMAND GETKEYS mset a 1 b 2") == "*2\r\n$1\r\na\r\n$1\r\nb\r\n")
        #expect(
            node.send(client, "COMMAND GETKEYS ping x")
                == "-ERR The command has no key arguments\r\n")
        #expect(node.send(client, "COMMAND DOCS nonsense") == "*0\r\n")
    }

    @Test func shutdownIsAnsweredByTheEnd() {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        #expect(node.send(client, "SHUTDOWN ABORT") == "-ERR No shutdown in progress.\r\n")
        #expect(node.send(client, "SHUTDOWN nonsense") == "-ERR syntax error\r\n")
        #expect(!node.hasShutDown)
        #expect(node.send(client, "SHUTDOWN NOSAVE") == "")
        #expect(node.hasShutDown)
    }
}
