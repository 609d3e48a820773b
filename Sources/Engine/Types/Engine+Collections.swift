import Base

// What lists, hashes, sets and sorted sets have in common when they shrink or are replaced.
extension Engine {
    /// Removes a key, and tells of it as of a deletion.
    mutating func drop(_ key: KeyReference, _ position: Position) {
        keyspace.remove(key, position)
        notify(.generic, "del", key.bytes)
    }

    /// As ``drop(_:_:)`` for a key that may not be there.
    mutating func drop(_ key: KeyReference) {
        if let position = keyspace.lookUp(key) { drop(key, position) }
    }

    /// Elements have been taken out: tells so, and takes the write's stamp, or drops a collection
    /// that is empty.
    ///
    /// - Parameters:
    ///   - kind: the class of the type's events.
    ///   - left: how many elements there are now.
    mutating func endRemoval(
        _ key: KeyReference, _ position: Position, _ kind: KeyEventClass, _ event: StaticString,
        left: Int
    ) {
        notify(kind, event, key.bytes)
        if left > 0 {
            keyspace.touch(key, position)
        } else {
            drop(key, position)
        }
    }

    /// Gives `key` the set or sorted set that was made for it, and answers with its number of
    /// members; an empty one drops what is there.
    mutating func publish(
        _ draft: Draft, _ key: KeyReference, _ kind: KeyEventClass, _ event: StaticString
    ) {
        let count = keyspace.memberCount(of: draft.entry)
        if count > 0 {
            keyspace.publish(draft, key)
            notify(kind, event, key.bytes)
        } else {
            keyspace.discard(draft)
            drop(key)
        }
        reply.integer(count)
    }
}
