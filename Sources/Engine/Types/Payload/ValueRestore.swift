import Base
import RDB

extension Engine {
    /// RESTORE key ttl payload [REPLACE] [ABSTTL] [IDLETIME seconds | FREQ frequency]
    @inline(never)
    mutating func restoreValue(_ call: Invocation) {
        var options = RestoreOptions()
        if let error = options.read(call) {
            fail(error)
            return
        }
        if keyspace.lookUp(call.key) != nil, !options.replaces {
            fail(.busyKey)
            return
        }
        guard let time = call[2].canonicalInteger else {
            fail(.notInteger)
            return
        }
        if time < 0 {
            fail(.restoreTime)
            return
        }
        let payload = call[3]
        guard let check = try? PayloadCheck(payload) else {
            fail(.payloadVersion)
            return
        }
        // As in Redis, what is beyond the end of time has passed.
        let deadline: Int64? = time == 0 ? nil : options.isAbsolute ? time : now &+ time
        if postpones(ValueRestore.cost(payload)) {
            let key = call.key
            begin { LongWork(.valueRestore(ValueRestore(key, check, deadline, options))) }
            return
        }
        var work = ValueRestore(call.key, check, deadline, options)
        var budget = Int.max
        let isDone = work.step(&self, budget: &budget)
        invariant(isDone, "without a bound a value is restored")
    }
}

/// RESTORE, in parts where the payload is large: the checksum is checked, then the value is built
/// as a draft, which takes the key's place once it is whole. What is wrong with it is answered,
/// and nothing has changed.
struct ValueRestore: ~Copyable {
    private let key: KeyReference
    private let deadline: Int64?
    private let options: RestoreOptions
    private var check: PayloadCheck
    /// Nil before the payload has been checked.
    private var reader: PayloadReader?
    /// Nil before the first element.
    private var draft: Draft?
    /// What is still to be copied of a long string.
    private var left = Bytes()

    /// Bytes that count as one element while they are checked.
    private static var bytesPerElement: Int { 512 }

    init(
        _ key: KeyReference, _ check: PayloadCheck, _ deadline: Int64?, _ options: RestoreOptions
    ) {
        self.key = key
        self.check = check
        self.deadline = deadline
        self.options = options
        reader = nil
    }

    /// How many elements a payload may have, roughly: small ones take a few bytes each.
    static func cost(_ payload: Bytes) -> Int { payload.count / 16 }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        do throws(PayloadError) {
            if reader == nil {
                if !(try checkOn(engine, &budget)) { return false }
                reader = try PayloadReader(payload: check)
            }
            if !(try buildOn(&engine, &budget)) { return false }
        } catch {
            if let draft { engine.keyspace.discard(draft) }
            engine.fail(CommandError(error))
            return true
        }
        finish(&engine)
        return true
    }

    private mutating func checkOn(
        _ engine: borrowing Engine, _ budget: inout Int
    ) throws(PayloadError) -> Bool {
        let elements = min(max(budget, 1), Int.max / Self.bytesPerElement)
        budget -= elements
        return try check.step(engine.crc, byteCount: elements * Self.bytesPerElement)
    }

    // MARK: Building

    /// Adds the elements that come next; returns whether those were all.
    private mutating func buildOn(
        _ engine: inout Engine, _ budget: inout Int
    ) throws(PayloadError) -> Bool {
        guard let type = reader?.type else { invariantFailed("a payload is open") }
        while budget > 0 {
            if !left.isEmpty {
                copyString(&engine, &budget)
                continue
            }
            guard let element = try reader?.next() else {
                // Redis has no empty collections either.
                if draft == nil { throw .badFormat }
                if reader?.remaining != 0 { throw .badFormat }
                return true
            }
            if case .bytes(let bytes) = element, type != .string { budget -= bytes.count >> 8 }
            switch type {
            case .string: beginString(element, &engine)
            case .list: addElement(element, &engine)
            case .set: try addMember(element, &engine)
            case .hash: try addField(element, &engine)
            case .sortedSet: try addScored(element, &engine)
            }
            // An insertion into a table counts for two, into table and tree for four.
            budget -= type == .sortedSet ? 4 : type == .list ? 1 : 2
        }
        return false
    }

    private mutating func beginString(_ element: PayloadElement, _ engine: inout Engine) {
        guard case .bytes(let bytes) = element, bytes.count > Engine.preparedSizeMin else {
            begin(engine.newString(element), engine: &engine)
            return
        }
        draft = engine.keyspace.makeLongDraft(key, bytes.count, deadline: deadline)
        left = bytes
    }

    private mutating func copyString(_ engine: inout Engine, _ budget: inout Int) {
        let room = min(max(budget, 1), left.count) * Engine.bytesPerElement
        let count = min(left.count, room)
        let entry = begun().entry
        var long = entry.long
        unsafe (long.start + long.length).copyMemory(from: left.start, byteCount: count)
        long.length += count
        entry.long = long
        left = left.slice(count, left.count)
        budget -= 1 + count / Engine.bytesPerElement
    }

    private mutating func begin(_ value: NewValue, engine: inout Engine) {
        draft = engine.keyspace.makeDraft(key, value, deadline: deadline)
    }

    private func begun() -> Draft {
        guard let draft else { invariantFailed("the first element begins a draft") }
        return draft
    }

    private mutating func addElement(_ element: PayloadElement, _ engine: inout Engine) {
        if draft == nil { begin(.packed(Bytes("\u{0}\u{0}"), .packedList), engine: &engine) }
        let (draft, key, limits) = (begun(), key, engine.listLimits)
        PackElement(element).withBytes { bytes in
            engine.keyspace.append(bytes, to: draft, key, limits)
        }
    }

    private mutating func addMember(
        _ element: PayloadElement, _ engine: inout Engine
    ) throws(PayloadError) {
        let member = PackElement(element)
        if draft == nil { begin(.emptySet(for: member), engine: &engine) }
        if !engine.keyspace.addMember(member, key, begun().position, engine.limits.set) {
            throw .badFormat
        }
    }

    private mutating func addField(
        _ field: PayloadElement, _ engine: inout Engine
    ) throws(PayloadError) {
        if draft == nil { begin(.packed(Bytes("\u{0}\u{0}"), .packedHash), engine: &engine) }
        engine.keepMember(field)
        let value: StringValue
        switch try reader?.next() {
        case .bytes(let bytes): value = .bytes(bytes)
        case .integer(let integer): value = .integer(integer)
        case .score, .none: throw .badFormat
        }
        let isNew = engine.keyspace.setField(
            key, begun().position, engine.movedElement.bytes, value, engine.limits.hashPack)
        if !isNew { throw .badFormat }
    }

    private mutating func addScored(
        _ member: PayloadElement, _ engine: inout Engine
    ) throws(PayloadError) {
        if draft == nil { begin(.emptySortedSet, engine: &engine) }
        engine.keepMember(member)
        guard case .score(let score) = try reader?.next() else { throw .badFormat }
        let (draft, bytes) = (begun(), engine.movedElement.bytes)
        if engine.keyspace.findScored(bytes, in: draft.entry) != nil { throw .badFormat }
        engine.keyspace.addScored(bytes, score, key, draft.position, engine.limits.sortedSetPack)
    }

    // MARK: The end

    /// Gives the key the value that has been built, unless its time has passed already.
    private mutating func finish(_ engine: inout Engine) {
        let draft = begun()
        if let deadline, deadline <= engine.now {
            engine.keyspace.discard(draft)
            if let position = engine.keyspace.find(key) {
                engine.keyspace.remove(key, position)
                engine.notify(.generic, "del", key.bytes)
            }
            engine.reply.ok()
            return
        }
        engine.keyspace.publish(draft, key, tells: false)
        guard let entry = engine.keyspace.find(key)?.entry else {
            invariantFailed("a key that was published is there")
        }
        engine.keyspace.setAccess(
            entry, idleSeconds: options.idleSeconds, useCount: options.useCount)
        engine.notify(.new, "new", key.bytes)
        engine.notify(.generic, "restore", key.bytes)
        engine.reply.ok()
    }

    consuming func giveUp(_ engine: inout Engine) {
        if let draft { engine.keyspace.discard(draft) }
    }
}

extension Engine {
    /// A string of a payload: bytes that spell an integer become one.
    fileprivate mutating func newString(_ element: PayloadElement) -> NewValue {
        switch element {
        case .bytes(let bytes): newString(bytes)
        case .integer(let integer): .integer(integer)
        case .score: invariantFailed("a string is no score")
        }
    }

    /// Keeps a field or member while what belongs to it is read.
    fileprivate mutating func keepMember(_ element: PayloadElement) {
        movedElement.removeAll()
        PackElement(element).withBytes { movedElement.append($0) }
    }
}

extension CommandError {
    /// What RESTORE answers.
    fileprivate init(_ error: PayloadError) {
        switch error {
        case .versionOrChecksum: self = .payloadVersion
        case .badFormat: self = .payloadFormat
        case .unsupportedType(let byte):
            switch ForeignType(byte: byte) {
            case .stream: self = .payloadStream
            case .module: self = .payloadModule
            case .other: self = .payloadFormat
            }
        }
    }
}
