import Base

extension Engine {
    /// SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT time | PXAT time |
    /// KEEPTTL]
    @inline(__always)
    mutating func set(_ call: Invocation) {
        if _slowPath(call.count > 3) {
            setWithOptions(call)
            return
        }
        if _slowPath(call[2].count > keyspace.plainStringMax) {
            setLong(call)
            return
        }
        let key = call.key
        let position = keyspace.lookUp(key)
        keyspace.store(key, position, .encoding(call[2]), .clear)
        notify(.string, "set", key.bytes)
        reply.ok()
    }

    /// SET of what takes time to copy, or is compressed.
    @inline(never)
    private mutating func setLong(_ call: Invocation) {
        if postponesStoring(call, 2) { return }
        let position = keyspace.lookUp(call.key)
        let value = newString(call[2])
        keyspace.store(call.key, position, value, .clear)
        notify(.string, "set", call.key.bytes)
        reply.ok()
    }

    @inline(never)
    private mutating func setWithOptions(_ call: Invocation) {
        guard let options = SetOptions(set: call) else {
            fail(.syntax)
            return
        }
        var change: DeadlineChange = options.keepsDeadline ? .keep : .clear
        if let expiry = options.expiry {
            guard let deadline = readDeadline(call, expiry) else { return }
            change = .set(deadline)
        }
        if postponesStoring(call, 2, answersOld: options.returnsOld) { return }
        let key = call.key
        if options.returnsOld {
            guard let found = read(key, .string) else { return }
            if let entry = found.entry, postponesOld(call, entry) { return }
            replyOld(found.entry)
        }
        let position = keyspace.lookUp(key)
        if options.condition == (position == nil ? .ifPresent : .ifAbsent) {
            if !options.returnsOld { reply.null() }
            return
        }
        store(key, position, call[2], change)
        if !options.returnsOld { reply.ok() }
    }

    /// Stores a value whose deadline may have passed already: then nothing is left of the key.
    private mutating func store(
        _ key: KeyReference, _ position: Position?, _ value: Bytes, _ change: DeadlineChange
    ) {
        let isPast = if case .set(let deadline) = change { deadline <= now } else { false }
        if !isPast {
            keyspace.store(key, position, newString(value), change)
        } else if let position {
            keyspace.remove(key, position)
        } else {
            notify(.new, "new", key.bytes)
        }
        notify(.string, "set", key.bytes)
        if case .set = change { notify(.generic, "expire", key.bytes) }
        if isPast { notify(.expired, "expired", key.bytes) }
    }

    /// SETEX key seconds value, PSETEX key milliseconds value
    @inline(never)
    mutating func setAndExpire(_ call: Invocation, _ form: TimeForm) {
        if postponesStoring(call, 3) { return }
        let expiry = SetOptions.Expiry(form: form, argument: 2)
        guard let deadline = readDeadline(call, expiry) else { return }
        let position = keyspace.lookUp(call.key)
        keyspace.store(call.key, position, newString(call[3]), .set(deadline))
        notify(.string, "set", call.key.bytes)
        notify(.generic, "expire", call.key.bytes)
        reply.ok()
    }

    /// SETNX key value
    @inline(never)
    mutating func setIfAbsent(_ call: Invocation) {
        if postponesStoring(call, 2) { return }
        if keyspace.lookUp(call.key) != nil {
            reply.integer(0)
            return
        }
        keyspace.insert(call.key, newString(call[2]), .clear)
        notify(.string, "set", call.key.bytes)
        reply.integer(1)
    }

    /// MSET key value [key value …]
    @inline(never)
    mutating func setMany(_ call: Invocation) {
        if call.count & 1 == 0 {
            failArity(call)
            return
        }
        if postponesPairs(call) { return }
        storePairs(call, 1..<call.count)
        reply.ok()
    }

    /// Whether an MSET or MSETNX is postponed for its number of keys, or for the length of what it
    /// stores.
    @inline(__always)
    private mutating func postponesPairs(_ call: Invocation) -> Bool {
        var bytes = 0
        for index in stride(from: 2, to: call.count, by: 2) { bytes &+= call[index].count }
        if _fastPath(call.count <= Self.fewArguments), bytes <= Self.preparedSizeMin {
            return false
        }
        return postponesKeys(call, bytes: bytes)
    }

    /// MSETNX key value [key value …]
    @inline(never)
    mutating func setManyIfAbsent(_ call: Invocation) {
        if call.count & 1 == 0 {
            failArity(call)
            return
        }
        if postponesPairs(call) { return }
        if hasKey(of: call, 1..<call.count) {
            reply.integer(0)
            return
        }
        storePairs(call, 1..<call.count)
        reply.integer(1)
    }

    /// Whether one of the keys is there that come before values at these places.
    mutating func hasKey(of call: Invocation, _ places: Range<Int>) -> Bool {
        for index in stride(from: places.lowerBound, to: places.upperBound, by: 2)
        where keyspace.lookUp(reference(call[index])) != nil {
            return true
        }
        return false
    }

    /// Stores the keys and values in turn that are at these places.
    mutating func storePairs(_ call: Invocation, _ places: Range<Int>) {
        var index = places.lowerBound
        while index < places.upperBound {
            let key = reference(call[index])
            let position = keyspace.lookUp(key)
            keyspace.store(key, position, newString(call[index &+ 1]), .clear)
            notify(.string, "set", key.bytes)
            index &+= 2
        }
    }
}
