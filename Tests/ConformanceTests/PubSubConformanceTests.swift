import TestSupport
import Testing

/// Channels, patterns and shard channels, over several connections.
@Suite struct PubSubConformanceTests {
    static let channels: [[String]] = [
        ["0> SUBSCRIBE", "0> SUBSCRIBE x y x", "1> PUBLISH x hello", "1> PUBLISH z hello",
         "0> PING", "0> PING hi", "0> PING a b", "0> UNSUBSCRIBE y nope", "0> UNSUBSCRIBE",
         "1> PUBLISH x hello", "0> UNSUBSCRIBE", "0> PUNSUBSCRIBE", "0> SUNSUBSCRIBE",
         "0> UNSUBSCRIBE a b"],
        ["0> PSUBSCRIBE x* y*", "0> SUBSCRIBE x", "1> PUBLISH x m", "1> PUBLISH y m",
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

    /// Two patterns of one client match: which is told first is chance in Redis.
    static let patterns: [[String]] = [
        ["0> PSUBSCRIBE x* *", "0> SUBSCRIBE x", "1> PUBLISH x m", "1> PUBLISH y m",
         "0> PUNSUBSCRIBE x*", "1> PUBLISH x m"],
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
        for difference in try pair.pushDifferences(Self.patterns, isOrdered: false) {
            Issue.record(Comment(rawValue: difference))
        }
        for difference in try pair.pushDifferences(Self.own, protocols: [3]) {
            Issue.record(Comment(rawValue: difference))
        }
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func queries(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.queries)
    }

    /// A subscriber that does not read is closed, and its publisher is served all along.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func slowSubscriber(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for server in [pair.reference, pair.subject] {
            let idle = try IdleSubscriber(server, limits: "pubsub 2000000 0 0")
            var published = 0
            while try idle.publish(kilobytes: 100) == 1, published < 1000 { published += 1 }
            #expect(published >= 20 && published < 200, "\(published) messages of 100 kB")
            #expect(server.residentBytes < 200 << 20)
            #expect(try idle.isClosed(within: 10))
        }
    }

    /// One that holds more than the soft limit is closed once that has lasted, though nobody
    /// publishes any more; one that holds less is not.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func subscriberOverTheSoftLimit(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for server in [pair.reference, pair.subject] {
            let idle = try IdleSubscriber(server, limits: "pubsub 500000000 30000000 2")
            // The kernel takes some megabytes of this: the rest is below the limit.
            for _ in 0..<10 { #expect(try idle.publish(kilobytes: 1000) == 1) }
            #expect(try !idle.isClosed(within: 3))
            let began = ContinuousClock.now
            for _ in 0..<40 { #expect(try idle.publish(kilobytes: 1000) == 1) }
            #expect(try idle.isClosed(within: 20))
            #expect(ContinuousClock.now - began > .seconds(1.5))
            #expect(try idle.publish(kilobytes: 1) == 0)
        }
    }
}

/// A subscriber that never reads, and somebody who publishes.
private final class IdleSubscriber {
    private let subscriber: RespConnection
    private let publisher: RespConnection
    private let number: Int64

    init(_ server: ServerProcess, limits: String) throws {
        publisher = try server.connect()
        try publisher.call("CONFIG", "SET", "client-output-buffer-limit", limits)
        subscriber = try RespConnection(port: server.port, receiveBufferBytes: 4096)
        number = try subscriber.call("CLIENT", "ID").integer ?? 0
        try subscriber.call("SUBSCRIBE", "x")
    }

    /// How many clients the message is for.
    func publish(kilobytes: Int) throws -> Int64? {
        let message = String(repeating: "m", count: kilobytes * 1000)
        return try publisher.call("PUBLISH", "x", message).integer
    }

    func isClosed(within seconds: Double) throws -> Bool {
        try Deadline.wait(seconds: seconds) {
            !(try publisher.call("CLIENT", "LIST").text ?? "").contains("id=\(number) ")
        }
    }
}
