import Node
import TestSupport
import Testing

/// Strings that are held compressed, on the logic of whole cores.
@Suite struct CompressionTests {
    /// So many bytes that LZ4 makes something of.
    private static func text(_ count: Int) -> String {
        String((0..<(count / 7 + 1)).map { "name:\($0 % 7)," }.joined().prefix(count))
    }

    private static func node(cores: Int) -> NodeHarness {
        var configuration = NodeConfiguration()
        configuration.set("compress-values-over", to: "100")
        return NodeHarness(cores: cores, configuration: configuration)
    }

    private static func usage(_ key: String, _ node: NodeHarness, _ client: Int) -> Int {
        Int(node.send(client, "MEMORY USAGE \(key)").dropFirst().dropLast(2)) ?? 0
    }

    @Test func theParameterIsReadAndObeyed() {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        let name = "compress-values-over"
        #expect(node.send(client, "CONFIG GET \(name)").hasSuffix("\r\n0\r\n"))
        node.send(client, "SET k \(Self.text(4000))")
        let before = Self.usage("k", node, client)
        #expect(node.send(client, "CONFIG SET \(name) 100") == "+OK\r\n")
        #expect(Self.usage("k", node, client) == before)
        node.send(client, "SET k \(Self.text(4000))")
        #expect(Self.usage("k", node, client) * 4 < before)
        #expect(node.send(client, "CONFIG SET \(name) 0") == "+OK\r\n")
        node.send(client, "SET k \(Self.text(4000))")
        #expect(Self.usage("k", node, client) == before)
        #expect(node.send(client, "CONFIG SET \(name) -1").hasPrefix("-ERR"))
        #expect(node.send(client, "CONFIG SET \(name) 1073741825").hasPrefix("-ERR"))
        node.checkInvariants()
    }

    /// What a turn cannot compress goes on in the next ones, and all of it is compressed.
    @Test(arguments: [1, 2]) func manyLongStringsAreCompressedInParts(cores: Int) {
        let node = Self.node(cores: cores)
        let client = node.connect()
        let text = Self.text(60_000)
        node.begin(client, (0..<40).map { "SET k\($0) \(text)" })
        #expect(node.finish() > 1)
        #expect(node.received(client) == String(repeating: "+OK\r\n", count: 40))
        let worked = (0..<cores).reduce(0) { $0 + node.works(core: $1).count }
        #expect(worked > 0)
        for index in 0..<40 {
            #expect(Self.usage("k\(index)", node, client) < 10_000)
            #expect(node.send(client, "GET k\(index)") == "$60000\r\n\(text)\r\n")
        }
        node.checkInvariants()
    }

    /// Keys of other cores are lent as they are held, and come back.
    @Test func keysOfSeveralCores() {
        let node = Self.node(cores: 2)
        let client = node.connect()
        let tags = (0..<2).map { number in
            (0...).lazy.map { "{\($0)}" }.first { node.owner(of: $0) == number } ?? ""
        }
        let (a, b) = ("a\(tags[0])", "b\(tags[1])")
        let text = Self.text(3000)
        node.send(client, "SET \(a) \(text)")
        let size = Self.usage(a, node, client)
        #expect(size < 1000)
        #expect(node.send(client, "COPY \(a) \(b)") == ":1\r\n")
        #expect(Self.usage(b, node, client) < 1000)
        let both = "*2\r\n" + String(repeating: "$3000\r\n\(text)\r\n", count: 2)
        #expect(node.send(client, "MGET \(a) \(b)") == both)
        #expect(node.send(client, "RENAME \(a) \(b)") == "+OK\r\n")
        #expect(Self.usage(b, node, client) < 1000)
        #expect(node.send(client, "BITOP NOT \(a) \(b)") == ":3000\r\n")
        #expect(node.send(client, "BITOP NOT \(a) \(a)") == ":3000\r\n")
        #expect(node.send(client, "GET \(a)") == "$3000\r\n\(text)\r\n")
        #expect(node.send(client, "GET \(b)") == "$3000\r\n\(text)\r\n")
        node.send(client, "MULTI")
        node.send(client, "MSET \(a) \(text) \(b) \(text)")
        node.send(client, "APPEND \(b) x")
        #expect(node.send(client, "EXEC") == "*2\r\n+OK\r\n:3001\r\n")
        #expect(Self.usage(a, node, client) < 1000)
        #expect(node.send(client, "GET \(b)") == "$3001\r\n\(text)x\r\n")
        node.checkInvariants()
    }
}
