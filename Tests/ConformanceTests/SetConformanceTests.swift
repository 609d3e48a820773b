import Base
import TestSupport
import Testing

/// Sets: what generated calls seldom meet.
@Suite struct SetConformanceTests {
    static let written: [[String]] = [
        // In which order arguments are looked at.
        ["SET s 1", "SADD s", "SADD s a", "SREM s a", "SPOP s x", "SPOP s -1", "SPOP s 0", "SPOP s",
            "SPOP none x", "SPOP none 0", "SPOP none 3", "SPOP none", "SPOP s 1 2",
            "SPOP none 1 2"],
        ["SET s 1", "SRANDMEMBER s x", "SRANDMEMBER s 0", "SRANDMEMBER s 1 2", "SRANDMEMBER none x",
            "SRANDMEMBER none -9223372036854775807", "SRANDMEMBER none -9223372036854775808",
            "SRANDMEMBER none 5", "SRANDMEMBER none", "SRANDMEMBER s"],
        ["SET s 1", "SADD a 1", "SMOVE none s 1", "SMOVE s a 1", "SMOVE a s 1", "SMOVE a s 2",
            "SMOVE a a 1", "SMOVE a a 2", "SMOVE none none 1", "SMOVE a b 1", "EXISTS a",
            "SMEMBERS b"],
        ["SET s 1", "SADD a 1", "SINTER s none", "SINTER none s", "SINTER a none s",
            "SUNION none s", "SDIFF none s", "SDIFF a s", "SINTERSTORE s a none s",
            "SINTERSTORE s a", "TYPE s"],
        ["SET s 1", "SADD a 1 2 3", "SINTERCARD 0 a", "SINTERCARD x a", "SINTERCARD 2 a",
            "SINTERCARD 1 s", "SINTERCARD 2 none s", "SINTERCARD 1 a LIMIT", "SINTERCARD 1 a x 1",
            "SINTERCARD 1 a LIMIT -1", "SINTERCARD 1 a LIMIT x", "SINTERCARD 1 s LIMIT x",
            "SINTERCARD 1 a LIMIT 2", "SINTERCARD 1 a LIMIT 0", "SINTERCARD 1 a LIMIT 1 LIMIT 2",
            "SINTERCARD 1 a a", "SINTERCARD 9999999999999 a", "SINTERCARD 2 a a LIMIT 5"],
        ["SADD a 1 2", "SSCAN a x", "SSCAN none x", "SSCAN none 0 bad", "SSCAN a 0 bad",
            "SSCAN a 0 COUNT", "SSCAN a 0 COUNT 0", "SSCAN a 0 COUNT x", "SSCAN a 0 MATCH",
            "SSCAN a 0 TYPE set", "SSCAN a -1", "SSCAN a \"\"", "SSCAN a 18446744073709551616",
            "SET s 1", "SSCAN s 0", "SSCAN s 0 bad", "SSCAN s x"],
        // Where the forms end.
        ["CONFIG SET set-max-intset-entries 3", "SADD k 1 2 3", "OBJECT ENCODING k", "SADD k 3",
            "OBJECT ENCODING k", "SADD k 4", "OBJECT ENCODING k", "SREM k 1 2 3",
            "OBJECT ENCODING k", "SUNIONSTORE l k", "OBJECT ENCODING l",
            "CONFIG SET set-max-intset-entries 512"],
        ["CONFIG SET set-max-intset-entries 0", "SADD k 1", "OBJECT ENCODING k", "SADD k 1",
            "SMOVE k l 1", "OBJECT ENCODING l", "CONFIG SET set-max-intset-entries 512"],
        ["SADD k 1 2 3", "SADD k 3 2 1", "OBJECT ENCODING k", "SADD k 2 x", "OBJECT ENCODING k",
            "SREM k x", "OBJECT ENCODING k", "SADD l 01", "OBJECT ENCODING l", "SADD m -0",
            "OBJECT ENCODING m", "SADD n 9223372036854775807 -9223372036854775808",
            "OBJECT ENCODING n", "SADD n 9223372036854775808", "OBJECT ENCODING n"],
        ["SADD a 1 2 x", "SREM a x", "SADD b 2 3", "SINTERSTORE i a b", "OBJECT ENCODING i",
            "SUNIONSTORE u a b", "OBJECT ENCODING u", "SDIFFSTORE d a b", "OBJECT ENCODING d",
            "SMOVE a c 1", "OBJECT ENCODING c", "COPY a e", "OBJECT ENCODING e"],
        // A difference found by taking out keeps the form that the first set had.
        ["SADD a 1 2 3 4 5 6 x", "SADD b x", "SADD c y", "SADD d z", "SDIFFSTORE e a b c d",
            "OBJECT ENCODING e", "SMEMBERS e", "SDIFFSTORE f a b", "OBJECT ENCODING f"],
        ["SADD a 1 2 x", "SADD b x", "SDIFFSTORE c a b", "OBJECT ENCODING c", "SDIFFSTORE c a b b",
            "OBJECT ENCODING c", "SDIFFSTORE c a b b b b", "OBJECT ENCODING c", "SDIFF a a",
            "SDIFF a none a", "SDIFF none a", "SDIFF a none"],
        // Results over their sources.
        ["SADD a 1 2 3", "SADD b 2 3 4", "SINTERSTORE a a b", "SMEMBERS a", "SUNIONSTORE a a b",
            "SMEMBERS a", "SDIFFSTORE a b a", "EXISTS a", "SDIFFSTORE b b a", "SMEMBERS b",
            "SET s 1", "SUNIONSTORE s b", "SMEMBERS s", "SUNIONSTORE s none", "EXISTS s",
            "HSET h f v", "SDIFFSTORE h b", "TYPE h"],
        ["SADD a 1", "EXPIRE a 1000", "SADD a 2", "TTL a", "SUNIONSTORE a a", "TTL a",
            "EXPIRE a 1000", "SREM a 1", "TTL a", "SADD b 2", "SMOVE b a 2", "TTL a",
            "SPOP a 5", "TTL a"],
        // SPOP of nearly all makes a new set.
        ["SADD a 1 2 3 4 5 6 x", "SREM a x", "OBJECT ENCODING a", "SPOP a 7", "EXISTS a",
            "SADD a 1 x", "SREM a 1", "SPOP a 0", "SPOP a"],
        // Members named twice, members that look alike.
        ["SADD k a a b a", "SCARD k", "SREM k a a", "SREM k b b", "EXISTS k"],
        ["SADD k 1 01 +1 1.0 \"\" -0 0 \" 1\"", "SCARD k", "SMISMEMBER k 1 01 +1 1.0 \"\" -0 0 00",
            "SISMEMBER k \" 1\"", "SREM k 0 1", "SMEMBERS k"],
        ["SMISMEMBER none a b", "SISMEMBER none a", "SCARD none", "SMEMBERS none", "SET s 1",
            "SMISMEMBER s a", "SISMEMBER s a", "SCARD s", "SMEMBERS s"],
        // What a watch learns of.
        ["SADD k a", "WATCH k", "1> SADD k a", "1> SREM k b", "1> SMOVE k l b", "1> SPOP k 0",
            "1> SINTERSTORE n k none", "1> SMOVE k k a", "MULTI", "PING", "EXEC"],
        ["SADD k a", "WATCH k", "1> SADD k b", "MULTI", "PING", "EXEC"],
        ["SADD k a", "WATCH k", "1> SREM k a", "MULTI", "PING", "EXEC"],
        ["SADD k a", "WATCH k", "1> SPOP k", "MULTI", "PING", "EXEC"],
        ["SADD k a", "WATCH l", "1> SMOVE k l a", "MULTI", "PING", "EXEC"],
        ["SADD k a", "WATCH l", "1> SUNIONSTORE l k", "MULTI", "PING", "EXEC"],
        ["SADD k a", "SADD l b", "WATCH l", "1> SINTERSTORE l k l", "MULTI", "PING", "EXEC"],
        ["SADD k a", "WATCH l", "1> SINTERSTORE l k none", "MULTI", "PING", "EXEC"],
        ["MULTI", "SADD k a b", "SMEMBERS k", "SADD l b c", "SINTER k l", "SUNIONSTORE m k l",
            "SCARD m", "SMOVE k l a", "SDIFF l k", "EXEC"],
        // Other commands on sets.
        ["SADD k a", "GET k", "INCR k", "APPEND k x", "HGET k a", "HSET k a 1", "LCS k k",
            "GETDEL k", "STRLEN k", "MGET k k", "SETNX k 1", "SADD l a", "SET l 1", "TYPE l",
            "RENAME k l",
            "SMEMBERS l", "OBJECT ENCODING l", "DEL l"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func writtenScripts(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.written)
    }

    /// Large sets, changed, walked over and combined.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func manyMembers(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let duplex = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        var dice = Dice(seed: Seeds.range.lowerBound)
        let keys = ["a", "b", "c"]
        for batch in 0..<30 {
            for key in keys {
                let prefix = key == "a" ? "" : dice.pick(["", "member:"])
                var adding = [word("SADD"), word(key)]
                var removing = [word("SREM"), word(key)]
                for _ in 0..<200 { adding.append(word("\(prefix)\(dice.below(10_000))")) }
                for _ in 0..<100 { removing.append(word("\(prefix)\(dice.below(10_000))")) }
                for call in [Call(adding), Call(removing), Call("SCARD", key)] {
                    #expect(duplex.difference(for: call) == nil)
                }
            }
            if batch % 10 != 0 { continue }
            for name in ["SINTER", "SUNION", "SDIFF"] {
                let call = Call([word(name)] + keys.map(word))
                #expect(duplex.difference(for: call) == nil)
                #expect(duplex.difference(for: Call("\(name)STORE", "d", "b", "c")) == nil)
                #expect(duplex.difference(for: Call("OBJECT", "ENCODING", "d")) == nil)
                #expect(duplex.difference(for: Call("SMEMBERS", "d")) == nil)
            }
            let walk = Step.scan(
                connection: 0, of: [word("SSCAN"), word("b")],
                options: [word("MATCH"), word("*7*")])
            #expect(duplex.difference(for: walk) == nil)
            #expect(duplex.difference(for: Call("COPY", "b", "e", "REPLACE")) == nil)
        }
        #expect(duplex.keyspaceDifference() == nil)
    }

    /// What is drawn differs, so it is judged by what must hold: it was in the set, and is gone
    /// from it where it was popped; shapes and encodings are the same on both sides.
    @Test(arguments: ServerProgram.subject.coreCounts, [2, 3])
    func drawnMembers(cores: Int, protocolVersion: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let sides = [try pair.reference.connect(), try pair.subject.connect()]
        var dice = Dice(seed: Seeds.range.lowerBound)
        for side in sides { _ = try side.call(Call("HELLO", "\(protocolVersion)")) }
        for round in 0..<150 {
            let size = dice.pick([1, 2, 5, 30, 130, 600])
            let prefix = dice.pick(["", "m"])
            let added = (0..<size).map { word("\(prefix)\($0 * 3)") }
            let count = dice.pick([1, 2, 5, size / 6, size / 2, size - 1, size, size + 5])
            var shapes: [String] = []
            for side in sides {
                _ = try side.call(Call("DEL", "s"))
                _ = try side.call(Call([word("SADD"), word("s")] + added))
                shapes.append(try Self.draw(count, of: added, side))
            }
            #expect(shapes[0] == shapes[1], "round \(round): \(count) of \(size)")
        }
    }

    /// Draws and pops; returns what both servers must agree on.
    private static func draw(
        _ count: Int, of added: [[UInt8]], _ side: RespConnection
    ) throws -> String {
        let all = Set(added)
        var shape = ""
        for call in [
            Call("SRANDMEMBER", "s", "\(count)"), Call("SRANDMEMBER", "s", "-\(count)"),
            Call("SPOP", "s", "\(count)"),
        ] {
            let reply = try side.call(call).reply
            let drawn = (reply.elements ?? []).compactMap(\.bytes)
            #expect(all.isSuperset(of: drawn))
            if call.arguments[2] != word("-\(count)") { #expect(Set(drawn).count == drawn.count) }
            shape += "\(call.name): \(reply.typeName) of \(drawn.count), "
            if call.name != "SPOP" { continue }
            let left = try side.call(Call("SMEMBERS", "s")).reply.elements ?? []
            #expect(Set(left.compactMap(\.bytes)) == all.subtracting(drawn))
        }
        return shape + "\(try side.call(Call("OBJECT", "ENCODING", "s")).reply)"
    }
}
