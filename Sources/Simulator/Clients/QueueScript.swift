import Base

/// Pushes elements that no other client pushes, and takes what is there or waits for it; an element
/// is taken once, or stays.
struct QueueScript: ClientScript {
    let queues: [String]
    let name: String
    private var count = 0

    init(queues: [String], name: String) {
        self.queues = queues
        self.name = name
    }

    mutating func next(_ random: inout SplitMix64, after replies: [SimReply]) -> ScriptUnit {
        // More is wanted than there is.
        switch Int.random(in: 0..<12, using: &random) {
        case 0...2: return ScriptUnit(requests: [push(&random)])
        case 3:
            return ScriptUnit(requests: [
                ["MULTI"], push(&random), random.isOneIn(2) ? push(&random) : wait(&random),
                ["EXEC"],
            ])
        case 4: return ScriptUnit(requests: [take(&random)])
        default: return ScriptUnit(requests: [wait(&random)])
        }
    }

    private mutating func push(_ random: inout SplitMix64) -> [String] {
        var words = [random.isOneIn(2) ? "LPUSH" : "RPUSH", random.pick(queues)]
        for _ in 0...(random.isOneIn(4) ? 2 : 0) {
            count += 1
            words.append("\(name)-\(count)")
        }
        return words
    }

    private func take(_ random: inout SplitMix64) -> [String] {
        if random.isOneIn(2) { return ["LPOP", random.pick(queues)] }
        return ["LMOVE", random.pick(queues), random.pick(queues), "LEFT", "RIGHT"]
    }

    private func wait(_ random: inout SplitMix64) -> [String] {
        let timeout = "0.\(Int.random(in: 1...999, using: &random))"
        var some: [String] = []
        for _ in 0...Int.random(in: 0...2, using: &random) { some.append(random.pick(queues)) }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return ["BLMOVE", some[0], random.pick(queues), "RIGHT", "LEFT", timeout]
        case 1: return ["BLMPOP", timeout, "\(some.count)"] + some + ["LEFT"]
        case 2: return ["BRPOP"] + some + [timeout]
        default: return ["BLPOP"] + some + [timeout]
        }
    }
}

/// What commands of a ``QueueScript`` do.
extension [String] {
    /// The elements that a command pushes.
    var pushedElements: ArraySlice<String> {
        self[0] == "LPUSH" || self[0] == "RPUSH" ? self[2...] : []
    }

    /// The queues that a command waits for; none of one that does not wait.
    var awaitedQueues: ArraySlice<String> {
        switch self[0] {
        case "BLPOP", "BRPOP": self[1..<(count - 1)]
        case "BLMPOP": self[3..<(count - 1)]
        case "BLMOVE": self[1..<2]
        default: []
        }
    }

    /// Whether an element that a command takes is in no queue afterwards.
    var takesAway: Bool { ["BLPOP", "BRPOP", "BLMPOP", "LPOP"].contains(self[0]) }

    /// The elements that the client got for good by a reply.
    func takenElements(_ reply: SimReply) -> [String] {
        if !takesAway { return [] }
        switch reply {
        case .bulk(.some(let element)): return [element]
        case .array(.some(let items)):
            guard items.count == 2 else { return [] }
            if case .bulk(.some(let element)) = items[1] { return [element] }
            return items[1].elements
        default: return []
        }
    }
}

extension SimReply {
    /// The strings of an array.
    var elements: [String] {
        guard case .array(.some(let items)) = self else { return [] }
        return items.compactMap { if case .bulk(let text) = $0 { text } else { nil } }
    }
}
