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

    /// SREM, ZREM key member [member …], HDEL key field [field …]
    ///
    /// - Parameter type: what the key must have.
    @inline(never)
    mutating func removeMembers(_ call: Invocation, from type: ValueType) {
        guard let found = find(call.key, type) else { return }
        guard let position = found.position else {
            reply.integer(0)
            return
        }
        if _slowPath(call.count > Self.fewArguments), postponesArguments(call) { return }
        endRemoval(call, position, count: takeMembers(call, 2..<call.count, position))
    }

    /// Takes out the members or fields that a range of arguments names, as long as there are any;
    /// returns how many it took. No stamp is taken.
    mutating func takeMembers(
        _ call: Invocation, _ arguments: Range<Int>, _ position: Position
    ) -> Int {
        let size = keyspace.memberCount(of: position.entry)
        var left = size
        for index in arguments where left > 0 {
            if takeMember(call[index], call, position) { left -= 1 }
        }
        return size - left
    }

    private mutating func takeMember(
        _ member: Bytes, _ call: Invocation, _ position: Position
    ) -> Bool {
        switch call.command {
        case .srem: return keyspace.takeMember(.bytes(member), call.key, position)
        case .hdel: return keyspace.removeField(call.key, position, member)
        default:
            guard let place = keyspace.findScored(member, in: position.entry) else { return false }
            keyspace.removeScored(place, call.key, position)
            return true
        }
    }

    /// SREM, ZREM or HDEL has taken out `count` members or fields: tells and answers so.
    mutating func endRemoval(_ call: Invocation, _ position: Position, count: Int) {
        if count > 0 {
            let left = keyspace.memberCount(of: position.entry)
            switch call.command {
            case .srem: endRemoval(call.key, position, .set, "srem", left: left)
            case .hdel: endRemoval(call.key, position, .hash, "hdel", left: left)
            default: endRemoval(call.key, position, .sortedSet, "zrem", left: left)
            }
        }
        reply.integer(count)
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
