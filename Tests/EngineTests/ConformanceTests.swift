import Base
import Glibc
import Testing

@testable import Engine

/// The same random commands, sent to a real redis-server and to the engine, get the same replies.
struct ConformanceTests {
    @Test(arguments: [ProtocolVersion.resp2, .resp3], [1, 2, 3])
    func repliesAreThoseOfRedis(version: ProtocolVersion, seed: UInt64) {
        guard let redis = RedisServer() else { return }
        var harness = Harness(seed: seed)
        harness.version = version
        if version == .resp3 { _ = redis.send(Harness.request([Array("HELLO".utf8), [51]])) }
        var commands = RandomCommands(seed: seed)
        for _ in 0..<5_000 {
            let words = commands.next()
            let request = Harness.request(words.map { Array($0.utf8) })
            harness.engine.keyspace.now = Self.milliseconds()
            let ours = String(decoding: harness.send(request), as: UTF8.self)
            let theirs = String(decoding: redis.send(request), as: UTF8.self)
            if !Self.agree(ours, theirs) {
                Issue.record("\(words): \(ours.debugDescription), not \(theirs.debugDescription)")
                return
            }
        }
        harness.engine.keyspace.checkInvariants()
    }

    private static func milliseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// Whether replies are alike, but for the time that passed between the two.
    private static func agree(_ ours: String, _ theirs: String) -> Bool {
        if ours == theirs { return true }
        guard ours.hasPrefix(":"), theirs.hasPrefix(":"),
            let our = Int64(ours.dropFirst().dropLast(2)),
            let their = Int64(theirs.dropFirst().dropLast(2))
        else { return false }
        return our > 5_000 && abs(our - their) <= 2_000
    }
}

/// Draws commands whose words are likely to meet: few keys, odd numbers, options in any order.
private struct RandomCommands {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    private static let numbers = [
        "0", "1", "-1", "5", "-3", "10", "100", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "1.5", "-0.25", "1e3", "abc", "", " 1", "1 ", "007", "+5", "-0",
        "9999999999", "2147483648", "536870912", "536870900", "3.0e-5", "inf", "nan", "0x10",
        "1e4000", "1e-5000", "12345678901234567890123",
    ]
    private static let values = [
        "v", "hello world", "ohmytext", "mynewtext", "", "12", "-7", "aaaaabbbbbcccccabcabc",
        String(repeating: "x", count: 44), String(repeating: "y", count: 45),
        String(repeating: "z", count: 4090), String(repeating: "w", count: 9000),
    ]
    private static let shortValues = [
        "ohmytext", "mynewtext", "", "12312", "aaaaabbbbbcccccabcabc", "abcabcabba", "cbabac",
    ]
    private static let setWords = [
        "NX", "xx", "GET", "KEEPTTL", "EX", "px", "EXAT", "PXAT", "PERSIST", "7000", "40000000",
        "9999999999", "4000000000000", "0", "-1", "9223372036854775807", "bad",
    ]
    private static let expireWords = ["NX", "xx", "GT", "lt", "bad"]
    private static let lcsWords = ["IDX", "len", "WITHMATCHLEN", "MINMATCHLEN", "2", "-4", "bad"]

    private mutating func pick(_ words: [String]) -> String {
        words[Int(random.next() % UInt64(words.count))]
    }

    private mutating func key() -> String { pick(["a", "b", "c", "d", "{tag}e", "f\r\ng"]) }
    private mutating func number() -> String { pick(Self.numbers) }
    private mutating func value() -> String { pick(Self.values + Self.numbers) }

    private mutating func words(_ all: [String], atMost count: UInt64) -> [String] {
        (0..<random.next() % (count + 1)).map { _ in pick(all) }
    }

    /// Times that do not pass while a test runs, and ones that are wrong.
    private mutating func absoluteTime() -> String {
        pick(["9999999999", "4000000000", "1", "-5", "0", "9223372036854775", "x", "4000000123456"])
    }

    mutating func next() -> [String] {
        switch random.next() % 12 {
        case 0, 1: ["SET", key(), value()] + words(Self.setWords, atMost: 4)
        case 2, 3: nextOfOneKey()
        case 4, 5: nextWithNumber()
        case 6: nextOfManyKeys()
        case 7: nextOfTwoKeys()
        case 8: nextOfDeadlines()
        case 9: nextSubsequence()
        case 10: ["GETEX", key()] + words(Self.setWords, atMost: 3)
        default: nextOfValues()
        }
    }

    /// On keys of their own, whose values are short: the time is the product of the lengths.
    private mutating func nextSubsequence() -> [String] {
        let keys = ["l1", "l2", "l3"]
        if random.next() % 3 == 0 { return ["SET", pick(keys), pick(Self.shortValues)] }
        return ["LCS", pick(keys), pick(keys)] + words(Self.lcsWords, atMost: 3)
    }

    private mutating func nextOfOneKey() -> [String] {
        let name = pick([
            "GET", "strlen", "GETDEL", "INCR", "DECR", "TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME",
            "PERSIST", "TYPE", "get", "INCR", "DECR",
        ])
        if random.next() % 4 == 0 {
            return ["OBJECT", pick(["ENCODING", "freq", "REFCOUNT", "ENCODING", "nonsense"]), key()]
        }
        if random.next() % 20 == 0 { return [name] + words(["a", "b"], atMost: 3) }
        return [name, key()]
    }

    private mutating func nextWithNumber() -> [String] {
        switch random.next() % 6 {
        case 0: ["INCRBY", key(), number()]
        case 1: ["DECRBY", key(), number()]
        case 2: ["INCRBYFLOAT", key(), number()]
        case 3: ["GETRANGE", key(), number(), number()]
        case 4: ["SUBSTR", key(), number(), number()]
        default:
            ["SETRANGE", key(), pick(["0", "3", "-1", "20", "5000", "536870912", "x"]), value()]
        }
    }

    private mutating func nextOfManyKeys() -> [String] {
        switch random.next() % 4 {
        case 0: ["MSET", key(), value()] + words(["a", "b", "1"], atMost: 4)
        case 1: ["MSETNX", key(), value()] + words(["a", "b", "1"], atMost: 4)
        case 2: ["MGET", key(), key(), key()]
        default: [pick(["DEL", "UNLINK", "EXISTS", "TOUCH"]), key(), key()]
        }
    }

    private mutating func nextOfTwoKeys() -> [String] {
        let copyWords = ["REPLACE", "DB", "0", "16", "-1", "x", "99999999999", "bad"]
        return random.next() % 2 == 0
            ? [pick(["RENAME", "RENAMENX"]), key(), key()]
            : ["COPY", key(), key()] + words(copyWords, atMost: 3)
    }

    private mutating func nextOfDeadlines() -> [String] {
        let options = words(Self.expireWords, atMost: 2)
        if random.next() % 2 == 0 {
            let name = pick(["EXPIREAT", "PEXPIREAT"])
            return [name, key(), absoluteTime()] + options
        }
        let time = pick(["7000", "99999999", "-1", "0", "9223372036854775807", "1.5"])
        return [pick(["EXPIRE", "PEXPIRE"]), key(), time + (time == "7000" ? "000" : "")] + options
    }

    private mutating func nextOfValues() -> [String] {
        switch random.next() % 6 {
        case 0: ["APPEND", key(), value()]
        case 1: ["GETSET", key(), value()]
        case 2: ["SETNX", key(), value()]
        case 3: ["SETEX", key(), pick(["70000", "0", "-1", "x", "9223372036854775"]), value()]
        case 4: ["PSETEX", key(), pick(["70000000", "0", "9223372036854775807"]), value()]
        default: [pick(["NOSUCH", "getx"])] + words(["a", "with space", "x\ny"], atMost: 3)
        }
    }
}
