import Base
import Testing

@testable import Engine

/// Commands on hashes by themselves: what a comparison with a real server cannot pin down.
struct HashCommandTests {
    /// A hash of `count` fields f0… with values v0…, and how long its pack may get.
    private static func filled(_ count: Int, entries: Int = 512) -> Harness {
        var harness = Harness()
        harness.engine.limits.hashPack.entries = entries
        for index in 0..<count { _ = harness.run("HSET h f\(index) v\(index)") }
        return harness
    }

    @Test func everyWriteTakesOneStamp() {
        for entries in [512, 2] {
            var harness = Self.filled(3, entries: entries)
            let lines = [
                "HSET h f0 v0", "HSET h a 1 b 2 c 3", "HSET n a 1 b 2 c 3", "HMSET h a 1",
                "HSETNX h d 1", "HSETNX m d 1", "HINCRBY h a 5", "HINCRBY o a 5",
                "HINCRBYFLOAT h a 0.5", "HDEL h a b", "HDEL n a b c", "EXPIRE h 100", "PERSIST h",
                "DEL h",
            ]
            checkStamps(of: lines, &harness)
            harness.engine.keyspace.checkInvariants()
        }
    }

    @Test(arguments: [
        "HSET h a", "HSET h a 1 b", "HSETNX h f0 x", "HINCRBY h f0 1", "HINCRBY h f1 x",
        "HINCRBYFLOAT h f0 1", "HINCRBYFLOAT h f0 inf", "HDEL h x y", "HGET h f0", "HGETALL h",
        "HRANDFIELD h -5 WITHVALUES", "HSCAN h 0", "SET h", "INCR h", "APPEND h x", "HINCRBY s a 1",
        "HSET s a 1", "HDEL s a",
    ])
    func whatChangesNothingTakesNoStamp(line: String) {
        for entries in [512, 2] {
            var harness = Self.filled(5, entries: entries)
            _ = harness.run("SET s text")
            let keys = ["h", "s"]
            let before = slotStamps(of: keys, &harness)
            _ = harness.run(line)
            #expect(before == slotStamps(of: keys, &harness))
            #expect(harness.pairs("HGETALL h").count == 5)
        }
    }

    @Test func aHashIsConvertedWhereItsLimitsAre() {
        var harness = Self.filled(512)
        #expect(harness.run("OBJECT ENCODING h") == "$8 listpack")
        _ = harness.run("HSET h f511 other")
        #expect(harness.run("OBJECT ENCODING h") == "$8 listpack")
        _ = harness.run("HSET h more 1")
        #expect(harness.run("OBJECT ENCODING h") == "$9 hashtable")
        for index in 0..<512 { _ = harness.run("HDEL h f\(index)") }
        #expect(harness.run("OBJECT ENCODING h") == "$9 hashtable")
        #expect(harness.run("HGETALL h") == "*2 $4 more $1 1")

        let long = String(repeating: "x", count: 65)
        for words in [["a", long], [long, "a"], ["a", "1", "b", long]] {
            _ = harness.run("DEL k")
            _ = harness.run(["HSET", "k"] + words)
            #expect(harness.run("OBJECT ENCODING k") == "$9 hashtable")
            #expect(harness.pairs("HGETALL k") == Harness.paired(words))
        }
        _ = harness.run("DEL k")
        _ = harness.run(["HSET", "k", String(long.dropLast()), String(long.dropLast())])
        #expect(harness.run("OBJECT ENCODING k") == "$8 listpack")
        harness.engine.keyspace.checkInvariants()
    }

    /// A pack has a bound of its own, whatever an operator allows.
    @Test func aPackThatGetsTooLargeIsConverted() {
        var harness = Harness()
        harness.engine.limits.hashPack = PackLimits(entries: 1_000_000, valueLength: 1_000_000)
        var model: [String: String] = [:]
        for index in 0..<700 {
            let value = String(repeating: "v", count: 100 + index % 7)
            _ = harness.run(["HSET", "h", "f\(index)", value])
            model["f\(index)"] = value
        }
        #expect(harness.pairs("HGETALL h") == model)
        let huge = String(repeating: "h", count: 60_000)
        _ = harness.run("HSET k a 1 b 2")
        _ = harness.run(["HSET", "k", "a", huge])
        #expect(harness.pairs("HGETALL k") == ["a": huge, "b": "2"])
        _ = harness.run(["HSET", "l", huge, "1"])
        #expect(harness.run(["HGET", "l", huge]) == "$1 1")
        harness.engine.keyspace.checkInvariants()
    }

    @Test func repliesInBothForms() {
        for entries in [512, 0] {
            var harness = Harness()
            harness.engine.limits.hashPack.entries = entries
            _ = harness.run("HSET h f 12")
            #expect(harness.raw("HGETALL h") == "*2\r\n$1\r\nf\r\n$2\r\n12\r\n")
            #expect(harness.run("HGETALL n") == "*0")
            #expect(harness.run("HRANDFIELD h 1 WITHVALUES") == "*2 $1 f $2 12")
            #expect(harness.run("HRANDFIELD h -2 WITHVALUES") == "*4 $1 f $2 12 $1 f $2 12")
            #expect(harness.run("HRANDFIELD n") == "$-1")
            #expect(harness.run("HMGET h f g") == "*2 $2 12 $-1")
            #expect(harness.run("HSCAN h 0 NOVALUES") == "*2 $1 0 *1 $1 f")
            harness.version = .resp3
            #expect(harness.raw("HGETALL h") == "%1\r\n$1\r\nf\r\n$2\r\n12\r\n")
            #expect(harness.run("HGETALL n") == "%0")
            #expect(harness.run("HRANDFIELD h 1 WITHVALUES") == "*1 *2 $1 f $2 12")
            #expect(harness.run("HRANDFIELD h -2") == "*2 $1 f $1 f")
            #expect(harness.run("HRANDFIELD n") == "_")
            #expect(harness.run("HRANDFIELD n 3 WITHVALUES") == "*0")
            #expect(harness.run("HMGET h f g") == "*2 $2 12 _")
            #expect(harness.run("HSCAN h 0") == "*2 $1 0 *2 $1 f $2 12")
        }
    }

    @Test(arguments: [512, 4], [1, 5, 29, 30, 31, 500])
    func randomFieldsAreDifferent(entries: Int, count: Int) {
        var harness = Self.filled(30, entries: entries)
        for _ in 0..<50 {
            let pairs = harness.strings("HRANDFIELD h \(count) WITHVALUES")
            #expect(pairs.count == 2 * min(count, 30))
            let fields = Harness.paired(pairs)
            #expect(fields.count == min(count, 30))
            #expect(fields.allSatisfy { $0.key.dropFirst() == $0.value.dropFirst() })
            #expect(harness.strings("HRANDFIELD h \(count)").count == min(count, 30))
            #expect(harness.strings("HRANDFIELD h -\(count)").count == count)
        }
    }

    @Test(
        arguments: [512, 4],
        ["HRANDFIELD h", "HRANDFIELD h 5", "HRANDFIELD h 15", "HRANDFIELD h -5"])
    func randomFieldsAreDrawnEvenly(entries: Int, line: String) {
        var harness = Self.filled(20, entries: entries)
        var counts: [String: Int] = [:]
        var total = 0
        for _ in 0..<2_000 {
            for field in harness.strings(line) {
                counts[field, default: 0] += 1
                total += 1
            }
        }
        #expect(counts.count == 20)
        let share = Double(total) / 20
        #expect(counts.values.allSatisfy { abs(Double($0) - share) < 6 * share.squareRoot() })
    }

    @Test func aDrawIsLimited() {
        for entries in [512, 0] {
            var harness = Self.filled(3, entries: entries)
            harness.engine.limits.replyLengthMax = 1000
            let error = "-ERR reply exceeds maximum allowed size"
            #expect(harness.run("HRANDFIELD h -9223372036854775807") == error)
            #expect(harness.run("HRANDFIELD h -4611686018427387903 WITHVALUES") == error)
            #expect(harness.strings("HRANDFIELD h -20").count == 20)
        }
    }

    /// What stays is returned, while others come and go between the calls.
    @Test func scanReturnsWhatStays() {
        var harness = Self.filled(2_000)
        var (cursor, seen, page) = ("0", Set<String>(), 0)
        repeat {
            var fields = harness.strings("HSCAN h \(cursor) COUNT 20 NOVALUES")
            cursor = fields.removeFirst()
            #expect(fields.count <= 60)
            seen.formUnion(fields)
            for index in 0..<100 {
                _ = page % 2 == 0
                    ? harness.run("HSET h coming:\(page):\(index) v")
                    : harness.run("HDEL h coming:\(page - 1):\(index)")
            }
            page += 1
        } while cursor != "0" && page < 10_000
        #expect(Set((0..<2_000).map { "f\($0)" }).subtracting(seen).isEmpty)
    }

    @Test func scanFiltersFields() {
        for entries in [512, 4] {
            var harness = Self.filled(30, entries: entries)
            let matching = harness.strings("HSCAN h 0 MATCH f1? COUNT 1000")
            #expect(Harness.paired(Array(matching.dropFirst())).count == 10)
            #expect(harness.run("HSCAN h 0 TYPE hash") == "-ERR syntax error")
            #expect(harness.run("HSCAN h 0 COUNT 0") == "-ERR syntax error")
            #expect(harness.run("HSCAN h x") == "-ERR invalid cursor")
            #expect(harness.run("HSCAN n 0 nonsense") == "*2 $1 0 *0")
        }
    }

    @Test func aHashIsRenamedCopiedAndExpires() {
        for entries in [512, 4] {
            var harness = Self.filled(600, entries: entries)
            let fields = harness.pairs("HGETALL h")
            #expect(harness.run("EXPIRE h 100") == ":1")
            #expect(harness.run("COPY h c") == ":1")
            #expect(harness.run("RENAME h r") == "+OK")
            #expect(harness.pairs("HGETALL r") == fields)
            #expect(harness.pairs("HGETALL c") == fields)
            _ = harness.run("HSET r f0 changed")
            #expect(harness.run("HGET c f0") == "$2 v0")
            #expect(harness.run("TTL c") == ":100")
            #expect(harness.run("SET c text") == "+OK")
            harness.advance(milliseconds: 100_000)
            #expect(harness.run("HGET r f0") == "$-1")
            harness.engine.keyspace.reclaim(budget: .max)
            harness.engine.keyspace.checkInvariants()
            #expect(harness.engine.keyspace.count == 1)
        }
    }

    @Test func eventsAreThoseOfRedis() {
        var harness = Harness()
        harness.engine.keyspace.events.select([.all, .onKeyChannel])
        func told(_ line: String) -> [String] {
            harness.engine.keyspace.events.waiting.removeAll()
            _ = harness.run(line)
            return (0..<harness.engine.keyspace.events.waiting.count).map {
                harness.engine.keyspace.events.waiting[$0].event.string
            }
        }
        #expect(told("HSET h a 1 b 2 c 3") == ["hset"])
        #expect(told("HMSET h a 1") == ["hset"])
        #expect(told("HSETNX h a 1") == [])
        #expect(told("HSETNX h d 1") == ["hset"])
        #expect(told("HINCRBY h a 1") == ["hincrby"])
        #expect(told("HINCRBYFLOAT h a 1") == ["hincrbyfloat"])
        #expect(told("HDEL h x") == [])
        #expect(told("HDEL h a b") == ["hdel"])
        #expect(told("HDEL h c d") == ["hdel", "del"])
    }
}
