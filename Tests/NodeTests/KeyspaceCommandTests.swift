import Testing

@Suite struct KeyspaceCommandTests {
    private static func filled(cores: Int, keys: Int) -> (node: NodeHarness, client: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        for key in 0..<keys { node.send(client, "SET key:\(key) v") }
        return (node, client)
    }

    /// The bulk strings of a reply.
    private static func strings(_ reply: String) -> [String] {
        var strings: [String] = []
        var lines = reply.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
        while let line = lines.popFirst() {
            if line.hasPrefix("$"), let text = lines.popFirst() { strings.append(String(text)) }
        }
        return strings
    }

    @Test(arguments: [1, 2, 5])
    func keysOfAllCoresAreListedAndCounted(cores: Int) {
        let (node, client) = Self.filled(cores: cores, keys: 200)
        #expect(node.send(client, "DBSIZE") == ":200\r\n")
        let all = Self.strings(node.send(client, "KEYS *"))
        #expect(Set(all) == Set((0..<200).map { "key:\($0)" }))
        #expect(all.count == 200)
        #expect(Set(Self.strings(node.send(client, "KEYS key:1?"))).count == 10)
        #expect(Self.strings(node.send(client, "RANDOMKEY"))[0].hasPrefix("key:"))
    }

    @Test(arguments: [1, 2, 5], [1, 7, 1000])
    func scanReturnsEveryKeyOnceWhileNothingChanges(cores: Int, count: Int) {
        let (node, client) = Self.filled(cores: cores, keys: 200)
        var seen: [String] = []
        var cursor = "0"
        var calls = 0
        repeat {
            let reply = Self.strings(node.send(client, "SCAN \(cursor) COUNT \(count)"))
            cursor = reply[0]
            seen += reply.dropFirst()
            calls += 1
        } while cursor != "0" && calls < 1000
        #expect(cursor == "0")
        #expect(Set(seen) == Set((0..<200).map { "key:\($0)" }))
        #expect(seen.count == 200)
        if count == 1000 { #expect(calls == 1) }
    }

    @Test func scanReadsItsArguments() {
        let (node, client) = Self.filled(cores: 2, keys: 20)
        let matching = node.send(client, "SCAN 0 MATCH key:1? COUNT 1000 TYPE string")
        #expect(Self.strings(matching).count == 11)
        #expect(Self.strings(node.send(client, "SCAN 0 TYPE hash COUNT 1000")) == ["0"])
        #expect(node.send(client, "SCAN x") == "-ERR invalid cursor\r\n")
        #expect(node.send(client, "SCAN 0 COUNT 0") == "-ERR syntax error\r\n")
        #expect(
            node.send(client, "SCAN 0 COUNT x")
                == "-ERR value is not an integer or out of range\r\n")
        #expect(node.send(client, "SCAN 0 MATCH") == "-ERR syntax error\r\n")
    }

    @Test(arguments: [1, 3])
    func flushEmptiesEveryCore(cores: Int) {
        let (node, client) = Self.filled(cores: cores, keys: 50)
        #expect(node.send(client, "FLUSHALL NOW") == "-ERR syntax error\r\n")
        #expect(node.send(client, "DBSIZE") == ":50\r\n")
        #expect(node.send(client, "FLUSHALL ASYNC\r\nDBSIZE") == "+OK\r\n:0\r\n")
    }

    @Test func flushIsSeenByWatchersOfOtherCores() {
        let (node, client) = Self.filled(cores: 3, keys: 10)
        let other = node.connect(core: 1)
        node.send(client, "WATCH key:1 key:2 key:3\r\nMULTI\r\nSET key:1 x")
        node.send(other, "FLUSHALL")
        #expect(node.send(client, "EXEC") == "*-1\r\n")
        #expect(node.send(client, "DBSIZE") == ":0\r\n")
    }

    @Test(arguments: [1, 3])
    func commandsOverAllKeysRunInsideOfTransactions(cores: Int) {
        let (node, client) = Self.filled(cores: cores, keys: 10)
        let reply = node.send(
            client,
            """
            MULTI\r\nDBSIZE\r\nCONFIG SET maxmemory 5\r\nFLUSHALL bad\r\nFLUSHALL\r\nDBSIZE\r\n\
            SET a 1\r\nKEYS *\r\nEXEC
            """)
        let queued = String(repeating: "+QUEUED\r\n", count: 7)
        #expect(
            reply == "+OK\r\n" + queued
                + """
                *7\r\n:10\r\n+OK\r\n-ERR syntax error\r\n+OK\r\n:0\r\n+OK\r\n*1\r\n$1\r\na\r\n
                """ + "")
        #expect(node.send(client, "DBSIZE") == ":1\r\n")
        let other = node.connect(core: cores - 1)
        #expect(
            node.send(other, "CONFIG GET maxmemory") == "*2\r\n$9\r\nmaxmemory\r\n$1\r\n5\r\n")
    }
}
