import Node
import Testing

/// Keyspace notifications over cores; which command brings which events is compared with
/// redis-server in ConformanceTests.
@Suite struct KeyEventTests {
    /// The messages that a listener of everything has got: channel and message of each.
    private func events(_ text: String) -> [String] {
        text.components(of: "pmessage\r\n").dropFirst().map { part in
            let words = part.split(separator: "\r\n")
            return "\(words[3]) \(words[5])"
        }
    }

    private func listen(_ node: NodeHarness, core: Int, _ classes: String) -> Int {
        let listener = node.connect(core: core)
        node.send(listener, "CONFIG SET notify-keyspace-events \(classes)")
        node.send(listener, "PSUBSCRIBE *")
        node.send(listener, "PING")
        return listener
    }

    @Test(arguments: [1, 2, 5])
    func eventsOfKeysOfAllCoresReachAListenerOfAny(cores: Int) {
        let node = NodeHarness(cores: cores)
        let listener = listen(node, core: cores - 1, "KEA")
        let writer = node.connect(core: 0)
        for number in 0..<20 { node.send(writer, "SET key:\(number) x EX 100") }
        let expected = (0..<20).flatMap { number in
            ["set", "expire"].flatMap { event in
                ["__keyspace@0__:key:\(number) \(event)", "__keyevent@0__:\(event) key:\(number)"]
            }
        }
        #expect(events(node.received(listener)) == expected)
    }

    @Test(arguments: [1, 3])
    func commandsAndTransactionsOverCoresTellOfEachKeyOnce(cores: Int) {
        let node = NodeHarness(cores: cores)
        let listener = listen(node, core: 0, "EAn")
        let writer = node.connect(core: cores - 1)
        #expect(node.send(writer, "MSET a 1 b 2 c 3") == "+OK\r\n")
        #expect(
            events(node.received(listener))
                == ["new a", "set a", "new b", "set b", "new c", "set c"].map {
                    "__keyevent@0__:" + $0
                })
        node.send(listener, "PING")
        node.send(writer, "MULTI\r\nRENAME a b\r\nDEL c\r\nINCR d\r\nEXEC")
        #expect(
            events(node.received(listener))
                == ["new b", "rename_from a", "rename_to b", "del c", "new d", "incrby d"].map {
                    "__keyevent@0__:" + $0
                })
    }

    @Test func aTransactionThatOnlyReadsOrFailsTellsNothing() {
        let node = NodeHarness(cores: 3)
        let writer = node.connect(core: 0)
        node.send(writer, "MSET a 1 b 2 c 3")
        let listener = listen(node, core: 1, "EAn")
        node.send(writer, "MGET a b c")
        node.send(writer, "WATCH a\r\nSET a 2\r\nMULTI\r\nSET b 1\r\nSET c 1\r\nEXEC")
        #expect(events(node.received(listener)) == ["__keyevent@0__:set a"])
    }

    @Test func expiryTellsWhetherMetOrSwept() {
        let node = NodeHarness(cores: 2)
        let listener = listen(node, core: 0, "Ex")
        let writer = node.connect(core: 1)
        for key in ["a", "b", "c", "d"] { node.send(writer, "SET \(key) x PX 1000") }
        #expect(events(node.received(listener)) == [])
        node.advance(milliseconds: 2000)
        #expect(
            Set(events(node.received(listener)))
                == ["__keyevent@0__:expired a", "__keyevent@0__:expired b",
                    "__keyevent@0__:expired c", "__keyevent@0__:expired d"])
        node.send(writer, "DEBUG SET-ACTIVE-EXPIRE 0")
        node.send(writer, "SET a x PX 10")
        node.advance(milliseconds: 20)
        node.send(listener, "PING")
        node.send(writer, "MGET a b")
        #expect(events(node.received(listener)) == ["__keyevent@0__:expired a"])
    }

    @Test func nothingIsToldWithoutAChannelOrAClass() {
        let node = NodeHarness(cores: 1)
        let listener = listen(node, core: 0, "A")
        let writer = node.connect()
        node.send(writer, "SET a 1")
        #expect(events(node.received(listener)) == [])
        node.send(writer, "CONFIG SET notify-keyspace-events KEg")
        node.send(writer, "SET a 1\r\nDEL a")
        #expect(
            events(node.received(listener)) == ["__keyspace@0__:a del", "__keyevent@0__:del a"])
    }

    @Test func theSettingIsShownAsRedisShowsIt() {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        for (written, shown) in [
            ("KEA", "AKE"), ("g$lshzxetdKE", "AKE"), ("KEn", "nKE"), ("AKEmn", "AKEm"),
            ("mEKx", "xKEm"), ("gg", "g"),
        ] {
            node.send(client, "CONFIG SET notify-keyspace-events \(written)")
            let reply = node.send(client, "CONFIG GET notify-keyspace-events")
            #expect(reply.hasSuffix("\r\n\(shown)\r\n"))
        }
        let refusal = node.send(client, "CONFIG SET notify-keyspace-events Q")
        #expect(refusal.hasPrefix("-ERR CONFIG SET failed"))
    }

    @Test func ownEventsComeBeforeTheReplyUnlessItWasGivenFirst() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        node.send(client, "CONFIG SET notify-keyspace-events Eg$")
        node.send(client, "HELLO 3")
        node.send(client, "PSUBSCRIBE __key*")
        let reply = node.send(client, "SET k v")
        #expect(reply.hasPrefix(">4\r\n") && reply.hasSuffix("+OK\r\n"))
        #expect(node.send(client, "GETDEL k").hasPrefix("$1\r\nv\r\n>4\r\n"))
        let swallowed = node.send(client, "CLIENT REPLY SKIP\r\nSET k v\r\nPING")
        #expect(swallowed.hasPrefix(">4\r\n") && swallowed.hasSuffix("\r\nk\r\n+PONG\r\n"))
    }
}

extension String {
    /// The parts between separators.
    fileprivate func components(of separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
