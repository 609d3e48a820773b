import TestSupport
import Testing

/// Sorted sets: what generated calls seldom meet.
@Suite struct SortedSetConformanceTests {
    static let written: [[String]] = [
        // Numbers: what counts as one, and how it is spelled out.
        ["ZADD k 0x10 a 1e5 b -0 c 3.14159 d 1e-320 e 123456789012345678 f 0.1 g",
            "ZRANGE k 0 -1 WITHSCORES", "ZSCAN k 0", "ZSCORE k c", "ZINCRBY k 0 c",
            "ZADD k 1e400 x", "ZADD k nan x", "ZADD k \" 1\" x", "ZADD k \"1 \" x",
            "ZADD k \"\" x"],
        ["ZADD k inf a -inf b +inf c infinity d", "ZRANGE k 0 -1 WITHSCORES", "ZINCRBY k -inf a",
            "ZADD k INCR -inf a", "ZADD k INCR inf a", "ZADD k INCR nan a", "ZSCORE k a"],
        ["ZADD k 1 a 2 b 3 c", "ZCOUNT k \"\" 5", "ZCOUNT k ( 5", "ZCOUNT k \" 1\" 2",
            "ZCOUNT k \"1 \" 2", "ZCOUNT k nan 1", "ZCOUNT k 1e400 1", "ZCOUNT k -1e400 1e400",
            "ZCOUNT k (1 (3", "ZCOUNT k 0x1 0x3", "ZRANGEBYSCORE k (inf (inf", "ZCOUNT k x y"],
        ["CONFIG SET zset-max-listpack-entries 0", "ZADD k -0 a 4611686018427387904 b 1e19 c 5 d",
            "ZSCAN k 0", "ZRANGE k 0 -1 WITHSCORES", "CONFIG SET zset-max-listpack-entries 128"],
        ["ZADD k -0 a 4611686018427387904 b 4611686018427389000 c 1e19 d -5 e", "ZSCAN k 0"],
        // In which order arguments are looked at.
        ["SET s 1", "ZADD s 1", "ZADD s x a", "ZADD s 1 a", "ZADD s NX XX 1 a", "ZADD s NX GT 1 a",
            "ZADD s INCR 1 a 2 b", "ZADD s GT LT 1 a", "ZADD s NX", "ZADD s XX CH", "ZINCRBY s x a",
            "ZINCRBY s NX a", "ZINCRBY s 1 a", "ZRANGE s a b", "ZRANGE s 0 1 LIMIT 0 1",
            "ZRANGE s 0 1 LIMIT 0 -1", "ZRANGE s 0 1 LIMIT x 1", "ZRANGE s 0 1 BYLEX WITHSCORES",
            "ZRANGE s 0 1 BYSCORE BYLEX", "ZRANGE s 0 1 REV REV", "ZREVRANGE s 0 1 REV",
            "ZRANGEBYSCORE s 0 1 BYSCORE", "ZRANGE s 0 1 BYLEX", "ZPOPMIN s x", "ZPOPMIN s -1",
            "ZPOPMIN s 0", "ZPOPMIN s 1 2", "ZRANGESTORE d s 0 1 WITHSCORES",
            "ZRANGESTORE d s 0 1"],
        ["SET s 1", "ZUNION 1 s", "ZUNION 0 s", "ZUNION x s", "ZUNION 2 s", "ZUNION 1 k WEIGHTS",
            "ZUNION 1 k WEIGHTS x", "ZUNION 1 s WEIGHTS x", "ZUNION 1 k AGGREGATE", "ZINTER 0 k",
            "ZUNION 1 k AGGREGATE x", "ZDIFF 1 k WEIGHTS 1", "ZDIFF -1 k", "ZINTERCARD 0 k",
            "ZINTERCARD 1 k LIMIT", "ZINTERCARD 1 k LIMIT -1", "ZINTERCARD 1 k LIMIT x",
            "ZINTERCARD 1 k WITHSCORES", "ZUNIONSTORE d 1 k WITHSCORES", "ZUNIONSTORE d 0 k",
            "ZINTERSTORE d 0 k", "ZDIFFSTORE d 0 k", "ZMPOP 0 k MIN", "ZMPOP x k MIN",
            "ZMPOP 1 k", "ZMPOP 1 k MID", "ZMPOP 1 k MIN COUNT", "ZMPOP 1 k MIN COUNT 0",
            "ZMPOP 1 k MIN COUNT 1 COUNT 1", "ZMPOP 1 k MIN COUNT 1 x", "ZMPOP 1 s MAX",
            "ZMPOP 9223372036854775807 k MIN", "BZMPOP x 1 k MIN", "BZMPOP x 0 k MIN",
            "BZMPOP -1 1 k MIN", "BZPOPMIN k x", "BZPOPMIN s 0", "BZPOPMAX k -1"],
        ["ZADD k 1 a", "ZRANDMEMBER k x", "ZRANDMEMBER k 1 x", "ZRANDMEMBER k 1 withscores x",
            "ZRANDMEMBER k 9223372036854775807 withscores", "ZRANDMEMBER k 5 WITHSCORES",
            "ZRANDMEMBER k -9223372036854775808", "ZRANDMEMBER none", "ZRANDMEMBER none 1",
            "ZRANDMEMBER k 0", "ZSCAN none x", "ZSCAN none 0 bad", "ZSCAN k 0 bad",
            "ZSCAN k 0 NOVALUES", "ZSCAN k 0 COUNT 0", "ZRANK k a x", "ZRANK none a"],
        // Where the small form ends.
        ["CONFIG SET zset-max-listpack-entries 3", "ZADD k 1 a 2 b 3 c", "OBJECT ENCODING k",
            "ZADD k 5 a", "OBJECT ENCODING k", "ZADD k 4 d", "OBJECT ENCODING k", "ZREM k a b c",
            "OBJECT ENCODING k", "ZUNIONSTORE l 1 k", "OBJECT ENCODING l",
            "ZRANGESTORE m k 0 -1", "OBJECT ENCODING m", "COPY k n", "OBJECT ENCODING n",
            "CONFIG SET zset-max-listpack-entries 128"],
        ["CONFIG SET zset-max-listpack-value 4", "ZADD k 1 abcd", "OBJECT ENCODING k",
            "ZADD k 1 12345", "OBJECT ENCODING k", "ZRANGE k 0 -1 WITHSCORES",
            "CONFIG SET zset-max-listpack-value 64"],
        // Two sorted sets, and a set among them.
        ["ZADD a 1 x 2 y 3 z", "SADD s x z 5", "ZADD b inf x -inf y 4 w", "ZADD c -inf x inf y",
            "ZUNION 2 b c WITHSCORES", "ZINTER 2 b c WITHSCORES", "ZUNION 2 a s WITHSCORES",
            "ZUNION 3 a s b WEIGHTS 2 0.5 0 AGGREGATE MIN WITHSCORES", "ZINTER 2 a s WITHSCORES",
            "ZUNION 1 a WEIGHTS -0 WITHSCORES", "ZUNIONSTORE d 1 a WEIGHTS -0",
            "ZRANGE d 0 -1 WITHSCORES", "ZUNION 2 a a WITHSCORES", "ZINTER 2 a a WITHSCORES",
            "ZDIFF 2 a s WITHSCORES", "ZDIFF 2 s a WITHSCORES", "ZDIFF 1 s", "ZUNIONSTORE a 2 a s",
            "ZRANGE a 0 -1 WITHSCORES", "ZINTERSTORE s 2 s a", "TYPE s", "ZDIFFSTORE s 2 s s",
            "EXISTS s", "ZINTERCARD 2 a b LIMIT 1", "ZINTERCARD 2 a b LIMIT 0",
            "ZINTERSTORE a 1 no",
            "EXISTS a", "ZUNION 2 no b"],
        // What a watch learns of.
        ["ZADD k 1 a", "WATCH k", "1> ZADD k 1 a", "1> ZADD k NX 2 a", "1> ZADD k GT 0 a",
            "1> ZREM k x", "1> ZINCRBY k 0 a", "MULTI", "PING", "EXEC"],
        ["ZADD k 1 a", "WATCH k", "1> ZINCRBY k 1 a", "MULTI", "PING", "EXEC"],
        ["ZADD k 1 a", "WATCH k", "1> ZPOPMIN k", "MULTI", "PING", "EXEC"],
        ["WATCH d", "1> ZRANGESTORE d k 0 -1", "MULTI", "PING", "EXEC"],
        ["ZADD k 1 a", "EXPIRE k 100", "ZADD k 2 b", "TTL k", "ZREM k a", "TTL k", "COPY k l",
            "TTL l", "ZUNIONSTORE k 1 l", "TTL k", "ZRANGESTORE l k 0 -1", "TTL l", "APPEND k x",
            "GETSET k x", "SET k x", "TYPE k"],
        ["MULTI", "ZADD k 1 a 2 b", "BZPOPMAX none k 0",
            "BZMPOP 0 2 none k MIN COUNT 5", "EXISTS k", "EXEC"],
        // Places.
        ["GEOADD k 13.361389 38.115556 Palermo 15.087269 37.502669 Catania", "GEOHASH k Palermo x",
            "GEOPOS k Palermo x", "GEODIST k Palermo Catania", "GEODIST k Palermo Catania MI",
            "GEODIST k Palermo x", "GEODIST k Palermo Catania yd", "GEODIST k Palermo Catania m m",
            "GEODIST none a b yd", "GEORADIUS k 15 37 200 km WITHCOORD WITHDIST WITHHASH",
            "GEOSEARCH k FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHDIST", "ZSCORE k Palermo",
            "GEORADIUSBYMEMBER k Palermo 200 km STORE d STOREDIST e", "ZRANGE e 0 -1 WITHSCORES",
            "EXISTS d", "GEORADIUS none 1 1 1 km STORE e", "EXISTS e", "GEOPOS none a b",
            "GEOHASH none a", "GEOADD k 200 1 a", "GEOADD k 1 1e300 a", "GEOADD k 1 a a",
            "GEOADD k NX XX 1 1 a", "GEOADD k NX CH", "GEOADD k XX 1 1 new",
            "GEOADD k CH 1 1 Palermo"],
        ["ZADD k 1 a -5 b 1e300 c inf d 4503599627370496 e", "GEOPOS k a b e", "GEOHASH k a b e",
            "GEODIST k a b", "GEOSEARCH k FROMMEMBER a BYRADIUS 9 km"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func writtenScripts(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.written)
    }

    /// Large sorted sets that change while they are looked at from all sides.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func manyMembers(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let duplex = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        var dice = Dice(seed: Seeds.range.lowerBound)
        for batch in 0..<30 {
            var adding = [word("ZADD"), word("z")]
            for _ in 0..<200 {
                adding += [word("\(dice.below(2_000)).25"), word("m:\(dice.below(10_000))")]
            }
            var removing = [word("ZREM"), word("z")]
            for _ in 0..<60 { removing.append(word("m:\(dice.below(10_000))")) }
            let low = dice.below(2_000)
            let member = "m:\(dice.below(10_000))"
            let calls = [
                Call(adding), Call(removing), Call("ZCARD", "z"), Call("ZRANK", "z", member),
                Call("ZREVRANK", "z", member), Call("ZSCORE", "z", member),
                Call("ZCOUNT", "z", "\(low)", "\(low + 300)"),
                Call("ZRANGEBYSCORE", "z", "\(low)", "\(low + 50)", "WITHSCORES"),
                Call("ZREVRANGE", "z", "\(low)", "\(low + 50)", "WITHSCORES"),
                Call("ZPOPMIN", "z", "\(batch % 7)"), Call("ZPOPMAX", "z", "\(batch % 5)"),
                Call("ZREMRANGEBYRANK", "z", "\(low)", "\(low + 20)"),
                Call("ZREMRANGEBYSCORE", "z", "\(low)", "(\(low + 5)"),
                Call("ZRANGESTORE", "d", "z", "\(low)", "-1"),
                Call("ZUNIONSTORE", "e", "2", "d", "z", "WEIGHTS", "1", "0.5"),
                Call("ZINTER", "2", "d", "z", "WITHSCORES"), Call("ZDIFF", "2", "z", "d"),
                Call("COPY", "z", "c", "REPLACE"), Call("OBJECT", "ENCODING", "d"),
            ]
            for call in calls { #expect(duplex.difference(for: call) == nil) }
            if batch % 10 != 9 { continue }
            for key in ["z", "c", "d", "e"] {
                let call = Call("ZRANGE", key, "0", "-1", "WITHSCORES")
                #expect(duplex.difference(for: call) == nil)
            }
            let walk = Step.scan(
                connection: 0, of: [word("ZSCAN"), word("z")],
                options: [word("MATCH"), word("*7*")])
            #expect(duplex.difference(for: walk) == nil)
        }
        #expect(duplex.keyspaceDifference() == nil)
    }
}
