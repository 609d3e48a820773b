import Base

extension Engine {
    /// PFCOUNT key [key …]. The estimate of one key is kept in its string, which is a write.
    @inline(never)
    mutating func countElements(_ call: Invocation) {
        if call.count > 2 {
            countUnion(call)
            return
        }
        let key = call.key
        guard let found = findHyperLogLog(key) else { return }
        guard let entry = found.entry, let log = found.log else {
            reply.integer(0)
            return
        }
        entry.markModified()
        if let count = log.knownCount {
            reply.integer(count)
            return
        }
        var histogram = RegisterHistogram()
        if !histogram.add(log) {
            fail(.corruptHyperLogLog)
            return
        }
        let estimate = histogram.estimate
        guard let position = keyspace.lookUp(key) else { invariantFailed("a key stays in a step") }
        HyperLogLogBytes(entry).setCount(estimate)
        keyspace.touch(key, position)
        keyspace.noteSplice(key, position.entry, 8..<HyperLogLog.headerSize)
        reply.integer(Int64(bitPattern: estimate))
    }

    private mutating func countUnion(_ call: Invocation) {
        var registers = RegisterArray()
        if mergeAll(call, into: &registers) == nil { return }
        var histogram = RegisterHistogram()
        histogram.add(registers)
        reply.integer(Int64(bitPattern: histogram.estimate))
    }

    /// Merges all keys of a call; whether one of them is dense, or nil after answering with an
    /// error.
    private mutating func mergeAll(
        _ call: Invocation, into registers: inout RegisterArray
    ) -> Bool? {
        var hasDense = false
        for index in 1..<call.count {
            let key = index == 1 ? call.key : reference(call[index])
            guard let found = findHyperLogLog(key) else { return nil }
            guard let log = found.log else { continue }
            if log.isDense { hasDense = true }
            if !registers.merge(log) {
                fail(.corruptHyperLogLog)
                return nil
            }
        }
        return hasDense
    }

    /// PFMERGE destination [key …]: the destination is one of the sources, where it is there.
    @inline(never)
    mutating func mergeElements(_ call: Invocation) {
        var registers = RegisterArray()
        guard let hasDense = mergeAll(call, into: &registers) else { return }
        let key = call.key
        guard let (position, _) = openHyperLogLog(key) else { return }
        if hasDense {
            if !HyperLogLogBytes(position.entry).isDense {
                invariant(makeDense(key, position), "what was merged is whole")
            }
            registers.pack(into: DenseRegisters(HyperLogLogBytes(position.entry)))
        } else {
            for index in 0..<HyperLogLog.registerCount where registers[index] > 0 {
                _ = raise(key, position, index, registers[index])
            }
        }
        registersChanged(key, position)
        notify(.string, "pfadd", key.bytes)
        reply.ok()
    }
}
