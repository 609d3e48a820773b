import Base

/// BITCOUNT of a long string, in parts.
struct BitCounting {
    private let key: KeyReference
    /// What is still to be looked at; bits.
    private var range: BitRange
    private var total = 0

    init(_ key: KeyReference, _ range: BitRange) {
        self.key = key
        self.range = range
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let (part, isLast) = range.takeFirst(&budget)
        total += engine.pinned(key).valueBytes.setBitCount(part)
        if isLast { engine.reply.integer(total) }
        return isLast
    }
}

/// BITPOS in a long string, in parts.
struct BitSearch {
    private let key: KeyReference
    private let isSet: Bool
    /// What is answered where there is no such bit.
    private let otherwise: Int
    /// What is still to be looked at; bits.
    private var range: BitRange

    init(_ key: KeyReference, _ isSet: Bool, _ range: BitRange, otherwise: Int) {
        self.key = key
        self.isSet = isSet
        self.range = range
        self.otherwise = otherwise
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let (part, isLast) = range.takeFirst(&budget)
        if let place = engine.pinned(key).valueBytes.findBit(isSet, part) {
            engine.reply.integer(place)
            return true
        }
        if isLast { engine.reply.integer(otherwise) }
        return isLast
    }
}

/// BITOP of long strings, in parts: the result is a draft.
struct BitCombination {
    private let call: Invocation
    private let operation: BitOperation
    private let length: Int
    private let draft: Draft
    private let beganAt: Int64
    /// Sources that are not compressed any more.
    private var inflated = 0
    private var done = 0

    /// - Parameter length: of the longest source, more than 0.
    init(_ call: Invocation, _ operation: BitOperation, length: Int, _ engine: inout Engine) {
        self.call = call
        self.operation = operation
        self.length = length
        beganAt = engine.now
        draft = engine.keyspace.makeLongDraft(call.key, length)
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        while inflated < call.count - 3 {
            let bytes = engine.keyspace.inflate(engine.reference(call[3 + inflated]))
            inflated += 1
            budget -= bytes / Engine.bytesPerElement
            if budget <= 0 { return false }
        }
        let sources = engine.bitSources(call, at: beganAt)
        let bytes = max(budget, 1) * Engine.bytesPerElement / (call.count - 3)
        let end = min(length, done + max(bytes, 1024))
        unsafe sources.combine(operation, done..<end, into: draft.entry.long.start)
        budget -= 1 + (end - done) * (call.count - 3) / Engine.bytesPerElement
        done = end
        if done < length { return false }
        finish(&engine)
        return true
    }

    private func finish(_ engine: inout Engine) {
        var long = draft.entry.long
        long.length = length
        draft.entry.long = long
        draft.entry.formAndFlags |= Entry.isModified
        engine.keyspace.publish(draft, call.key)
        engine.notify(.string, "set", call.key.bytes)
        engine.reply.integer(length)
    }

    func giveUp(_ engine: inout Engine) {
        engine.keyspace.discard(draft)
    }
}

extension BitRange {
    /// Takes the beginning away, of as many bytes as a budget in elements allows for. Nothing is
    /// taken from the range where that is all of it.
    fileprivate mutating func takeFirst(_ budget: inout Int) -> (part: BitRange, isLast: Bool) {
        var part = self
        let bytes = max(budget, 1) * Engine.readBytesPerElement
        part.last = min(last, (first / 8 + bytes) * 8 - 1)
        budget -= 1 + (part.last / 8 - part.first / 8 + 1) / Engine.readBytesPerElement
        if part.last == last { return (part, true) }
        first = part.last + 1
        return (part, false)
    }
}
