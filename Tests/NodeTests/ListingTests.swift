import TestSupport
import Testing

/// KEYS over many keys, on the logic of whole cores.
@Suite struct ListingTests {
    private static func node(cores: Int, keys: Int) -> (NodeHarness, Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        for first in stride(from: 0, to: keys, by: 1000) {
            let pairs = (first..<(first + 1000)).map { "key:\($0) v" }.joined(separator: " ")
            node.pipeline(client, ["MSET " + pairs])
        }
        return (node, client)
    }

    /// The bulk strings of a reply, in order of their names.
    private static func names(_ reply: String) -> [Substring] {
        reply.split(separator: "\r\n").filter { $0.first == "k" || $0.first == "{" }.sorted()
    }

    @Test(arguments: [1, 2, 3])
    func keysAreListedInParts(cores: Int) {
        let (node, client) = Self.node(cores: cores, keys: 30_000)
        let (other, idle) = (node.connect(), node.connect(core: cores - 1))
        // A slot of very many keys.
        for first in stride(from: 0, to: 8000, by: 1000) {
            let pairs = (first..<(first + 1000)).map { "{t}\($0) v" }.joined(separator: " ")
            node.pipeline(client, ["MSET " + pairs])
        }
        node.begin(client, ["KEYS *", "GET key:1"])
        // The cores are held one after the other.
        for _ in 0..<(10 * cores) { node.turn() }
        node.begin(other, ["SET new 1"])
        node.begin(idle, ["PING"])
        node.turn()
        #expect(node.received(other).isEmpty)
        #expect(node.received(idle) == "+PONG\r\n")
        node.finish()
        let reply = node.received(client)
        #expect(reply.hasPrefix("*38000\r\n"))
        #expect(reply.hasSuffix("\r\n$1\r\nv\r\n"))
        let expected = (0..<30_000).map { "key:\($0)" } + (0..<8000).map { "{t}\($0)" }
        #expect(Self.names(reply) == expected.map { Substring($0) }.sorted())
        #expect(node.received(other) == "+OK\r\n")
        for core in 0..<cores { #expect(node.works(core: core).elementsMax < 2048 + 1024) }
        #expect(Self.names(node.pipeline(other, ["KEYS key:1?3"])).count == 10)
        #expect(node.pipeline(other, ["KEYS nothing*"]) == "*0\r\n")
        let queued = node.pipeline(other, ["MULTI", "KEYS key:29*9", "EXEC"])
        #expect(queued.hasPrefix("+OK\r\n+QUEUED\r\n*1\r\n*111\r\n"))
        node.checkInvariants()
    }

    @Test(arguments: [1, 2])
    func aClientThatGoesLetsGoOfAll(cores: Int) {
        for turns in [1, 3, 8, 20] {
            let (node, client) = Self.node(cores: cores, keys: 20_000)
            let other = node.connect(core: cores - 1)
            node.begin(client, ["KEYS *"])
            for _ in 0..<turns { node.turn() }
            node.breakOff(client)
            #expect(node.send(other, "SET a 1") == "+OK\r\n")
            node.finish()
            #expect(node.leak(core: cores - 1) == "1 connections")
            if cores == 2 { #expect(node.leak(core: 0) == nil) }
        }
    }

    @Test func keysThatComeDueMeanwhile() {
        let (node, client) = Self.node(cores: 2, keys: 20_000)
        for number in 0..<200 { node.send(client, "PEXPIRE key:\(number) 50") }
        let other = node.connect()
        node.begin(other, ["KEYS *"])
        for _ in 0..<3 { node.turn() }
        node.advanceClock(milliseconds: 200)
        node.finish()
        let names = Self.names(node.received(other))
        #expect(names.count >= 19_800)
        #expect(Set(names).count == names.count)
        #expect(node.received(other).hasPrefix("*\(names.count)\r\n"))
        node.checkInvariants()
    }
}
