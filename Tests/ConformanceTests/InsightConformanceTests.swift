import TestSupport
import Testing

/// SLOWLOG, LATENCY and INFO's sections on commands.
@Suite struct InsightConformanceTests {
    static let written: [[String]] = [
        ["SLOWLOG", "SLOWLOG nonsense", "SLOWLOG GET x", "SLOWLOG GET -2", "SLOWLOG GET 1 2"],
        ["SLOWLOG GET 1 2 3", "SLOWLOG get 01", "SLOWLOG GET +1", "SLOWLOG LEN x",
         "SLOWLOG RESET x", "SLOWLOG HELP", "SLOWLOG HELP x", "SLOWLOG GET 9223372036854775808"],
        ["CONFIG SET slowlog-log-slower-than -1 slowlog-max-len 128", "SLOWLOG RESET",
         "SLOWLOG LEN", "SLOWLOG GET", "SLOWLOG GET 0", "SLOWLOG GET -1", "GET k", "SLOWLOG GET"],
        ["CLIENT SETNAME me", "CONFIG SET slowlog-log-slower-than 0", "SLOWLOG RESET", "GET k",
         "set k v", "MSET a 1 b 2 c 3", "nonsense", "GET", "INCR k", "SLOWLOG GET",
         "SLOWLOG LEN", "SLOWLOG GET 2", "CONFIG GET slowlog-*"],
        ["CONFIG SET slowlog-log-slower-than 0", "SLOWLOG RESET",
         "MSET 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9",
         "MSET 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0",
         "MGET 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1",
         "MGET 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0",
         "SET k \(String(repeating: "x", count: 128))",
         "SET k \(String(repeating: "x", count: 129))", "SLOWLOG GET 100"],
        ["CONFIG SET slowlog-log-slower-than 0", "SLOWLOG RESET", "MULTI", "GET a", "SET b 1",
         "CLIENT ID", "DBSIZE", "EXEC", "EXEC", "DISCARD", "1> CLIENT SETNAME other", "1> GET a",
         "2> GET c", "0> SLOWLOG GET -1"],
        ["CONFIG SET slowlog-log-slower-than 0 requirepass pw", "SLOWLOG RESET", "AUTH pw",
         "AUTH default pw", "HELLO 2 AUTH default pw", "HELLO 2 AUTH default pw SETNAME x",
         "HELLO 2 SETNAME auth", "CONFIG SET requirepass pw", "SLOWLOG GET",
         "CONFIG SET maxmemory 0 requirepass pw masterauth pw", "SLOWLOG GET 1",
         "CONFIG SET masterauth x requirepass y",
         "SLOWLOG GET 1"].map { $0.replacing("requirepass", with: "masterauth") },
        ["CONFIG SET slowlog-log-slower-than 10000 slowlog-max-len 128", "SLOWLOG RESET",
         "DEBUG SLEEP 0.03", "GET k", "SLOWLOG GET", "SLOWLOG RESET", "SLOWLOG GET"],
        ["LATENCY", "LATENCY nonsense", "LATENCY HELP", "LATENCY HELP x", "LATENCY LATEST x"],
        ["LATENCY HISTORY", "LATENCY HISTORY a b", "LATENCY GRAPH", "LATENCY GRAPH nonsense",
         "LATENCY DOCTOR x", "LATENCY RESET a b c"],
        ["CONFIG SET latency-monitor-threshold 0", "LATENCY RESET", "DEBUG SLEEP 0.02",
         "LATENCY LATEST", "LATENCY HISTORY command", "LATENCY DOCTOR"],
        ["CONFIG SET latency-monitor-threshold 15", "LATENCY RESET", "DEBUG SLEEP 0.03",
         "LATENCY LATEST", "LATENCY HISTORY command", "LATENCY HISTORY fast-command",
         "LATENCY HISTORY Command", "LATENCY GRAPH command", "LATENCY GRAPH fast-command",
         "LATENCY DOCTOR", "LATENCY RESET nonsense fast-command", "LATENCY RESET command",
         "LATENCY LATEST", "LATENCY RESET", "CONFIG SET latency-monitor-threshold 0"],
        ["CONFIG RESETSTAT", "SET k v", "GET k", "GET k", "CONFIG GET save", "INCR k",
         "LATENCY HISTOGRAM set", "LATENCY HISTOGRAM get SET nonsense incr",
         "LATENCY HISTOGRAM config", "LATENCY HISTOGRAM config|get config",
         "LATENCY HISTOGRAM ttl", "LATENCY HISTOGRAM get get", "LATENCY HISTOGRAM"],
        ["CONFIG SET latency-tracking no", "CONFIG RESETSTAT", "SET k v",
         "LATENCY HISTOGRAM", "CONFIG SET latency-tracking yes", "SET k v", "SET k v",
         "LATENCY HISTOGRAM set", "CONFIG GET latency-tracking"],
        ["CONFIG SET latency-tracking-info-percentiles 50",
         "CONFIG GET latency-tracking-info-percentiles",
         "CONFIG SET latency-tracking-info-percentiles 101",
         "CONFIG SET latency-tracking-info-percentiles -1",
         "CONFIG SET latency-tracking-info-percentiles abc",
         "CONFIG SET latency-tracking-info-percentiles 1e1",
         "CONFIG GET latency-tracking-info-percentiles",
         "CONFIG SET latency-tracking-info-percentiles 33.333333333",
         "CONFIG GET latency-tracking-info-percentiles"],
        ["MEMORY STATS", "SET k v", "MEMORY STATS", "MEMORY STATS x", "MEMORY PURGE",
         "MEMORY PURGE x", "MEMORY DOCTOR", "MEMORY DOCTOR x", "MEMORY MALLOC-STATS",
         "MEMORY MALLOC-STATS x", "MULTI", "MEMORY STATS", "MEMORY PURGE", "EXEC", "GET k"],
        ["CONFIG SET slowlog-log-slower-than -2", "CONFIG SET slowlog-max-len -1",
         "CONFIG SET latency-monitor-threshold -1", "CONFIG SET slowlog-log-slower-than 1.5",
         "CONFIG SET latency-tracking maybe",
         "CONFIG SET slowlog-log-slower-than 99999999999999 slowlog-max-len 7",
         "CONFIG GET slowlog-*", "CONFIG SET slowlog-log-slower-than 10000 slowlog-max-len 128"],
    ]

    @Test(arguments: ServerProgram.subject.coreCounts)
    func writtenCalls(cores: Int) throws {
        try ServerPair(ServerOptions(cores: cores)).compare(Self.written)
    }

    /// What a percentile list with spaces is shown as, which no written call can say.
    @Test func percentiles() throws {
        let pair = try ServerPair()
        for text in ["", "0.0 50.1 100.0", "50 50", "10 20 abc", " 5   7 ", "50 101", "99.9"] {
            let replies = try [pair.reference, pair.subject].map { server in
                let client = try server.connect()
                return [
                    try client.call("CONFIG", "SET", "latency-tracking-info-percentiles", text),
                    try client.call("CONFIG", "GET", "latency-tracking-info-percentiles"),
                ]
            }
            #expect(replies[0] == replies[1], "\(text)")
        }
    }

    /// Every command's counters and every error's, after the same calls; times apart.
    @Test(arguments: ServerProgram.subject.coreCounts)
    func statistics(cores: Int) throws {
        let pair = try ServerPair(ServerOptions(cores: cores))
        let calls = [
            "SET k v", "GET k", "GET", "GET a b", "INCR k", "MSET a 1 b 2", "MSET a", "MGET a b c",
            "DEL a b c", "CONFIG", "CONFIG GET", "CONFIG GET save", "CONFIG nonsense x", "nonsense",
            "CONFIG SET maxmemory x", "OBJECT", "OBJECT ENCODING k", "OBJECT ENCODING missing",
            "MULTI", "INCR k", "SET", "EXEC", "MULTI", "INCR k", "GET k", "PING", "EXEC", "EXEC",
            "MULTI", "MULTI", "WATCH k", "DISCARD", "DISCARD", "MULTI", "DBSIZE", "KEYS *", "EXEC",
            "AUTH x", "HELLO 9", "CLIENT KILL 1.2.3.4:5", "CLIENT ID", "WATCH k", "SET k w",
            "MULTI", "EXEC", "SETEX k 0 v", "RENAME missing x", "SCAN x", "SCAN 0", "DBSIZE",
            "SLOWLOG GET x", "LATENCY GRAPH x", "SELECT 7", "EXPIRE k x", "MULTI",
            "CONFIG GET save", "CONFIG SET maxmemory x", "EXEC", "MULTI", "WATCH x", "EXEC",
            "ECHO x", "RESET",
        ]
        let counts = try [pair.reference, pair.subject].map { server in
            let client = try server.connect()
            _ = try client.call("CONFIG", "RESETSTAT")
            for line in calls { _ = try client.call(Call(words: line)) }
            return try Self.counts(client, "commandstats") + Self.counts(client, "errorstats")
        }
        let (reference, subject) = (Set(counts[0]), Set(counts[1]))
        #expect(subject.subtracting(reference).sorted() == [])
        #expect(reference.subtracting(subject).sorted() == [])
    }

    /// The section's lines without what took time.
    private static func counts(_ client: RespConnection, _ section: String) throws -> [String] {
        let text = try client.call("INFO", section).text ?? ""
        return text.split(separator: "\r\n").filter { $0.contains(":") }.map { line in
            line.split(separator: ",").filter { !$0.hasPrefix("usec") }.joined(separator: ",")
        }
    }

    /// What monitoring may read from these sections is there.
    @Test(arguments: ["stats", "memory", "clients", "cpu", "keyspace", "modules"])
    func everyFieldOfRedisIsThere(section: String) throws {
        let pair = try ServerPair()
        let names = try [pair.reference, pair.subject].map { server in
            let client = try server.connect()
            _ = try client.call("SET", "k", "v", "EX", "1000")
            let text = try client.call("INFO", section).text ?? ""
            return Set(text.split(separator: "\r\n").map { String($0.prefix { $0 != ":" }) })
        }
        let missing = names[0].subtracting(names[1]).subtracting(Self.fieldsOfScripts)
        #expect(missing.sorted() == [])
    }

    /// There are no scripts yet, and no interpreter's memory; CPU time is told of the process.
    private static let fieldsOfScripts: Set = [
        "number_of_cached_scripts", "number_of_functions", "number_of_libraries",
        "used_memory_functions", "used_memory_scripts_eval", "used_memory_vm_eval",
        "used_memory_vm_functions", "used_memory_vm_total", "used_memory_vm_total_human",
        "used_cpu_sys_main_thread", "used_cpu_user_main_thread",
    ]

    @Test func latencyStatisticsNameThePercentiles() throws {
        let pair = try ServerPair()
        let lines = try [pair.reference, pair.subject].map { server in
            let client = try server.connect()
            _ = try client.call("CONFIG", "SET", "latency-tracking-info-percentiles", "0 50 99.99")
            _ = try client.call("CONFIG", "RESETSTAT")
            for line in ["SET k v", "GET k", "GET k", "CONFIG GET save"] {
                _ = try client.call(Call(words: line))
            }
            let text = try client.call("INFO", "latencystats").text ?? ""
            return text.split(separator: "\r\n").map { line in
                line.split(separator: ",").map { $0.prefix { $0 != "=" } }.joined(separator: ",")
            }.sorted()
        }
        #expect(lines[0] == lines[1])
    }
}
