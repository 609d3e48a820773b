// Clients whose commands keep something true that any serial order would keep, so histories of any length can be judged.

import Base

/// Moves amounts between accounts; the sum of all stays 0.
struct BankScript: ClientScript {
    let accounts: [String]

    mutating func next(_ random: inout SplitMix64, after replies: [SimReply]) -> ScriptUnit {
        if random.isOneIn(3) { return ScriptUnit(requests: [["MGET"] + accounts]) }
        let amount = Int.random(in: 1...99, using: &random)
        return ScriptUnit(requests: [
            ["MULTI"], ["INCRBY", random.pick(accounts), "-\(amount)"],
            ["INCRBY", random.pick(accounts), "\(amount)"], ["EXEC"],
        ])
    }

    /// Why a reply to reading all accounts cannot be; nil where it can.
    static func fault(inBalances reply: SimReply) -> String? {
        guard case .array(.some(let items)) = reply else { return "no array: \(reply)" }
        var sum: Int64 = 0
        for case .bulk(.some(let text)) in items { sum += Int64(text) ?? 0 }
        return sum == 0 ? nil : "the balances add up to \(sum): \(reply)"
    }
}

/// Writes one value to many keys at once; all readers must see them alike.
struct TwinScript: ClientScript {
    let keys: [String]
    let name: String
    private var count = 0

    init(keys: [String], name: String) {
        self.keys = keys
        self.name = name
    }

    mutating func next(_ random: inout SplitMix64, after replies: [SimReply]) -> ScriptUnit {
        if random.isOneIn(2) { return ScriptUnit(requests: [["MGET"] + keys]) }
        if random.isOneIn(12) { return ScriptUnit(requests: [["DEL"] + keys]) }
        if random.isOneIn(12) { return ScriptUnit(requests: [["FLUSHALL"]]) }
        count += 1
        let value = "\(name)-\(count)"
        return ScriptUnit(requests: [["MSET"] + keys.flatMap { [$0, value] }])
    }

    static func fault(inTwins reply: SimReply) -> String? {
        guard case .array(.some(let items)) = reply else { return "no array: \(reply)" }
        return Set(items).count == 1 ? nil : "twins differ: \(reply)"
    }
}

/// Counts up by WATCH, GET and SET; each EXEC that goes through adds one to a counter.
struct CompareAndSetScript: ClientScript {
    let counters: [String]
    private var watched: String?

    init(counters: [String]) {
        self.counters = counters
    }

    mutating func next(_ random: inout SplitMix64, after replies: [SimReply]) -> ScriptUnit {
        if let key = watched, case .bulk(let text) = replies.last {
            watched = nil
            let next = (Int(text ?? "0") ?? 0) + 1
            return ScriptUnit(requests: [["MULTI"], ["SET", key, "\(next)"], ["EXEC"]])
        }
        let key = random.pick(counters)
        watched = key
        return ScriptUnit(requests: [["WATCH", key], ["GET", key]], isAwaited: true)
    }
}
