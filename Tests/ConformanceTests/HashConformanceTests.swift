import TestSupport
import Testing

/// Hashes: what generated calls seldom meet.
@Suite struct HashConformanceTests {
    static let written: [[String]] = [
        // Numbers: what counts as one, and where the sums end.
        ["HSET k a 1 t abc", "HINCRBY k a 1.5", "HINCRBY k t 1", "HINCRBYFLOAT k t 1", "HGETALL k"],
        ["HINCRBYFLOAT k a inf", "HINCRBYFLOAT k a nan", "HINCRBYFLOAT k a -inf", "EXISTS k"],
        ["HSET k b 9223372036854775807", "HINCRBY k b 1", "HINCRBY k b -1", "HGET k b"],
        ["HSET k a \" 5\" b 007 c +1 d -0", "HINCRBY k a 1", "HINCRBY k b 1", "HINCRBY k c 1",
            "HINCRBY k d 1", "HINCRBYFLOAT k a 1", "HINCRBYFLOAT k b 1", "HINCRBYFLOAT k c 1",
            "HINCRBYFLOAT k d 1", "HGETALL k"],
        ["HINCRBYFLOAT k f 10.50", "HINCRBYFLOAT k f 0.1", "HINCRBYFLOAT k f 5.0e3",
            "HINCRBYFLOAT k f 1e400", "OBJECT ENCODING k", "HINCRBYFLOAT k g 1e308",
            "HINCRBYFLOAT k h -0", "HGETALL k"],
        ["HSET k f inf", "HINCRBYFLOAT k f 1", "HSET k f 1e4932", "HINCRBYFLOAT k f 1e4932"],
        ["HINCRBYFLOAT k f 3", "OBJECT ENCODING k", "HSTRLEN k f", "HINCRBY k f 4"],
        // In which order arguments are looked at.
        ["SET s 1", "HSET s a", "HSET s a b", "HSET s a b c", "HMSET s a b c", "HINCRBY s x y",
            "HINCRBYFLOAT s a x", "HINCRBYFLOAT s a inf", "HRANDFIELD s x", "HRANDFIELD s 0",
            "HRANDFIELD s 1 x", "HSCAN s x", "HSCAN s 0 bad", "HSCAN none 0 bad", "HSCAN none x"],
        ["HSET k a 1", "HRANDFIELD k 1 x", "HRANDFIELD k 1 withvalues x", "HRANDFIELD k 0 x",
            "HRANDFIELD k 9223372036854775807 withvalues", "HRANDFIELD k 4611686018427387903",
            "HRANDFIELD k -9223372036854775808", "HRANDFIELD k -9223372036854775808 x",
            "HRANDFIELD k -4611686018427387904 withvalues", "HRANDFIELD k 5", "HRANDFIELD k 0",
            "HRANDFIELD none 0", "HRANDFIELD none 5 WITHVALUES", "HRANDFIELD none -5"],
        ["HSET k a 1 b 2", "HSCAN k 0 COUNT 1", "HSCAN k 17", "HSCAN k -1", "HSCAN k +5",
            "HSCAN k \"\"", "HSCAN k 0 COUNT", "HSCAN k 0 MATCH", "HSCAN k 0 MATCH a COUNT 0",
            "HSCAN k 0 MATCH a MATCH b", "HSCAN k 0 COUNT -1 nonsense", "HSCAN k 1x",
            "HSCAN k 0 TYPE hash", "HSCAN k 18446744073709551616"],
        // Where the small form ends.
        ["CONFIG SET hash-max-listpack-entries 3", "HSET k a 1 b 2 c 3", "OBJECT ENCODING k",
            "HSET k a 2", "OBJECT ENCODING k", "HSET k d 4", "OBJECT ENCODING k", "HDEL k a b c",
            "OBJECT ENCODING k", "HSET l a 1 b 2 c 3", "CONFIG SET hash-max-listpack-entries 2",
            "HSETNX l a 1", "OBJECT ENCODING l", "HSET l a 1", "OBJECT ENCODING l",
            "CONFIG SET hash-max-listpack-entries 512"],
        ["CONFIG SET hash-max-listpack-value 4", "HSET k abcd efgh", "OBJECT ENCODING k",
            "HSETNX k abcd 12345", "OBJECT ENCODING k", "HINCRBY k abcd 1", "OBJECT ENCODING k",
            "HINCRBY k n 9999", "OBJECT ENCODING k", "HINCRBY k n 1", "OBJECT ENCODING k",
            "HSETNX l abcde 1", "OBJECT ENCODING l", "HINCRBY m abcde 1", "OBJECT ENCODING m",
            "HINCRBYFLOAT n a 1.234", "OBJECT ENCODING n", "HMSET o a 1 b 23456",
            "OBJECT ENCODING o", "CONFIG SET hash-max-listpack-value 64"],
        ["CONFIG SET hash-max-listpack-entries 0", "HSET k a 1", "OBJECT ENCODING k", "HGETALL k",
            "HINCRBY l a 1", "OBJECT ENCODING l", "CONFIG SET hash-max-listpack-entries 512"],
        // Fields named twice, fields that look alike.
        ["HSET k a 1 a 2 b 3 a 4", "HGETALL k", "HDEL k a a", "HDEL k b b", "EXISTS k"],
        ["HSET k 1 a 01 b +1 c 1.0 d \"\" e -0 f 0 g", "HLEN k", "HGET k 1", "HGET k 01",
            "HGET k \"\"", "HGET k -0", "HDEL k 0 1", "HKEYS k"],
        // What a watch learns of.
        ["HSET k a 1", "WATCH k", "1> HSET k a 1", "MULTI", "PING", "EXEC"],
        ["HSET k a 1", "WATCH k", "1> HSETNX k a 2", "1> HDEL k x", "MULTI", "PING", "EXEC"],
        ["HSET k a x", "WATCH k", "1> HINCRBY k a 1", "1> HGETALL k", "MULTI", "PING", "EXEC"],
        ["HSET k a 1", "WATCH k", "1> HINCRBY k a 0", "MULTI", "PING", "EXEC"],
        ["HSET k a 1", "WATCH k", "1> HDEL k a", "MULTI", "PING", "EXEC"],
        ["HSET k a 1", "WATCH k", "1> SET l 1", "1> HSET l a 1", "MULTI", "HLEN k", "EXEC"],
        ["MULTI", "HSET k a 1 b 2", "HGETALL k", "HKEYS k", "RENAME k l", "HVALS l", "EXEC"],
        ["MULTI", "HSET k a 1 b", "HSET k a 1", "INCR k", "HINCRBY k a 1", "EXEC", "HGETALL k"],
        // Other commands on hashes.
        ["HSET k a 1", "SET k 2", "TYPE k", "HSET l a 1", "GETSET l x", "SET l x GET", "APPEND l x",
            "SETRANGE l 0 x", "STRLEN l", "GETRANGE l 0 1", "INCR l", "MGET k l", "LCS k l",
            "GETDEL l", "GETEX l", "SETNX l 1", "MSETNX l 1 m 2", "TYPE l", "MSET l 1", "TYPE l"],
        ["HSET k a 1", "EXPIRE k 100", "HSET k b 2", "TTL k", "HDEL k a", "TTL k", "HINCRBY k b 1",
            "TTL k", "COPY k l", "TTL l", "RENAME k m", "TTL m", "PERSIST m", "HGETALL m",
            "HGETALL l", "RENAMENX l m", "DEL l m"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func writtenScripts(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.written)
    }

    /// Large hashes, one that stays and one that changes while it is walked over.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func manyFields(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let duplex = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        var dice = Dice(seed: Seeds.range.lowerBound)
        for batch in 0..<40 {
            var setting = [word("HSET"), word("h")]
            for _ in 0..<200 {
                setting += [word("field:\(dice.below(20_000))"), word("\(dice.below(1_000_000))")]
            }
            var removing = [word("HDEL"), word("h")]
            for _ in 0..<100 { removing.append(word("field:\(dice.below(20_000))")) }
            for call in [Call(setting), Call(removing), Call("HLEN", "h")] {
                #expect(duplex.difference(for: call) == nil)
            }
            if batch % 10 != 0 { continue }
            for call in ["HGETALL", "HKEYS", "HVALS"] {
                #expect(duplex.difference(for: Call(call, "h")) == nil)
            }
            let walk = Step.scan(
                connection: 0, of: [word("HSCAN"), word("h")],
                options: [word("MATCH"), word("*7*")])
            #expect(duplex.difference(for: walk) == nil)
            for call in [Call("COPY", "h", "c", "REPLACE"), Call("RENAME", "c", "d")] {
                #expect(duplex.difference(for: call) == nil)
            }
        }
        #expect(duplex.keyspaceDifference() == nil)
    }
}
