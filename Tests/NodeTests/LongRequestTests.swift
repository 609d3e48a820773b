import TestSupport
import Testing

/// Commands on long strings, and requests of very many arguments, on the logic of whole cores.
@Suite struct LongRequestTests {
    private static let length = 9_000_000

    private static func node() -> (NodeHarness, Int) {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        node.pipeline(
            client,
            [
                "SETRANGE long \(length - 1) x", "SETBIT long 1000 1", "SETBIT long 40000000 1",
                "SETRANGE other \(length / 2) abc", "SET small 12345", "SADD set a",
            ])
        return (node, client)
    }

    /// A client that is told of all events of keys.
    private static func listen(_ node: NodeHarness) -> Int {
        let listener = node.connect()
        node.send(listener, "CONFIG SET notify-keyspace-events KEAn")
        node.send(listener, "PSUBSCRIBE __keyspace*")
        node.forget(listener)
        return listener
    }

    @Test(arguments: [
        "GET long", "GETRANGE long 5 -6", "GETRANGE long 100 2000000", "SUBSTR long -3000000 -1",
        "MGET small long none set other small", "BITCOUNT long", "BITCOUNT long 3 -2",
        "BITCOUNT long 9 -77 BIT", "BITPOS long 1 200 -1", "BITPOS other 0", "BITPOS other 1",
        "BITPOS long 1 5000001 8000000", "BITPOS long 0 -1 -1", "BITOP NOT to long",
        "BITOP OR to long other small", "BITOP AND to other long", "BITOP XOR long long other",
        "BITOP XOR to long long", "GETRANGE long 0 -2 junk", "BITOP NOT to set",
    ])
    func stringsAreReadInParts(command: String) {
        let (node, client) = Self.node()
        let (other, listener) = (node.connect(), Self.listen(node))
        node.begin(client, [command])
        node.begin(other, ["GET x"])
        node.turn()
        #expect(node.received(client).utf8.count < 300_000)
        #expect(node.received(other) == "$-1\r\n")
        node.finish()
        #expect(node.works().elementsMax < 2048 + 256)
        let (atOnce, asker) = Self.node()
        let told = Self.listen(atOnce)
        let reply = atOnce.pipeline(asker, ["MULTI", command, "PING", "EXEC"])
        #expect(atOnce.works().count == 0)
        if !reply.hasPrefix("+OK\r\n-") {
            let queued = "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n"
            #expect(queued + node.received(client) + "+PONG\r\n" == reply)
        }
        #expect(node.received(listener) == atOnce.received(told))
        for question in [
            "STRLEN to", "BITCOUNT to", "OBJECT ENCODING to", "STRLEN long", "BITCOUNT long",
            "GETRANGE to 4499990 4500010", "EXISTS to long",
        ] {
            #expect(node.send(other, question) == atOnce.send(asker, question), "\(question)")
        }
        node.checkInvariants()
        #expect(node.send(other, "DEL long to other") == atOnce.send(asker, "DEL long to other"))
        node.finish()
        node.checkInvariants()
    }

    @Test func aClientThatDoesNotReadALongStringMakesItsWorkRest() {
        let (node, client) = Self.node()
        let other = node.connect()
        node.stopsReading(client)
        node.begin(client, ["GET long"])
        node.finish()
        #expect(node.unsentBytes(client) < 1_500_000)
        #expect(node.send(other, "APPEND long y") == ":\(Self.length + 1)\r\n")
        node.readsOn(client)
        node.finish()
        // Two of its bytes are no text, and are read as three each.
        #expect(node.received(client).utf8.count == Self.length + 12 + 4)
    }

    private static func key(of core: Int, _ node: NodeHarness) -> String {
        (0...).lazy.map { "key:\($0)" }.first { node.owner(of: $0) == core } ?? ""
    }

    /// What a client has sent in one go is collected for it one reply at a time.
    @Test func aPipelineThatIsNotReadTakesLittleMemoryOnAnyCore() {
        let node = NodeHarness(cores: 2)
        let key = Self.key(of: 1, node)
        let (client, other) = (node.connect(), node.connect())
        node.send(other, "SETRANGE \(key) \((1 << 20) - 1) x")
        node.stopsReading(client)
        node.begin(client, Array(repeating: "GET \(key)", count: 600) + ["PING"])
        node.finish()
        #expect(node.works(core: 1).count > 400)
        #expect(node.keptReplyBytes(core: 1) < 2 << 20)
        // Some are small enough for the turn that they come in.
        #expect(node.unsentBytes(client) < 10 << 20)
        node.readsOn(client)
        node.finish()
        #expect(node.received(client).utf8.count == 600 * ((1 << 20) + 12) + 7)
        #expect(node.received(client).hasSuffix("\r\n+PONG\r\n"))
        node.breakOff(client)
        node.breakOff(other)
        node.finish()
        #expect(node.leak(core: 0) == nil)
        #expect(node.leak(core: 1) == nil)
    }

    /// Where somebody waits for the key all is collected, within the limit of the client's output.
    @Test func aPipelineThatIsNotReadEndsWithItsClientWhereSomebodyWaits() {
        let node = NodeHarness(cores: 2)
        let key = Self.key(of: 1, node)
        let (client, other) = (node.connect(), node.connect())
        node.send(other, "CONFIG SET client-output-buffer-limit \"normal 32mb 0 0\"")
        node.send(other, "SETRANGE \(key) \((1 << 20) - 1) x")
        node.stopsReading(client)
        node.begin(client, Array(repeating: "GET \(key)", count: 600))
        node.finish()
        #expect(!node.isClosed(client))
        #expect(node.send(other, "APPEND \(key) y") == ":1048577\r\n")
        #expect(node.isClosed(client))
        #expect(node.keptReplyBytes(core: 1) == 0)
        node.breakOff(other)
        node.finish()
        #expect(node.leak(core: 0) == nil)
        #expect(node.leak(core: 1) == nil)
    }

    /// Also where the client reads, and the next part is made before all of the last is gone.
    @Test func aReplyOfAnyLengthTakesLittleMemory() {
        let (node, client) = Self.node()
        node.begin(client, ["MGET long long long"])
        var most = 0
        while node.turn() { most = max(most, node.keptReplyBytes(core: 0)) }
        #expect(node.received(client).utf8.count > 3 * Self.length)
        #expect(most < 2 << 20)
    }

    /// A request of `count` arguments, each made from its number.
    private static func request(
        _ start: String, _ numbers: Range<Int>, _ argument: (Int) -> String
    ) -> String {
        start + " " + numbers.map(argument).joined(separator: " ")
    }

    private static let requests: [String] = {
        let (some, more) = (0..<9000, 6000..<15_000)
        return [
            request("SADD set", more) { "m\($0)" }, request("SADD new", some) { "m\($0)" },
            request("SADD new", some) { "\($0)" }, request("SREM set", more) { "m\($0)" },
            request("SREM set", 0..<20_000) { "m\($0)" },
            request("HSET hash", more) { "f\($0) w\($0)" },
            request("HMSET new", some) { "f\($0) w" }, request("HDEL hash", more) { "f\($0)" },
            request("HDEL hash", 0..<20_000) { "f\($0)" },
            request("HSET hash", some) { "f\($0) v" } + " odd",
            request("ZADD zset CH", more) { "\($0 + 1) m\($0)" },
            request("ZADD new NX", some) { "\($0) m\($0)" },
            request("ZADD zset XX GT CH", some) { "\($0 % 2 * 90000) m\($0)" },
            request("ZADD new XX", some) { "\($0) m\($0)" },
            request("ZADD zset", some) { "\($0) m\($0)" } + " x m",
            request("ZADD set", some) { "\($0) m\($0)" },
            request("ZREM zset", 0..<20_000) { "m\($0)" },
            request("RPUSH list", some) { "e\($0)" }, request("LPUSH new", some) { "e\($0)" },
            request("RPUSHX list", some) { "e\($0)" }, request("LPUSHX new", some) { "e\($0)" },
            request("PFADD hll", more) { "e\($0)" }, request("PFADD new", some) { "e\($0)" },
            request("PFADD set", some) { "e\($0)" }, request("SMISMEMBER set", more) { "m\($0)" },
            request("HMGET hash", more) { "f\($0)" }, request("ZMSCORE zset", more) { "m\($0)" },
            request("SMISMEMBER new", more) { "m\($0)" }, request("DEL set", some) { "k\($0)" },
            request("UNLINK", 0..<20_000) { "k\($0)" }, request("EXISTS k1", more) { "k\($0)" },
            request("TOUCH", more) { "k\($0)" }, request("MSET", more) { "k\($0) w\($0)" },
            request("MSET", more) { "k\($0) w\($0)" } + " odd", request("MGET", more) { "k\($0)" },
        ]
    }()

    private static func fill(_ node: NodeHarness, _ client: Int) {
        for first in stride(from: 0, to: 9000, by: 500) {
            let part = first..<(first + 500)
            node.pipeline(
                client,
                [
                    request("SADD set", part) { "m\($0)" }, request("MSET", part) { "k\($0) v" },
                    request("HSET hash", part) { "f\($0) v" },
                    request("RPUSH list", part) { "e\($0)" },
                    request("ZADD zset", part) { "\($0) m\($0)" },
                    request("PFADD hll", part) { "e\($0)" },
                ])
        }
    }

    @Test(arguments: requests.indices)
    func manyArgumentsAreDoneInParts(number: Int) {
        let command = Self.requests[number]
        let node = NodeHarness(cores: 1)
        let (client, other) = (node.connect(), node.connect())
        Self.fill(node, client)
        let before = node.works().count
        node.send(other, "CONFIG SET notify-keyspace-events KEA")
        node.send(other, "PSUBSCRIBE __keyspace*")
        node.begin(client, [command])
        let idle = node.connect()
        node.begin(idle, ["PING"])
        node.turn()
        #expect(node.received(idle) == "+PONG\r\n")
        node.finish()
        let isRefused = command.hasSuffix(" odd")
        #expect(node.works().count == before + (isRefused || command.contains("X new") ? 0 : 1)
            || command.hasPrefix("ZADD"))
        #expect(node.works().elementsMax < 2048 + 256)
        let atOnce = NodeHarness(cores: 1)
        let (asker, listener) = (atOnce.connect(), atOnce.connect())
        Self.fill(atOnce, asker)
        let known = atOnce.works().count
        atOnce.send(listener, "CONFIG SET notify-keyspace-events KEA")
        atOnce.send(listener, "PSUBSCRIBE __keyspace*")
        let reply = atOnce.pipeline(asker, ["MULTI", command, "PING", "EXEC"])
        #expect(atOnce.works().count == known)
        let queued = "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n"
        #expect(queued + node.received(client) + "+PONG\r\n" == reply)
        #expect(node.received(other) == atOnce.received(listener))
        for question in [
            "SCARD set", "SCARD new", "HLEN hash", "HLEN new", "ZCARD zset", "ZCARD new",
            "LLEN list", "LLEN new", "PFCOUNT hll", "STRLEN new", "DBSIZE", "ZRANGE zset 0 9",
            "LRANGE list -5 -1", "LRANGE new 0 5", "GET k7000", "GET k14999", "OBJECT ENCODING new",
            "ZRANGE zset -5 -1 WITHSCORES", "HGET hash f8000",
        ] {
            #expect(node.send(client, question) == atOnce.send(asker, question), "\(question)")
        }
        node.checkInvariants()
        #expect(node.leak() == "3 connections")
    }

    @Test func nobodySeesTheMiddleOfManyKeys() {
        let node = NodeHarness(cores: 1)
        let (client, other) = (node.connect(), node.connect())
        node.begin(client, [Self.request("MSET", 0..<9000) { "k\($0) v" }])
        node.turn()
        node.begin(other, ["MGET k0 k8999"])
        node.turn()
        #expect(node.received(other).isEmpty)
        node.finish()
        #expect(node.received(other) == "*2\r\n$1\r\nv\r\n$1\r\nv\r\n")
        node.begin(client, [Self.request("DEL", 0..<9000) { "k\($0)" }])
        node.turn()
        node.begin(other, ["EXISTS k0 k8999", "DBSIZE"])
        node.finish()
        #expect(node.received(client) == ":9000\r\n")
        #expect(node.received(other) == ":0\r\n:0\r\n")
        #expect(node.leak() == "2 connections")
    }

    @Test func manyKeysOfSeveralCores() {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        let set = Self.request("MSET", 0..<20_000) { "k\($0) v" }
        #expect(node.pipeline(client, [set]) == "+OK\r\n")
        for command in ["EXISTS", "DEL"] {
            let request = Self.request(command, 0..<20_001) { "k\($0)" }
            #expect(node.pipeline(client, [request]) == ":20000\r\n")
        }
        #expect(node.send(client, "DBSIZE") == ":0\r\n")
        node.checkInvariants()
    }

    @Test func aPusherOfManyWakesWhoWaits() {
        let node = NodeHarness(cores: 1)
        let (client, waiter) = (node.connect(), node.connect())
        node.send(waiter, "BLPOP list 0")
        node.begin(client, [Self.request("RPUSH list", 0..<9000) { "e\($0)" }])
        node.finish()
        #expect(node.received(client) == ":9000\r\n")
        #expect(node.received(waiter) == "*2\r\n$4\r\nlist\r\n$2\r\ne0\r\n")
        #expect(node.send(client, "LLEN list") == ":8999\r\n")
    }
}
