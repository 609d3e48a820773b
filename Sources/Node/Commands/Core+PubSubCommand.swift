// PUBSUB: what is subscribed to, on all cores.

import Base
import Engine

extension Core {
    /// PUBSUB CHANNELS [pattern], PUBSUB SHARDCHANNELS [pattern]
    mutating func isSoundChannelQuery(_ call: Invocation) -> Bool {
        if call.count <= 3 { return true }
        engine.fail(
            """
            ERR unknown subcommand or wrong number of arguments for '\(call[1].string)'. \
            Try PUBSUB HELP.
            """)
        return false
    }

    /// This core's topics of a kind whose names match: of each the length and the name.
    func contributeTopics(
        _ kind: TopicKind, matching pattern: Bytes?, into part: inout OutputBuffer
    ) {
        subscriptions.forEach { topic in
            if topic.kind != kind { return }
            topic.name.withBytes { name in
                if let pattern, !GlobPattern(pattern).matches(name) { return }
                part.append(integer: Int64(name.count))
                part.append(name)
            }
        }
    }

    /// PUBSUB CHANNELS: each name once, sorted, since several cores' have no order of their own.
    mutating func concludeTopics(_ parts: [Bytes]) {
        let names = TopicNames(parts)
        engine.reply.array(names.names.count)
        for name in names.names { engine.reply.bulk(name) }
    }

    /// PUBSUB NUMPAT
    mutating func concludePatternCount(_ parts: [Bytes]) {
        engine.reply.integer(TopicNames(parts).names.count)
    }

    /// PUBSUB NUMSUB [channel …]: the number of subscribers of each.
    func contributeSubscriberCounts(
        _ kind: TopicKind, _ call: Invocation, into part: inout OutputBuffer
    ) {
        for place in 2..<call.count {
            let topic = subscriptions.find(call[place], topicHash(kind, call[place]))
            part.append(integer: Int64(topic?.subscribers.count ?? 0))
        }
    }

    mutating func concludeSubscriberCounts(_ call: Invocation, _ parts: [Bytes]) {
        engine.reply.array((call.count - 2) * 2)
        for place in 2..<call.count {
            let count = parts.reduce(0) {
                $1.isEmpty ? $0 : $0 + $1.integer(at: (place - 2) * 8)
            }
            engine.reply.bulk(call[place])
            engine.reply.integer(count)
        }
    }

    // MARK: INFO

    /// How many topics there are, then each one's hash, behind the core's report: a channel with
    /// subscribers on two cores counts once.
    func appendTopicHashes(to part: inout OutputBuffer) {
        let start = part.count
        part.append(integer: 0)
        var count: Int64 = 0
        subscriptions.forEach { topic in
            part.append(integer: Int64(bitPattern: topic.hash))
            part.append(integer: Int64(topic.kind.rawValue))
            count += 1
        }
        part.overwrite(integer: count, at: start)
    }
}

/// The names in all cores' parts, each once, sorted.
private struct TopicNames {
    private(set) var names: [Bytes] = []

    init(_ parts: [Bytes]) {
        for part in parts {
            var offset = 0
            while offset < part.count {
                let end = offset + 8 + Int(part.integer(at: offset))
                names.append(part.slice(offset + 8, end))
                offset = end
            }
        }
        names.sort { $0.compare($1) < 0 }
        var unique: [Bytes] = []
        for name in names {
            if let last = unique.last, last == name { continue }
            unique.append(name)
        }
        names = unique
    }
}

/// How many topics of each kind there are, over all cores.
struct TopicCounts {
    private var hashes: [Set<Int64>] = [[], [], []]

    /// Reads what ``Core/appendTopicHashes(to:)`` put behind `offset` of each part.
    init(_ parts: [Bytes], from offset: Int) {
        for part in parts where !part.isEmpty {
            let end = TopicCounts.end(part, from: offset)
            for place in stride(from: offset + 8, to: end, by: 16) {
                hashes[Int(part.integer(at: place + 8))].insert(part.integer(at: place))
            }
        }
    }

    /// Where the hashes that begin at `offset` of a part end.
    static func end(_ part: Bytes, from offset: Int) -> Int {
        offset + 8 + Int(part.integer(at: offset)) * 16
    }

    func count(_ kind: TopicKind) -> Int { hashes[kind.rawValue].count }
}
