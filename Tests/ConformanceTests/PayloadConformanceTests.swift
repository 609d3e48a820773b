import TestSupport
import Testing

/// DUMP and RESTORE beside redis-server: what one dumps the other restores, with the same errors,
/// and the order of checks.
@Suite struct PayloadConformanceTests {
    private static func payload(_ key: String, _ client: RespConnection) throws -> [UInt8] {
        guard case .bulk(let payload) = try client.call("DUMP", key) else {
            throw ServerFailure("no payload of \(key)")
        }
        return payload
    }

    private static let values = [
        "SET integer 12345", "SET large 123456789012345", "SET text hello", "SET padded 007",
        "RPUSH list a 1 300 70000 -5", "SADD ints 1 2 70000", "SADD set a b 3", "HSET hash f v 1 2",
        "ZADD zset 1 a -inf b 2.5 c", "SETRANGE binary 3 x", "PFADD log a b c d",
    ]

    private static let looks = [
        "TYPE c", "GET c", "LRANGE c 0 -1", "SMEMBERS c", "HGETALL c", "ZRANGE c 0 -1 WITHSCORES",
        "OBJECT ENCODING c", "PFCOUNT c",
    ]

    private static func large(_ key: String) -> [Call] {
        let numbers = (0..<700).map { "\($0)" }
        let texts = numbers.map { "some text that compresses, some text \($0)" }
        func call(_ words: [String]) -> Call { Call(words.map { Array($0.utf8) }) }
        return [
            call(["RPUSH", "biglist"] + texts), call(["SADD", "bigset"] + texts),
            call(["SADD", "bigints"] + numbers),
            call(["HSET", "bighash"] + zip(numbers, texts).flatMap { [$0, $1] }),
            call(["ZADD", "bigzset"] + zip(numbers, texts).flatMap { [$0, $1] }),
            call(["SET", "bigtext", texts.joined()]),
        ]
    }

    /// Each server restores what each of them dumped; then both hold the same.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func valuesTravel(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let duplex = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        for call in Self.values.map(Call.init(words:)) + Self.large("x") {
            let difference = duplex.difference(for: call)
            #expect(difference == nil, "\(difference.map(\.description) ?? "")")
            let key = String(decoding: call.arguments[1], as: UTF8.self)
            for source in [pair.reference, pair.subject] {
                let payload = try Self.payload(key, try source.connect())
                let restore = Call([
                    word("RESTORE"), word("c"), word("0"), payload, word("REPLACE"),
                ])
                for look in [restore] + Self.looks.map(Call.init(words:)) {
                    let difference = duplex.difference(for: look)
                    #expect(difference == nil, "\(difference.map(\.description) ?? "")")
                }
            }
        }
    }

    /// `@` stands for a sound payload, `!` for one with a wrong checksum, `0` for none.
    static let written: [[String]] = [
        ["DUMP", "DUMP none", "DUMP a b", "RESTORE c", "RESTORE c 0", "RESTORE c x @"],
        ["RESTORE c -1 @", "RESTORE c 0 !", "RESTORE c 0 @", "GET c", "RESTORE c 0 @"],
        ["SET c x", "RESTORE c x !", "RESTORE c -1 !", "RESTORE c 0 !", "RESTORE c 0 ! REPLACE",
         "RESTORE c x ! REPLACE", "RESTORE c -1 ! REPLACE", "GET c"],
        ["RESTORE c 0 ! FOO", "RESTORE c -1 ! FOO", "RESTORE c x ! FOO", "SET c x",
         "RESTORE c 0 ! FOO", "RESTORE c 0 @ IDLETIME", "RESTORE c 0 @ IDLETIME -1",
         "RESTORE c 0 @ IDLETIME x", "RESTORE c 0 @ IDLETIME -1 FOO", "RESTORE c 0 @ FREQ",
         "RESTORE c 0 @ FREQ x", "RESTORE c 0 @ FREQ -1", "RESTORE c 0 @ FREQ 256"],
        ["RESTORE c 0 @ FREQ 2 IDLETIME 3", "RESTORE c 0 @ IDLETIME 3 FREQ 2",
         "RESTORE c 0 @ IDLETIME 3 IDLETIME 4", "RESTORE c 0 @ FREQ 3 FREQ 4 REPLACE",
         "RESTORE c 0 @ replace absttl REPLACE", "TTL c"],
        ["RESTORE c 100000 @", "TTL c", "RESTORE c 0 @ REPLACE", "TTL c",
         "RESTORE c 9999999999999 @ REPLACE ABSTTL", "PEXPIRETIME c",
         "RESTORE c 9223372036854775807 @ REPLACE ABSTTL", "PEXPIRETIME c"],
        ["SET c x", "RESTORE c 1 @ REPLACE ABSTTL", "EXISTS c", "RESTORE c 1 @ ABSTTL", "EXISTS c",
         "RESTORE c 9223372036854775807 @ REPLACE", "EXISTS c",
         "RESTORE c 9223372036854775808 @", "RESTORE c +1 @"],
        ["CONFIG SET maxmemory-policy allkeys-lfu", "RESTORE c 0 @ FREQ 200", "OBJECT FREQ c",
         "RESTORE c 0 @ REPLACE IDLETIME 7", "CONFIG SET maxmemory-policy noeviction"],
        ["RESTORE c 0 @", "WATCH c", "RESTORE c 0 @ REPLACE", "MULTI", "PING", "EXEC"],
        ["RESTORE c 0 @", "WATCH c", "RESTORE c 0 !", "RESTORE c 0 @", "DUMP none", "MULTI",
         "PING", "EXEC"],
        ["MULTI", "RESTORE c 0 @", "GET c", "RESTORE c 0 !", "EXEC"],
        ["SET c x", "CONFIG SET maxmemory 1", "RESTORE c 0 @ REPLACE", "RESTORE c 0 !",
         "CONFIG SET maxmemory 0", "GET c"],
        ["COMMAND INFO dump", "COMMAND INFO restore", "COMMAND GETKEYS restore c 0 x",
         "COMMAND GETKEYSANDFLAGS restore c 0 x"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts, [2, 3])
    func writtenCalls(cores: Int, protocolVersion: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let client = try pair.reference.connect()
        try client.call("SET", "a", "hello")
        let sound = try Self.payload("a", client)
        let wrong = Array(sound.dropLast()) + [sound[sound.count - 1] ^ 1]
        for script in Self.written {
            let duplex = Duplex(
                try pair.reference.connect(), try pair.subject.connect(), plant: nil)
            for line in ["HELLO \(protocolVersion)", "FLUSHALL"] + script {
                var call = Call(words: line)
                for (index, word) in call.arguments.enumerated() {
                    if word == [UInt8(ascii: "@")] { call.arguments[index] = sound }
                    if word == [UInt8(ascii: "!")] { call.arguments[index] = wrong }
                }
                let difference = duplex.difference(for: call)
                let text = difference.map(\.description) ?? ""
                #expect(difference == nil, "\(script.joined(separator: "; ")): \(text)")
            }
        }
    }

    /// Messages on connection 1 of what happens to keys on connection 0.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func events(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let client = try pair.reference.connect()
        try client.call("SET", "a", "hello")
        let sound = try Self.payload("a", client)
        let messages = try [pair.reference, pair.subject].map { server in
            let listener = try server.connect()
            let writer = try server.connect()
            _ = try writer.call("FLUSHALL")
            _ = try writer.call("CONFIG", "SET", "notify-keyspace-events", "AKEn")
            _ = try listener.call("PSUBSCRIBE", "*")
            for words in [
                ["c", "0"], ["c", "0"], ["c", "100000", "REPLACE"], ["c", "1", "REPLACE", "ABSTTL"],
                ["c", "1", "ABSTTL"], ["c", "0", "REPLACE"],
            ] {
                let options = words.dropFirst(2).map { Array($0.utf8) }
                let start = [word("RESTORE"), word(words[0]), word(words[1]), sound]
                _ = try writer.call(Call(start + options))
            }
            _ = try writer.call("PUBLISH", "end", "end")
            var received: [String] = []
            while received.last?.contains("end") != true {
                received.append("\(try listener.receive().reply)")
            }
            return received
        }
        #expect(messages[0] == messages[1])
    }

    /// A client that waits for a list gets what RESTORE brings.
    @Test func waitingClients() throws {
        let pair = try ServerPair()
        for server in [pair.reference, pair.subject] {
            let (waiter, writer) = (try server.connect(), try server.connect())
            _ = try writer.call("RPUSH", "l", "a", "b")
            let payload = try Self.payload("l", writer)
            try waiter.send(Call("BLPOP", "k", "0").encoded)
            _ = Deadline.wait(seconds: 5) {
                (try? writer.call("INFO", "clients").text)?.contains("blocked_clients:1") == true
            }
            _ = try writer.call(Call([word("RESTORE"), word("k"), word("0"), payload]))
            let served = try waiter.receive().reply
            #expect(served == .array([.bulk(word("k")), .bulk(word("a"))]))
            #expect(try writer.call("LLEN", "k") == .integer(1))
        }
    }
}
