// The dumb model: what a server with one thread and one dictionary answers.

/// A key of the model.
struct ModelEntry: Hashable {
    var value: String
    /// Milliseconds since 1970.
    var deadline: Int64?
}

/// The state of the model, and its answers.
struct ModelStore: Hashable {
    private(set) var entries: [String: ModelEntry] = [:]

    func value(_ key: String) -> String? { entries[key]?.value }

    /// Forgets what is due.
    mutating func expire(now: Int64) {
        if entries.values.allSatisfy({ $0.deadline == nil }) { return }
        entries = entries.filter { $0.value.deadline.map { $0 > now } ?? true }
    }

    /// Runs a command and returns its reply. Only what the scripts send is known.
    mutating func run(_ words: [String], now: Int64) -> SimReply {
        expire(now: now)
        switch words[0] {
        case "GET": return .bulk(value(words[1]))
        case "STRLEN": return .integer(Int64(value(words[1])?.utf8.count ?? 0))
        case "EXISTS":
            return .integer(Int64(words.dropFirst().count { entries[$0] != nil }))
        case "MGET": return .array(words.dropFirst().map { .bulk(value($0)) })
        case "DBSIZE": return .integer(Int64(entries.count))
        case "PING": return .simple("PONG")
        case "ECHO": return .bulk(words[1])
        case "PTTL": return timeToLive(words[1], now)
        default: return write(words, now)
        }
    }

    private mutating func write(_ words: [String], _ now: Int64) -> SimReply {
        switch words[0] {
        case "SET":
            entries[words[1]] = ModelEntry(
                value: words[2], deadline: words.count > 4 ? now + Int64(words[4])! : nil)
            return .ok
        case "MSET":
            setMany(words)
            return .ok
        case "MSETNX":
            let isTaken = stride(from: 1, to: words.count, by: 2).contains {
                entries[words[$0]] != nil
            }
            if !isTaken { setMany(words) }
            return .integer(isTaken ? 0 : 1)
        case "SETNX":
            if entries[words[1]] != nil { return .integer(0) }
            entries[words[1]] = ModelEntry(value: words[2])
            return .integer(1)
        case "GETSET":
            defer { entries[words[1]] = ModelEntry(value: words[2]) }
            return .bulk(value(words[1]))
        case "GETDEL":
            defer { entries[words[1]] = nil }
            return .bulk(value(words[1]))
        case "APPEND":
            entries[words[1], default: ModelEntry(value: "")].value += words[2]
            return .integer(Int64(entries[words[1]]!.value.utf8.count))
        case "INCR": return increment(words[1], by: 1)
        case "INCRBY": return increment(words[1], by: Int64(words[2])!)
        default: return writeKeys(words, now)
        }
    }

    private mutating func writeKeys(_ words: [String], _ now: Int64) -> SimReply {
        switch words[0] {
        case "DEL", "UNLINK":
            let before = entries.count
            for key in words.dropFirst() { entries[key] = nil }
            return .integer(Int64(before - entries.count))
        case "FLUSHALL":
            entries.removeAll()
            return .ok
        case "RENAME", "RENAMENX":
            guard let entry = entries[words[1]] else { return .error("ERR no such key") }
            let isCareful = words[0] == "RENAMENX"
            if isCareful, entries[words[2]] != nil { return .integer(0) }
            entries[words[1]] = nil
            entries[words[2]] = entry
            return isCareful ? .integer(1) : .ok
        case "COPY":
            guard let entry = entries[words[1]] else { return .integer(0) }
            if entries[words[2]] != nil, words.count == 3 { return .integer(0) }
            entries[words[2]] = entry
            return .integer(1)
        case "PEXPIRE":
            if entries[words[1]] == nil { return .integer(0) }
            entries[words[1]]!.deadline = now + Int64(words[2])!
            return .integer(1)
        case "PERSIST":
            if entries[words[1]]?.deadline == nil { return .integer(0) }
            entries[words[1]]!.deadline = nil
            return .integer(1)
        default: return .error("unknown to the model: \(words)")
        }
    }

    private mutating func setMany(_ words: [String]) {
        for place in stride(from: 1, to: words.count, by: 2) {
            entries[words[place]] = ModelEntry(value: words[place + 1])
        }
    }

    private mutating func increment(_ key: String, by amount: Int64) -> SimReply {
        guard let value = Int64(value(key) ?? "0") else {
            return .error("ERR value is not an integer or out of range")
        }
        let (sum, overflow) = value.addingReportingOverflow(amount)
        if overflow { return .error("ERR increment or decrement would overflow") }
        entries[key, default: ModelEntry(value: "")].value = String(sum)
        return .integer(sum)
    }

    private func timeToLive(_ key: String, _ now: Int64) -> SimReply {
        guard let entry = entries[key] else { return .integer(-2) }
        return .integer(entry.deadline.map { $0 - now } ?? -1)
    }
}
