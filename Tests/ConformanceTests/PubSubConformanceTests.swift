import TestSupport
import Testing

/// Channels, patterns and shard channels, over several connections.
@Suite struct PubSubConformanceTests {
    static let channels: [[String]] = [
        ["0> SUBSCRIBE", "0> SUBSCRIBE x y x", "1> PUBLISH x hello", "1> PUBLISH z hello",
         "0> PING", "0> PING hi", "0> PING a b", "0> UNSUBSCRIBE y nope", "0> UNSUBSCRIBE",
         "1> PUBLISH x hello", "0> UNSUBSCRIBE", "0> PUNSUBSCRIBE", "0> SUNSUBSCRIBE",
         "0> UNSUBSCRIBE a b"],
        ["0> PSUBSCRIBE x* *", "0> SUBSCRIBE x", "1> PUBLISH x m", "1> PUBLISH y m",
         "0> PUNSUBSCRIBE b* x*", "1> PUBLISH x m", "0> PUNSUBSCRIBE", "1> PUBLISH x m"],
        ["0> PSUBSCRIBE h[a-c]llo", "1> PUBLISH hallo 1", "1> PUBLISH hdllo 2",
         "0> PSUBSCRIBE \"\"", "1> PUBLISH \"\" \"\"", "1> PUBLISH a \"x\\r\\ny\\x00\""],
        ["0> SSUBSCRIBE s1 s2 s1", "1> SPUBLISH s1 m", "1> PUBLISH s1 m", "0> SUBSCRIBE s1",
         "1> PUBLISH s1 m", "1> SPUBLISH s1 m", "0> SUNSUBSCRIBE s1 nope", "0> SUNSUBSCRIBE"],
        ["0> SUBSCRIBE x", "0> GET k", "0> nonsense", "0> GET", "0> MULTI", "0> EXEC",
         "0> DISCARD", "0> CLIENT ID", "0> HELLO 3", "0> RESET", "0> GET k", "1> PUBLISH x m"],
        ["0> SUBSCRIBE x", "0> QUIT", "1> PUBLISH x m"],
        ["0> SUBSCRIBE a", "1> SUBSCRIBE a", "2> PSUBSCRIBE a*", "3> PUBLISH a 1",
         "3> PUBLISH a 2 ;; PUBLISH a 3 ;; PING ;; PUBLISH b 4", "!close 0", "3> PUBLISH a 5"],
        ["0> MULTI", "0> SUBSCRIBE x", "0> PUBLISH x 1", "0> PING", "0> EXEC", "1> PUBLISH x 2"],
        ["0> MULTI", "0> SUBSCRIBE q", "0> UNSUBSCRIBE q", "0> SSUBSCRIBE s", "0> EXEC",
         "0> GET k"],
        ["0> SUBSCRIBE x", "1> MULTI ;; PUBLISH x 1 ;; SET k v ;; PUBLISH x 2 ;; EXEC",
         "1> WATCH k ;; SET k w ;; MULTI ;; PUBLISH x 3 ;; EXEC"],
        ["0> CLIENT REPLY OFF", "0> SUBSCRIBE x", "1> PUBLISH x m", "0> PING",
         "0> CLIENT REPLY ON", "0> UNSUBSCRIBE x"],
        ["1> PUBLISH", "1> PUBLISH x", "1> SPUBLISH x", "1> PUBLISH x y z", "1> PSUBSCRIBE"],
    ]

    /// A client of RESP3 may do anything else meanwhile, and gets its own messages.
    static let own: [[String]] = [
        ["0> SUBSCRIBE x y", "0> GET k", "0> PING", "0> PUBLISH x m",
         "0> PUBLISH x 1 ;; PUBLISH y 2 ;; PING", "0> PSUBSCRIBE *", "0> PUBLISH x m"],
        ["0> SUBSCRIBE x", "0> MULTI ;; PUBLISH x 1 ;; PING ;; PUBLISH x 2 ;; EXEC"],
        ["0> SUBSCRIBE x", "0> CLIENT REPLY SKIP ;; PUBLISH x self ;; PING",
         "0> CLIENT REPLY SKIP ;; SUBSCRIBE y ;; PING",
         "0> CLIENT REPLY OFF", "0> PUBLISH x self", "1> PUBLISH x m", "0> UNSUBSCRIBE y"],
        ["0> SUBSCRIBE x", "0> HELLO 2", "0> GET k", "1> PUBLISH x m", "0> PING"],
    ]

    static let queries: [[String]] = [
        ["PUBSUB", "PUBSUB nonsense", "PUBSUB CHANNELS", "PUBSUB NUMSUB", "PUBSUB NUMPAT",
         "PUBSUB SHARDCHANNELS", "PUBSUB SHARDNUMSUB", "PUBSUB NUMPAT x"],
        ["PUBSUB CHANNELS a b", "PUBSUB SHARDCHANNELS a b", "PUBSUB NUMSUB a b a"],
        ["1> SUBSCRIBE b", "2> SUBSCRIBE b", "2> PSUBSCRIBE p*", "1> PSUBSCRIBE p*",
         "1> SSUBSCRIBE s", "PUBSUB CHANNELS", "PUBSUB CHANNELS b*", "PUBSUB CHANNELS x",
         "PUBSUB NUMSUB b a", "PUBSUB NUMPAT", "PUBSUB SHARDCHANNELS", "PUBSUB SHARDNUMSUB s b"],
        ["MULTI", "PUBSUB NUMSUB x", "PUBSUB CHANNELS a b", "PUBLISH x y", "EXEC"],
        ["1> SUBSCRIBE b", "CLIENT KILL TYPE pubsub", "PUBSUB CHANNELS"],
        ["COMMAND GETKEYS spublish a b", "COMMAND GETKEYS ssubscribe a b",
         "COMMAND GETKEYS subscribe a", "COMMAND GETKEYSANDFLAGS spublish a b"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func messages(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for difference in try pair.pushDifferences(Self.channels) {
            Issue.record(Comment(rawValue: difference))
        }
        for difference in try pair.pushDifferences(Self.own, protocols: [3]) {
            Issue.record(Comment(rawValue: difference))
        }
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func queries(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for difference in try pair.differences(Self.queries) {
            Issue.record(Comment(rawValue: difference))
        }
    }

    /// A subscriber that does not read is closed, and its publisher is served all along.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func slowSubscriber(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for server in [pair.reference, pair.subject] {
            let subscriber = try RespConnection(port: server.port, receiveBufferBytes: 4096)
            let publisher = try server.connect()
            try publisher.call(
                "CONFIG", "SET", "client-output-buffer-limit", "pubsub 2000000 0 0")
            try subscriber.call("SUBSCRIBE", "x")
            let message = String(repeating: "m", count: 100_000)
            var published = 0
            while try publisher.call("PUBLISH", "x", message).integer == 1, published < 1000 {
                published += 1
            }
            #expect(published >= 20 && published < 200, "\(published) messages of 100 kB")
            #expect(server.residentBytes < 200 << 20)
        }
    }
}
