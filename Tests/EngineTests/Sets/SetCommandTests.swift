import Base
import Testing

@testable import Engine

/// Commands on sets by themselves: what a comparison with a real server cannot pin down.
struct SetCommandTests {
    /// Members of `s` so that it is in each form.
    static let forms: [[String]] = [
        ["1", "2", "3", "4", "5", "6"], ["a", "b", "c", "1", "2", "3"],
        (0..<200).map { "m\($0)" } + ["1", "2", "3", "a"],
    ]

    private static func filled(_ members: [String]) -> Harness {
        var harness = Harness()
        _ = harness.run(["SADD", "s"] + members)
        _ = harness.run(["SADD", "t", "2", "3", "x"])
        return harness
    }

    @Test func everyWriteTakesOneStamp() {
        for members in Self.forms {
            var harness = Self.filled(members)
            let lines = [
                "SADD s new", "SADD s more 77 and", "SADD n a", "SADD o 1 2 x", "SREM s 1",
                "SREM s 2 3", "SREM n a", "SPOP s", "SPOP s 2", "SPOP t 2", "SINTERSTORE d s s",
                "SUNIONSTORE d s t", "SDIFFSTORE d s t", "SINTERSTORE d s nothing",
                "SUNIONSTORE e s", "SPOP s 1000", "SADD t 1", "EXPIRE t 100", "DEL t",
            ]
            checkStamps(of: lines, &harness)
            harness.engine.keyspace.checkInvariants()
        }
    }

    @Test(arguments: [
        "SADD s 1 2", "SADD s", "SREM s x y", "SMOVE s t nothing", "SMOVE s s 1", "SPOP s 0",
        "SPOP s -1", "SPOP s x", "SPOP s 1 2", "SMOVE s str 1", "SMEMBERS s", "SRANDMEMBER s 3",
        "SINTERSTORE s t str", "SUNIONSTORE s str", "SDIFFSTORE s t str", "SINTER s t", "SSCAN s 0",
        "SUNION s t", "SDIFF s t", "SINTERSTORE n nothing t", "SADD str 1", "SREM str 1",
        "SPOP str", "GET s", "HSET s a 1",
    ])
    func whatChangesNothingTakesNoStamp(line: String) {
        for members in Self.forms {
            var harness = Self.filled(members)
            _ = harness.run("SET str text")
            let keys = ["s", "t", "str", "n"]
            let before = slotStamps(of: keys, &harness)
            _ = harness.run(line)
            #expect(before == slotStamps(of: keys, &harness))
            #expect(Set(harness.strings("SMEMBERS s")) == Set(members))
            harness.engine.keyspace.checkInvariants()
        }
    }

    /// What redis-server 7.0.15 tells of them.
    private static let toldEvents = [
        "SADD s a b -> sadd s", "SADD s a -> ", "SADD s a c -> sadd s", "SREM s x -> ",
        "SREM s a -> srem s", "SREM s b c -> srem s, del s", "SADD s a -> sadd s",
        "SMOVE s t a -> srem s, del s, sadd t", "SMOVE t s x -> ", "SADD s a b -> sadd s",
        "SMOVE s t a -> srem s", "SMOVE s s b -> ", "SMOVE s t q -> ",
        "SADD p a b c d -> sadd p", "SPOP p -> spop p", "SPOP p 0 -> ", "SPOP p 2 -> spop p",
        "SPOP p 2 -> spop p, del p", "SADD p a -> sadd p", "SPOP p -> spop p, del p",
        "SADD p 1 2 3 4 5 6 7 8 9 10 -> sadd p", "SPOP p 9 -> spop p", "SPOP p 5 -> spop p, del p",
        "SADD a 1 2 -> sadd a", "SADD b 2 3 -> sadd b", "SINTERSTORE d a b -> sinterstore d",
        "SUNIONSTORE d a b -> sunionstore d", "SDIFFSTORE d a b -> sdiffstore d",
        "SINTERSTORE d a n -> del d", "SINTERSTORE d a n -> ", "SUNIONSTORE d n -> ",
        "SDIFFSTORE d a -> sdiffstore d", "SDIFFSTORE d a a -> del d",
    ]

    @Test func eventsAreThoseOfRedis() {
        var harness = Harness()
        harness.engine.keyspace.events.select([.set, .generic, .onKeyChannel])
        for line in Self.toldEvents {
            let parts = line.split(separator: " -> ", omittingEmptySubsequences: false)
            _ = harness.run(String(parts[0]))
            var told: [String] = []
            for index in 0..<harness.engine.keyspace.events.waiting.count {
                let event = harness.engine.keyspace.events.waiting[index]
                told.append("\(event.event.string) \(event.key.string)")
            }
            harness.engine.keyspace.events.waiting.removeAll()
            #expect(told.joined(separator: ", ") == parts[1], "\(line)")
        }
    }

    @Test func aSetIsConvertedWhereItsLimitsAre() {
        var harness = Harness()
        for index in 0..<512 { _ = harness.run("SADD s \(index)") }
        #expect(harness.run("OBJECT ENCODING s") == "$6 intset")
        _ = harness.run("SADD s 600")
        #expect(harness.run("OBJECT ENCODING s") == "$9 hashtable")
        _ = harness.run("SADD t 1 2 3")
        _ = harness.run("SADD t x")
        #expect(harness.run("OBJECT ENCODING t") == "$9 hashtable")
        _ = harness.run("SREM t x")
        #expect(harness.run("OBJECT ENCODING t") == "$9 hashtable")
        _ = harness.run("SUNIONSTORE t t")
        #expect(harness.run("OBJECT ENCODING t") == "$6 intset")
    }

    /// The bytes of one form's limits, as the keyspace holds them.
    @Test func formsFollowFromTheLimits() {
        func form(_ members: [String], _ configure: (inout EngineLimits) -> Void = { _ in })
            -> Entry.Form
        {
            var harness = Harness()
            configure(&harness.engine.limits)
            _ = harness.run(["SADD", "s"] + members)
            harness.engine.keyspace.checkInvariants()
            return withKey(Array("s".utf8), &harness) { $0.find($1)!.entry.form }
        }
        let words = (0..<128).map { "w\($0)" }
        let numbers = (0..<512).map { "\($0)" }
        #expect(form(words) == .packedSet)
        #expect(form(words + ["more"]) == .set)
        #expect(form([String(repeating: "x", count: 64)]) == .packedSet)
        #expect(form([String(repeating: "x", count: 65)]) == .set)
        #expect(form(["1", String(repeating: "x", count: 65)]) == .set)
        #expect(form(numbers) == .integerSet)
        #expect(form(numbers + ["x"]) == .set)
        #expect(form(Array(numbers[..<127]) + ["x"]) == .packedSet)
        #expect(form(Array(numbers[..<128]) + ["x"]) == .set)
        #expect(form(["1", "2"]) { $0.integerSetEntriesMax = 1 } == .packedSet)
        #expect(form(["1", "2"]) { $0.integerSetEntriesMax = 0 } == .packedSet)
        let digits = form(["1", "12345"]) {
            $0.integerSetEntriesMax = 1
            $0.setPack.valueLength = 4
        }
        #expect(digits == .set)
    }

    @Test func poppingNearlyAllKeepsTheDeadline() {
        var harness = Harness()
        _ = harness.run(["SADD", "s"] + (0..<600).map { "\($0)" })
        _ = harness.run("PEXPIRE s 5000")
        #expect(harness.strings("SPOP s 590").count == 590)
        #expect(harness.run("OBJECT ENCODING s") == "$6 intset")
        #expect(harness.run("PTTL s") == ":5000")
        harness.engine.keyspace.checkInvariants()
    }

    @Test func storingEndsTheDeadline() {
        var harness = Harness()
        _ = harness.run("SADD s 1")
        _ = harness.run("SADD d 2")
        _ = harness.run("PEXPIRE d 5000")
        _ = harness.run("SUNIONSTORE d s")
        #expect(harness.run("PTTL d") == ":-1")
        #expect(harness.run("SMEMBERS d") == "*1 $1 1")
        harness.engine.keyspace.checkInvariants()
    }

    @Test func repliesAreSetsInRESP3() {
        var harness = Harness()
        harness.version = .resp3
        _ = harness.run("SADD s 1")
        for line in ["SMEMBERS s", "SINTER s s", "SUNION s s", "SDIFF s n", "SPOP s 1"] {
            #expect(harness.run(line) == "~1 $1 1", "\(line)")
        }
        _ = harness.run("SADD s 1")
        #expect(harness.run("SRANDMEMBER s 1") == "*1 $1 1")
        #expect(harness.run("SPOP s 0") == "~0")
        #expect(harness.run("SPOP n") == "_")
        #expect(harness.run("SINTER n") == "~0")
    }

    /// Asking for more than there can be ends with an error and bounded memory.
    @Test func countsAreNotTrusted() {
        var harness = Harness()
        harness.engine.limits.replyLengthMax = 1000
        for members in Self.forms {
            _ = harness.run("DEL s")
            _ = harness.run(["SADD", "s"] + members)
            #expect(
                harness.run("SRANDMEMBER s -9223372036854775807")
                    == "-ERR reply exceeds maximum allowed size")
            #expect(
                harness.strings("SRANDMEMBER s 9223372036854775807").count == members.count)
            #expect(harness.strings("SPOP s 9223372036854775807").count == members.count)
        }
    }
}
