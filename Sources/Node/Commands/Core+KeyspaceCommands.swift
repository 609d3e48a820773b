// KEYS, RANDOMKEY, FLUSHALL and FLUSHDB: commands over the keys of all cores.

import Base
import Engine

extension Core {
    // MARK: KEYS

    /// The keys that match, ready to be sent: how many, then each as a bulk string.
    mutating func contributeKeys(_ call: Invocation, into part: inout OutputBuffer) {
        let pattern = GlobPattern(call[1])
        var keys = KeyListPart(into: &part)
        engine.keyspace.forEachEntry { entry in
            if pattern.matches(entry.key) { keys.append(entry.key) }
        }
        keys.finish(into: &part)
    }

    mutating func concludeKeys(_ parts: [Bytes]) {
        let count = parts.reduce(0) { $1.isEmpty ? $0 : $0 + $1.integer(at: 0) }
        engine.reply.array(Int(count))
        for part in parts where !part.isEmpty {
            engine.reply.buffer.append(part.slice(8, part.count))
        }
    }

    // MARK: RANDOMKEY

    /// How many keys this core has, and one of them.
    mutating func contributeRandomKey(into part: inout OutputBuffer) {
        guard let key = engine.keyspace.randomKey(&engine.random) else { return }
        part.append(integer: Int64(engine.keyspace.count))
        part.append(key)
    }

    /// Picks one core's key, each core as likely as it has keys, so that each key of the node is as
    /// likely as any.
    mutating func concludeRandomKey(_ parts: [Bytes]) {
        let total = parts.reduce(0) { $1.isEmpty ? $0 : $0 + $1.integer(at: 0) }
        if total == 0 {
            engine.reply.null()
            return
        }
        var left = Int64.random(in: 0..<total, using: &engine.random)
        for part in parts where !part.isEmpty {
            left -= part.integer(at: 0)
            if left < 0 {
                engine.reply.bulk(part.slice(8, part.count))
                return
            }
        }
    }

    // MARK: FLUSHALL

    mutating func isSoundFlush(_ call: Invocation) -> Bool {
        let isSound =
            call.count == 1
            || call.count == 2
                && (call[1].equalsIgnoringCase("async") || call[1].equalsIgnoringCase("sync"))
        if !isSound { engine.fail(.syntax) }
        return isSound
    }
}

/// Keys of a part: how many there are, then each as it will be sent.
struct KeyListPart: ~Copyable {
    private let offset: Int
    private var count: Int64 = 0
    private var keys = Reply()

    init(into part: inout OutputBuffer) {
        offset = part.count
        part.append(integer: 0)
    }

    mutating func append(_ key: Bytes) {
        count += 1
        keys.bulk(key)
    }

    /// Puts the keys into the part that the list was begun in.
    consuming func finish(into part: inout OutputBuffer) {
        part.overwrite(integer: count, at: offset)
        part.append(keys.buffer.bytes)
    }
}
