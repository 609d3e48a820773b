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
        if postponesMerge(call) { return }
        var registers = RegisterArray()
        if merge(call, 1..<call.count, at: keyspace.now, into: &registers) == nil { return }
        replyEstimate(of: registers)
    }

    /// Answers with about how many elements were added.
    mutating func replyEstimate(of registers: borrowing RegisterArray) {
        var histogram = RegisterHistogram()
        histogram.add(registers)
        reply.integer(Int64(bitPattern: histogram.estimate))
    }

    private mutating func postponesMerge(_ call: Invocation) -> Bool {
        if !postpones(RegisterMerge.cost * call.count) { return false }
        let now = keyspace.now
        begin { LongWork(.registers(RegisterMerge(call, at: now))) }
        return true
    }

    /// Merges some keys of a call.
    ///
    /// - Parameter beganAt: a key that is due after that is still there, if it is pinned.
    /// - Returns: whether one of them is dense, or nil after answering with an error.
    mutating func merge(
        _ call: Invocation, _ places: Range<Int>, at beganAt: Int64,
        into registers: inout RegisterArray
    ) -> Bool? {
        var hasDense = false
        for index in places {
            let key = index == 1 ? call.key : reference(call[index])
            guard let found = findHyperLogLog(key) else { return nil }
            guard let log = found.log ?? hiddenHyperLogLog(key, beganAt) else { continue }
            if log.isDense { hasDense = true }
            if !registers.merge(log) {
                fail(.corruptHyperLogLog)
                return nil
            }
        }
        return hasDense
    }

    /// What has come due since and is still there.
    private mutating func hiddenHyperLogLog(_ key: KeyReference, _ beganAt: Int64) -> HyperLogLog? {
        keyspace.inflate(key)
        guard let entry = keyspace.find(key)?.entry, let deadline = entry.deadline,
            deadline > beganAt, entry.isString
        else { return nil }
        return entry.hyperLogLog
    }

    /// PFMERGE destination [key …]: the destination is one of the sources, where it is there.
    @inline(never)
    mutating func mergeElements(_ call: Invocation) {
        if postponesMerge(call) { return }
        var registers = RegisterArray()
        guard let hasDense = merge(call, 1..<call.count, at: keyspace.now, into: &registers) else {
            return
        }
        storeMerged(registers, hasDense: hasDense, call.key)
    }

    /// Gives the destination of PFMERGE, which was one of the sources, the registers of all.
    mutating func storeMerged(
        _ registers: borrowing RegisterArray, hasDense: Bool, _ key: KeyReference
    ) {
        guard let position = openMerged(key) else { return }
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

    private mutating func openMerged(_ key: KeyReference) -> Position? {
        // A pinned key may be due: hidden, but there.
        keyspace.inflate(key)
        if let hidden = keyspace.find(key), hidden.entry.isString, hidden.entry.hyperLogLog != nil {
            keyspace.noteUse(hidden.entry)
            hidden.entry.markModified()
            return hidden
        }
        return openHyperLogLog(key)?.position
    }
}

/// PFCOUNT and PFMERGE of many keys, in parts: the registers of a few keys at a time are merged.
struct RegisterMerge: ~Copyable {
    private let call: Invocation
    private let beganAt: Int64
    private var registers = RegisterArray()
    private var hasDense = false
    /// Which argument names the key that comes next.
    private var place = 1

    init(_ call: Invocation, at now: Int64) {
        self.call = call
        beganAt = now
    }

    /// What a key costs, in elements.
    static let cost = 32

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let end = min(call.count, place + max(budget / Self.cost, 1))
        budget -= Self.cost * (end - place)
        guard let isDense = engine.merge(call, place..<end, at: beganAt, into: &registers) else {
            return true
        }
        hasDense = hasDense || isDense
        place = end
        if place < call.count { return false }
        if call.command == .pfmerge {
            engine.storeMerged(registers, hasDense: hasDense, call.key)
        } else {
            engine.replyEstimate(of: registers)
        }
        return true
    }
}
