import Base

/// The settings that CONFIG knows, one row each. The names and what they take are Redis's, since
/// tools and test suites set them; those that ``NodeConfiguration`` has a field for are obeyed, the
/// others are read back.
enum ConfigurationTable {
    static let rows: [ConfigurationParameter] = [
        ConfigurationParameter("replica-read-only", .flag, "yes"),
        ConfigurationParameter("slave-read-only", .alias("replica-read-only"), ""),
        ConfigurationParameter("acllog-max-len", .integer(.unsigned32), "128"),
        ConfigurationParameter("masterauth", .text, ""),
        ConfigurationParameter("busy-reply-threshold", .integer(.count32), "5000"),
        ConfigurationParameter("lua-time-limit", .alias("busy-reply-threshold"), ""),
        ConfigurationParameter("cluster-enabled", .fixed, "no"),
        ConfigurationParameter("cluster-node-timeout", .integer(.count32), "15000"),
        ConfigurationParameter("cluster-require-full-coverage", .flag, "yes"),
        ConfigurationParameter("cluster-allow-reads-when-down", .flag, "no"),
        ConfigurationParameter("cluster-announce-hostname", .text, ""),
        ConfigurationParameter(
            "cluster-preferred-endpoint-type",
            .choice([
                "ip", "hostname", "unknown-endpoint",
            ]), "ip"),
        ConfigurationParameter("set-max-intset-entries", .integer(.count), "512"),
        ConfigurationParameter("set-max-listpack-entries", .integer(.count), "128"),
        ConfigurationParameter("set-max-listpack-value", .integer(.count), "64"),
        ConfigurationParameter("hash-max-listpack-entries", .integer(.count), "512"),
        ConfigurationParameter("hash-max-ziplist-entries", .alias("hash-max-listpack-entries"), ""),
        ConfigurationParameter("hash-max-listpack-value", .integer(.count), "64"),
        ConfigurationParameter("hash-max-ziplist-value", .alias("hash-max-listpack-value"), ""),
        ConfigurationParameter("zset-max-listpack-entries", .integer(.count), "128"),
        ConfigurationParameter("zset-max-ziplist-entries", .alias("zset-max-listpack-entries"), ""),
        ConfigurationParameter("zset-max-listpack-value", .integer(.count), "64"),
        ConfigurationParameter("zset-max-ziplist-value", .alias("zset-max-listpack-value"), ""),
        ConfigurationParameter("list-max-listpack-size", .integer(.signed32), "-2"),
        ConfigurationParameter("list-max-ziplist-size", .alias("list-max-listpack-size"), ""),
        ConfigurationParameter("dump-payload-version", .integer(9...11), "9"),
        ConfigurationParameter("list-compress-depth", .integer(.count32), "0"),
        ConfigurationParameter("hll-sparse-max-bytes", .memory(.count), "3000"),
        ConfigurationParameter("stream-node-max-bytes", .memory(.count), "4096"),
        ConfigurationParameter("stream-node-max-entries", .integer(.count), "100"),
        ConfigurationParameter("latency-tracking", .flag, "yes"),
        ConfigurationParameter("latency-tracking-info-percentiles", .percentiles, "50 99 99.9"),
        ConfigurationParameter("latency-monitor-threshold", .integer(.count), "0"),
        ConfigurationParameter("slowlog-log-slower-than", .integer(.countOrOff), "10000"),
        ConfigurationParameter("slowlog-max-len", .integer(.count), "128"),
        ConfigurationParameter("tracking-table-max-keys", .integer(.count), "1000000"),
        ConfigurationParameter(
            "acl-pubsub-default", .choice(["allchannels", "resetchannels"]), "resetchannels"),
        ConfigurationParameter("notify-keyspace-events", .events, ""),
        ConfigurationParameter("port", .fixed, "6379"),
        ConfigurationParameter("bind", .fixed, ""),
        ConfigurationParameter("unixsocket", .fixed, ""),
        ConfigurationParameter("io-threads", .fixed, "1"),
        ConfigurationParameter("daemonize", .fixed, "no"),
        ConfigurationParameter("databases", .fixed, "1"),
        ConfigurationParameter("dir", .fixed, ""),
        ConfigurationParameter("logfile", .fixed, ""),
        ConfigurationParameter("pidfile", .fixed, ""),
        ConfigurationParameter("supervised", .fixed, "no"),
        ConfigurationParameter("tcp-backlog", .fixed, "511"),
        ConfigurationParameter("tcp-keepalive", .integer(.count32), "300"),
        ConfigurationParameter("timeout", .integer(.count32), "0"),
        ConfigurationParameter("maxclients", .integer(.positiveUnsigned32), "10000"),
        ConfigurationParameter("hz", .clamped(1...500), "10"),
        ConfigurationParameter("dynamic-hz", .flag, "yes"),
        ConfigurationParameter(
            "loglevel", .choice(["debug", "verbose", "notice", "warning"]), "notice"),
        ConfigurationParameter("protected-mode", .flag, "no"),
        ConfigurationParameter("enable-debug-command", .fixed, "yes"),
        ConfigurationParameter("requirepass", .text, ""),
        ConfigurationParameter("proto-max-bulk-len", .memory(.megabyteOrMore), "536870912"),
        ConfigurationParameter("client-query-buffer-limit", .memory(.megabyteOrMore), "1073741824"),
        ConfigurationParameter(
            "client-output-buffer-limit", .outputLimits,
            """
            normal 1073741824 268435456 60 \
            slave 268435456 67108864 60 \
            pubsub 33554432 8388608 60
            """),
        ConfigurationParameter("save", .savePoints, ""),
        ConfigurationParameter("appendonly", .flag, "no"),
        ConfigurationParameter("appendfsync", .choice(["everysec", "always", "no"]), "everysec"),
        ConfigurationParameter("no-appendfsync-on-rewrite", .flag, "no"),
        ConfigurationParameter("auto-aof-rewrite-percentage", .integer(.count32), "100"),
        ConfigurationParameter("auto-aof-rewrite-min-size", .memory(.count), "67108864"),
        ConfigurationParameter("aof-use-rdb-preamble", .flag, "yes"),
        ConfigurationParameter("key-load-delay", .integer(.signed32), "0"),
        ConfigurationParameter("dbfilename", .text, "dump.rdb"),
        ConfigurationParameter("rdbcompression", .flag, "yes"),
        ConfigurationParameter("rdbchecksum", .flag, "yes"),
        ConfigurationParameter("sanitize-dump-payload", .choice(["no", "yes", "clients"]), "no"),
        ConfigurationParameter("stop-writes-on-bgsave-error", .flag, "yes"),
        ConfigurationParameter("repl-diskless-sync", .flag, "yes"),
        ConfigurationParameter("repl-diskless-sync-delay", .integer(.count32), "5"),
        ConfigurationParameter("repl-backlog-size", .memory(.positive), "1048576"),
        ConfigurationParameter("repl-timeout", .integer(.positive32), "60"),
        ConfigurationParameter("repl-ping-replica-period", .integer(.positive32), "10"),
        ConfigurationParameter("min-replicas-to-write", .integer(.count32), "0"),
        ConfigurationParameter("min-slaves-to-write", .alias("min-replicas-to-write"), ""),
        ConfigurationParameter("min-replicas-max-lag", .integer(.count32), "10"),
        ConfigurationParameter("min-slaves-max-lag", .alias("min-replicas-max-lag"), ""),
        ConfigurationParameter("maxmemory", .memory(.count), "0"),
        ConfigurationParameter(
            "maxmemory-policy",
            .choice([
                "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
                "allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction",
            ]), "noeviction"),
        ConfigurationParameter("maxmemory-samples", .integer(.positive32), "5"),
        ConfigurationParameter("maxmemory-clients", .memory(.count), "0"),
        ConfigurationParameter("maxmemory-eviction-tenacity", .integer(0...100), "10"),
        ConfigurationParameter("lfu-log-factor", .integer(.count32), "10"),
        ConfigurationParameter("lfu-decay-time", .integer(.count32), "1"),
        ConfigurationParameter("active-expire-effort", .integer(1...10), "1"),
        ConfigurationParameter("activedefrag", .flag, "no"),
        ConfigurationParameter("activerehashing", .flag, "yes"),
        ConfigurationParameter("lazyfree-lazy-eviction", .flag, "no"),
        ConfigurationParameter("lazyfree-lazy-expire", .flag, "no"),
        ConfigurationParameter("lazyfree-lazy-server-del", .flag, "no"),
        ConfigurationParameter("lazyfree-lazy-user-del", .flag, "no"),
        ConfigurationParameter("lazyfree-lazy-user-flush", .flag, "no"),
        ConfigurationParameter("shutdown-timeout", .integer(.count32), "10"),
        ConfigurationParameter("proc-title-template", .text, "{title} {listen-addr} {server-mode}"),
    ]

    /// Whether the value of a name is a password.
    static func isSecret(_ name: Bytes) -> Bool {
        name.equalsIgnoringCase("requirepass") || name.equalsIgnoringCase("masterauth")
    }

    /// The row of that name, in any case of letters.
    static func find(_ name: Bytes) -> ConfigurationParameter? {
        rows.first { name.equalsIgnoringCase($0.name) }
    }

    /// The row that holds the value of a name, which may be an older one.
    static func resolve(_ row: ConfigurationParameter) -> ConfigurationParameter {
        guard case .alias(let name) = row.kind else { return row }
        guard let target = find(Bytes(name)) else { invariantFailed("an alias has its target") }
        return target
    }
}

extension ClosedRange<Int64> {
    fileprivate static var signed32: Self { Int64(Int32.min)...Int64(Int32.max) }
    fileprivate static var count32: Self { 0...Int64(Int32.max) }
    fileprivate static var positive32: Self { 1...Int64(Int32.max) }
    fileprivate static var unsigned32: Self { 0...Int64(UInt32.max) }
    fileprivate static var positiveUnsigned32: Self { 1...Int64(UInt32.max) }
    fileprivate static var count: Self { 0...Int64.max }
    fileprivate static var positive: Self { 1...Int64.max }
    fileprivate static var megabyteOrMore: Self { 1_048_576...Int64.max }
    /// A count, or -1 for none.
    fileprivate static var countOrOff: Self { -1...Int64.max }
}
