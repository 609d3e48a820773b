import Testing

@testable import gyre

/// The table of `gyre top`, made of two INFO texts.
@Suite struct TopTests {
    private static func text(
        ops: Int, hits: Int, misses: Int, hops: Int, latencies: String, busy: Int = 0
    ) -> String {
        """
        # Server\r
        gyre_version:0.1\r
        uptime_in_seconds:93784\r
        \r
        # Cores\r
        core1:ops=\(ops / 2),ops_per_sec=7,hits=0,misses=0,connections=2,memory=1048576,keys=5\r
        core0:ops=\(ops),hits=\(hits),misses=\(misses),connections=1,memory=2048,keys=1234,\
        hops_out=\(hops),hops_in=0,busy_usec=\(busy),idle_usec=\(1_000_000 - busy)\r
        \r
        # Corelatency\r
        core0:\(latencies)\r
        """
    }

    @Test func ratesAreThoseOfTheInterval() throws {
        let first = try TopSample(
            Self.text(ops: 1000, hits: 50, misses: 50, hops: 0, latencies: "1000=900,2000=100"),
            seconds: 10)
        let second = try TopSample(
            Self.text(
                ops: 3000, hits: 80, misses: 60, hops: 500, latencies: "1000=900,2000=2100"),
            seconds: 12)
        let table = TopTable(second, since: first)
        #expect(table.rows.map(\.name) == ["0", "1", "all"])
        #expect(table.rows.map(\.operations) == [1000, 500, 1500])
        #expect(table.summary == "2 cores  3 clients  up 1d 2h")
        let lines = table.lines(title: "title")
        #expect(lines[0] == "title")
        let head = lines[2].split(separator: " ", omittingEmptySubsequences: true)
        #expect(head.first == "core")
        let row = lines[3].split(separator: " ").map(String.init)
        // Core, operations, hit rate, three percentiles, busy, memory, keys, clients, hops.
        #expect(row == [
            "0", "1k", "75.0", "2.0µs", "2.0µs", "2.0µs", "0.0", "2K", "1.2k", "1", "250", "20.0",
            "0",
        ])
        #expect(Set(lines[2...].map(\.count)).count == 1, "all rows are of one width")
    }

    /// CONFIG RESETSTAT between two looks: nothing becomes negative.
    @Test func countersMayBePutBack() throws {
        let first = try TopSample(
            Self.text(ops: 5000, hits: 50, misses: 50, hops: 9, latencies: "1000=5000"), seconds: 1)
        let second = try TopSample(
            Self.text(ops: 10, hits: 1, misses: 0, hops: 2, latencies: "500=10"), seconds: 2)
        let rows = TopTable(second, since: first).rows
        #expect(rows[0].operations == 10)
        #expect(rows[0].hopsOut == 2)
        #expect(rows[0].latencies == [500: 10])
    }

    @Test func figuresAsText() {
        #expect(TopTable.short(0) == "0")
        #expect(TopTable.short(0.5) == "0.5")
        #expect(TopTable.short(42) == "42")
        #expect(TopTable.short(999) == "999")
        #expect(TopTable.short(999.7) == "1.0k")
        #expect(TopTable.short(1234) == "1.2k")
        #expect(TopTable.short(123_456) == "123k")
        #expect(TopTable.bytes(1_572_864) == "1.5M")
        #expect(TopTable.share(1, of: 0) == "-")
        #expect(TopTable.time(nanoseconds: 850) == "850ns")
        #expect(TopTable.time(nanoseconds: 12_345) == "12.3µs")
        #expect(TopTable.time(nanoseconds: 3_400_000) == "3.4ms")
        #expect(TopTable.time(nanoseconds: 2_000_000_000) == "2.0s")
        #expect(TopTable.duration(5) == "5s")
        #expect(TopTable.duration(3_700) == "1h 1m")
        #expect(TopTable.latency([:], 0.5) == "-")
        #expect(TopTable.latency([100: 1, 200: 98, 300: 1], 0.99) == "200ns")
        #expect(TopTable.latency([100: 1, 200: 98, 300: 1], 0.999) == "300ns")
    }

    @Test func repliesArriveInParts() throws {
        let whole = Array("$5\r\nhello\r\n".utf8)
        for length in 0..<whole.count { #expect(try TopReply.read(Array(whole[..<length])) == nil) }
        #expect(try TopReply.read(whole) == "hello")
        #expect(try TopReply.read(Array("+OK\r\n".utf8)) == "OK")
        #expect(throws: TopFailure.self) { try TopReply.read(Array("-NOAUTH x\r\n".utf8)) }
        #expect(throws: TopFailure.self) { try TopReply.read(Array("HTTP/1.1 200\r\n".utf8)) }
    }

    @Test func otherServersAreNone() {
        #expect(throws: TopFailure.self) {
            try TopSample("# Server\r\nredis_version:7.0.15\r\n", seconds: 1)
        }
    }

    /// Nobody listens on port 1: one sentence, and a code that says so.
    @Test func noServerEndsWithOneSentence() throws {
        let outcome = try GyreProgram.run(["top", "--once", "--port", "1"])
        #expect(outcome.exitCode == 69)
        #expect(outcome.standardError.hasPrefix("gyre: No server answers at 127.0.0.1:1"))
        #expect(outcome.standardError.split(separator: "\n").count == 1)
        #expect(outcome.standardOutput.isEmpty)
        let wrong = try GyreProgram.run(["top", "--interval", "0"])
        #expect(wrong.exitCode == 64)
    }
}
