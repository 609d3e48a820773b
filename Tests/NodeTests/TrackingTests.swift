import Node
import Testing

/// CLIENT TRACKING over cores; what is said is compared with redis-server in ConformanceTests.
@Suite struct TrackingTests {
    private func connect(_ node: NodeHarness, core: Int = 0, _ setUp: String...) -> Int {
        let client = node.connect(core: core)
        node.send(client, "HELLO 3")
        for line in setUp { node.send(client, line) }
        node.forget(client)
        return client
    }

    /// The keys of the messages that have come; "*" for all keys.
    private func told(_ node: NodeHarness, _ client: Int) -> [String] {
        let messages = node.received(client).components(of: ">2\r\n$10\r\ninvalidate\r\n")
        node.forget(client)
        return messages.dropFirst().map { message in
            if message.hasPrefix("_") { return "*" }
            let words = message.split(separator: "\r\n")
            let count = Int(words[0].dropFirst()) ?? 0
            return (0..<count).map { String(words[2 + 2 * $0]) }.joined(separator: " ")
        }
    }

    @Test(arguments: [1, 2, 5])
    func aReadIsToldOfOnceWhereverTheKeyIs(cores: Int) {
        let node = NodeHarness(cores: cores)
        let reader = connect(node, core: cores - 1, "CLIENT TRACKING ON")
        let writer = node.connect()
        let keys = (0..<30).map { "key:\($0)" }
        for key in keys { node.send(reader, "GET \(key)") }
        #expect(node.info(writer, "stats")["tracking_total_keys"] == "30")
        node.forget(reader)
        for key in keys { node.send(writer, "SET \(key) 1") }
        #expect(told(node, reader) == keys)
        for key in keys { node.send(writer, "SET \(key) 2") }
        #expect(told(node, reader) == [])
        node.checkInvariants()
    }

    @Test(arguments: [1, 2, 5])
    func readsAndWritesOfSeveralCores(cores: Int) {
        let node = NodeHarness(cores: cores)
        let reader = connect(node, "CLIENT TRACKING ON")
        let writer = node.connect(core: cores - 1)
        node.send(reader, "MGET a b c d")
        node.forget(reader)
        node.send(writer, "MSET a 1 c 2 e 3")
        #expect(told(node, reader).sorted() == ["a", "c"])
        node.send(reader, "MULTI\r\nGET a\r\nGET e\r\nSET f 1\r\nEXEC")
        node.forget(reader)
        node.send(writer, "MULTI\r\nDEL a\r\nDEL nothing\r\nRENAME e g\r\nEXEC")
        #expect(told(node, reader).sorted() == ["a", "e"])
        // What is written and then read again in a transaction is tracked.
        node.send(reader, "MULTI\r\nSET a 1\r\nGET a\r\nGET b\r\nSET b 2\r\nEXEC")
        #expect(told(node, reader).allSatisfy { $0 == "b" })
        node.send(writer, "MSET a 2 b 3")
        #expect(told(node, reader) == ["a"])
        node.checkInvariants()
    }

    @Test(arguments: [1, 2, 5])
    func allClientsAreToldThatAllKeysAreGone(cores: Int) {
        let node = NodeHarness(cores: cores)
        let readers = (0..<cores).map { connect(node, core: $0, "CLIENT TRACKING ON") }
        for reader in readers { node.send(reader, "GET a") }
        for reader in readers { node.forget(reader) }
        let writer = node.connect()
        node.send(writer, "FLUSHALL")
        for reader in readers { #expect(told(node, reader) == ["*"]) }
        node.send(writer, "MULTI\r\nSET a 1\r\nFLUSHDB\r\nEXEC")
        for reader in readers { #expect(told(node, reader) == ["*"]) }
        #expect(node.info(writer, "stats")["tracking_total_keys"] == "0")
    }

    @Test(arguments: [1, 3])
    func expiryIsTold(cores: Int) {
        let node = NodeHarness(cores: cores)
        let reader = connect(node, "CLIENT TRACKING ON")
        for key in ["a", "b", "c", "d"] { node.send(reader, "SET \(key) x PX 1000") }
        node.send(reader, "MGET a b c d")
        node.forget(reader)
        node.advance(milliseconds: 2000)
        #expect(told(node, reader).sorted() == ["a", "b", "c", "d"])
    }

    @Test(arguments: [1, 2, 5])
    func beginningsAreToldFromAllCores(cores: Int) {
        let node = NodeHarness(cores: cores)
        let plain = connect(node, "CLIENT TRACKING ON BCAST PREFIX a PREFIX b")
        let quiet = connect(node, core: cores - 1, "CLIENT TRACKING ON BCAST NOLOOP")
        let writer = node.connect(core: cores - 1)
        #expect(node.info(writer, "stats")["tracking_total_prefixes"] == "3")
        for key in ["a1", "b1", "c1"] { node.send(writer, "SET \(key) 1") }
        #expect(told(node, plain) == ["a1", "b1"])
        #expect(told(node, quiet) == ["a1", "b1", "c1"])
        node.send(quiet, "MSET a1 2 a2 2 c1 2")
        #expect(told(node, quiet) == [])
        #expect(told(node, plain).flatMap { $0.split(separator: " ") }.sorted() == ["a1", "a2"])
        node.send(plain, "CLIENT TRACKING OFF")
        node.send(quiet, "RESET")
        #expect(node.info(writer, "stats")["tracking_total_prefixes"] == "0")
        #expect(node.info(writer, "clients")["tracking_clients"] == "0")
        node.checkInvariants()
    }

    @Test(arguments: [1, 2, 5])
    func messagesForAnotherClient(cores: Int) {
        let node = NodeHarness(cores: cores)
        let receiver = node.connect(core: cores - 1)
        let number = node.send(receiver, "CLIENT ID").dropFirst().dropLast()
        let reader = connect(node, "CLIENT TRACKING ON REDIRECT \(number)")
        #expect(node.send(reader, "CLIENT GETREDIR") == ":\(number)\r\n")
        node.send(receiver, "SUBSCRIBE __redis__:invalidate")
        let writer = node.connect()
        for key in ["a", "b", "c"] {
            node.send(reader, "GET \(key)")
            node.forget(receiver)
            node.send(writer, "SET \(key) 1")
            #expect(
                node.received(receiver) == "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"
                    + "*1\r\n$1\r\n\(key)\r\n")
        }
        node.send(receiver, "QUIT")
        node.send(reader, "GET a")
        node.forget(reader)
        node.send(writer, "SET a 2")
        #expect(
            node.received(reader) == ">2\r\n$21\r\ntracking-redir-broken\r\n:\(number)\r\n")
        #expect(node.send(reader, "CLIENT INFO").contains("flags=tR "))
        let refusal = node.send(reader, "CLIENT TRACKING ON REDIRECT \(number)")
        #expect(refusal == "-ERR The client ID you want redirect to does not exist\r\n")
    }

    @Test(arguments: [1, 2])
    func theTableIsBounded(cores: Int) {
        let node = NodeHarness(cores: cores)
        let reader = connect(node, "CLIENT TRACKING ON")
        node.send(reader, "CONFIG SET tracking-table-max-keys 10")
        var count = 0
        for number in 0..<200 {
            node.send(reader, "GET key:\(number)")
            count += told(node, reader).count
        }
        #expect(count >= 190 - cores)
        #expect(node.info(reader, "stats")["tracking_total_keys"] == "\(200 - count)")
        // Many clients that come and go do not add up either.
        for _ in 0..<1000 {
            let client = connect(node, "CLIENT TRACKING ON")
            node.send(client, "GET hot\r\nQUIT")
        }
        let items = Int(node.info(reader, "stats")["tracking_total_items"] ?? "") ?? 0
        #expect(items <= 17 * 10 + 16)
        node.checkInvariants()
    }

    @Test func nothingIsToldOnceTrackingEnds() {
        let node = NodeHarness(cores: 2)
        let writer = node.connect()
        for end in ["CLIENT TRACKING OFF", "RESET"] {
            let reader = connect(node, "CLIENT TRACKING ON", "GET a", "GET b", end)
            node.send(writer, "MSET a 1 b 1")
            #expect(told(node, reader) == [])
        }
        let gone = connect(node, "CLIENT TRACKING ON BCAST", "QUIT")
        #expect(node.isClosed(gone))
        #expect(node.info(writer, "stats")["tracking_total_prefixes"] == "0")
    }
}

extension String {
    /// The parts between separators.
    fileprivate func components(of separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
