import Base

extension Engine {
    /// PFDEBUG GETREG | DECODE | ENCODING | TODENSE key
    @inline(never)
    mutating func debugHyperLogLog(_ call: Invocation) {
        let key = call.key
        guard let found = findHyperLogLog(key) else { return }
        guard let entry = found.entry, let log = found.log else {
            fail(.noSpecifiedKey)
            return
        }
        entry.markModified()
        let word = call[1].untilNUL
        if word.equalsIgnoringCase("getreg") {
            replyRegisters(key, log)
        } else if word.equalsIgnoringCase("decode") {
            replyRuns(log)
        } else if word.equalsIgnoringCase("encoding") {
            reply.simple(log.isDense ? "dense" : "sparse")
        } else if word.equalsIgnoringCase("todense") {
            // The view ends with the sparse form.
            let wasDense = log.isDense
            if wasDense || makeDense(key) { reply.integer(wasDense ? 0 : 1) }
        } else {
            statistics.errors += 1
            reply.unknownDebugWord(word)
        }
    }

    /// False after answering with an error.
    private mutating func makeDense(_ key: KeyReference) -> Bool {
        guard let position = keyspace.lookUp(key) else { invariantFailed("a key stays in a step") }
        if makeDense(key, position) { return true }
        fail(.corruptHyperLogLog)
        return false
    }

    /// The registers, of a HyperLogLog that becomes dense for it.
    private mutating func replyRegisters(_ key: KeyReference, _ log: HyperLogLog) {
        if !log.isDense, !makeDense(key) { return }
        guard let dense = keyspace.find(key)?.entry.hyperLogLog else {
            invariantFailed("a key stays in a step")
        }
        let registers = DenseRegisters(dense)
        reply.array(HyperLogLog.registerCount)
        for index in 0..<HyperLogLog.registerCount { reply.integer(Int(registers[index])) }
    }

    /// "z:n" and "Z:n" for n registers of 0 in a short and a long run, "v:n,m" for m of n.
    private mutating func replyRuns(_ log: HyperLogLog) {
        if log.isDense {
            fail(.hyperLogLogNotSparse)
            return
        }
        var text = OutputBuffer()
        var runs = SparseRuns(log)
        while let run = runs.next() {
            if !text.isEmpty { text.append(" ") }
            if run.value == 0 {
                text.append(run.isLong ? "Z:" : "z:")
            } else {
                text.append("v:")
                text.append(decimal: Int64(run.value))
                text.append(",")
            }
            text.append(decimal: Int64(run.length))
        }
        reply.bulk(text.bytes)
    }
}
