// From requests and replies to the steps that a serial execution would take.

/// Something that happens at once: a command, or the commands of a transaction.
struct SerialOperation {
    let session: Int
    /// Its place among the session's.
    let number: Int
    let invokedAt: Int
    /// Nil: no reply came, so it may have been done, then or later, or not.
    let completedAt: Int?
    let commands: [[String]]
    /// The replies, where they came.
    let replies: [SimReply]?
    /// What watched keys must hold just before.
    var watched: [(key: String, value: String?)] = []
    let now: Int64

    /// Nil: every key.
    var keys: Set<String>? {
        var keys: Set<String> = []
        for words in commands {
            guard let more = words.commandKeys else { return nil }
            keys.formUnion(more)
        }
        for (key, _) in watched { keys.insert(key) }
        return keys
    }
}

/// An EXEC that was refused for a watched key, and since when.
struct RefusedExec {
    let watchedAt: Int
    let completedAt: Int
    let keys: Set<String>
    let session: Int
}

extension [String] {
    /// The keys that a command names; nil where it concerns all.
    var commandKeys: [String]? {
        switch self[0] {
        case "DBSIZE", "FLUSHALL": nil
        case "PING", "ECHO": []
        case "MSET", "MSETNX": stride(from: 1, to: count, by: 2).map { self[$0] }
        case "MGET", "DEL", "EXISTS", "UNLINK": Array(dropFirst())
        case "RENAME", "RENAMENX", "COPY": [self[1], self[2]]
        default: [self[1]]
        }
    }

    var isRead: Bool {
        ["GET", "MGET", "EXISTS", "STRLEN", "DBSIZE", "PING", "ECHO", "PTTL"].contains(self[0])
    }
}

/// Reads a history session by session.
struct HistoryReader {
    private(set) var operations: [SerialOperation] = []
    private(set) var refused: [RefusedExec] = []
    private(set) var failures: [String] = []

    // Of the session that is being read.
    private var queue: [[String]]?
    private var watchedAt: Int?
    private var watchedKeys: Set<String> = []
    private var seen: [(key: String, value: String?)] = []
    private var number = 0

    init(_ history: [RequestRecord]) {
        var sessions: [Int: [RequestRecord]] = [:]
        for record in history { sessions[record.session, default: []].append(record) }
        for session in sessions.keys.sorted() {
            queue = nil
            number = 0
            endWatches()
            for record in sessions[session] ?? [] { read(record) }
        }
        operations.sort { ($0.invokedAt, $0.session, $0.number) < ($1.invokedAt, $1.session, $1.number) }
    }

    private mutating func read(_ record: RequestRecord) {
        switch record.words[0] {
        case "MULTI":
            expect(record, .ok)
            queue = []
        case "DISCARD":
            expect(record, .ok)
            queue = nil
            endWatches()
        case "EXEC": readExec(record)
        case "WATCH":
            expect(record, .ok)
            watchedAt = watchedAt ?? record.invokedAt
            watchedKeys.formUnion(record.words.dropFirst())
        default:
            if queue != nil {
                expect(record, .queued)
                queue?.append(record.words)
            } else {
                readCommand(record)
            }
        }
    }

    private mutating func readCommand(_ record: RequestRecord) {
        if record.words[0] == "GET", watchedKeys.contains(record.words[1]),
            case .bulk(let value) = record.reply
        {
            seen.append((record.words[1], value))
        }
        append(record, [record.words], record.reply.map { [$0] })
    }

    private mutating func readExec(_ record: RequestRecord) {
        let commands = queue ?? []
        queue = nil
        defer { endWatches() }
        switch record.reply {
        case .none: append(record, commands, nil)
        case .array(.some(let replies)) where replies.count == commands.count:
            append(record, commands, replies)
        case .array(.none) where !watchedKeys.isEmpty:
            refused.append(
                RefusedExec(
                    watchedAt: watchedAt ?? 0, completedAt: record.completedAt ?? .max,
                    keys: watchedKeys, session: record.session))
        case .some(let reply):
            failures.append("session \(record.session): EXEC of \(commands) gives \(reply)")
        }
    }

    private mutating func append(
        _ record: RequestRecord, _ commands: [[String]], _ replies: [SimReply]?
    ) {
        number += 1
        operations.append(
            SerialOperation(
                session: record.session, number: number, invokedAt: record.invokedAt,
                completedAt: record.completedAt, commands: commands, replies: replies,
                watched: record.words[0] == "EXEC" ? seen : [], now: record.now))
    }

    private mutating func endWatches() {
        watchedAt = nil
        watchedKeys = []
        seen = []
    }

    private mutating func expect(_ record: RequestRecord, _ reply: SimReply) {
        guard let actual = record.reply, actual != reply else { return }
        failures.append("session \(record.session): \(record.words) gives \(actual)")
    }
}
