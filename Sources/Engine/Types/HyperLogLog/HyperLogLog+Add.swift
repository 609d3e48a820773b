import Base

/// What raising a register came to.
enum RegisterChange {
    case none
    case raised
    /// The string is no whole HyperLogLog.
    case corrupt
}

extension Engine {
    /// PFADD key [element …]: 1 where a register changed, or the key was made.
    @inline(never)
    mutating func addElements(_ call: Invocation) {
        let key = call.key
        if _slowPath(call.count > Self.fewArguments), postponesArguments(call) { return }
        guard let (position, isNew) = openHyperLogLog(key) else { return }
        var isRaised = false
        for index in 2..<max(call.count, 2) {
            let register = HyperLogLog.register(of: call[index])
            switch raise(key, position, register.index, register.value) {
            case .none: continue
            case .raised: isRaised = true
            case .corrupt:
                if isRaised { registersChanged(key, position, by: call) }
                fail(.corruptHyperLogLog)
                return
            }
        }
        if isRaised { registersChanged(key, position, by: call) }
        if isRaised || isNew { notify(.string, "pfadd", key.bytes) }
        reply.integer(isRaised || isNew ? 1 : 0)
    }

    /// Counts changes of registers as one write.
    ///
    /// - Parameter call: whose elements raised them; nil where it was another HyperLogLog.
    mutating func registersChanged(
        _ key: KeyReference, _ position: Position, by call: Invocation? = nil
    ) {
        let bytes = HyperLogLogBytes(position.entry)
        bytes.markStale()
        keyspace.touch(key, position)
        guard let call, bytes.isDense, call.count <= Self.splicedElementsMax else {
            keyspace.notePut(key, position.entry)
            return
        }
        noteRegisters(key, position, call)
    }

    /// As many elements' registers are logged one by one; of more, all registers are.
    private static var splicedElementsMax: Int { 64 }

    private mutating func noteRegisters(
        _ key: KeyReference, _ position: Position, _ call: Invocation
    ) {
        if !keyspace.log.isOn { return }
        keyspace.noteSplice(key, position.entry, 8..<HyperLogLog.headerSize)
        for index in 2..<max(call.count, 2) {
            // Six bits, in two bytes at most.
            let first = HyperLogLog.headerSize + HyperLogLog.register(of: call[index]).index * 6 / 8
            let end = min(first + 2, HyperLogLog.denseSize)
            keyspace.noteSplice(key, position.entry, first..<end)
        }
    }

    /// Gives a register a value where that is more than it has. Notes no write.
    @inline(__always)
    mutating func raise(
        _ key: KeyReference, _ position: Position, _ index: Int, _ value: UInt8
    ) -> RegisterChange {
        let bytes = HyperLogLogBytes(position.entry)
        if bytes.isDense {
            return DenseRegisters(bytes).raise(index, to: value) ? .raised : .none
        }
        return raiseSparse(key, position, index, value)
    }

    @inline(never)
    private mutating func raiseSparse(
        _ key: KeyReference, _ position: Position, _ index: Int, _ value: UInt8
    ) -> RegisterChange {
        let bytes = position.entry.valueBytes
        switch SparseChange(bytes, index, value) {
        case .none: return .none
        case .corrupt: return .corrupt
        case .needsDense: return raiseAsDense(key, position, index, value)
        case .edit(let edit):
            let growth = edit.growth
            if growth > 0, bytes.count + growth > limits.hyperLogLogSparseSizeMax {
                return raiseAsDense(key, position, index, value)
            }
            let room = bytes.count + max(growth, 0)
            let string = unsafe HyperLogLogBytes(keyspace.openString(key, position, room))
            let length = edit.apply(string, bytes.count)
            if length < room { _ = unsafe keyspace.openString(key, position, length) }
            return .raised
        }
    }

    private mutating func raiseAsDense(
        _ key: KeyReference, _ position: Position, _ index: Int, _ value: UInt8
    ) -> RegisterChange {
        if !makeDense(key, position) { return .corrupt }
        let registers = DenseRegisters(HyperLogLogBytes(position.entry))
        return registers.raise(index, to: value) ? .raised : .none
    }

    /// Gives a sparse HyperLogLog the dense form; false, and nothing changes, where its runs do not
    /// cover the registers.
    mutating func makeDense(_ key: KeyReference, _ position: Position) -> Bool {
        guard let log = position.entry.hyperLogLog, log.isWhole else { return false }
        let size = HyperLogLog.denseSize
        let block = unsafe keyspace.allocateLong(size)
        unsafe block.copyMemory(from: log.bytes.start, byteCount: HyperLogLog.headerSize)
        let dense = unsafe HyperLogLogBytes(block)
        dense.setDense()
        let registers = DenseRegisters(dense)
        registers.clear()
        var runs = SparseRuns(log)
        var index = 0
        while let run = runs.next() {
            if run.value > 0 {
                for place in index..<(index + run.length) {
                    _ = registers.raise(place, to: run.value)
                }
            }
            index += run.length
        }
        let long = unsafe LongValue(start: block, length: size, capacity: size)
        keyspace.adopt(long, key, position, .keep)
        return true
    }
}
