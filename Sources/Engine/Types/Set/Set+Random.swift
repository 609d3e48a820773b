import Base

extension Engine {
    // MARK: SPOP

    /// SPOP key [count]
    @inline(never)
    mutating func popMembers(_ call: Invocation) {
        if call.count > 3 {
            fail(.syntax)
            return
        }
        if call.count == 3 {
            popSomeMembers(call)
            return
        }
        let key = call.key
        guard let found = find(key, .set) else { return }
        guard let position = found.position else {
            reply.null()
            return
        }
        popMember(position, key.hash)
        noteTaken(key, position, "spop", left: keyspace.memberCount(of: position.entry))
    }

    private mutating func popSomeMembers(_ call: Invocation) {
        guard let number = call[2].canonicalInteger, number >= 0 else {
            fail(.notPositive)
            return
        }
        let key = call.key
        guard let found = find(key, .set) else { return }
        guard number > 0, let position = found.position else {
            reply.set(0)
            return
        }
        let size = keyspace.memberCount(of: position.entry)
        let count = min(Int(number), size)
        let left = size - count
        if left == 0 {
            replyMembers(position.entry)
        } else if left * Self.popRebuildRatio > count {
            reply.set(count)
            for _ in 0..<count { popMember(position, key.hash) }
        } else {
            popAllBut(left, key, position)
            notify(.set, "spop", key.bytes)
            return
        }
        noteTaken(key, position, "spop", left: left)
    }

    /// Where what SPOP takes is so many times what it leaves, what is left becomes a new set. As in
    /// Redis, since it shows in the set's form.
    private static let popRebuildRatio = 5

    /// Answers with a member drawn evenly and takes it out.
    private mutating func popMember(_ position: Position, _ hash: UInt64) {
        let entry = position.entry
        switch entry.form {
        case .set:
            let root = unsafe entry.members
            let place = unsafe keyspace.randomPlace(of: root, &random)
            reply.bulk(place.entry.key)
            unsafe keyspace.removeMember(place, in: root)
        case .packedSet:
            let pack = Pack(entry)
            let offset = pack.offset(ofElement: Int.random(in: 0..<pack.count, using: &random))
            reply.bulk(pack.element(at: offset))
            keyspace.removeElements(1, position, hash, at: offset)
        case .integerSet:
            let set = IntegerSet(entry)
            let index = Int.random(in: 0..<set.count, using: &random)
            reply.bulk(set[index])
            keyspace.removeInteger(at: index, position, hash)
        default: invariantFailed("a set has the form of one")
        }
    }

    /// Moves `left` members drawn evenly to a new set for the key, and answers with the others.
    private mutating func popAllBut(_ left: Int, _ key: KeyReference, _ position: Position) {
        let draft = keyspace.makeDraft(
            key, .emptyIntegerSet, deadline: position.entry.deadline)
        for _ in 0..<left {
            let member = keyspace.randomMember(of: position.entry, &random)
            _ = keyspace.addMember(member, key, draft.position, limits.set)
            // The draft has its own bytes of it.
            let isTaken = keyspace.takeMember(member, key.hash, position)
            invariant(isTaken, "a member that was drawn is there")
        }
        replyMembers(position.entry)
        keyspace.publish(draft, key)
    }

    // MARK: SRANDMEMBER

    /// SRANDMEMBER key [count]: a negative count draws each member anew.
    @inline(never)
    mutating func randomMembers(_ call: Invocation) {
        if call.count > 3 {
            fail(.syntax)
            return
        }
        if call.count == 2 {
            guard let found = read(call.key, .set) else { return }
            if let entry = found.entry {
                reply.bulk(keyspace.randomMember(of: entry, &random))
            } else {
                reply.null()
            }
            return
        }
        guard let count = call[2].canonicalInteger else {
            fail(.notInteger)
            return
        }
        if count == .min {
            fail(.notLong)
            return
        }
        guard let found = read(call.key, .set) else { return }
        guard count != 0, let entry = found.entry else {
            reply.array(0)
            return
        }
        if count < 0 {
            drawMembers(Int(-count), of: entry)
        } else {
            sampleMembers(Int(count), of: entry)
        }
    }

    /// Answers with `count` members, each drawn from all.
    private mutating func drawMembers(_ count: Int, of entry: Entry) {
        let start = reply.buffer.count
        reply.array(count)
        let isTable = entry.form == .set
        let all = isTable ? GrowableArray(capacity: 1) : collectMembers(of: entry)
        for _ in 0..<count {
            if isTable {
                reply.bulk(keyspace.randomMember(of: entry, &random))
            } else {
                reply.bulk(all[Int.random(in: 0..<all.count, using: &random)].element)
            }
            // A count may ask for more than there is memory in the world.
            if _slowPath(reply.buffer.count - start > limits.replyLengthMax) {
                reply.buffer.truncate(to: start)
                fail(.replyTooLong)
                return
            }
        }
    }

    /// Answers with `count` different members, or with all where there are fewer; every choice of
    /// so many is equally likely.
    private mutating func sampleMembers(_ count: Int, of entry: Entry) {
        let size = keyspace.memberCount(of: entry)
        if count >= size {
            reply.array(size)
            forEachMember(of: entry) { engine, member in engine.reply.bulk(member) }
            return
        }
        reply.array(count)
        if entry.form != .set {
            sampleFromBlock(count, of: entry)
        } else if count > size / Self.sampleWalkRatio {
            sampleByWalking(count, of: entry, size)
        } else {
            sampleByDrawing(count, of: entry)
        }
    }

    /// Where more than one in so many members is wanted, a walk over all costs less than draws that
    /// meet the same members again.
    private static let sampleWalkRatio = 3

    /// The first steps of a shuffle.
    private mutating func sampleFromBlock(_ count: Int, of entry: Entry) {
        var all = collectMembers(of: entry)
        for index in 0..<count {
            let drawn = Int.random(in: index..<all.count, using: &random)
            reply.bulk(all[drawn].element)
            all[drawn] = all[index]
        }
    }

    /// Takes each member with the chance that makes up the count: those still wanted among those
    /// still to come.
    ///
    /// Source: D. E. Knuth, "The Art of Computer Programming", volume 2, algorithm S in 3.4.2.
    private mutating func sampleByWalking(_ count: Int, of entry: Entry, _ size: Int) {
        var wanted = count
        var left = size
        forEachMember(of: entry) { engine, member in
            if Int.random(in: 0..<left, using: &engine.random) < wanted {
                engine.reply.bulk(member)
                wanted -= 1
            }
            left -= 1
        }
    }

    private mutating func sampleByDrawing(_ count: Int, of entry: Entry) {
        var drawn = HashSet64()
        let root = unsafe entry.members
        while drawn.count < count {
            let member = unsafe keyspace.randomMember(of: root, &random)
            if drawn.insert(member.identity) { reply.bulk(member.key) }
        }
    }

    /// The members of a set in one block.
    private func collectMembers(of entry: Entry) -> GrowableArray<WalkedMember> {
        let size = keyspace.memberCount(of: entry)
        var all = GrowableArray<WalkedMember>(capacity: size)
        var walk = MemberWalk()
        walk.collect(size, of: entry, keyspace, into: &all)
        return all
    }
}
