import Node
import TestSupport
import Testing

/// Large values whose commands name keys of several cores: they go to the operation's core, and
/// back, in parts.
@Suite struct LendingTests {
    private static let size = 12_000
    /// A node with a set, a hash, a sorted set and a list of many elements on each core; the second
    /// core's collections share half of the first one's.
    private static func node(cores: Int = 2) -> (NodeHarness, [String]) {
        let node = NodeHarness(cores: cores)
        // The keys of a node with one core are the same.
        let pair = NodeHarness(cores: 2)
        let tags = (0..<2).map { number in
            (0...).lazy.map { "{\($0)}" }.first { pair.owner(of: $0) == number } ?? ""
        }
        let client = node.connect()
        for (number, tag) in tags.enumerated() { fill(node, client, tag, from: number * size / 2) }
        return (node, tags)
    }

    private static func fill(_ node: NodeHarness, _ client: Int, _ tag: String, from start: Int) {
        for first in stride(from: start, to: start + size, by: 500) {
            let numbers = first..<(first + 500)
            let members = numbers.map { "member:\($0)" }
            node.pipeline(
                client,
                [
                    (["SADD", "set\(tag)"] + members).joined(separator: " "),
                    (["HSET", "hash\(tag)"] + members.flatMap { [$0, "value"] })
                        .joined(separator: " "),
                    (["ZADD", "zset\(tag)"] + numbers.flatMap { ["\($0)", "member:\($0)"] })
                        .joined(separator: " "),
                    (["RPUSH", "list\(tag)"] + members).joined(separator: " "),
                ])
        }
        node.send(client, "SETRANGE long\(tag) 1000000 x")
    }

    /// "a:key" and "b:key" become keys of the two cores.
    private static func text(_ command: String, _ tags: [String]) -> String {
        command.split(separator: " ").map { word in
            if word.hasPrefix("a:") { return word.dropFirst(2) + tags[0] }
            if word.hasPrefix("b:") { return word.dropFirst(2) + tags[1] }
            return String(word)
        }.joined(separator: " ")
    }

    private static let questions = ["set", "hash", "zset", "list", "long", "to"].flatMap { key in
        ["a", "b"].flatMap { core in
            [
                "OBJECT ENCODING", "SCARD", "HLEN", "ZCARD", "LLEN", "STRLEN", "TTL", "EXISTS",
            ].map { "\($0) \(core):\(key)" }
        }
    }

    @Test(arguments: [
        "SINTERSTORE a:to a:set b:set", "SUNIONSTORE b:to a:set b:set", "SUNION a:set b:set",
        "SDIFFSTORE b:to a:set b:set", "SINTERCARD 2 a:set b:set", "SINTER b:set a:set",
        "ZUNIONSTORE b:to 2 a:zset b:zset", "ZINTERSTORE a:to 2 a:zset b:zset",
        "ZUNION 2 a:zset b:zset WITHSCORES", "ZRANGESTORE b:to a:zset 0 -1", "COPY a:set b:to",
        "COPY b:hash a:to", "COPY a:zset b:to", "COPY b:list a:to", "COPY b:long a:to",
        "RENAME a:set b:to", "RENAME b:zset a:to", "RENAME a:list b:hash", "RENAME b:hash a:to",
        "RENAME a:long b:long", "SMOVE a:set b:set member:1", "LMOVE a:list b:list LEFT RIGHT",
        "SORT a:list ALPHA LIMIT 0 10 STORE b:to", "SORT b:zset BY nosort STORE a:to",
        "BITOP NOT b:to a:long", "MGET a:long b:long", "DEL a:set b:zset a:list b:hash",
        "RENAME a:nothing b:set", "COPY a:set b:zset", "ZUNIONSTORE a:to 2 a:zset b:list",
    ])
    func noTurnMovesMoreThanItsShare(command: String) {
        for core in 0..<2 {
            let (node, tags) = Self.node()
            let client = node.connect(core: core)
            let other = node.connect(core: 1 - core)
            node.begin(client, [Self.text(command, tags)])
            node.turn()
            node.begin(other, ["GET x{0}", "GET y{1}", "GET z"])
            node.finish()
            #expect(node.received(other) == "$-1\r\n$-1\r\n$-1\r\n")
            for number in 0..<2 {
                #expect(node.works(core: number).elementsMax < 2048 + 1024)
            }
            let (alone, asker) = (Self.node(cores: 1).0, 0)
            let reply = alone.pipeline(asker, [Self.text(command, tags)])
            let isSet = command.hasPrefix("SINTER ") || command.hasPrefix("SUNION ")
            let received = node.received(client)
            #expect(isSet ? received.sorted() == reply.sorted() : received == reply)
            for question in Self.questions {
                let question = Self.text(question, tags)
                #expect(node.send(other, question) == alone.send(asker, question), "\(question)")
            }
            let digest = Self.text("SORT \(command.contains("b:to") ? "b:to" : "a:to") ALPHA", tags)
            #expect(node.send(other, digest) == alone.send(asker, digest))
            node.checkInvariants()
            for number in 0..<2 {
                #expect(node.leak(core: number)?.hasSuffix("connections") == true)
            }
        }
    }

    @Test func whatIsBorrowedIsSeenByNobody() {
        let (node, tags) = Self.node()
        let client = node.connect(core: 0)
        // A core's own port counts what is in its tables, whoever holds it.
        let (near, far) = (node.connect(core: 0, .core), node.connect(core: 1))
        #expect(node.send(near, "DBSIZE") == ":5\r\n")
        node.begin(client, [Self.text("SUNIONSTORE a:to a:set b:set", tags)])
        var seen = 0
        for round in 0..<400 where node.received(client).isEmpty {
            node.turn()
            // What comes of the target is seen by nobody before it is whole.
            if round == 3 { node.begin(far, [Self.text("EXISTS a:to", tags)]) }
            if round % 8 != 0 { continue }
            node.begin(near, ["DBSIZE"])
            for _ in 0..<4 { node.turn() }
            if !node.received(client).isEmpty { break }
            #expect(node.received(near) == ":5\r\n")
            #expect(node.received(far).isEmpty)
            seen += 1
        }
        #expect(seen > 3)
        node.finish()
        #expect(node.received(client) == ":18000\r\n")
        #expect(node.received(far) == ":1\r\n")
        node.checkInvariants()
    }

    @Test(arguments: ["SUNION a:set b:set", "SUNIONSTORE a:to a:set b:set", "RENAME b:set a:to"])
    func aClientThatGoesLeavesNothing(command: String) {
        for turns in [1, 2, 3, 10, 30, 50] {
            let (node, tags) = Self.node()
            let client = node.connect(core: 0)
            let other = node.connect(core: 1)
            node.begin(client, [Self.text(command, tags)])
            for _ in 0..<turns { node.turn() }
            node.breakOff(client)
            node.finish()
            #expect(node.send(other, Self.text("DEL a:set b:zset", tags)) == ":2\r\n")
            node.finish()
            node.checkInvariants()
            #expect(node.leak(core: 0) == "1 connections")
            #expect(node.leak(core: 1) == "1 connections")
        }
    }

    @Test func aTransactionOverSeveralCoresRests() {
        let (node, tags) = Self.node()
        let client = node.connect(core: 0)
        let (reader, writer) = (node.connect(core: 1), node.connect(core: 0))
        let requests = [
            "MULTI", "SET a:a 1", "SMEMBERS b:set", "SUNIONSTORE b:to a:set b:set", "SCARD b:to",
            "SADD b:set new", "GET a:a", "EXEC", "GET a:a",
        ].map { Self.text($0, tags) }
        node.begin(client, requests)
        for _ in 0..<40 { node.turn() }
        #expect(node.works(core: 0).count > 0)
        node.begin(reader, [Self.text("GET a:a", tags)])
        node.begin(writer, ["SET other 1"])
        for _ in 0..<4 { node.turn() }
        #expect(node.received(reader).isEmpty)
        #expect(node.received(writer) == "+OK\r\n")
        node.finish()
        let reply = node.received(client)
        let queued = String(repeating: "+QUEUED\r\n", count: 6)
        #expect(reply.hasPrefix("+OK\r\n\(queued)*6\r\n+OK\r\n*12000\r\n$"))
        #expect(reply.hasSuffix("\r\n:18000\r\n:18000\r\n:1\r\n$1\r\n1\r\n$1\r\n1\r\n"))
        #expect(node.received(reader) == "$1\r\n1\r\n")
        #expect(node.send(reader, Self.text("SCARD b:set", tags)) == ":12001\r\n")
        #expect(node.works(core: 0).elementsMax < 2048 + 1024)
        #expect(node.works(core: 1).elementsMax < 2048 + 1024)
        node.checkInvariants()
    }

    @Test func aKeyThatComesDueWhileItIsLent() {
        let (node, tags) = Self.node()
        let client = node.connect(core: 0)
        let other = node.connect(core: 1)
        node.send(client, Self.text("PEXPIRE b:set 50", tags))
        node.begin(client, [Self.text("SUNIONSTORE a:to a:set b:set", tags)])
        for _ in 0..<5 { node.turn() }
        node.advanceClock(milliseconds: 200)
        node.begin(other, [Self.text("EXISTS b:set", tags)])
        node.finish()
        #expect(node.received(other) == ":0\r\n")
        #expect(node.send(other, "DBSIZE") == node.send(client, "DBSIZE"))
        node.checkInvariants()
    }

    @Test func aSetThatComesDueBehindTheLastPieceIsReadToItsEnd() {
        let (node, tags) = Self.node()
        let client = node.connect(core: 0)
        node.send(client, Self.text("PEXPIRE b:set 50", tags))
        node.begin(client, [Self.text("SUNIONSTORE a:to a:set b:set", tags)])
        while node.works(core: 0).count == 0, node.turn() {}
        node.advanceClock(milliseconds: 200)
        node.finish()
        #expect(node.received(client) == ":18000\r\n")
        #expect(node.send(client, Self.text("EXISTS b:set", tags)) == ":0\r\n")
        node.checkInvariants()
    }

    @Test func aWatchedKeyThatIsOnlyReadElsewhereIsNotWritten() {
        let (node, tags) = Self.node()
        let (client, watcher) = (node.connect(core: 0), node.connect(core: 1))
        node.send(watcher, Self.text("WATCH b:set", tags))
        node.send(client, Self.text("SUNIONSTORE a:to a:set b:set", tags))
        #expect(
            node.pipeline(watcher, ["MULTI", "PING", "EXEC"])
                == "+OK\r\n+QUEUED\r\n*1\r\n+PONG\r\n")
        node.send(watcher, Self.text("WATCH b:set", tags))
        node.send(client, Self.text("RENAME a:set b:set", tags))
        #expect(node.pipeline(watcher, ["MULTI", "PING", "EXEC"]) == "+OK\r\n+QUEUED\r\n*-1\r\n")
    }
}
