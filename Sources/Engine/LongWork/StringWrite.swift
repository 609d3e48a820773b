// Long strings that are stored, in parts: what takes long is the first touch of their pages.

import Base

/// SET of a long string and its kin: the string is copied into a block of its own, with which the
/// command is then run at once. A string that is compressed needs no block, and one part.
struct StringPreparation: BitwiseCopyable {
    private let call: Invocation
    /// Nil for a string that is compressed.
    private let prepared: PreparedString?
    private let length: Int
    private var copied = 0

    /// - Parameter argument: which one the string is.
    init(_ call: Invocation, _ argument: Int, _ engine: inout Engine) {
        self.call = call
        let source = call[argument]
        length = source.count
        if engine.keyspace.isCompressible(length) {
            prepared = nil
            return
        }
        let block = engine.keyspace.makeLong(count: source.count)
        prepared = PreparedString(source: source, block: block)
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        guard let prepared else {
            budget -= 1 + length / Engine.compressedBytesPerElement
            engine.run(call, nil)
            return true
        }
        let source = prepared.source
        let room = max(budget, 1) * Engine.bytesPerElement
        let part = source.slice(copied, min(source.count, copied + room))
        unsafe (prepared.block.start + copied).copyMemory(
            from: part.start, byteCount: part.count)
        copied += part.count
        budget -= 1 + part.count / Engine.bytesPerElement
        if copied < source.count { return false }
        engine.run(call, prepared)
        return true
    }

    func giveUp(_ engine: inout Engine) {
        if let prepared { engine.keyspace.releaseLong(prepared.block) }
    }
}

/// APPEND and SETRANGE of a long string, or far behind a string's end. The key's string grows and
/// is written in parts; nobody sees the middle, since the key is held.
struct StringWriting: BitwiseCopyable {
    private let call: Invocation
    private let added: Bytes
    private let offset: Int
    private let event: StaticString
    /// How much of what is added is written.
    private var written = 0

    init(_ call: Invocation, _ added: Bytes, at offset: Int) {
        self.call = call
        self.added = added
        self.offset = offset
        event = call.command == .append ? "append" : "setrange"
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let room = max(budget, 1) * Engine.bytesPerElement
        let before = begin(&engine)
        if before < offset {
            let end = min(offset, before + room)
            budget -= 1 + (end - before) / Engine.bytesPerElement
            engine.writeString(call.key, Bytes(), at: end, from: before)
            return false
        }
        let part = added.slice(written, min(added.count, written + room))
        engine.writeString(call.key, part, at: offset + written, from: offset + written)
        written += part.count
        budget -= 1 + part.count / Engine.bytesPerElement
        if written < added.count { return false }
        engine.notify(.string, event, call.key.bytes)
        engine.reply.integer(max(before, offset + added.count))
        return true
    }

    /// The string's length; where there is none one is made.
    private func begin(_ engine: inout Engine) -> Int {
        if let position = engine.keyspace.find(call.key) {
            engine.keyspace.reserveString(position, offset + added.count)
            return position.entry.stringLength
        }
        _ = unsafe engine.keyspace.insertZeros(call.key, count: 1)
        engine.keyspace.notePut(call.key, engine.pinned(call.key))
        engine.keyspace.pin(call.key, true)
        return 1
    }
}

extension Engine {
    /// Shorter strings are stored at once, whatever else the turn has done.
    static var preparedSizeMin: Int { Keyspace.storedAtOnceMax }
    /// How many bytes that are compressed count as much as an element: LZ4 makes 0.5 GB/s at least.
    static var compressedBytesPerElement: Int { 32 }

    /// Whether a command that stores an argument as a string is postponed for its length.
    mutating func postponesStoring(_ call: Invocation, _ argument: Int) -> Bool {
        let count = call[argument].count
        let isPostponed =
            keyspace.isCompressible(count)
            ? postponesCompressing(count / Self.compressedBytesPerElement)
            : count > Self.preparedSizeMin && postpones(count / Self.bytesPerElement)
        if isPostponed, postponed.isBeginning {
            begun = LongWork(.stringPreparation(StringPreparation(call, argument, &self)))
        }
        return isPostponed
    }

    /// As ``postpones(_:)`` of what is compressed. However short it is, it adds up over a turn,
    /// when it comes to be compressed (``newString(_:)``).
    private mutating func postponesCompressing(_ cost: Int) -> Bool {
        if postponed.isBeginning { return true }
        if !postponed.isPossible { return false }
        if cost <= limits.atOnceMax, postponed.spent + cost <= PostponedCall.spentMax {
            return false
        }
        postponed.isWanted = true
        return true
    }

    /// What a command stores that stores a whole string. A compressed one is a view that the next
    /// use of ``Keyspace/packScratch`` ends.
    ///
    /// What cannot be postponed, as the strings of MSET, is stored as it is once a turn has
    /// compressed its share.
    @inline(__always)
    mutating func newString(_ bytes: Bytes) -> NewValue {
        if _slowPath(bytes.count > keyspace.plainStringMax) { return newLongString(bytes) }
        return .encoding(bytes)
    }

    @inline(never)
    private mutating func newLongString(_ bytes: Bytes) -> NewValue {
        let value = NewValue.encoding(bytes)
        guard case .bytes = value, keyspace.isCompressible(bytes.count) else { return value }
        let cost = 1 + bytes.count / Self.compressedBytesPerElement
        if postponed.spent + cost > PostponedCall.spentMax { return value }
        postponed.spent += cost
        return keyspace.compressing(bytes)
    }

    /// Whether a command that writes into a string is postponed for how much that is.
    ///
    /// - Parameter before: the string's length; what lies between its end and `offset` becomes
    ///   zeros.
    mutating func postponesWriting(
        _ call: Invocation, _ added: Bytes, at offset: Int, _ before: Int
    ) -> Bool {
        let growth = offset + added.count - before
        // What is mostly new lies in fresh pages, where zeros take no time.
        let moved =
            keyspace.growsInFreshPages(before, by: growth)
            ? before : max(offset - before, 0)
        if !postpones((added.count + moved) / Self.bytesPerElement) { return false }
        begin { LongWork(.stringWriting(StringWriting(call, added, at: offset))) }
        return true
    }

    /// Runs a command with what it will store; if it stores nothing that is freed.
    fileprivate mutating func run(_ call: Invocation, _ prepared: PreparedString?) {
        // What is due is met as by any other command.
        keyspace.pin(call.key, false)
        keyspace.prepared = prepared
        let before = postponed
        postponed.isPossible = false
        postponed.spent = 0
        if call.command == .set { set(call) } else { dispatchUntimed(call) }
        postponed = before
        if let left = keyspace.prepared.take() { keyspace.releaseLong(left.block) }
    }

    /// Puts bytes into a key's string, which grows where it ends before them.
    ///
    /// - Parameter start: from where on it is changed.
    fileprivate mutating func writeString(
        _ key: KeyReference, _ bytes: Bytes, at offset: Int, from start: Int
    ) {
        let position = pinnedPosition(key)
        let end = offset + bytes.count
        let length = max(position.entry.stringLength, end)
        let string = unsafe keyspace.resizeString(key, position, to: length)
        unsafe (string + offset).copyMemory(from: bytes.start, byteCount: bytes.count)
        // The entry may lie elsewhere now.
        let entry = pinned(key)
        entry.formAndFlags |= Entry.isPinned
        keyspace.noteSplice(key, entry, start..<end)
    }
}
