// Long strings that are stored, in parts: what takes long is the first touch of their pages.

import Base

extension PreparedString {
    /// Copies some more of the source into the block.
    ///
    /// - Parameter copied: how much is there already; raised.
    func copy(_ copied: inout Int, _ budget: inout Int) {
        let room = max(budget, 1) * Engine.bytesPerElement
        let part = source.slice(copied, min(source.count, copied + room))
        unsafe (block.start + copied).copyMemory(from: part.start, byteCount: part.count)
        copied += part.count
        budget -= 1 + part.count / Engine.bytesPerElement
    }
}

/// A command that stores a long string, or answers with one before it changes its key: SET and its
/// kin, GETSET, GETDEL, GETEX. The new string is copied into a block of its own, the old one is
/// answered with, and then the command is run at once.
struct StringPreparation {
    private let call: Invocation
    /// Nil where no new string has to be copied.
    private let prepared: PreparedString?
    /// Of a new string that is compressed, for which one part is enough.
    private var compressedLength = 0
    private var copied = 0
    /// The key's long string is answered with first, as it was when the work began.
    private let answersOld: Bool
    private let beganAt: Int64
    /// How much of it has been; nil before it.
    private var answered: Int?

    /// - Parameters:
    ///   - argument: which one the new string is, if that is long.
    ///   - answersOld: the command will answer with the key's string, and fail no more.
    init(_ call: Invocation, _ argument: Int?, answersOld: Bool, _ engine: inout Engine) {
        self.call = call
        self.answersOld = answersOld
        beganAt = engine.now
        guard let argument else {
            prepared = nil
            return
        }
        let source = call[argument]
        if engine.keyspace.isCompressible(source.count) {
            prepared = nil
            compressedLength = source.count
        } else {
            let block = engine.keyspace.makeLong(count: source.count)
            prepared = PreparedString(source: source, block: block)
        }
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        if let prepared, copied < prepared.source.count {
            prepared.copy(&copied, &budget)
            return goesOn(&engine, isCopied: copied == prepared.source.count)
        }
        if let old = longOld(engine), !answer(old, &engine, &budget) { return false }
        budget -= 1 + compressedLength / Engine.compressedBytesPerElement
        run(&engine)
        return true
    }

    /// Runs the command if that is all that is left; true when it has.
    private func goesOn(_ engine: inout Engine, isCopied: Bool) -> Bool {
        if !isCopied || longOld(engine) != nil { return false }
        run(&engine)
        return true
    }

    private func run(_ engine: inout Engine) {
        engine.run(call, prepared, oldAnsweredAt: answered == nil ? nil : beganAt)
    }

    /// The string that is to be answered with in parts.
    private func longOld(_ engine: borrowing Engine) -> Bytes? {
        if !answersOld { return nil }
        guard let entry = engine.keyspace.findEntry(call.key, at: beganAt), entry.form == .long
        else { return nil }
        return entry.valueBytes
    }

    /// Answers with some of the key's string; true when all is answered.
    private mutating func answer(
        _ old: Bytes, _ engine: inout Engine, _ budget: inout Int
    ) -> Bool {
        if answered == nil { engine.reply.bulkLength(old.count) }
        let start = answered ?? 0
        let end = min(old.count, start + max(budget, 1) * Engine.bytesPerElement)
        engine.reply.buffer.append(old.slice(start, end))
        budget -= 1 + (end - start) / Engine.bytesPerElement
        answered = end
        if end < old.count { return false }
        engine.reply.buffer.append("\r\n")
        return true
    }

    func giveUp(_ engine: inout Engine) {
        if let prepared { engine.keyspace.releaseLong(prepared.block) }
    }
}

/// APPEND and SETRANGE of a long string, or far behind a string's end, SETBIT and BITFIELD there.
/// The key's string grows and is written in parts; nobody sees the middle, since the key is held.
struct StringWriting: BitwiseCopyable {
    private let call: Invocation
    private let added: Bytes
    private let offset: Int
    /// How much of what is added is written.
    private var written = 0

    init(_ call: Invocation, _ added: Bytes, at offset: Int) {
        self.call = call
        self.added = added
        self.offset = offset
    }

    /// What is told of the write; nil where the string only grows, and the command is then run.
    private var event: StaticString? {
        switch call.command {
        case .append: "append"
        case .setrange: "setrange"
        default: nil
        }
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let room = max(budget, 1) * Engine.bytesPerElement
        let before = begin(&engine)
        if before < offset {
            let end = min(offset, before + room)
            budget -= 1 + (end - before) / Engine.bytesPerElement
            // Of zeros the last one says all.
            engine.writeString(call.key, Bytes(), at: end, from: end - 1)
            return false
        }
        guard let event else {
            engine.run(call)
            return true
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
    ///
    /// - Parameter answersOld: it answers with what the key has, and will not fail.
    mutating func postponesStoring(
        _ call: Invocation, _ argument: Int, answersOld: Bool = false
    ) -> Bool {
        let count = call[argument].count
        let isPostponed =
            keyspace.isCompressible(count)
            ? postponesCompressing(count / Self.compressedBytesPerElement)
            : count > Self.preparedSizeMin && postpones(count / Self.bytesPerElement)
        if isPostponed, postponed.isBeginning {
            begun = LongWork(
                .stringPreparation(
                    StringPreparation(call, argument, answersOld: answersOld, &self)))
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

    /// Whether a command that answers with the key's string, and will not fail, is postponed for
    /// its length.
    mutating func postponesOld(_ call: Invocation, _ entry: Entry) -> Bool {
        if entry.form != .long || oldIsAnswered { return false }
        if !postpones(entry.long.length / Self.bytesPerElement) { return false }
        if postponed.isBeginning {
            begun = LongWork(
                .stringPreparation(StringPreparation(call, nil, answersOld: true, &self)))
        }
        return true
    }

    /// Answers with the string that a key has, unless that has been done in parts.
    mutating func replyOld(_ entry: Entry?) {
        if oldIsAnswered { return }
        if let entry { replyString(entry) } else { reply.null() }
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

    /// Whether SETBIT or BITFIELD is postponed since a string has to grow far before it can be
    /// changed.
    ///
    /// - Parameter length: what the string will have at least.
    mutating func postponesGrowth(_ call: Invocation, to length: Int) -> Bool {
        // The last byte is the command's own: it is what has grown the string.
        guard length > Self.preparedSizeMin, let entry = keyspace.find(call.key)?.entry,
            entry.isString, entry.stringLength < length - 1
        else { return false }
        return postponesWriting(call, Bytes(), at: length - 1, entry.stringLength)
    }

    /// Runs a command with what it will store; if it stores nothing that is freed.
    ///
    /// - Parameter oldAnsweredAt: the key's string has been answered with, as it was then; the
    ///   command is run as if it were then.
    fileprivate mutating func run(
        _ call: Invocation, _ prepared: PreparedString? = nil, oldAnsweredAt: Int64? = nil
    ) {
        let (time, statistics) = (now, keyspace.statistics)
        // What is due is met as by any other command.
        keyspace.pin(call.key, false)
        keyspace.prepared = prepared
        let before = postponed
        postponed.isPossible = false
        postponed.spent = 0
        if let oldAnsweredAt {
            keyspace.now = oldAnsweredAt
            oldIsAnswered = true
        }
        if call.command == .set { set(call) } else { dispatchUntimed(call) }
        if oldAnsweredAt != nil {
            keyspace.now = time
            oldIsAnswered = false
            // The key was counted as read when the call came.
            if prepared == nil { keyspace.statistics = statistics }
        }
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
