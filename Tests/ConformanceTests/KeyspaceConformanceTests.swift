import TestSupport
import Testing

/// Looking over many keys at once: KEYS and SCAN with random globs, RANDOMKEY, big values.
@Suite struct KeyspaceConformanceTests {
    private static let letters = ["a", "b", "c", "-", "]", "[", "^", "\\", "*", "?"]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func globsMatchTheSameKeys(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        var dice = Dice(seed: Seeds.range.lowerBound)
        let (reference, subject) = (try pair.reference.connect(), try pair.subject.connect())
        var setting = [word("MSET")]
        for _ in 0..<300 {
            let length = dice.number(in: 0...4)
            let key = (0..<length).map { _ in dice.pick(Self.letters) }.joined()
            setting += [word(key), word("v")]
        }
        let duplex = Duplex(reference, subject, plant: nil)
        #expect(duplex.difference(for: Call(setting)) == nil)
        for _ in 0..<500 {
            let length = dice.number(in: 0...6)
            let glob = word((0..<length).map { _ in dice.pick(Self.letters) }.joined())
            let difference =
                duplex.difference(for: Call([word("KEYS"), glob]))
                ?? duplex.difference(
                    for: .scan(
                        connection: 0, of: [word("SCAN")], options: [word("MATCH"), glob]))
            #expect(difference == nil, "\(difference.map(\.description) ?? "")")
        }
    }

    /// A key that is there all the time is returned, while others come and go between the pages.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func scanReturnsWhatStays(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        let client = try server.connect()
        let staying = Set((0..<2_000).map { "staying:\($0)" })
        for key in staying { _ = try client.call("SET", key, "v") }
        var seen: Set<String> = []
        var cursor = "0"
        var page = 0
        repeat {
            let reply = try client.call("SCAN", cursor, "COUNT", "50")
            cursor = try #require(reply.elements?.first?.text)
            #expect(UInt64(cursor) != nil)
            seen.formUnion(try #require(reply.elements?.last?.elements).compactMap(\.text))
            for index in 0..<50 {
                let verb = page.isMultiple(of: 2) ? ["SET", "coming:\(page):\(index)", "v"]
                    : ["DEL", "coming:\(page - 1):\(index)"]
                _ = try client.call(Call(verb.map(word)))
            }
            page += 1
        } while cursor != "0" && page < 10_000
        #expect(staying.subtracting(seen).isEmpty)
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func randomKeyIsAKey(cores: Int) throws {
        let server = try ServerProcess(.subject, ServerOptions(cores: cores))
        let client = try server.connect()
        #expect(try client.call("RANDOMKEY").isNull)
        let keys = Set((0..<20).map { "key:\($0)" })
        for key in keys { _ = try client.call("SET", key, "v") }
        var seen: Set<String> = []
        for _ in 0..<2_000 { seen.insert(try client.call("RANDOMKEY").text ?? "") }
        #expect(seen == keys)
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func bigValuesComeBackWhole(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let duplex = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        var dice = Dice(seed: 7)
        for size in [16_383, 16_384, 65_535, 65_537, 1 << 20, 5 << 20] {
            let value = dice.bytes(count: size)
            for call in [
                Call([word("SET"), word("big"), value]), Call("GET", "big"), Call("STRLEN", "big"),
                Call([word("APPEND"), word("big"), value]), Call("GETRANGE", "big", "-10", "-1"),
                Call("SETRANGE", "big", "\(size)", "x"), Call("COPY", "big", "other", "REPLACE"),
                Call("MGET", "big", "other"), Call([word("ECHO"), value]), Call("GETDEL", "big"),
            ] {
                let difference = duplex.difference(for: call)
                #expect(difference == nil, "\(size): \(difference?.step.prefix(100) ?? "")")
            }
        }
    }
}
