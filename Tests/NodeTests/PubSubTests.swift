import Node
import Testing

@Suite struct PubSubTests {
    /// A message as RESP2 reads it.
    private func message(_ parts: String...) -> String {
        parts.reduce("*\(parts.count)\r\n") { $0 + "$\($1.utf8.count)\r\n\($1)\r\n" }
    }

    private func confirmation(_ word: String, _ name: String, _ count: Int) -> String {
        "*3\r\n$\(word.utf8.count)\r\n\(word)\r\n$\(name.utf8.count)\r\n\(name)\r\n:\(count)\r\n"
    }

    @Test(arguments: [1, 2, 5])
    func messagesReachSubscribersOfAllCores(cores: Int) {
        let node = NodeHarness(cores: cores)
        let subscribers = (0..<cores).map { node.connect(core: $0) }
        let publisher = node.connect(core: cores / 2)
        #expect(node.send(publisher, "PUBLISH news x") == ":0\r\n")
        for subscriber in subscribers {
            #expect(
                node.send(subscriber, "SUBSCRIBE news")
                    == confirmation("subscribe", "news", 1))
        }
        #expect(node.send(publisher, "PUBLISH news hello") == ":\(cores)\r\n")
        for subscriber in subscribers {
            #expect(node.received(subscriber).hasSuffix(message("message", "news", "hello")))
        }
        node.send(subscribers[0], "UNSUBSCRIBE")
        #expect(node.send(publisher, "PUBLISH news x") == ":\(cores - 1)\r\n")
        #expect(node.received(subscribers[0]) == confirmation("unsubscribe", "news", 0))
    }

    @Test func pipelinedPublishesKeepTheirOrderAndTheirReplies() {
        let node = NodeHarness(cores: 3)
        let (near, far) = (node.connect(core: 0), node.connect(core: 2))
        let publisher = node.connect(core: 0)
        node.send(near, "SUBSCRIBE a")
        node.send(far, "PSUBSCRIBE *")
        node.send(far, "PING")
        let lines = (0..<100).map { "PUBLISH a \($0)" }.joined(separator: "\r\n")
        let replies = String(repeating: ":2\r\n", count: 100)
        #expect(node.send(publisher, lines + "\r\nECHO end") == replies + "$3\r\nend\r\n")
        let expected = (0..<100).map { message("pmessage", "*", "a", "\($0)") }.joined()
        #expect(node.received(far).hasSuffix(expected))
    }

    @Test func patternsChannelsAndShardChannelsCountApart() {
        let node = NodeHarness(cores: 2)
        let (client, publisher) = (node.connect(core: 0), node.connect(core: 1))
        node.send(client, "SUBSCRIBE x")
        #expect(node.send(client, "PSUBSCRIBE x* ?") == confirmation("psubscribe", "x*", 2)
            + confirmation("psubscribe", "?", 3))
        #expect(node.send(client, "SSUBSCRIBE x") == confirmation("ssubscribe", "x", 1))
        #expect(node.send(publisher, "PUBLISH x 1") == ":3\r\n")
        #expect(node.send(publisher, "SPUBLISH x 2") == ":1\r\n")
        #expect(node.received(client).hasSuffix(message("smessage", "x", "2")))
        #expect(
            node.send(publisher, "PUBSUB NUMSUB x y")
                == "*4\r\n$1\r\nx\r\n:1\r\n$1\r\ny\r\n:0\r\n")
        #expect(node.send(publisher, "PUBSUB SHARDNUMSUB x") == "*2\r\n$1\r\nx\r\n:1\r\n")
        #expect(node.send(publisher, "PUBSUB NUMPAT") == ":2\r\n")
    }

    @Test func aChannelWithSubscribersOnTwoCoresIsOneChannel() {
        let node = NodeHarness(cores: 2)
        let clients = [node.connect(core: 0), node.connect(core: 1)]
        for client in clients {
            node.send(client, "HELLO 3")
            node.send(client, "SUBSCRIBE b a")
            node.send(client, "PSUBSCRIBE p")
        }
        #expect(node.send(clients[0], "PUBSUB CHANNELS") == "*2\r\n$1\r\na\r\n$1\r\nb\r\n")
        #expect(node.send(clients[0], "PUBSUB CHANNELS b*") == "*1\r\n$1\r\nb\r\n")
        #expect(node.send(clients[0], "PUBSUB NUMPAT") == ":1\r\n")
        let info = node.send(clients[1], "INFO stats")
        #expect(info.contains("pubsub_channels:2\r\npubsub_patterns:1\r\npubsubshard_channels:0"))
    }

    @Test func subscribersOfRESP2AreConfined() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        node.send(client, "SUBSCRIBE x")
        #expect(
            node.send(client, "GET k")
                == """
                -ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT \
                / RESET are allowed in this context\r\n
                """)
        #expect(node.send(client, "PING hi") == message("pong", "hi"))
        #expect(node.send(client, "PING") == message("pong", ""))
        #expect(node.send(client, "RESET") == "+RESET\r\n")
        #expect(node.send(client, "GET k") == "$-1\r\n")
        node.send(client, "HELLO 3")
        node.send(client, "SUBSCRIBE x")
        #expect(node.send(client, "GET k") == "_\r\n")
    }

    @Test(arguments: [1, 2])
    func ownMessagesComeBeforeTheReplyEvenWithRepliesOff(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect(core: cores - 1)
        node.send(client, "HELLO 3")
        node.send(client, "SUBSCRIBE x")
        let push = ">3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$1\r\nm\r\n"
        #expect(node.send(client, "PUBLISH x m") == push + ":1\r\n")
        #expect(
            node.send(client, "MULTI\r\nPUBLISH x m\r\nPING\r\nEXEC")
                == "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n" + push + ":1\r\n+PONG\r\n")
        #expect(node.send(client, "CLIENT REPLY SKIP\r\nPUBLISH x m\r\nPING") == push + "+PONG\r\n")
        #expect(node.send(client, "CLIENT REPLY OFF\r\nPUBLISH x m\r\nPING") == push)
        #expect(
            node.send(client, "UNSUBSCRIBE x") == ">3\r\n$11\r\nunsubscribe\r\n$1\r\nx\r\n:0\r\n")
    }

    @Test func aTransactionSubscribesAndPublishesOverCores() {
        let node = NodeHarness(cores: 3)
        let (other, client) = (node.connect(core: 0), node.connect(core: 1))
        node.send(other, "SUBSCRIBE x")
        let reply = node.send(
            client, "MULTI\r\nSUBSCRIBE x\r\nPUBLISH x m\r\nSSUBSCRIBE s\r\nEXEC")
        #expect(
            reply == "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n"
                + confirmation("subscribe", "x", 1) + message("message", "x", "m") + ":2\r\n"
                + "-ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client\r\n")
        #expect(node.received(other).hasSuffix(message("message", "x", "m")))
    }

    @Test func whoNeverReadsIsEndedAtTheLimitOfItsClass() {
        var configuration = NodeConfiguration()
        configuration.subscriberOutputLimit = OutputLimit(
            hard: 1000, soft: 500, softSeconds: 10)
        let node = NodeHarness(cores: 2, configuration: configuration)
        let (subscriber, publisher) = (node.connect(core: 0), node.connect(core: 1))
        node.send(subscriber, "SUBSCRIBE x")
        node.stopsReading(subscriber)
        let text = String(repeating: "m", count: 600)
        #expect(node.send(publisher, "PUBLISH x \(text)") == ":1\r\n")
        #expect(!node.isClosed(subscriber))
        node.advance(milliseconds: 9000)
        #expect(!node.isClosed(subscriber))
        node.advance(milliseconds: 2000)
        #expect(node.isClosed(subscriber))
        let second = node.connect(core: 0)
        node.send(second, "SUBSCRIBE x")
        node.stopsReading(second)
        node.send(publisher, "PUBLISH x \(text)\r\nPUBLISH x \(text)")
        #expect(node.isClosed(second))
        #expect(node.send(publisher, "PUBLISH x m") == ":0\r\n")
    }

    @Test func listFilterAndKillKnowSubscribers() {
        let node = NodeHarness(cores: 2)
        let (subscriber, other) = (node.connect(core: 0), node.connect(core: 1))
        node.send(subscriber, "SUBSCRIBE a b")
        node.send(subscriber, "PSUBSCRIBE p")
        node.send(subscriber, "SSUBSCRIBE s t u")
        let line = node.send(other, "CLIENT LIST TYPE pubsub")
        #expect(line.contains(" flags=P db=0 sub=2 psub=1 ssub=3 multi=-1 "))
        #expect(!line.contains("flags=N"))
        #expect(node.send(other, "CLIENT KILL TYPE pubsub") == ":1\r\n")
        #expect(node.isClosed(subscriber))
        #expect(node.send(other, "PUBLISH a x") == ":0\r\n")
    }

    @Test func shardChannelsHaveSlotsOnThePortsForClusterClients() {
        let node = NodeHarness(cores: 2)
        let gateway = node.connect(core: 0)
        #expect(node.send(gateway, "SSUBSCRIBE a b").hasSuffix(confirmation("ssubscribe", "b", 2)))
        let client = node.connect(core: 0, .node)
        #expect(
            node.send(client, "SSUBSCRIBE a b")
                == "-CROSSSLOT Keys in request don't hash to the same slot\r\n")
        #expect(node.send(client, "SSUBSCRIBE {x}a {x}b").hasPrefix("*3\r\n$10\r\nssubscribe"))
        let replies = [0, 1].map { core in
            node.send(node.connect(core: core, .core), "SSUBSCRIBE a")
        }
        #expect(replies.contains(confirmation("ssubscribe", "a", 1)))
        #expect(replies.contains { $0.hasPrefix("-MOVED 15495 10.0.0.9:83") })
    }
}
