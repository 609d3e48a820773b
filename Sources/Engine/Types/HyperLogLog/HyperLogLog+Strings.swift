// How the HyperLogLog commands get at strings: the only look-ups that they have.

import Base

/// A HyperLogLog that a command reads.
struct HyperLogLogFound {
    /// Nil where there is no such key.
    let entry: Entry?
    let log: HyperLogLog?
}

extension Engine {
    /// The HyperLogLog at a key, for reading; nil after answering with an error.
    mutating func findHyperLogLog(_ key: KeyReference) -> HyperLogLogFound? {
        guard let found = read(key, .string) else { return nil }
        guard let position = found.position else { return HyperLogLogFound(entry: nil, log: nil) }
        if _slowPath(position.entry.isCompressed) { keyspace.inflate(key, position) }
        let entry = position.entry
        guard let log = entry.hyperLogLog else {
            fail(.notHyperLogLog)
            return nil
        }
        return HyperLogLogFound(entry: entry, log: log)
    }

    /// Where a HyperLogLog stands that a command changes, made where it is not there; nil after
    /// answering with an error.
    @inline(__always)
    mutating func openHyperLogLog(_ key: KeyReference) -> (position: Position, isNew: Bool)? {
        guard let found = find(key, .string) else { return nil }
        guard let position = found.position else { return (insertHyperLogLog(key), true) }
        if _slowPath(position.entry.isCompressed) { keyspace.inflate(key, position) }
        if position.entry.hyperLogLog == nil {
            fail(.notHyperLogLog)
            return nil
        }
        keyspace.noteUse(position.entry)
        position.entry.markModified()
        return (position, false)
    }

    @inline(never)
    private mutating func insertHyperLogLog(_ key: KeyReference) -> Position {
        let bytes = unsafe keyspace.insertZeros(key, count: HyperLogLog.emptySparseSize)
        unsafe HyperLogLogBytes(bytes).writeEmptySparse()
        guard let position = keyspace.find(key) else {
            invariantFailed("a key that was added is there")
        }
        keyspace.notePut(key, position.entry)
        return position
    }
}

extension Entry {
    /// Nil for a string that is none. The string is not compressed.
    @inline(__always)
    var hyperLogLog: HyperLogLog? {
        if case .bytes(let bytes) = value { HyperLogLog(bytes) } else { nil }
    }
}
