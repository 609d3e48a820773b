import Base
import Testing

@testable import Engine

/// Commands by themselves: what a comparison with a real server cannot pin down, or must not depend
/// on.
struct CommandTests {
    @Test func deadlinesAreKeptToTheMillisecond() {
        var harness = Harness()
        _ = harness.run("SET k v EX 10")
        #expect(harness.run("PTTL k") == ":10000")
        harness.advance(milliseconds: 8_400)
        #expect(harness.run("TTL k") == ":2")
        harness.advance(milliseconds: 1_599)
        #expect(harness.run("GET k") == "$1 v")
        #expect(harness.run("TTL k") == ":0")
        harness.advance(milliseconds: 1)
        #expect(harness.run("GET k") == "$-1")
        #expect(harness.run("TTL k") == ":-2")
    }

    @Test(arguments: [
        "SET k 5 KEEPTTL", "INCR k", "APPEND k 1", "SETRANGE k 0 9", "INCRBYFLOAT k 1",
    ])
    func writesInPlaceKeepTheDeadline(line: String) {
        var harness = Harness()
        _ = harness.run("SET k 5 PX 5000")
        _ = harness.run(line)
        #expect(harness.run("PTTL k") == ":5000")
    }

    @Test(arguments: ["SET k v", "GETSET k v", "MSET k v"])
    func overwritingEndsTheDeadline(line: String) {
        var harness = Harness()
        _ = harness.run("SET k 5 PX 5000")
        _ = harness.run(line)
        #expect(harness.run("PTTL k") == ":-1")
    }

    @Test(arguments: [
        "INCR k", "SET k new EX 0", "SET k new NX XX", "SETRANGE k -1 a", "SETRANGE k 536870912 a",
        "EXPIRE k 10 NX GT", "EXPIRE k 9223372036854775807", "MSET k new l",
        "COPY l k DB 3 REPLACE",
        "INCRBYFLOAT k x", "GETEX k EX 0", "RENAME nosuch k", "MSETNX l new k new",
        "LCS k l IDX LEN",
    ])
    func aFailedCommandChangesNothing(line: String) {
        var harness = Harness()
        _ = harness.run("MSET k text l other")
        let before = withKey([107], &harness) { $0.find($1)!.entry.stamp }
        _ = harness.run(line)
        #expect(harness.run("GET k") == "$4 text")
        #expect(withKey([107], &harness) { $0.find($1)!.entry.stamp } == before)
        #expect(harness.run("EXISTS k l") == ":2")
    }

    @Test func nothingIsNullInBothForms() {
        var harness = Harness()
        #expect(harness.raw("GET k") == "$-1\r\n")
        harness.version = .resp3
        #expect(harness.raw("GET k") == "_\r\n")
        #expect(harness.raw("LCS a b IDX") == "%2\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n")
    }

    @Test func idlenessIsALowerBoundInTicks() {
        var harness = Harness()
        _ = harness.run("SET k v")
        harness.advance(milliseconds: 10 * 65_536)
        #expect(harness.run("OBJECT IDLETIME k") == ":589")
        #expect(harness.run("EXISTS k") == ":1")
        #expect(harness.run("OBJECT IDLETIME k") == ":589")
        #expect(harness.run("TOUCH k") == ":1")
        #expect(harness.run("OBJECT IDLETIME k") == ":0")
    }

    @Test func memoryUsageAddsUp() {
        var harness = Harness()
        for index in 0..<100 {
            _ = harness.run(["SET", "{m}\(index)", String(repeating: "v", count: index * 100)])
        }
        var sum = 0
        for index in 0..<100 {
            sum += Int(harness.run("MEMORY USAGE {m}\(index)").dropFirst())!
        }
        let used = harness.engine.keyspace.usedBytes
        // Shares of the table are rounded up.
        #expect((used...used + 100).contains(sum))
    }

    @Test func stringsAreLimited() {
        var harness = Harness()
        harness.engine.limits.stringLengthMax = 100
        let error = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)"
        _ = harness.run(["SET", "k", String(repeating: "v", count: 90)])
        #expect(harness.run("APPEND k 12345678901") == error)
        #expect(harness.run("APPEND k 1234567890") == ":100")
        #expect(harness.run("SETRANGE k 99 12") == error)
        #expect(harness.run("SETRANGE n 99 1") == ":100")
    }

    @Test func theLCSTableIsLimited() {
        var harness = Harness()
        harness.engine.limits.stringLengthMax = 400
        _ = harness.run("MSET a 123456789 b 123456789 c 1234567890")
        #expect(harness.run("LCS a b LEN") == ":9")
        #expect(
            harness.run("LCS a c LEN")
                == "-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
    }

    /// Every command of the keys' scope is dispatched: one that is not would end the process.
    @Test func everyCommandOfTheKeysScopeRuns() {
        var harness = Harness()
        for row in CommandTable.rows where row.scope == .keys {
            var words = Bytes(row.name).string.split(separator: "|").map(String.init)
            while words.count < abs(row.arity) { words.append("1") }
            #expect(!harness.run(words).isEmpty)
            #expect(harness.run(words) != "+NODE")
        }
        harness.engine.keyspace.checkInvariants()
    }

    @Test func hitsAndMissesCountReads() {
        var harness = Harness()
        _ = harness.run("SET k v")
        for line in ["GET k", "MGET k n", "STRLEN n", "EXISTS k", "TTL n"] { _ = harness.run(line) }
        #expect(harness.engine.keyspace.statistics.hits == 3)
        #expect(harness.engine.keyspace.statistics.misses == 3)
    }

    @Test func aPipelineIsAnsweredInOrder() {
        var harness = Harness()
        let request = (0..<500).flatMap { _ in Array("*2\r\n$4\r\nINCR\r\n$1\r\nk\r\n".utf8) }
        let replies = String(decoding: harness.send(request), as: UTF8.self)
        #expect(replies == (1...500).map { ":\($0)\r\n" }.joined())
    }
}
