import Base
import BenchmarkSupport
import Uring

/// Commands over collections of so many elements, and the turns that each takes.
struct LongCommand {
    /// What is measured: a command, and what is done before it without being measured.
    struct Case {
        let command: String
        let before: String
        /// What is behind the command, too long to be printed.
        var more = ""

        var label: String { more.isEmpty ? command : command + " …" }
    }

    let count: Int

    static var cases: [Case] {
        reading.map { Case(command: $0, before: "") } + writing + requests
    }

    /// Requests of very many arguments.
    private static var requests: [Case] {
        let members = (0..<100_000).map { member($0) }
        let all = members.joined(separator: " ")
        let pairs = members.map { "\($0) value" }.joined(separator: " ")
        let scores = members.map { "7 \($0)" }.joined(separator: " ")
        let keys = members.map { "key:\($0)" }.joined(separator: " ")
        let text = String(repeating: "x", count: 64 << 20)
        // Dense and sparse ones.
        let logs = (0..<5000).map { "hll:\($0 % 100)" }.joined(separator: " ")
        return [
            Case(command: "SADD to", before: "", more: all),
            Case(command: "HSET to", before: "", more: pairs),
            Case(command: "ZADD to", before: "", more: scores),
            Case(command: "RPUSH to", before: "", more: all),
            Case(command: "PFADD to", before: "", more: all),
            Case(command: "SMISMEMBER set", before: "", more: all),
            Case(command: "MSET", before: "", more: pairs),
            Case(command: "MGET", before: "", more: keys),
            Case(command: "DEL", before: "MSET " + pairs, more: all),
            Case(command: "SET to", before: "", more: text),
            Case(command: "SET long2", before: "", more: text),
            Case(command: "MSET to", before: "", more: text),
            Case(command: "MSETNX to", before: "", more: text),
            Case(command: "GETSET to", before: "COPY long to REPLACE", more: text),
            Case(command: "APPEND to", before: "COPY long to REPLACE", more: text),
            Case(command: "SETRANGE to 1000", before: "COPY long to REPLACE", more: text),
            Case(command: "SETRANGE to 100000000 x", before: "COPY long to REPLACE"),
            Case(command: "PFCOUNT", before: "", more: logs),
            Case(command: "PFMERGE to", before: "", more: logs),
        ] + places
    }

    private static let places = [
        "GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 20000 km",
        "GEOSEARCH geo FROMLONLAT 10 40 BYBOX 8000 4000 km ASC WITHDIST WITHCOORD",
        "GEOSEARCH geo FROMLONLAT 10 40 BYRADIUS 9000 km COUNT 10",
        "GEOSEARCHSTORE to geo FROMLONLAT 10 40 BYRADIUS 20000 km",
    ].map { Case(command: $0, before: "") }

    private static let reading = [
        "SMEMBERS set", "HGETALL hash", "HVALS hash", "SINTER set set2", "SUNION set set2",
        "SDIFF set set2", "SINTERCARD 2 set set2", "SINTERSTORE to set set2",
        "SUNIONSTORE to set set2", "SDIFFSTORE to set set2", "SRANDMEMBER set 500000",
        "SRANDMEMBER set 100000", "SRANDMEMBER set -500000", "HRANDFIELD hash 500000 WITHVALUES",
        "ZRANDMEMBER zset 500000", "ZRANDMEMBER zset -500000", "LRANGE list 0 -1",
        "LPOS list none", "LINDEX list 500000", "ZRANGE zset 0 -1 WITHSCORES",
        "ZREVRANGE zset 0 -1", "ZRANGEBYSCORE zset -inf +inf", "ZRANGE zset - + BYLEX",
        "ZRANGESTORE to zset 0 -1", "ZUNION 2 zset set", "ZINTER 2 zset set",
        "ZUNIONSTORE to 2 zset set", "ZINTERSTORE to 2 zset set", "ZDIFFSTORE to 2 zset set2",
        "ZINTERCARD 2 zset set", "ZCOUNT zset -inf +inf", "COPY set to REPLACE",
        "COPY hash to REPLACE", "COPY zset to REPLACE", "COPY list to REPLACE",
        "DUMP set", "DUMP hash", "DUMP zset", "DUMP list", "DUMP long", "RESTORE set",
        "RESTORE hash", "RESTORE zset", "RESTORE list", "RESTORE long",
        "LINSERT list BEFORE none new", "SSCAN set 0 COUNT 1000000", "SCAN 0 COUNT 1000000",
        "SORT list ALPHA", "SORT list BY key:* ALPHA", "SORT list BY nosort GET key:*",
        "SORT set BY key:* ALPHA GET # GET key:* STORE to", "KEYS *", "GET long",
        "GETRANGE long 0 -1", "SETRANGE long 9 x",
        "BITCOUNT long", "BITPOS long 1", "BITOP NOT to long", "APPEND long x", "MGET long long",
        "MEMORY USAGE zset SAMPLES 0", "OBJECT ENCODING zset", "TYPE set",
    ]

    private static let writing = [
        Case(command: "SPOP to 100000", before: "COPY set to REPLACE"),
        Case(command: "SPOP to 990000", before: "COPY set to REPLACE"),
        Case(command: "LPOP to 500000", before: "COPY list to REPLACE"),
        Case(command: "LTRIM to 500000 -1", before: "COPY list to REPLACE"),
        Case(command: "LREM to 0 member:0000007", before: "COPY list to REPLACE"),
        Case(command: "LINSERT to AFTER member:0900000 x", before: "COPY list to REPLACE"),
        Case(command: "ZREMRANGEBYRANK to 0 500000", before: "COPY zset to REPLACE"),
        Case(command: "ZPOPMIN to 500000", before: "COPY zset to REPLACE"),
        Case(command: "BLMPOP 0 1 to LEFT COUNT 500000", before: "COPY list to REPLACE"),
        Case(command: "BZMPOP 0 1 to MAX COUNT 500000", before: "COPY zset to REPLACE"),
        Case(command: "GETDEL to", before: "COPY long to REPLACE"),
        Case(command: "GETEX to EX 100", before: "COPY long to REPLACE"),
        Case(command: "SET to x GET", before: "COPY long to REPLACE"),
        Case(command: "SETBIT to 4294967295 1", before: ""),
        Case(command: "SETBIT to 900000000 1", before: "COPY long to REPLACE"),
        Case(command: "SETBIT to 4294967295 1", before: "COPY long to REPLACE"),
        Case(command: "DEL to", before: "COPY zset to REPLACE"),
        Case(command: "UNLINK to", before: "COPY list to REPLACE"),
        Case(command: "DEL to", before: "COPY long to REPLACE"),
        Case(command: "SET to x", before: "COPY hash to REPLACE"),
        Case(command: "RENAME to to2", before: "COPY set to REPLACE"),
    ]

    /// A core with a set, a hash, a sorted set and a list of so many elements, another set that
    /// shares half of the first one's members, as many places and keys, some HyperLogLogs, and a
    /// string of 64 MiB.
    func makeCore() -> PureCore {
        var core = PureCore(connectionCount: 1)
        for first in stride(from: 0, to: count, by: 250) {
            let numbers = first..<min(first + 250, count)
            let members = numbers.map { Self.member($0) }
            let pairs = zip(numbers, members).map { "\($0) \($1)" }.joined(separator: " ")
            let fields = members.map { "\($0) value" }.joined(separator: " ")
            let others = numbers.map { Self.member($0 + count / 2) }.joined(separator: " ")
            let all = members.joined(separator: " ")
            send("SADD set " + all, &core)
            send("SADD set2 " + others, &core)
            send("HSET hash " + fields, &core)
            send("ZADD zset " + pairs, &core)
            send("RPUSH list " + all, &core)
            let keys = members.map { "key:\($0) value" }.joined(separator: " ")
            send("MSET " + keys, &core)
            let places = numbers.map { number in
                let longitude = Double(number % 3600) / 10 - 180
                let latitude = Double(number * 7 % 1700) / 10 - 85
                return "\(longitude) \(latitude) \(Self.member(number))"
            }
            send("GEOADD geo " + places.joined(separator: " "), &core)
        }
        for number in 0..<100 {
            let elements = (0..<(number % 2 == 0 ? 20 : 4000)).map { "\(number):\($0)" }
            send("PFADD hll:\(number) " + elements.joined(separator: " "), &core)
        }
        send("SETRANGE long \(64 << 20) x", &core)
        return core
    }

    /// "member:" and seven digits.
    static func member(_ number: Int) -> String {
        let digits = String(number)
        return "member:" + String(repeating: "0", count: max(7 - digits.count, 0)) + digits
    }

    private func send(_ command: String, _ core: inout PureCore) {
        var requests = RequestText()
        requests.append(words: command.split(separator: " "))
        core.run(requests.bytes(0, requests.count))
    }

    /// Runs a command and notes what each turn took, up to when there is nothing left to do.
    func run(_ tested: Case, _ core: inout PureCore, _ times: inout TurnTimes) {
        if !tested.before.isEmpty { send(tested.before, &core) }
        let requests = makeRequest(tested.command + " " + tested.more, &core)
        times.measure(requests, of: 0, &core)
        send("DEL to to2", &core)
    }

    /// The command's request; RESTORE is given the payload of the key that it names here.
    private func makeRequest(_ command: String, _ core: inout PureCore) -> RequestText {
        var requests = RequestText()
        guard command.hasPrefix("RESTORE ") else {
            requests.append(words: command.split(separator: " "))
            return requests
        }
        let key = command.split(separator: " ")[1]
        requests.appendInline(made: "DUMP " + key)
        let reply = core.replies(to: requests.bytes(0, requests.count))
        requests.removeAll()
        // "$length", a line end, the payload, a line end.
        var start = 0
        while reply.bytes[start] != 10 { start += 1 }
        requests.appendRestore(reply.bytes.slice(start + 1, reply.count - 2))
        return requests
    }
}
