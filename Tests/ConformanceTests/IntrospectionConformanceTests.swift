import Foundation
import TestSupport
import Testing

/// What the server says about itself: COMMAND, CONFIG, INFO, OBJECT, MEMORY, DEBUG.
@Suite struct IntrospectionConformanceTests {
    /// Every command of this server that redis-server 7.0 has, subcommands as COMMAND INFO names
    /// them.
    static let commands = """
        ping echo auth hello select quit reset client|id client|info client|list client|kill \
        client|caching client|getredir client|tracking client|trackinginfo \
        client|getname client|setname client|no-evict client|reply client|pause client|unpause \
        info config|get config|set config|resetstat command|count command|docs command|info \
        command|list command|getkeys dbsize flushall flushdb time memory|usage object|encoding \
        object|freq object|idletime object|refcount debug module|list shutdown \
        save bgsave bgrewriteaof lastsave \
        slowlog|get slowlog|len slowlog|reset slowlog|help latency|latest latency|history \
        latency|graph latency|reset latency|doctor latency|histogram latency|help \
        config|rewrite memory|stats memory|doctor memory|purge memory|malloc-stats \
        del unlink exists type touch rename renamenx copy dump restore randomkey keys scan \
        sort sort_ro expire pexpire \
        expireat pexpireat ttl pttl expiretime pexpiretime persist \
        get set setnx setex psetex getset getdel getex append strlen getrange substr setrange \
        mget mset msetnx incr decr incrby decrby incrbyfloat lcs \
        setbit getbit bitcount bitpos bitop bitfield bitfield_ro \
        sadd srem sismember smismember scard smembers spop srandmember smove sinter sintercard \
        sunion sdiff sinterstore sunionstore sdiffstore sscan \
        zadd zcard zcount zdiff zdiffstore zincrby zinter zintercard zinterstore zlexcount zmpop \
        zmscore zpopmax zpopmin zrandmember zrange zrangebylex zrangebyscore zrangestore zrank \
        zrem zremrangebylex zremrangebyrank zremrangebyscore zrevrange zrevrangebylex \
        zrevrangebyscore zrevrank zscan zscore zunion zunionstore bzmpop bzpopmax bzpopmin \
        geoadd geodist geohash geopos georadius georadius_ro georadiusbymember \
        georadiusbymember_ro geosearch geosearchstore \
        pfadd pfcount pfmerge pfdebug pfselftest \
        multi exec discard watch unwatch \
        cluster|slots cluster|shards cluster|nodes cluster|info cluster|myid cluster|keyslot \
        cluster|countkeysinslot cluster|getkeysinslot
        """.split(separator: " ").map(String.init)

    static let written: [[String]] = [
        commands.map { "COMMAND INFO \($0)" },
        ["COMMAND INFO nonsense", "COMMAND INFO get nonsense set", "COMMAND INFO GET", "COMMAND x"],
        ["COMMAND COUNT", "COMMAND COUNT x", "COMMAND GETKEYS", "COMMAND GETKEYS get"],
        ["COMMAND GETKEYS nonsense a", "COMMAND GETKEYS ping", "COMMAND GETKEYS get a b"],
        ["COMMAND GETKEYS mset a 1 b 2", "COMMAND GETKEYS mset a 1 b",
         "COMMAND GETKEYS mget a b c"],
        ["COMMAND GETKEYS sort a", "COMMAND GETKEYS sort a BY w_* GET store STORE b",
         "COMMAND GETKEYS sort a STORE b STORE c", "COMMAND GETKEYS sort a STORE",
         "COMMAND GETKEYS sort a LIMIT store b", "COMMAND GETKEYS sort_ro a STORE b"],
        ["COMMAND GETKEYS del a b", "COMMAND GETKEYS rename a b", "COMMAND GETKEYS copy a b DB 0"],
        ["COMMAND GETKEYS sintercard 2 a b LIMIT 1", "COMMAND GETKEYS sintercard 0 a",
         "COMMAND GETKEYS sintercard x a", "COMMAND GETKEYS sintercard 3 a b",
         "COMMAND GETKEYS sintercard -1 a", "COMMAND GETKEYS sinterstore d a b",
         "COMMAND GETKEYS smove a b c", "COMMAND GETKEYSANDFLAGS smove a b c",
         "COMMAND GETKEYSANDFLAGS sinterstore d a b", "COMMAND GETKEYSANDFLAGS sintercard 1 a",
         "COMMAND GETKEYSANDFLAGS sunionstore d a b", "COMMAND GETKEYSANDFLAGS sadd a b"],
        ["COMMAND GETKEYS object encoding a", "COMMAND GETKEYS memory usage a"],
        ["COMMAND GETKEYS lcs a b LEN", "COMMAND GETKEYS watch a b", "COMMAND GETKEYS scan 0"],
        ["COMMAND GETKEYS client id", "COMMAND GETKEYS client nonsense", "COMMAND GETKEYS touch"],
        ["COMMAND GETKEYSANDFLAGS bitop and d a b", "COMMAND GETKEYSANDFLAGS setbit a 1 1",
         "COMMAND GETKEYS bitop not d a", "COMMAND GETKEYS bitop or d", "COMMAND GETKEYS bitpos a"],
        ["COMMAND GETKEYSANDFLAGS pfmerge a b c", "COMMAND GETKEYSANDFLAGS pfcount a b",
         "COMMAND GETKEYSANDFLAGS pfadd a b", "COMMAND GETKEYSANDFLAGS pfdebug x a",
         "COMMAND GETKEYS pfselftest", "COMMAND GETKEYS pfdebug x"],
        ["COMMAND LIST x", "COMMAND LIST FILTERBY", "COMMAND LIST FILTERBY MODULE"],
        ["COMMAND LIST FILTERBY MODULE nonsense", "COMMAND LIST FILTERBY nonsense x"],
        ["CONFIG", "CONFIG nonsense", "CONFIG GET", "CONFIG GET nonsense", "CONFIG GET nonsense x"],
        ["CONFIG GET save", "CONFIG GET appendonly", "CONFIG GET databases", "CONFIG GET timeout"],
        ["CONFIG GET replica-read-only", "CONFIG GET maxmemory", "CONFIG GET MAXMEMORY-POLICY"],
        ["CONFIG GET hash-max-*", "CONFIG GET zset-max-ziplist-*", "CONFIG GET list-max-*"],
        ["CONFIG GET set-max-intset-entries", "CONFIG GET proto-max-bulk-len maxclients"],
        ["CONFIG SET", "CONFIG SET maxmemory", "CONFIG SET nonsense 1", "CONFIG SET a 1 b"],
        ["CONFIG SET maxmemory abc", "CONFIG SET maxmemory -1", "CONFIG SET maxmemory 1.5"],
        ["CONFIG SET maxmemory 1 maxmemory 2", "CONFIG SET maxmemory 0 nonsense 1"],
        ["CONFIG SET maxmemory-policy nonsense", "CONFIG SET appendonly maybe"],
        ["CONFIG SET hash-max-listpack-entries x", "CONFIG SET hash-max-listpack-entries -1"],
        ["CONFIG SET hash-max-listpack-entries 7", "CONFIG GET hash-max-ziplist-entries"],
        ["CONFIG SET zset-max-ziplist-value 11", "CONFIG GET zset-max-listpack-value"],
        ["CONFIG SET list-max-ziplist-size 3", "CONFIG GET list-max-listpack-size"],
        ["CONFIG SET set-max-intset-entries 9", "CONFIG GET set-max-intset-entries"],
        ["CONFIG SET timeout 0 maxmemory 100mb", "CONFIG GET maxmemory", "CONFIG SET maxmemory 0"],
        ["CONFIG SET databases 3", "CONFIG RESETSTAT", "CONFIG RESETSTAT x", "CONFIG REWRITE x"],
        ["OBJECT", "OBJECT HELP", "OBJECT HELP x", "OBJECT nonsense", "OBJECT ENCODING"],
        ["OBJECT ENCODING missing", "OBJECT FREQ missing", "OBJECT IDLETIME missing"],
        ["SET k v", "OBJECT FREQ k", "OBJECT IDLETIME k", "OBJECT REFCOUNT k",
         "OBJECT ENCODING k l"],
        ["MEMORY", "MEMORY USAGE", "MEMORY USAGE missing", "MEMORY nonsense", "SET k v",
         "MEMORY USAGE k"],
        ["SET k v", "MEMORY USAGE k SAMPLES", "MEMORY USAGE k SAMPLES x",
         "MEMORY USAGE k SAMPLES -1"],
        ["SET k v", "MEMORY USAGE k SAMPLES 0", "MEMORY USAGE k x 1", "MEMORY USAGE k SAMPLES 5 x"],
        ["MODULE LIST", "MODULE", "MODULE nonsense", "MODULE LIST x", "MODULE HELP"],
        ["DEBUG", "DEBUG nonsense", "DEBUG SLEEP", "DEBUG SLEEP 0", "DEBUG SET-ACTIVE-EXPIRE 1"],
        ["SHUTDOWN x", "SHUTDOWN ABORT", "SHUTDOWN SAVE NOSAVE", "SHUTDOWN ABORT NOW"],
        ["INFO nonsense", "TIME x", "DBSIZE x", "RANDOMKEY x", "KEYS", "KEYS a b", "FLUSHALL x"],
        ["FLUSHALL SYNC ASYNC", "FLUSHDB x", "FLUSHDB SYNC", "FLUSHALL async", "nonsense"],
        ["SET k 1", "SET l 2 EX 5000", "DBSIZE", "FLUSHDB", "DBSIZE"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func writtenCalls(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.written)
    }

    /// COMMAND DOCS describes each command; group, since and arity agree with Redis's.
    @Test func commandDocs() throws {
        let pair = try ServerPair()
        let (reference, subject) = (try pair.reference.connect(), try pair.subject.connect())
        for command in Self.commands where !command.contains("|") {
            let expected = try reference.call("COMMAND", "DOCS", command)[command]
            let actual = try subject.call("COMMAND", "DOCS", command)[command]
            #expect(actual?["since"] == expected?["since"], "\(command)")
            #expect(actual?["group"] == expected?["group"], "\(command)")
            #expect(actual?["summary"]?.text?.isEmpty == false, "\(command)")
        }
        #expect(
            try reference.call(Call("COMMAND", "DOCS", "nonsense"))
                == subject.call(Call("COMMAND", "DOCS", "nonsense")))
    }

    /// COMMAND LIST names every command, and COMMAND COUNT counts them.
    @Test func commandList() throws {
        let server = try ServerProcess(.subject)
        let client = try server.connect()
        let listed = Set(try client.call("COMMAND", "LIST").elements?.compactMap(\.text) ?? [])
        let topLevel = Set(Self.commands.map { String($0.prefix { $0 != "|" }) })
        #expect(topLevel.subtracting(listed).isEmpty)
        let rows = try client.call("COMMAND").elements ?? []
        #expect(try client.call("COMMAND", "COUNT").integer == Int64(rows.count))
        let increments = try client.call("COMMAND", "LIST", "FILTERBY", "PATTERN", "incr*")
        #expect(
            Set(increments.elements?.compactMap(\.text) ?? []) == ["incr", "incrby", "incrbyfloat"])
    }

    /// What monitoring reads from INFO.
    static let infoFields = """
        redis_version redis_mode run_id tcp_port uptime_in_seconds connected_clients used_memory \
        used_memory_rss maxmemory maxmemory_policy total_commands_processed \
        instantaneous_ops_per_sec keyspace_hits keyspace_misses expired_keys evicted_keys role \
        master_repl_offset loading cluster_enabled
        """.split(separator: " ").map(String.init)

    @Test func info() throws {
        let pair = try ServerPair()
        for server in [pair.reference, pair.subject] {
            let client = try server.connect()
            _ = try client.call("MSET", "a", "1", "b", "2", "{b}c", "3")
            _ = try client.call("EXPIRE", "a", "5000")
            let text = try client.call("INFO").text ?? ""
            var fields: [String: String] = [:]
            for line in text.split(separator: "\r\n") where line.contains(":") {
                let parts = line.split(separator: ":", maxSplits: 1)
                fields[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
            }
            let missing = Self.infoFields.filter { fields[$0] == nil }
            #expect(missing.isEmpty, "\(missing)")
            #expect(fields["loading"] == "0")
            #expect(fields["role"] == "master")
            #expect(fields["tcp_port"] == "\(server.port)")
            #expect(fields["db0"]?.hasPrefix("keys=3,expires=1,avg_ttl=") == true)
            let keyspace = try client.call("INFO", "keyspace").text ?? ""
            #expect(keyspace.hasPrefix("# Keyspace\r\ndb0:keys=3,expires=1,avg_ttl="))
        }
    }

    /// Counters that applications' tests look at move as Redis's do.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func hitsAndMisses(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let counts = try [pair.reference, pair.subject].map { server in
            let client = try server.connect()
            _ = try client.call("CONFIG", "RESETSTAT")
            for line in ["SET a 1", "GET a", "GET b", "MGET a b c", "EXISTS a d", "STRLEN a",
            "TTL x"] {
                _ = try client.call(Call(words: line))
            }
            let stats = try client.call("INFO", "stats").text ?? ""
            return stats.split(separator: "\r\n").map(String.init)
                .filter { $0.hasPrefix("keyspace_") }
        }
        #expect(counts[0] == counts[1])
    }
}
