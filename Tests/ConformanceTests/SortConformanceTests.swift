import TestSupport
import Testing

/// SORT and SORT_RO beside redis-server: options, errors, orders, patterns.
@Suite struct SortConformanceTests {
    static let written: [[String]] = [
        // In which order arguments are looked at.
        ["SORT", "SORT_RO", "SORT k", "SORT_RO k", "SET k v", "SORT k", "SORT k x",
            "SORT k LIMIT 1", "SORT k LIMIT x 1", "SORT k LIMIT 1 x y", "SORT k BY", "SORT k GET",
            "SORT k STORE", "SORT k ALPHA ASC DESC", "SORT k LIMIT 0 1.5 x", "SORT_RO k STORE d",
            "SORT none LIMIT 0 9223372036854775808", "HSET h f v", "SORT h", "SORT h x"],
        // Numbers, and what is none.
        ["RPUSH l 3 1 2 10 -1 1.5 1e2 0x10", "SORT l", "SORT l DESC", "SORT l ALPHA",
            "SORT l ALPHA DESC", "SORT l asc desc", "SORT l DESC ASC"],
        ["RPUSH l 1 a", "SORT l", "SORT l STORE d", "EXISTS d", "SORT l LIMIT 0 0", "SORT l ALPHA"],
        // What is out of a double's range is left out: it makes this Redis refuse later calls, too.
        ["RPUSH l 1 nan", "SORT l", "RPUSH o inf -inf 0", "SORT o", "RPUSH q 1x", "SORT q",
            "RPUSH r 0x1p3 7 1e0", "SORT r"],
        ["RPUSH l 9223372036854775807 9223372036854775806 9223372036854775808 -9223372036854775808",
            "SORT l", "SORT l DESC"],
        ["RPUSH l 1 01 1.0 +1 1e0", "SORT l", "SORT l DESC", "SORT l LIMIT 1 3"],
        // LIMIT.
        ["RPUSH l 5 4 3 2 1", "SORT l LIMIT 0 2", "SORT l LIMIT 1 -1", "SORT l LIMIT -3 2",
            "SORT l LIMIT 5 1", "SORT l LIMIT 99 1", "SORT l LIMIT 4 99", "SORT l LIMIT 0 0",
            "SORT l LIMIT 2 -9", "SORT l LIMIT 9223372036854775807 9223372036854775807",
            "SORT l LIMIT -9223372036854775808 9223372036854775807", "SORT l LIMIT 0 1 LIMIT 1 2"],
        // Without sorting: the order of the list or of the ranks.
        ["RPUSH l c a b d", "SORT l BY nosort", "SORT l BY nosort DESC",
            "SORT l BY nosort LIMIT 1 2",
            "SORT l BY nosort LIMIT 1 2 DESC", "SORT l BY nosort LIMIT 9 2",
            "SORT l BY nosort LIMIT 1 -1 DESC GET #", "SORT l BY nosort STORE d",
            "LRANGE d 0 -1", "SORT l BY nosort BY w_*", "SORT l BY w_* BY nosort ALPHA"],
        // Redis makes a large sorted set of a small one that it sorts; so this one is large.
        ["CONFIG SET zset-max-listpack-entries 0", "ZADD z 3 a 1 c 2 b", "SORT z BY nosort",
            "SORT z BY nosort DESC",
            "SORT z BY nosort LIMIT 1 1", "SORT z BY nosort LIMIT 0 2 DESC", "SORT z ALPHA",
            "SORT z", "SORT z BY nosort LIMIT 2 9 DESC", "SORT z BY nosort STORE d",
            "LRANGE d 0 -1", "SORT_RO z BY nosort LIMIT 3 1",
            "CONFIG SET zset-max-listpack-entries 128"],
        ["SADD i 3 1 2", "SORT i BY nosort", "SORT i BY nosort DESC", "SORT i BY nosort LIMIT 1 1",
            "SORT i BY nosort LIMIT 0 2 DESC"],
        // A set that is stored is sorted by its bytes.
        ["SADD s c a b 10 9", "SORT s BY nosort STORE d", "LRANGE d 0 -1",
            "SORT s BY nosort DESC STORE d", "LRANGE d 0 -1", "SORT s BY nosort BY w_* STORE d",
            "LRANGE d 0 -1", "SORT s BY nosort LIMIT 1 2 STORE d", "LRANGE d 0 -1"],
        // Patterns of BY.
        ["RPUSH l 1 2 3", "MSET w_1 30 w_2 20 w_3 10", "SORT l BY w_*", "SORT l BY w_* DESC",
            "SORT l BY w_* LIMIT 1 1", "DEL w_2", "SORT l BY w_*", "SORT l BY w_* DESC",
            "SORT l BY w_* ALPHA", "SORT l BY w_* ALPHA DESC", "SET w_2 x", "SORT l BY w_*",
            "SORT l BY w_* ALPHA", "LPUSH w_9 1", "SORT l BY nothing_*", "SORT l BY *"],
        ["RPUSH l 1 2 3", "HSET h_1 f 3 g x", "HSET h_2 f 2", "HSET h_3 f 1 g a",
            "SORT l BY h_*->f",
            "SORT l BY h_*->g ALPHA", "SORT l BY h_*->g", "SORT l BY h_*", "SORT l BY h_*->",
            "SORT l BY h_*->none", "SET h_2 1", "SORT l BY h_*->f", "SORT l BY h_*->f GET h_*->f",
            "HSET a->1 f 2", "SORT l BY a->*->f GET a->*->f GET a->*"],
        ["RPUSH l a b", "MSET x*a 2 x*b 1 xa* 1 xb* 2", "SORT l BY x** GET x**", "SET a*y 1",
            "SORT l BY **y GET **y ALPHA"],
        // Patterns of GET.
        ["RPUSH l 2 1", "SET w_1 one", "HSET h_2 f two", "SORT l GET w_*", "SORT l GET # GET w_*",
            "SORT l GET h_*->f GET # GET none GET ##", "SORT l GET w_* GET h_* STORE d",
            "LRANGE d 0 -1", "SORT l GET nothing STORE d", "LRANGE d 0 -1",
            "SORT l LIMIT 1 1 GET w_* STORE d", "LRANGE d 0 -1", "SORT_RO l GET w_* DESC"],
        // Results over their sources, and empty ones.
        ["RPUSH l 3 1 2", "SORT l STORE l", "LRANGE l 0 -1", "EXPIRE l 1000", "SORT l DESC STORE l",
            "TTL l", "SORT l LIMIT 9 9 STORE l", "EXISTS l", "SORT none STORE l", "SET l v",
            "SORT none STORE l", "EXISTS l", "SET l v", "SADD s 1 2", "SORT s STORE l", "TYPE l",
            "OBJECT ENCODING l"],
        // What a watch learns of.
        ["RPUSH l 2 1", "WATCH d", "1> SORT l STORE d", "MULTI", "PING", "EXEC"],
        ["RPUSH l 2 1", "WATCH d l w_1", "1> SORT l BY w_* GET w_*", "1> SORT none STORE d",
            "1> SORT l STORE e", "MULTI", "PING", "EXEC"],
        // Elements that the same transaction puts there.
        ["MULTI", "RPUSH l 1 2", "SET w_1 9", "SORT l BY w_* GET w_*", "SET w_2 1",
            "SORT l BY w_* GET w_* STORE d", "LRANGE d 0 -1", "DEL w_1", "SORT l GET w_*", "DBSIZE",
            "EXEC", "LRANGE d 0 -1", "MGET w_1 w_2", "DBSIZE"],
        ["RPUSH l 1 2", "MSET w_1 2 w_2 1", "WATCH w_1", "MULTI", "SORT l BY w_*", "FLUSHALL",
            "SORT l BY w_*", "EXEC", "DBSIZE"],
        // What is counted.
        ["CONFIG RESETSTAT", "RPUSH l 1 2", "SET w_1 5", "SORT l BY w_* GET w_* GET #",
            "SORT none"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func writtenScripts(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        for version in [2, 3] {
            let scripts = Self.written.map { ["HELLO \(version)"] + $0 }
            try pair.compare(scripts)
        }
    }

    /// Bytes that words cannot spell. What is answered is compared up to a zero byte, what is
    /// stored as a whole.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func anyBytes(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let duplex = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        let calls: [[String]] = [
            ["RPUSH", "l", "a\0b", "a\0a", "a", "b", "", "B", "é"], ["SORT", "l", "ALPHA"],
            ["SORT", "l", "ALPHA", "DESC"], ["SORT", "l", "ALPHA", "STORE", "d"],
            ["LRANGE", "d", "0", "-1"], ["RPUSH", "n", "1", " 7", "2\0x", "", "-1"], ["SORT", "n"],
            ["RPUSH", "n", "7 "], ["SORT", "n"], ["SET", "w_", "5"], ["SET", "w_a", "6"],
            ["SORT", "l", "ALPHA", "GET", "w_*", "GET", "#\0", "GET", "w\0_*", "GET", ""],
            ["SORT", "l", "BY", "w\0_*", "GET", "#"], ["SORT", "l", "BY", "", "GET", "#"],
            ["HSET", "h_a", "f\0g", "1"], ["SORT", "l", "ALPHA", "GET", "h_*->f\0g"],
        ]
        for call in calls { #expect(duplex.difference(for: Call(call.map(word))) == nil) }
    }

    /// Many elements, with weights on all cores.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func manyElements(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let duplex = Duplex(try pair.reference.connect(), try pair.subject.connect(), plant: nil)
        var dice = Dice(seed: Seeds.range.lowerBound)
        for _ in 0..<20 {
            var numbers = [word("RPUSH"), word("l")]
            for _ in 0..<100 {
                let number = dice.below(1_000)
                numbers.append(word("\(number)"))
                let weight = Call("SET", "w_\(number)", "\(dice.below(50))")
                #expect(duplex.difference(for: weight) == nil)
            }
            #expect(duplex.difference(for: Call(numbers)) == nil)
            for line in [
                "SORT l", "SORT l BY w_* GET # GET w_*", "SORT l BY w_* DESC LIMIT 10 20 GET w_*",
                "SORT l BY w_* ALPHA", "SORT l ALPHA DESC STORE d", "LRANGE d 0 -1",
                "SORT l BY w_* GET w_* STORE d", "LRANGE d 0 -1",
                "SORT l BY nosort LIMIT 5 9 GET w_*",
            ] {
                #expect(duplex.difference(for: Call(words: line)) == nil, "\(line)")
            }
        }
    }
}
