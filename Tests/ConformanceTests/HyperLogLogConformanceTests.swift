import TestSupport
import Testing

/// HyperLogLogs beside Redis: the same elements give the same bytes and the same counts, whichever
/// of the two wrote the string.
@Suite struct HyperLogLogConformanceTests {
    static let written: [[String]] = [
        ["PFADD k", "GET k", "PFADD k", "PFCOUNT k", "GET k", "OBJECT ENCODING k"],
        ["PFADD k a b c", "PFADD k a b c", "GET k", "PFCOUNT k", "PFCOUNT k", "GET k"],
        ["PFADD k a EX", "EXPIRE k 5000", "PFADD k b", "PFMERGE k", "PFCOUNT k", "PERSIST k"],
        ["PFCOUNT k", "PFCOUNT k l", "PFMERGE k l", "GET k", "PFMERGE k l", "PFCOUNT k"],
        ["PFADD k a", "PFADD l b", "PFMERGE m k l", "GET m", "PFCOUNT k l m", "PFMERGE k", "GET k"],
        ["PFADD", "PFCOUNT", "PFMERGE", "PFDEBUG", "PFDEBUG ENCODING", "PFSELFTEST x",
         "PFDEBUG ENCODING k l", "PFSELFTEST"],
        // What is no HyperLogLog.
        ["SET k 5", "PFADD k a", "PFADD k", "PFCOUNT k", "PFCOUNT l k", "PFMERGE k", "PFMERGE l k",
         "PFDEBUG ENCODING k", "EXISTS l", "OBJECT ENCODING k"],
        ["SET k HYLL", "PFADD k a", "SET k \"\"", "PFCOUNT k", "GET k"],
        // Debugging.
        ["PFDEBUG ENCODING k", "PFDEBUG nonsense k", "PFADD k a", "PFDEBUG nonsense k",
         "PFDEBUG encoding k", "PFDEBUG decode k", "PFDEBUG todense k", "PFDEBUG todense k",
         "PFDEBUG decode k", "PFDEBUG getreg k", "GET k", "PFADD k b", "PFCOUNT k"],
        ["PFADD k a", "PFDEBUG GETREG k", "PFDEBUG ENCODING k", "GET k"],
        // The bound of the sparse form.
        ["CONFIG SET hll-sparse-max-bytes 0", "PFADD k", "PFDEBUG ENCODING k", "PFADD k a",
         "PFDEBUG ENCODING k", "GET k", "CONFIG SET hll-sparse-max-bytes 3000"],
        ["CONFIG SET hll-sparse-max-bytes 20", "PFADD k a", "STRLEN k",
         "CONFIG SET hll-sparse-max-bytes 21", "PFADD l a", "STRLEN l", "PFADD l b", "STRLEN l",
         "PFMERGE m l", "STRLEN m", "CONFIG SET hll-sparse-max-bytes 3000"],
        ["CONFIG GET hll-sparse-max-bytes", "CONFIG SET hll-sparse-max-bytes -1",
         "CONFIG SET hll-sparse-max-bytes 1kb", "CONFIG GET hll-sparse-max-bytes",
         "CONFIG SET hll-sparse-max-bytes 3000"],
        // What counts as a write.
        ["WATCH k", "PFADD k", "MULTI", "PING", "EXEC"],
        ["PFADD k a", "WATCH k", "PFADD k a", "MULTI", "PING", "EXEC"],
        ["PFADD k a", "WATCH k", "PFADD k b", "MULTI", "PING", "EXEC"],
        ["PFADD k a", "WATCH k", "PFCOUNT k", "MULTI", "PING", "EXEC"],
        ["PFADD k a", "PFCOUNT k", "WATCH k", "PFCOUNT k", "MULTI", "PING", "EXEC"],
        ["PFADD k a", "WATCH k", "PFCOUNT k l", "MULTI", "PING", "EXEC"],
        ["PFADD k a", "WATCH k", "PFMERGE k", "MULTI", "PING", "EXEC"],
        ["PFADD k a", "WATCH k", "PFMERGE l k", "PFDEBUG ENCODING k", "MULTI", "PING", "EXEC"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func writtenCalls(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.written)
    }

    /// The string after each PFADD, from empty to long after it has become dense, under bounds that
    /// make that early or late.
    @Test(arguments: ["0", "100", "3000", "20000"])
    func stringsAreAlikeByteForByte(sparseSizeMax: String) throws {
        let pair = try ServerPair()
        let duplex = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        var dice = Dice(seed: Seeds.range.lowerBound)
        var calls = [Call("CONFIG", "SET", "hll-sparse-max-bytes", sparseSizeMax)]
        for step in 0..<600 {
            let count = dice.pick([1, 1, 1, 10])
            calls.append(
                Call(
                    [word("PFADD"), word("k")]
                        + (0..<count).map { _ in dice.bytes(count: dice.below(20)) }))
            calls.append(Call("GET", "k"))
            if step.isMultiple(of: 10) { calls.append(Call("PFCOUNT", "k")) }
            if step.isMultiple(of: 50) { calls.append(Call("PFMERGE", "l", "k")) }
            if step.isMultiple(of: 50) { calls.append(Call("GET", "l")) }
        }
        for call in calls {
            let difference = duplex.difference(for: call)
            #expect(difference == nil, "\(difference.map(\.description) ?? "")")
            if difference != nil { return }
        }
    }

    /// Counts over all orders of magnitude, of one key and of keys on several cores.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func countsAreAlike(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let duplex = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        var next = 0
        for step in 0..<40 {
            let key = "count:\(step % 5)"
            let elements = (0..<(step < 20 ? 20 : 3_000)).map { word("element:\(next + $0)") }
            next += elements.count / 2
            let calls = [
                Call([word("PFADD"), word(key)] + elements), Call("PFCOUNT", key),
                Call("PFCOUNT", "count:0", "count:1", "count:2", "count:3", "count:4"),
                Call("PFMERGE", "merged", key), Call("PFCOUNT", "merged"), Call("GET", "merged"),
            ]
            for call in calls {
                let difference = duplex.difference(for: call)
                #expect(difference == nil, "\(difference.map(\.description) ?? "")")
            }
        }
    }

    /// What one server wrote, the other reads.
    @Test func stringsTravelBetweenServers() throws {
        let pair = try ServerPair()
        let clients = [try pair.reference.connect(), try pair.subject.connect()]
        for (from, to) in [(0, 1), (1, 0)] {
            for count in [0, 1, 100, 5_000] {
                let elements = (0..<count).map { word("\($0)") }
                _ = try clients[from].call(Call("DEL", "k"))
                _ = try clients[from].call(Call([word("PFADD"), word("k")] + elements))
                let string = try #require(try clients[from].call(Call("GET", "k")).reply.bytes)
                _ = try clients[to].call(Call([word("SET"), word("k"), string]))
                let counts = try clients.map { try $0.call(Call("PFCOUNT", "k")).reply }
                #expect(counts[0] == counts[1])
                let changes = try clients.map { try $0.call(Call("PFADD", "k", "more")).reply }
                #expect(changes[0] == changes[1])
                let strings = try clients.map { try $0.call(Call("GET", "k")).reply }
                #expect(strings[0] == strings[1])
            }
        }
    }
}
