import Base

/// Any commands over a few keys, single and over several cores, pipelined, in transactions, with and without WATCH.
struct FreeScript: ClientScript {
    let keys: [String]
    /// Makes values that no other client writes.
    let name: String
    /// Commands about time as well, which only a client that is alone can predict.
    var hasExpiry = false
    /// FLUSHALL and DBSIZE as well.
    var hasWholeKeyspace = false
    private var count = 0
    private var isWatching = false

    init(keys: [String], name: String) {
        self.keys = keys
        self.name = name
    }

    mutating func next(_ random: inout SplitMix64, after replies: [SimReply]) -> ScriptUnit {
        if isWatching {
            isWatching = false
            return ScriptUnit(requests: transaction(&random))
        }
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1: return ScriptUnit(requests: transaction(&random))
        case 2:
            isWatching = true
            var requests: [[String]] = []
            for _ in 0...Int.random(in: 0...1, using: &random) {
                let key = random.pick(keys)
                requests += [["WATCH", key], ["GET", key]]
            }
            return ScriptUnit(requests: requests, isAwaited: random.isOneIn(2))
        default:
            let pipeline = Int.random(in: 1...4, using: &random)
            return ScriptUnit(requests: (0..<pipeline).map { _ in command(&random) })
        }
    }

    private mutating func transaction(_ random: inout SplitMix64) -> [[String]] {
        let length = Int.random(in: 0...4, using: &random)
        let commands = (0..<length).map { _ in command(&random) }
        return [["MULTI"]] + commands + [[random.isOneIn(10) ? "DISCARD" : "EXEC"]]
    }

    private mutating func command(_ random: inout SplitMix64) -> [String] {
        if hasWholeKeyspace, random.isOneIn(12) {
            return [random.isOneIn(2) ? "DBSIZE" : "FLUSHALL"]
        }
        if hasExpiry, random.isOneIn(4) { return timeCommand(&random) }
        let key = random.pick(keys)
        switch Int.random(in: 0..<17, using: &random) {
        case 0, 1: return ["GET", key]
        case 2: return ["SET", key, value(&random)]
        case 3, 4: return ["INCR", key]
        case 5: return ["APPEND", key, "7"]
        case 6: return ["GETSET", key, value(&random)]
        case 7: return ["GETDEL", key]
        case 8: return ["MSET"] + some(&random).flatMap { [$0, value(&random)] }
        case 9, 10: return ["MGET"] + some(&random)
        case 11: return ["MSETNX"] + some(&random).flatMap { [$0, value(&random)] }
        case 12: return ["RENAME", key, random.pick(keys)]
        case 13: return ["COPY", key, other(than: key, &random), "REPLACE"]
        case 14: return ["DEL"] + some(&random)
        case 15: return ["EXISTS"] + some(&random)
        default: return random.isOneIn(2) ? ["STRLEN", key] : ["PING"]
        }
    }

    private mutating func timeCommand(_ random: inout SplitMix64) -> [String] {
        let key = random.pick(keys)
        let milliseconds = String(Int.random(in: 1...300, using: &random))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return ["SET", key, value(&random), "PX", milliseconds]
        case 1: return ["PEXPIRE", key, milliseconds]
        case 2: return ["PTTL", key]
        default: return ["PERSIST", key]
        }
    }

    /// A value of its own: a number, so that it can be counted up, sometimes long.
    private mutating func value(_ random: inout SplitMix64) -> String {
        count += 1
        if random.isOneIn(8) { return String(repeating: "\(name)\(count)-", count: 40) }
        return random.isOneIn(2) ? "\(name)-\(count)" : "\(count)"
    }

    private func some(_ random: inout SplitMix64) -> [String] {
        (0...Int.random(in: 0...3, using: &random)).map { _ in random.pick(keys) }
    }

    private func other(than key: String, _ random: inout SplitMix64) -> String {
        random.pick(keys.filter { $0 != key })
    }
}
