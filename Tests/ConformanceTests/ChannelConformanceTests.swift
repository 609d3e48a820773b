import TestSupport
import Testing

/// Publish and subscribe, one reply a call: what a client that subscribes and publishes on two
/// connections is told. Order and delivery are judged in NodeTests.
@Suite struct ChannelConformanceTests {
    private static let calls = [
        "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "UNSUBSCRIBE a", "PUNSUBSCRIBE a*",
        "SUNSUBSCRIBE a", "SUBSCRIBE a", "PSUBSCRIBE p*", "PSUBSCRIBE q*", "SSUBSCRIBE s",
    ]

    private static let questions = [
        "PUBSUB", "PUBSUB CHANNELS", "PUBSUB CHANNELS a*", "PUBSUB CHANNELS x*", "PUBSUB NUMPAT",
        "PUBSUB NUMSUB a none", "PUBSUB NUMSUB", "PUBSUB SHARDCHANNELS", "PUBSUB SHARDCHANNELS x*",
        "PUBSUB SHARDNUMSUB s none", "PUBSUB SHARDNUMSUB", "PUBSUB HELP", "PUBSUB nonsense",
        "PUBSUB NUMPAT x", "PUBLISH none m", "PUBLISH a", "SPUBLISH none m", "SPUBLISH s",
    ]

    @Test(arguments: ServerProgram.subject.coreCounts, [2, 3])
    func repliesAreTheSame(cores: Int, version: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let subscriber = Duplex(
            try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        let asker = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        for duplex in [subscriber, asker] {
            #expect(duplex.difference(for: Call("HELLO", "\(version)")) == nil)
        }
        for line in Self.questions { #expect(asker.difference(for: Call(words: line)) == nil) }
        for line in Self.calls { #expect(subscriber.difference(for: Call(words: line)) == nil) }
        for line in Self.questions { #expect(asker.difference(for: Call(words: line)) == nil) }
        for line in ["UNSUBSCRIBE a", "PUNSUBSCRIBE p*", "SUNSUBSCRIBE s", "PING"] {
            #expect(subscriber.difference(for: Call(words: line)) == nil)
        }
        for line in Self.questions { #expect(asker.difference(for: Call(words: line)) == nil) }
    }
}
