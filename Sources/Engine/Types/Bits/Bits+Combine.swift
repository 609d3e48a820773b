import Base

extension Engine {
    /// BITOP AND | OR | XOR | NOT destination key [key …]: the length of the result. Of nothing
    /// but empty strings nothing is stored.
    @inline(never)
    mutating func combineBits(_ call: Invocation) {
        guard let operation = BitOperation(call[1]) else {
            fail(.syntax)
            return
        }
        if operation == .not, call.count != 4 {
            fail(.bitNotSources)
            return
        }
        var length = 0
        for index in 3..<call.count {
            guard let found = read(reference(call[index]), .string) else { return }
            length = max(length, found.entry?.stringLength ?? 0)
        }
        if postpones(length / Engine.bytesPerElement * (call.count - 3)) {
            if postponed.isBeginning {
                let work = BitCombination(call, operation, length: length, &self)
                begun = LongWork(.bitCombination(work))
            }
            return
        }
        let now = keyspace.now
        for index in 3..<call.count { keyspace.inflate(reference(call[index])) }
        let key = call.key
        let position = keyspace.lookUp(key)
        if length > 0 {
            store(operation, bitSources(call, at: now), key, position)
            notify(.string, "set", key.bytes)
        } else if let position {
            keyspace.remove(key, position)
            notify(.generic, "del", key.bytes)
        }
        reply.integer(length)
    }

    /// The strings that BITOP combines, none of which is compressed. They stay where they are until
    /// the destination is written.
    ///
    /// - Parameter beganAt: a key that is due after that is still there, if it is pinned.
    mutating func bitSources(_ call: Invocation, at beganAt: Int64) -> BitSources {
        var sources = BitSources(capacity: call.count - 3)
        for index in 3..<call.count {
            sources.append(look(at: keyspace.findEntry(reference(call[index]), at: beganAt)))
        }
        return sources
    }

    /// Computes into the block that the destination has, into a new one, or, where the result is
    /// short, beside the keyspace.
    private mutating func store(
        _ operation: BitOperation, _ sources: borrowing BitSources, _ key: KeyReference,
        _ position: Position?
    ) {
        let length = sources.lengthMax
        if length <= Entry.inlineSizeMax {
            var result = OutputBuffer(capacity: length)
            unsafe sources.combine(operation, 0..<length, into: result.reserve(length))
            result.advance(length)
            keyspace.storeModified(key, position, result.bytes, .clear)
        } else if let position, let block = unsafe keyspace.blockToOverwrite(position, length) {
            unsafe sources.combine(operation, 0..<length, into: block)
            keyspace.overwriteCompleted(key, position, length)
        } else {
            let block = unsafe keyspace.allocateLong(length)
            unsafe sources.combine(operation, 0..<length, into: block)
            let long = unsafe LongValue(start: block, length: length, capacity: length)
            keyspace.adopt(long, key, position, .clear)
        }
    }
}
