// Long strings that are stored, in parts: what takes long is the first touch of their pages.

import Base

/// SET of a long string and its kin: the string is copied into a block of its own, with which the
/// command is then run at once.
struct StringPreparation: BitwiseCopyable {
    private let call: Invocation
    private let prepared: PreparedString
    private var copied = 0

    /// - Parameter argument: which one the string is.
    init(_ call: Invocation, _ argument: Int, _ engine: inout Engine) {
        self.call = call
        let source = call[argument]
        let block = engine.keyspace.makeLong(count: source.count)
        prepared = PreparedString(source: source, block: block)
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
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
        engine.keyspace.releaseLong(prepared.block)
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
            return position.entry.value.length
        }
        _ = unsafe engine.keyspace.insertZeros(call.key, count: 1)
        engine.keyspace.notePut(call.key, engine.pinned(call.key))
        engine.keyspace.pin(call.key, true)
        return 1
    }
}

extension Engine {
    /// Shorter strings are stored at once, whatever else the turn has done.
    static var preparedSizeMin: Int { PostponedCall.smallCost * bytesPerElement }

    /// Whether a command that stores an argument as a string is postponed for its length.
    mutating func postponesStoring(_ call: Invocation, _ argument: Int) -> Bool {
        let count = call[argument].count
        if count <= Self.preparedSizeMin || !postpones(count / Self.bytesPerElement) {
            return false
        }
        if postponed.isBeginning {
            begun = LongWork(.stringPreparation(StringPreparation(call, argument, &self)))
        }
        return true
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
    fileprivate mutating func run(_ call: Invocation, _ prepared: PreparedString) {
        // What is due is met as by any other command.
        keyspace.pin(call.key, false)
        keyspace.prepared = prepared
        let wasPossible = postponed.isPossible
        postponed.isPossible = false
        if call.command == .set { set(call) } else { dispatchUntimed(call) }
        postponed.isPossible = wasPossible
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
        let length = max(position.entry.value.length, end)
        let string = unsafe keyspace.resizeString(key, position, to: length)
        unsafe (string + offset).copyMemory(from: bytes.start, byteCount: bytes.count)
        // The entry may lie elsewhere now.
        let entry = pinned(key)
        entry.formAndFlags |= Entry.isPinned
        keyspace.noteSplice(key, entry, start..<end)
    }
}
