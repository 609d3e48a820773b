import Base

extension Engine {
    /// SADD key member [member …]
    @inline(never)
    mutating func addMembers(_ call: Invocation) {
        let key = call.key
        guard let found = find(key, .set) else { return }
        if _slowPath(call.count > Self.fewArguments), postponesArguments(call) { return }
        let first = PackElement.bytes(call[2])
        // A key that is not there has its stamp from being inserted.
        let position = found.position ?? keyspace.insert(key, .emptySet(for: first))
        let added = addMembers(call, 2..<call.count, position)
        if added > 0 {
            if found.position != nil { keyspace.touch(key, position) }
            notify(.set, "sadd", key.bytes)
        }
        reply.integer(added)
    }

    /// Adds the members that a range of arguments names; returns how many are new. No stamp is
    /// taken.
    mutating func addMembers(
        _ call: Invocation, _ arguments: Range<Int>, _ position: Position
    ) -> Int {
        var added = 0
        for index in arguments
        where keyspace.addMember(.bytes(call[index]), call.key, position, limits.set) {
            added += 1
        }
        return added
    }

    /// SMOVE source destination member
    @inline(never)
    mutating func moveMember(_ call: Invocation) {
        let source = call.key
        let target = reference(call[2])
        let member = PackElement.bytes(call[3])
        // Both are looked up before a position is held on to: meeting an expired key moves others.
        _ = keyspace.lookUp(target)
        guard let found = find(source, .set) else { return }
        guard let position = found.position else {
            reply.integer(0)
            return
        }
        guard find(target, .set) != nil else { return }
        if source.bytes == target.bytes {
            reply.integer(keyspace.isMember(member, of: position.entry) ? 1 : 0)
            return
        }
        if !keyspace.takeMember(member, source, position) {
            reply.integer(0)
            return
        }
        let left = keyspace.memberCount(of: position.entry)
        endRemoval(source, position, .set, "srem", left: left)
        receive(member, target)
        reply.integer(1)
    }

    /// Adds a member that came from another set.
    private mutating func receive(_ member: PackElement, _ key: KeyReference) {
        let there = keyspace.lookUp(key)
        let position = there ?? keyspace.insert(key, .emptySet(for: member))
        if !keyspace.addMember(member, key, position, limits.set) { return }
        if there != nil { keyspace.touch(key, position) }
        notify(.set, "sadd", key.bytes)
    }

    // MARK: Reading

    /// SISMEMBER key member
    @inline(never)
    mutating func isMember(_ call: Invocation) {
        guard let found = read(call.key, .set) else { return }
        reply.integer(isMember(call[2], of: found.entry) ? 1 : 0)
    }

    /// SMISMEMBER key member [member …]
    @inline(never)
    mutating func areMembers(_ call: Invocation) {
        guard let found = read(call.key, .set) else { return }
        if _slowPath(call.count > Self.fewArguments), postponesArguments(call) { return }
        reply.array(call.count - 2)
        for index in 2..<call.count {
            reply.integer(isMember(call[index], of: found.entry) ? 1 : 0)
        }
    }

    @inline(__always)
    func isMember(_ member: Bytes, of entry: Entry?) -> Bool {
        guard let entry else { return false }
        return keyspace.isMember(.bytes(member), of: entry)
    }

    /// SCARD key
    @inline(never)
    mutating func countMembers(_ call: Invocation) {
        guard let found = read(call.key, .set) else { return }
        reply.integer(found.entry.map { keyspace.memberCount(of: $0) } ?? 0)
    }

    /// SMEMBERS key
    @inline(never)
    mutating func members(_ call: Invocation) {
        guard let found = read(call.key, .set) else { return }
        replyMembers(found.entry)
    }

    /// Answers with all members of a key's set, or with none.
    mutating func replyMembers(_ entry: Entry?) {
        guard let entry else {
            reply.set(0)
            return
        }
        if entry.form == .set, postpones(keyspace.memberCount(of: entry)) { return }
        replyAllMembers(entry)
    }

    /// All members of a set, at once.
    mutating func replyAllMembers(_ entry: Entry) {
        reply.set(keyspace.memberCount(of: entry))
        forEachMember(of: entry) { engine, member in
            engine.reply.bulk(member)
        }
    }

    /// Calls `body`, which must not change the set, with each member.
    mutating func forEachMember(
        of entry: Entry, _ body: (inout Engine, PackElement) -> Void
    ) {
        var walk = MemberWalk()
        while !walk.isAtEnd {
            walk.collect(WalkedMember.batchCount, of: entry, keyspace, into: &memberBatch)
            for index in 0..<memberBatch.count { body(&self, memberBatch[index].element) }
            endBatch()
        }
    }

    /// Forgets the members of the batch, and gives much memory back.
    mutating func endBatch() {
        memberBatch.removeAll()
        if _slowPath(memberBatch.capacity > Self.batchKeptMax) {
            memberBatch = GrowableArray(capacity: 2 * WalkedMember.batchCount)
        }
    }

    /// A batch with more places than this is not kept.
    private static var batchKeptMax: Int { 4096 }
}
