import Base

extension Engine {
    /// Strings of up to this many bytes, never changed in place, are what Redis holds in one block
    /// with their object.
    private static let embeddedLengthMax = 44
    /// Integers below this are shared objects in Redis, with a reference count that stands for
    /// "very many".
    private static let sharedIntegerCount: Int64 = 10_000

    /// OBJECT ENCODING key: the name that Redis has for how it would hold the value.
    @inline(never)
    mutating func objectEncoding(_ call: Invocation) {
        guard let entry = keyspace.inspect(call.key) else {
            reply.null()
            return
        }
        reply.bulk(encodingName(entry))
    }

    private func encodingName(_ entry: Entry) -> StaticString {
        switch entry.form {
        case .integer: return "int"
        case .inline, .long, .compressed:
            let isModified = entry.formAndFlags & Entry.isModified != 0
            let isRaw = isModified || entry.stringLength > Self.embeddedLengthMax
            return isRaw ? "raw" : "embstr"
        case .packedList, .list: return "quicklist"
        case .packedHash, .packedSortedSet: return "listpack"
        case .packedSet, .hash, .set: return "hashtable"
        case .integerSet: return "intset"
        case .sortedSet: return "skiplist"
        }
    }

    /// OBJECT FREQ key
    @inline(never)
    mutating func objectFrequency(_ call: Invocation) {
        guard let entry = keyspace.inspect(call.key) else {
            reply.null()
            return
        }
        guard let count = keyspace.useCount(entry) else {
            fail(.noFrequencies)
            return
        }
        reply.integer(count)
    }

    /// OBJECT IDLETIME key: see ``Keyspace/idleSeconds(_:)`` for what the number means.
    @inline(never)
    mutating func objectIdleTime(_ call: Invocation) {
        guard let entry = keyspace.inspect(call.key) else {
            reply.null()
            return
        }
        if keyspace.useCount(entry) != nil {
            fail(.noIdleTimes)
            return
        }
        reply.integer(keyspace.idleSeconds(entry))
    }

    /// OBJECT REFCOUNT key
    @inline(never)
    mutating func objectReferenceCount(_ call: Invocation) {
        guard let entry = keyspace.inspect(call.key) else {
            reply.null()
            return
        }
        if entry.form == .integer, entry.integer >= 0, entry.integer < Self.sharedIntegerCount {
            reply.integer(Int64(Int32.max))
            return
        }
        reply.integer(1)
    }

    /// MEMORY USAGE key [SAMPLES count]: the bytes that the key really takes here.
    @inline(never)
    mutating func memoryUsage(_ call: Invocation) {
        var index = 3
        while index < call.count {
            guard call[index].equalsIgnoringCase("samples"), index + 1 < call.count else {
                fail(.syntax)
                return
            }
            guard let samples = call[index + 1].canonicalInteger else {
                fail(.notInteger)
                return
            }
            if samples < 0 {
                fail(.syntax)
                return
            }
            index += 2
        }
        let key = call.key
        guard let entry = keyspace.inspect(key) else {
            reply.null()
            return
        }
        reply.integer(keyspace.memoryUsage(of: entry, slot: key.slot, hash: key.hash))
    }
}
