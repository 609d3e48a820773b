import TestSupport
import Testing

/// Commands over collections of many thousand elements, on the logic of whole cores.
@Suite struct LongWorkTests {
    private static let size = 20_000

    /// A set, a hash, a sorted set and a list of many elements, made by `client`.
    private static func fill(_ node: NodeHarness, _ client: Int, tag: String = "") {
        for first in stride(from: 0, to: size, by: 500) {
            let numbers = first..<(first + 500)
            let members = numbers.map { "member:\($0)" }
            node.pipeline(
                client,
                [
                    (["SADD", "set" + tag] + members).joined(separator: " "),
                    (["HSET", "hash" + tag] + members.flatMap { [$0, "value"] })
                        .joined(separator: " "),
                    (["ZADD", "zset" + tag] + numbers.flatMap { ["\($0)", "member:\($0)"] })
                        .joined(separator: " "),
                    (["RPUSH", "list" + tag] + members).joined(separator: " "),
                ])
        }
    }

    private static func node(cores: Int = 1) -> (NodeHarness, Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        fill(node, client)
        return (node, client)
    }

    @Test(arguments: [
        "SMEMBERS set", "HGETALL hash", "HKEYS hash", "HVALS hash", "SUNION set", "SUNION set set2",
        "SINTER set set", "SDIFF set other", "SDIFFSTORE to set other", "SINTERSTORE to set set",
        "SUNIONSTORE to set other", "SINTERCARD 2 set set", "SRANDMEMBER set 15000",
        "SRANDMEMBER set 5000", "SRANDMEMBER set -9000", "SPOP set 9000", "SPOP set 19900",
        "SPOP set 20000", "COPY set to", "COPY hash to", "COPY zset to", "COPY list to",
        "LRANGE list 0 -1", "LRANGE list 100 9000", "LPOP list 9000", "RPOP list 19999",
        "LPOS list none", "LPOS list member:19000", "LPOS list member:5 COUNT 0 RANK -1",
        "LINSERT list BEFORE member:15000 new", "LINSERT list AFTER none new",
        "LREM list 0 member:12000", "LREM list -1 member:3", "ZRANGE zset 0 -1 WITHSCORES",
        "ZREVRANGE zset 0 -1", "ZRANGEBYSCORE zset 100 (15000", "ZRANGE zset - + BYLEX",
        "ZREVRANGEBYSCORE zset +inf -inf LIMIT 10 9000", "ZRANGESTORE to zset 0 -1",
        "ZREMRANGEBYRANK zset 0 9000", "ZREMRANGEBYSCORE zset 5 19990",
        "ZPOPMIN zset 9000", "ZPOPMAX zset 20000",
        "ZMPOP 1 zset MAX COUNT 9000", "ZUNION 2 zset set WITHSCORES", "ZINTER 2 zset set",
        "ZDIFF 2 zset other", "ZUNIONSTORE to 2 zset set", "ZINTERSTORE to 2 zset set",
        "ZDIFFSTORE to 2 zset other", "ZINTERCARD 2 zset set", "ZRANDMEMBER zset 20000",
        "ZRANDMEMBER zset 15000 WITHSCORES", "ZRANDMEMBER zset 5000", "ZRANDMEMBER zset -9000",
        "HRANDFIELD hash 20000", "HRANDFIELD hash 15000 WITHVALUES", "HRANDFIELD hash 5000",
        "HRANDFIELD hash -9000", "SORT list ALPHA", "SORT list ALPHA DESC LIMIT 100 50 GET # GET #",
        "SORT list", "SORT set ALPHA", "SORT zset ALPHA STORE to", "SORT zset BY nosort DESC",
        "SORT list BY nosort LIMIT 7 15000 STORE to", "SORT set BY nosort STORE to",
        "SORT list ALPHA LIMIT 19990 100 GET # GET none STORE to",
        "SORT list ALPHA LIMIT 20000 5 STORE set", "SORT_RO list ALPHA",
        "LMPOP 2 none list LEFT COUNT 9000", "BLMPOP 0 1 list RIGHT COUNT 20000",
        "BLMPOP 1 2 none list LEFT COUNT 19999", "BZMPOP 0 2 zset none MIN COUNT 9000",
    ])
    func noTurnLooksAtMoreThanItsShare(command: String) {
        let (node, client) = Self.node()
        let other = node.connect()
        let before = node.works().count
        node.begin(client, [command])
        node.begin(other, ["GET x"])
        node.turn()
        #expect(node.received(client).utf8.count < 200_000)
        #expect(node.received(other) == "$-1\r\n")
        let turns = node.finish()
        #expect(node.works().count == before + 1)
        // What is collected at a time may go over the budget by so much.
        #expect(node.works().elementsMax < 2048 + 1024)
        #expect(turns >= 1)
        #expect(!node.received(client).isEmpty)
        node.checkInvariants()
        // What nothing is random about is answered with, and leaves, what it would at once.
        if command.contains("RAND") || command.hasPrefix("SPOP") { return }
        let (atOnce, asker) = Self.node()
        // A transaction does not rest that has more than commands about keys.
        let reply = atOnce.pipeline(asker, ["MULTI", command, "PING", "EXEC"])
        #expect(atOnce.works().count == 0)
        let queued = "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n"
        let expected = queued + node.received(client) + "+PONG\r\n"
        // Members of a set have no order.
        let isSet = command.hasPrefix("SINTER ") || command.hasPrefix("SDIFF ")
        #expect(isSet ? expected.sorted() == reply.sorted() : expected == reply)
        #expect(node.send(other, "LRANGE to 0 -1") == atOnce.send(asker, "LRANGE to 0 -1"))
        for key in ["set", "hash", "zset", "list", "to"] {
            for question in ["OBJECT ENCODING", "SCARD", "HLEN", "ZCARD", "LLEN"] {
                #expect(
                    node.send(other, "\(question) \(key)")
                        == atOnce.send(asker, "\(question) \(key)"))
            }
        }
    }

    @Test func repliesKeepTheirOrder() {
        let (node, client) = Self.node()
        let reply = node.pipeline(
            client, ["SET a 1", "SCARD set", "SMEMBERS set", "GET a", "LRANGE list 0 -1", "GET b"])
        #expect(reply.hasPrefix("+OK\r\n:20000\r\n*20000\r\n"))
        #expect(reply.hasSuffix("$12\r\nmember:19999\r\n$-1\r\n"))
        #expect(reply.contains("\r\n$1\r\n1\r\n*20000\r\n$8\r\nmember:0\r\n"))
    }

    @Test func whileAWorkReadsItsKeyOthersReadAndNobodyWrites() {
        let (node, client) = Self.node()
        let (reader, writer) = (node.connect(), node.connect())
        node.begin(client, ["SMEMBERS set"])
        node.turn()
        node.begin(reader, ["SISMEMBER set member:7"])
        node.begin(writer, ["SREM set member:7"])
        node.turn()
        #expect(node.received(reader) == ":1\r\n")
        #expect(node.received(writer).isEmpty)
        // Who comes behind a writer waits as well, or no writer would ever get its turn.
        node.begin(reader, ["SISMEMBER set member:7"])
        node.turn()
        #expect(node.received(reader).isEmpty)
        node.finish()
        #expect(node.received(client).hasPrefix("*20000\r\n"))
        #expect(node.received(writer) == ":1\r\n")
        #expect(node.received(reader) == ":0\r\n")
        #expect(node.leak() == "3 connections")
    }

    @Test func aTargetIsSeenWholeOrNotAtAll() {
        let (node, client) = Self.node()
        let (reader, other) = (node.connect(), node.connect())
        node.begin(client, ["SUNIONSTORE to set hash2 other"])
        node.turn()
        node.begin(reader, ["SCARD to"])
        node.begin(other, ["SCARD set"])
        node.turn()
        #expect(node.received(reader).isEmpty)
        #expect(node.received(other) == ":20000\r\n")
        node.finish()
        #expect(node.received(reader) == ":20000\r\n")
    }

    @Test func aClientThatDoesNotReadMakesItsWorkRest() {
        let (node, client) = Self.node()
        let other = node.connect()
        for _ in 0..<4 { node.send(other, "SUNIONSTORE set set other") }
        node.stopsReading(client)
        node.begin(client, Array(repeating: "HGETALL hash", count: 4))
        node.finish()
        #expect(node.unsentBytes(client) < 700_000)
        #expect(node.unsentBytes(client) > 200_000)
        // A writer makes it go on.
        #expect(node.send(other, "HSET hash one more") == ":1\r\n")
        node.readsOn(client)
        node.finish()
        #expect(node.received(client).hasPrefix("*40000\r\n"))
        #expect(node.received(client).contains("$4\r\nmore\r\n"))
    }

    @Test(arguments: [
        "SMEMBERS set", "SUNION set other", "ZUNION 2 zset set", "LRANGE list 0 -1",
        "SORT_RO list ALPHA",
    ])
    func whatOnlyAnswersEndsWithItsClient(command: String) {
        let (node, client) = Self.node()
        let other = node.connect()
        node.begin(client, [command])
        node.turn()
        node.breakOff(client)
        #expect(node.finish() < 8)
        #expect(node.send(other, "DEL set zset list hash") == ":4\r\n")
        node.finish()
        node.checkInvariants()
        #expect(node.leak() == "1 connections")
    }

    @Test(arguments: [
        "SPOP set 9000", "ZREMRANGEBYRANK zset 0 8999", "LREM list 0 member:5",
        "SORT list ALPHA STORE to", "SUNIONSTORE to set other", "COPY list to",
    ])
    func whatWritesIsDoneThoughItsClientGoes(command: String) {
        let (node, client) = Self.node()
        let other = node.connect()
        node.begin(client, [command])
        node.turn()
        node.breakOff(client)
        node.finish()
        node.checkInvariants()
        let sizes = node.pipeline(
            other, ["SCARD set", "ZCARD zset", "LLEN list", "EXISTS to"])
        #expect(sizes != ":20000\r\n:20000\r\n:20000\r\n:0\r\n")
        #expect(node.leak() == "1 connections")
    }

    @Test func clientKillEndsAWork() {
        let (node, client) = Self.node()
        let other = node.connect()
        node.begin(client, ["SMEMBERS set"])
        node.turn()
        #expect(node.send(other, "CLIENT KILL TYPE normal SKIPME yes") == ":1\r\n")
        #expect(node.isClosed(client))
        #expect(node.send(other, "SREM set member:1") == ":1\r\n")
    }

    @Test func aFlushWaitsForWorks() {
        let (node, client) = Self.node()
        let other = node.connect()
        node.begin(client, ["ZUNIONSTORE to 2 zset set"])
        node.turn()
        node.begin(other, ["FLUSHALL", "DBSIZE"])
        node.turn()
        #expect(node.received(other).isEmpty)
        node.finish()
        #expect(node.received(client) == ":20000\r\n")
        #expect(node.received(other) == "+OK\r\n:0\r\n")
        node.checkInvariants()
    }

    @Test func aKeyThatComesDueIsHiddenAndGoesBehindTheWork() {
        let (node, client) = Self.node()
        let other = node.connect()
        node.send(client, "PEXPIRE set 50")
        node.begin(client, ["SMEMBERS set"])
        node.turn()
        node.advanceClock(milliseconds: 200)
        node.begin(other, ["EXISTS set"])
        node.turn()
        #expect(node.received(other) == ":0\r\n")
        node.finish()
        #expect(node.received(client).hasPrefix("*20000\r\n"))
        #expect(node.send(other, "EXISTS set") == ":0\r\n")
        node.checkInvariants()
    }

    @Test func aKeyStaysForTheLastOfThoseWhoReadIt() {
        let (node, client) = Self.node()
        let (second, other) = (node.connect(), node.connect())
        node.send(client, "PEXPIRE set 50")
        node.begin(client, ["SMEMBERS set"])
        for _ in 0..<6 { node.turn() }
        node.begin(second, ["SMEMBERS set"])
        // The first one is through, the second is not.
        let replyLength = 368_798
        while node.received(client).utf8.count < replyLength, node.turn() {}
        #expect(node.received(second).utf8.count < replyLength)
        node.advanceClock(milliseconds: 200)
        node.begin(other, ["EXISTS set", "SISMEMBER set member:1"])
        node.finish()
        #expect(node.received(other) == ":0\r\n:0\r\n")
        #expect(node.received(second).hasPrefix("*20000\r\n"))
        #expect(node.received(second).utf8.count == replyLength)
        #expect(node.send(other, "EXISTS set") == ":0\r\n")
        node.checkInvariants()
    }

    @Test func aTargetWhoseTimeComesMeanwhileIsReplaced() {
        let (node, client) = Self.node()
        node.pipeline(client, ["SADD to a b c", "PEXPIRE to 50"])
        node.begin(client, ["SUNIONSTORE to to set"])
        node.turn()
        node.advanceClock(milliseconds: 200)
        node.finish()
        #expect(node.received(client) == ":20003\r\n")
        #expect(node.pipeline(client, ["SCARD to", "PTTL to"]) == ":20003\r\n:-1\r\n")
        node.checkInvariants()
    }

    @Test func aWaiterOnTheTargetIsServed() {
        let (node, client) = Self.node()
        let waiter = node.connect()
        node.send(waiter, "BZPOPMIN to 0")
        node.begin(client, ["ZUNIONSTORE to 1 zset"])
        node.finish()
        #expect(node.received(client) == ":20000\r\n")
        #expect(node.received(waiter) == "*3\r\n$2\r\nto\r\n$8\r\nmember:0\r\n$1\r\n0\r\n")
        #expect(node.send(client, "ZCARD to") == ":19999\r\n")
    }

    @Test func repliesOfOtherCoresComeInPieces() {
        for core in 0..<2 {
            let node = NodeHarness(cores: 2)
            let client = node.connect(core: core)
            Self.fill(node, client)
            let other = node.connect(core: 1 - core)
            let commands = [
                "SMEMBERS set", "HGETALL hash", "ZRANGE zset 0 -1", "LRANGE list 0 -1",
            ]
            for command in commands {
                let reply = node.pipeline(client, ["SET a 1", command, "GET a", "GET b", "PING"])
                #expect(reply.hasPrefix("+OK\r\n*"))
                #expect(reply.hasSuffix("\r\n$1\r\n1\r\n$-1\r\n+PONG\r\n"))
                #expect(reply.utf8.count > 300_000)
                #expect(node.pipeline(other, [command]) == String(reply.dropFirst(4).dropLast(15)))
            }
            node.begin(client, ["SMEMBERS set", "HGETALL hash"])
            node.turn()
            node.turn()
            node.breakOff(client)
            node.finish()
            #expect(node.send(other, "DEL set").hasPrefix(":1"))
            #expect(node.send(other, "HSET hash a b").hasPrefix(":1"))
            node.breakOff(other)
            node.finish()
            #expect(node.leak(core: 0) == nil)
            #expect(node.leak(core: 1) == nil)
        }
    }

    @Test func repliesThatAreNotWantedAreDropped() {
        let (node, client) = Self.node()
        let reply = node.pipeline(
            client, ["CLIENT REPLY SKIP", "SMEMBERS set", "GET a", "CLIENT REPLY OFF",
                "SMEMBERS set", "CLIENT REPLY ON", "PING"])
        #expect(reply == "$-1\r\n+OK\r\n+PONG\r\n")
    }

    @Test func aTransactionRestsWhereACommandIsLong() {
        let (node, client) = Self.node()
        let (reader, writer) = (node.connect(), node.connect())
        node.begin(
            client,
            [
                "MULTI", "SET a 1", "SMEMBERS set", "SUNIONSTORE to set other", "SCARD to",
                "GET a", "EXEC", "GET a",
            ])
        node.turn()
        // What the transaction has written is not seen before it is over.
        node.begin(reader, ["GET a"])
        node.begin(writer, ["SET b 1"])
        node.turn()
        #expect(node.received(reader).isEmpty)
        #expect(node.received(writer) == "+OK\r\n")
        node.finish()
        let reply = node.received(client)
        let queued = String(repeating: "+QUEUED\r\n", count: 5)
        #expect(reply.hasPrefix("+OK\r\n\(queued)*5\r\n+OK\r\n*20000\r\n$"))
        #expect(reply.hasSuffix("\r\n:20000\r\n:20000\r\n$1\r\n1\r\n$1\r\n1\r\n"))
        #expect(node.received(reader) == "$1\r\n1\r\n")
        #expect(node.works().count == 2)
        #expect(node.works().elementsMax < 2048 + 1024)
        #expect(node.leak() == "3 connections")
    }

    @Test func aTransactionThatWritesIsDoneThoughItsClientGoes() {
        let (node, client) = Self.node()
        let other = node.connect()
        node.begin(client, ["MULTI", "SMEMBERS set", "SET a 1", "EXEC"])
        node.turn()
        node.breakOff(client)
        node.finish()
        #expect(node.send(other, "GET a") == "$1\r\n1\r\n")
        #expect(node.leak() == "1 connections")
    }

    @Test func evictionLeavesTheKeysOfWorks() {
        let (node, client) = Self.node()
        let other = node.connect()
        node.send(client, "DEL hash zset list")
        node.begin(client, ["SMEMBERS set"])
        node.turn()
        node.send(other, "CONFIG SET maxmemory-policy allkeys-lru maxmemory 100000")
        node.begin(other, ["SET a 1", "GET a"])
        node.turn()
        node.finish()
        #expect(node.received(client).hasPrefix("*20000\r\n"))
        node.checkInvariants()
    }

    @Test func manyWorksShareATurn() {
        let (node, client) = Self.node()
        node.pipeline(client, ["SPOP set 19500", "PING"])
        let clients = (0..<64).map { _ in node.connect() }
        for other in clients { node.begin(other, ["SMEMBERS set"]) }
        node.turn()
        #expect(node.works().elementsMax < 2048 + 1024)
        node.finish()
        for other in clients { #expect(node.received(other).hasPrefix("*500\r\n")) }
    }
}
