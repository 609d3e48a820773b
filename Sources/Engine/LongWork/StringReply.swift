import Base

/// Answers with long strings: GET and GETRANGE of one, MGET of many keys. A string's block stays
/// where it is while its key is held.
struct StringReply {
    private let call: Invocation
    /// What is wanted of the one string; nil for all of each key's.
    private let range: Range<Int>?
    /// A key that is due after the work has begun is still there for it.
    private let beganAt: Int64
    /// Which argument names the key that is answered next.
    private var place = 1
    /// How far its string has been answered; nil before it.
    private var next: Int?
    private var isBegun = false

    /// - Parameter range: of a call of one key, which has a long string.
    init(_ call: Invocation, _ range: Range<Int>?, at now: Int64) {
        self.call = call
        self.range = range
        beganAt = now
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        if !isBegun, range == nil { engine.reply.array(call.count - 1) }
        isBegun = true
        let end = range == nil ? call.count : 2
        while budget > 0, place < end { answer(&engine, &budget) }
        return place == end
    }

    private mutating func answer(_ engine: inout Engine, _ budget: inout Int) {
        let key = place == 1 ? call.key : engine.reference(call[place])
        let entry = engine.keyspace.findEntry(key, at: beganAt)
        if next == nil, range == nil { note(entry, key, &engine) }
        guard let entry, entry.isString else {
            engine.reply.null()
            finishKey(&budget)
            return
        }
        if entry.form != .long {
            engine.replyString(entry)
            budget -= entry.stringLength / Engine.bytesPerElement
            finishKey(&budget)
            return
        }
        let bytes = entry.valueBytes
        let wanted = range ?? 0..<bytes.count
        if next == nil {
            engine.reply.bulkLength(wanted.count)
            // Of very many keys none was pinned.
            engine.keyspace.pin(key, true)
        }
        let start = next ?? wanted.lowerBound
        let end = min(wanted.upperBound, start + max(budget, 1) * Engine.bytesPerElement)
        engine.reply.buffer.append(bytes.slice(start, end))
        budget -= 1 + (end - start) / Engine.bytesPerElement
        next = end
        if end < wanted.upperBound { return }
        engine.reply.buffer.append("\r\n")
        if call.count > Engine.pinnedKeysMax { engine.keyspace.pin(key, false) }
        finishKey(&budget)
    }

    /// Counts a key of MGET as read.
    private func note(_ entry: Entry?, _ key: KeyReference, _ engine: inout Engine) {
        if let entry { engine.keyspace.noteRead(entry) } else { engine.keyspace.noteMiss(key) }
    }

    private mutating func finishKey(_ budget: inout Int) {
        budget -= 2
        next = nil
        place += 1
    }
}
