import Base

/// What a look-up for one type of value found: nothing, or a key of that type.
struct Found {
    let position: Position?

    @inline(__always)
    var entry: Entry? { position?.entry }
}

extension Engine {
    /// Looks a key up for a command on one type of value; nil where the key has another, which has
    /// then been answered with an error.
    @inline(__always)
    mutating func find(_ key: KeyReference, _ type: ValueType) -> Found? {
        guard let position = keyspace.lookUp(key) else { return Found(position: nil) }
        if _slowPath(!position.entry.has(type)) {
            fail(.wrongType)
            return nil
        }
        return Found(position: position)
    }

    /// As ``find(_:_:)`` for a command that only reads: counted as a hit or a miss, and the key
    /// counts as used now.
    @inline(__always)
    mutating func read(_ key: KeyReference, _ type: ValueType) -> Found? {
        guard let position = keyspace.lookUp(key) else {
            keyspace.noteMiss(key)
            return Found(position: nil)
        }
        keyspace.noteRead(position.entry)
        if _slowPath(!position.entry.has(type)) {
            fail(.wrongType)
            return nil
        }
        return Found(position: position)
    }
}
