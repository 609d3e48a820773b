import Base

extension Engine {
    /// HSET key field value [field value …], HMSET key field value [field value …]
    @inline(never)
    mutating func setFields(_ call: Invocation) {
        if call.count & 1 != 0 {
            failArity(call)
            return
        }
        let key = call.key
        guard let found = find(key, .hash) else { return }
        if _slowPath(call.count > Self.fewArguments), postponesArguments(call, width: 2) { return }
        let added: Int
        if found.position == nil, packFields(of: call) {
            keyspace.insert(key, .packed(keyspace.packScratch.bytes, .packedHash), .clear)
            added = (call.count &- 2) &>> 1
        } else {
            added = setFields(of: call, found)
        }
        notify(.hash, "hset", key.bytes)
        if call.command == .hmset { reply.ok() } else { reply.integer(added) }
    }

    /// Sets the fields one by one; returns how many are new.
    @inline(__always)
    private mutating func setFields(of call: Invocation, _ found: Found) -> Int {
        let key = call.key
        let position = found.position ?? keyspace.insertPack(key, .packedHash)
        let added = setFields(call, 2..<call.count, position)
        if found.position != nil { keyspace.touch(key, position) }
        return added
    }

    /// Sets the fields that a range of arguments names, each before its value; returns how many are
    /// new. No stamp is taken.
    @inline(__always)
    mutating func setFields(
        _ call: Invocation, _ arguments: Range<Int>, _ position: Position
    ) -> Int {
        var added = 0
        var index = arguments.lowerBound
        while index < arguments.upperBound {
            if keyspace.setField(
                call.key, position, call[index], .bytes(call[index &+ 1]), limits.hashPack)
            {
                added &+= 1
            }
            index &+= 2
        }
        return added
    }

    /// Writes a new hash's fields as a pack into the keyspace's scratch, so that its entry is made
    /// in its final size; false where they are no pack, or one of them is named twice.
    private mutating func packFields(of call: Invocation) -> Bool {
        let fieldCount = (call.count &- 2) &>> 1
        if fieldCount > limits.hashPack.entries { return false }
        keyspace.packScratch.removeAll()
        keyspace.packScratch.append("\u{0}\u{0}")
        var index = 2
        while index < call.count {
            let (field, value) = (call[index], call[index &+ 1])
            let length = max(field.count, value.count)
            if length > limits.hashPack.valueLength { return false }
            if Pack(keyspace.packScratch).find(field, step: 2) != nil { return false }
            keyspace.packScratch.append(PackEncoding(field))
            keyspace.packScratch.append(PackEncoding(value))
            if keyspace.packScratch.count > Pack.byteCountMax { return false }
            index &+= 2
        }
        Pack(keyspace.packScratch).count = fieldCount &* 2
        return true
    }

    /// HSETNX key field value
    @inline(never)
    mutating func setFieldIfAbsent(_ call: Invocation) {
        let key = call.key
        guard let found = find(key, .hash) else { return }
        if let entry = found.entry, keyspace.findField(call[2], in: entry) != nil {
            reply.integer(0)
            return
        }
        setField(key, found, call[2], .bytes(call[3]))
        notify(.hash, "hset", key.bytes)
        reply.integer(1)
    }

    /// Sets one field of a key that may not be there, as a write of its own.
    mutating func setField(
        _ key: KeyReference, _ found: Found, _ field: Bytes, _ value: StringValue
    ) {
        let position = found.position ?? keyspace.insertPack(key, .packedHash)
        _ = keyspace.setField(key, position, field, value, limits.hashPack)
        if found.position != nil { keyspace.touch(key, position) }
    }
}
