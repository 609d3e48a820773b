import TestSupport
import Testing

/// The bit commands where random calls seldom come: limits, the order of checks, what counts as a
/// write, long strings.
@Suite struct BitConformanceTests {
    static let written: [[String]] = [
        // Which of several mistakes is told.
        ["SETBIT k -1 2", "SETBIT k 1 2", "SETBIT k x x", "SETBIT k 1", "GETBIT k", "GETBIT k x y"],
        ["BITCOUNT none x y z", "BITPOS none 2 x", "BITPOS none 1 x y z"],
        ["SET k abc", "BITCOUNT k 1", "BITCOUNT k x y z", "BITCOUNT k 0 0 z"],
        ["SET k abc", "BITCOUNT k 0 0 BIT 1", "BITPOS none 0 x y z w v"],
        ["SET k abc", "BITCOUNT k -1 -2 z", "BITCOUNT k -100 -101", "BITCOUNT k -101 -100"],
        ["SET k abc", "BITPOS k 0 0 x z", "BITPOS k 0 x z", "BITPOS k 0 -1 -2 z", "BITPOS k 2 x"],
        ["SET k abc", "BITPOS k 1 -100 -101", "BITPOS k 0 0 BIT", "BITPOS k 0 0 1 BIT x"],
        ["BITOP x d k", "BITOP NOT d k l", "BITOP NOT d", "BITOP AND d", "BITOP", "BITOP AND"],
        ["BITFIELD k GET", "BITFIELD k GET x", "BITFIELD k GET x y", "BITFIELD k GET u8 y"],
        ["BITFIELD k SET x y z", "BITFIELD k SET u8 y z", "BITFIELD k SET u8 0 z", "EXISTS k"],
        ["BITFIELD k SET u8 0 1 GET u8", "BITFIELD k SET u8 0 1 OVERFLOW", "EXISTS k"],
        ["BITFIELD k OVERFLOW x GET", "BITFIELD k OVERFLOW WRAP", "BITFIELD k", "EXISTS k"],
        ["BITFIELD_RO k SET u8 0 x", "BITFIELD_RO k SET u8 0 1", "BITFIELD_RO k OVERFLOW SAT"],
        // The end of what a string may be.
        ["GETBIT k 4294967295", "GETBIT k 4294967296", "BITFIELD k GET u63 4294967295"],
        ["BITFIELD k GET u8 #536870911", "BITFIELD k GET u8 #536870912"],
        ["BITFIELD k GET u8 #2305843009213693952", "BITFIELD k GET u8 #-1", "BITFIELD k GET u8 #"],
        ["CONFIG SET proto-max-bulk-len 1mb", "SETBIT k 8388608 1", "GETBIT k 8388608",
         "SETBIT k 8388607 1", "BITFIELD k SET u63 8388607 5", "STRLEN k", "BITCOUNT k",
         "BITFIELD k GET u63 8388607", "BITFIELD k SET u8 8388608 1", "BITOP NOT l k", "STRLEN l",
         "CONFIG SET proto-max-bulk-len 512mb"],
        // How the value counts as held, whether or not a bit changed.
        ["SET k 5", "SETBIT k 0 0", "OBJECT ENCODING k", "GET k", "INCR k", "OBJECT ENCODING k"],
        ["SET k 5", "BITFIELD k SET u8 0 53", "OBJECT ENCODING k", "SET k 5", "GETBIT k 3",
         "BITFIELD k GET u8 0", "BITCOUNT k", "OBJECT ENCODING k"],
        ["SET k 5", "BITOP OR l k k", "OBJECT ENCODING l", "OBJECT ENCODING k", "INCR l"],
        ["SET k abc", "BITFIELD k OVERFLOW FAIL INCRBY u8 80 300", "GET k", "OBJECT ENCODING k"],
        // Deadlines: kept by a change in place, ended by a new value.
        ["SET k abc EX 5000", "SETBIT k 100 1", "PERSIST k", "SET k abc EX 5000", "BITOP NOT k k",
         "PERSIST k"],
        ["SET k abc EX 5000", "BITFIELD k SET u8 0 1", "PERSIST k", "BITOP AND k none", "EXISTS k"],
        // Keys named twice, missing, empty; the result in place of a source.
        ["SET a abc", "SET b \"\"", "BITOP AND a a a", "GET a", "BITOP XOR a a a", "GET a"],
        ["SET a abc", "SET b abcdef", "BITOP AND a a b none", "GET a", "BITOP OR b b a", "GET b"],
        ["SET a abc", "BITOP NOT a none", "EXISTS a", "BITOP NOT a a", "EXISTS a"],
    ]

    static let watched: [[String]] = [
        "SETBIT k 1 1", "SETBIT k 0 1", "SETBIT k 100 0", "SETBIT l 0 0", "GETBIT k 1",
        "BITFIELD k SET u8 0 53", "BITFIELD k SET u8 0 54", "BITFIELD k INCRBY u8 0 0",
        "BITFIELD k OVERFLOW FAIL INCRBY u8 0 300", "BITFIELD k GET u8 0", "BITFIELD k",
        "BITFIELD k SET u8 100 0", "BITOP AND k k k", "BITOP AND l k k", "BITOP OR l none none",
        "BITOP OR k none none", "BITCOUNT k", "BITPOS k 1",
    ].flatMap { call in
        ["k", "l"].map { ["SET k 5", "WATCH \($0)", call, "MULTI", "PING", "EXEC", "GET k"] }
    }

    @Test(arguments: ServerProgram.subject.coreCounts)
    func writtenCalls(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.written + Self.watched)
    }

    /// Strings of many lengths around the words and blocks of the loops.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func longStrings(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let duplex = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        var dice = Dice(seed: Seeds.range.lowerBound)
        let lengths = [1, 7, 8, 9, 31, 33, 64, 1_023, 1_025, 4_095, 4_097, 20_000, 100_001]
        for round in 0..<60 {
            let keys = (0..<3).map { word("long:\($0)") }
            var calls = keys.map { key in
                let length = dice.pick(lengths)
                let value = round.isMultiple(of: 3)
                    ? [UInt8](repeating: dice.pick([0, 255]), count: length)
                    : dice.bytes(count: length)
                return Call([word("SET"), key, value])
            }
            calls.append(
                Call([word("BITOP"), word(dice.pick(["AND", "OR", "XOR"])), word("result")] + keys))
            calls.append(Call("GET", "result"))
            calls.append(Call("BITCOUNT", "result"))
            for _ in 0..<4 {
                let (first, last) = ("\(dice.below(100_000))", "\(-1 - dice.below(100_000))")
                calls.append(Call("BITCOUNT", "long:0", first, last, "BIT"))
                calls.append(Call("BITPOS", "long:1", "1", first))
                calls.append(Call("BITPOS", "long:2", "0", first, last, "BIT"))
            }
            for call in calls {
                let difference = duplex.difference(for: call)
                #expect(difference == nil, "\(difference.map(\.description) ?? "")")
            }
        }
    }

    @Test func lookUpsAreCounted() throws {
        let pair = try ServerPair()
        let counts = try [pair.reference, pair.subject].map { server in
            let client = try server.connect()
            _ = try client.call("CONFIG", "RESETSTAT")
            for line in ["SETBIT a 1 1", "GETBIT a 1", "GETBIT b 1", "BITCOUNT a", "BITPOS b 1",
            "BITOP OR c a b", "BITFIELD a GET u8 0", "BITFIELD a SET u8 0 1", "BITFIELD_RO b"] {
                _ = try client.call(Call(words: line))
            }
            let stats = try client.call("INFO", "stats").text ?? ""
            return stats.split(separator: "\r\n").map(String.init)
                .filter { $0.hasPrefix("keyspace_") }
        }
        #expect(counts[0] == counts[1])
    }
}
