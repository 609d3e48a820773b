import Node
import Testing

/// What is counted and timed of each command, over all cores.
@Suite struct CommandStatisticsTests {
    /// The fields of a line such as "calls=1,usec=2".
    private func fields(_ line: String?) -> [String: String] {
        var fields: [String: String] = [:]
        for word in (line ?? "").split(separator: ",") {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }

    @Test(arguments: [1, 3])
    func callsAreCountedWhereverTheyRun(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        for key in 0..<20 { node.send(client, "SET k\(key) v") }
        node.send(client, "MSET a 1 b 2 c 3\r\nMGET a b c d")
        node.send(client, "MULTI\r\nGET a\r\nINCR b\r\nPING\r\nEXEC")
        node.send(client, "DBSIZE\r\nKEYS *\r\nSCAN 0\r\nCONFIG GET save")
        let info = node.info(client, "commandstats")
        let calls = info.mapValues { fields($0)["calls"] }
        for (name, count) in [
            ("set", "20"), ("mset", "1"), ("mget", "1"), ("multi", "1"), ("get", "1"),
            ("incr", "1"), ("ping", "1"), ("exec", "1"), ("dbsize", "1"), ("keys", "1"),
            ("scan", "1"), ("config|get", "1"),
        ] {
            #expect(calls["cmdstat_\(name)"] == count, "\(name)")
        }
        #expect(info.count == 12)
        let total = node.info(client, "stats")["total_commands_processed"]
        #expect(total == "32", "the 31 above and INFO")
    }

    @Test(arguments: [1, 3])
    func pingsOfAPipelineAreAnsweredInOrderAndCounted(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        let replies = node.pipeline(
            client,
            [
                "SET a 1", "PING", "GET a", "PING hi", "PING a b", "INCR a", "INCR a", "GET b",
                "INCR a", "PING",
            ])
        #expect(
            replies == """
                +OK\r\n+PONG\r\n$1\r\n1\r\n$2\r\nhi\r\n\
                -ERR wrong number of arguments for 'ping' command\r\n\
                :2\r\n:3\r\n$-1\r\n:4\r\n+PONG\r\n
                """)
        #expect(node.send(client, "PING") == "+PONG\r\n")
        let line = fields(node.info(client, "commandstats")["cmdstat_ping"])
        #expect(line["calls"] == "5")
    }

    @Test(arguments: [1, 2])
    func rejectedAndFailedCallsAreTold(cores: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        node.send(client, "SET k v\r\nINCR k\r\nINCR k x\r\nGET\r\nCONFIG\r\nCONFIG GET")
        node.send(client, "nonsense\r\nCONFIG nonsense\r\nEXEC\r\nAUTH x\r\nHELLO 9")
        node.send(client, "MULTI\r\nINCR k\r\nSET\r\nEXEC")
        node.send(client, "MULTI\r\nINCR k\r\nEXEC")
        let info = node.info(client, "commandstats")
        for (name, calls, rejected, failed) in [
            ("set", "1", "1", "0"), ("incr", "2", "1", "2"), ("get", "0", "1", "0"),
            ("config", "0", "1", "0"), ("config|get", "0", "1", "0"), ("exec", "3", "0", "2"),
            ("auth", "1", "0", "1"), ("hello", "1", "0", "1"), ("multi", "2", "0", "0"),
        ] {
            let line = fields(info["cmdstat_\(name)"])
            #expect(line["calls"] == calls, "\(name)")
            #expect(line["rejected_calls"] == rejected, "\(name)")
            #expect(line["failed_calls"] == failed, "\(name)")
        }
        #expect(
            node.info(client, "errorstats")
                == [
                    "errorstat_ERR": "count=11", "errorstat_EXECABORT": "count=1",
                    "errorstat_NOPROTO": "count=1",
                ])
        node.send(client, "CONFIG RESETSTAT")
        #expect(Array(node.info(client, "commandstats").keys) == ["cmdstat_config|resetstat"])
        #expect(node.info(client, "errorstats").isEmpty)
    }

    @Test func aPortOfACoreRejectsWhatIsElsewhere() {
        let node = NodeHarness(cores: 2)
        let client = node.connect(core: 0, .core)
        for key in 0..<40 { node.send(client, "SET k\(key) v") }
        let moved = fields(node.info(client, "errorstats")["errorstat_MOVED"])["count"]
        let set = fields(node.info(client, "commandstats")["cmdstat_set"])
        #expect(moved != nil)
        #expect(set["rejected_calls"] == moved)
        #expect(Int(set["calls"] ?? "").map { $0 + (Int(moved ?? "") ?? 0) } == 40)
    }

    @Test func aClientThatIsNotLoggedInIsRejected() {
        var configuration = NodeConfiguration()
        configuration.password = "secret"
        let node = NodeHarness(cores: 1, configuration: configuration)
        let client = node.connect()
        node.send(client, "GET k\r\nGET k\r\nAUTH secret")
        let get = fields(node.info(client, "commandstats")["cmdstat_get"])
        #expect(get["calls"] == "0")
        #expect(get["rejected_calls"] == "2")
        #expect(node.info(client, "errorstats") == ["errorstat_NOAUTH": "count=2"])
    }

    /// Alone, in pipelines long and short, here and on another core.
    @Test(arguments: [1, 2], [1, 2, 16, 100])
    func timeIsMeasuredOrEstimated(cores: Int, pipeline: Int) {
        let node = NodeHarness(cores: cores)
        let client = node.connect()
        node.setStopwatch(step: 3000)
        let requests = (0..<pipeline).map { "SET k\($0) v" }
        for _ in 0..<64 { node.pipeline(client, requests) }
        for _ in 0..<10 { node.pipeline(client, ["SETRANGE a 0 b", "LCS a b", "GET a"]) }
        let info = node.info(client, "commandstats latencystats")
        let set = fields(info["cmdstat_set"])
        #expect(set["calls"] == "\(pipeline * 64)")
        // Where one command is between two readings they are 3 µs apart.
        #expect(set["usec"] == "\(pipeline * 64 * 3)")
        #expect(set["usec_per_call"] == "3.00")
        #expect(fields(info["cmdstat_lcs"])["usec_per_call"] == "3.00")
        // The bucket's upper bound: 3,007 ns.
        #expect(
            info["latency_percentiles_usec_set"] == "p50=3.007,p99=3.007,p99.9=3.007")
    }

    @Test func latenciesAreCountedInBuckets() {
        let node = NodeHarness(cores: 1)
        let client = node.connect()
        for (step, count) in [(UInt64(900), 3), (5000, 2), (40_000, 1)] {
            node.setStopwatch(step: step)
            for _ in 0..<count { node.send(client, "GET k") }
        }
        node.setStopwatch(step: 1_300_000_000)
        node.send(client, "CLIENT ID")
        #expect(
            node.send(client, "LATENCY HISTOGRAM nonsense get client")
                == """
                *4\r\n$3\r\nget\r\n*4\r\n$5\r\ncalls\r\n:6\r\n$14\r\nhistogram_usec\r\n*6\r\n\
                :1\r\n:3\r\n:8\r\n:5\r\n:66\r\n:6\r\n\
                $9\r\nclient|id\r\n*4\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n*2\r\n\
                :2164260\r\n:1\r\n
                """)
        node.send(client, "CONFIG SET latency-tracking-info-percentiles 33.3")
        #expect(
            node.info(client, "latencystats")["latency_percentiles_usec_get"] == "p33.3=0.911")
        node.send(client, "CONFIG SET latency-tracking no")
        #expect(node.info(client, "latencystats").isEmpty)
    }

    @Test func eachCoreHasItsLine() {
        let node = NodeHarness(cores: 2)
        let client = node.connect()
        node.setStopwatch(step: 2000)
        for key in 0..<10 { node.send(client, "SET k\(key) v\r\nGET k\(key)\r\nGET x\(key)") }
        let info = node.info(client, "cores")
        let lines = [fields(info["core0"]), fields(info["core1"])]
        #expect(lines.compactMap { Int($0["ops"] ?? "") }.reduce(0, +) == 30)
        let latencies = node.info(client, "corelatency")
        let counts = latencies.values.flatMap { fields($0).values.compactMap { Int($0) } }
        #expect(counts.reduce(0, +) == 31, "with the first INFO")
    }
}
