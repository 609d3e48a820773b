import Base
import Log

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
        popMember(key, position)
        let left = keyspace.memberCount(of: position.entry)
        endRemoval(key, position, .set, "spop", left: left)
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
        if position.entry.form == .set, postpones(count) { return }
        switch PopMethod(count, of: size) {
        case .all: replyAllMembers(position.entry)
        case .drawing:
            reply.set(count)
            for _ in 0..<count { popMember(key, position) }
        case .keeping:
            popAllBut(size - count, key, position)
            notify(.set, "spop", key.bytes)
            return
        }
        endRemoval(key, position, .set, "spop", left: size - count)
    }

    /// How SPOP pops several members.
    enum PopMethod {
        /// It answers with all, and the key goes.
        case all
        /// It draws and removes one after the other.
        case drawing
        /// It draws those that stay, into a new set, and answers with the others: where it takes at
        /// least five times what it leaves. As in Redis, since it shows in the set's form.
        case keeping

        init(_ count: Int, of size: Int) {
            let left = size - count
            self = left == 0 ? .all : left * 5 > count ? .drawing : .keeping
        }
    }

    /// Answers with a member drawn evenly and takes it out.
    mutating func popMember(_ key: KeyReference, _ position: Position) {
        let hash = key.hash
        let entry = position.entry
        switch entry.form {
        case .set:
            let root = unsafe entry.members
            let place = unsafe keyspace.randomPlace(of: root, &random)
            reply.bulk(place.entry.key)
            keyspace.note(.setRemove, key, position, PackEncoding(place.entry.key))
            unsafe keyspace.removeMember(place, in: root)
        case .packedSet:
            let pack = Pack(entry)
            let offset = pack.offset(ofElement: Int.random(in: 0..<pack.count, using: &random))
            reply.bulk(pack.element(at: offset))
            keyspace.note(.setRemove, key, position, PackEncoding(pack.element(at: offset)))
            keyspace.removeElements(1, position, hash, at: offset)
        case .integerSet:
            let set = IntegerSet(entry)
            let index = Int.random(in: 0..<set.count, using: &random)
            reply.bulk(set[index])
            keyspace.note(.setRemove, key, position, PackEncoding(set[index]))
            keyspace.removeInteger(at: index, position, hash)
        default: invariantFailed("a set has the form of one")
        }
    }

    /// Moves `left` members drawn evenly to a new set for the key, and answers with the others.
    private mutating func popAllBut(_ left: Int, _ key: KeyReference, _ position: Position) {
        let draft = keyspace.makeDraft(
            key, .emptyIntegerSet, deadline: position.entry.deadline)
        for _ in 0..<left { moveRandomMember(from: position, key, to: draft) }
        replyAllMembers(position.entry)
        keyspace.publish(draft, key)
    }

    /// Takes a member drawn evenly out of a set and adds it to a draft.
    mutating func moveRandomMember(
        from position: Position, _ key: KeyReference, to draft: Draft
    ) {
        let member = keyspace.randomMember(of: position.entry, &random)
        _ = keyspace.addMember(member, key, draft.position, limits.set)
        // The draft has its own bytes of it. It is what is logged, once it takes the set's place.
        let wasLogged = keyspace.log.pause()
        let isTaken = keyspace.takeMember(member, key, position)
        keyspace.log.resume(wasLogged)
        invariant(isTaken, "a member that was drawn is there")
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
        guard let count = readDrawCount(call) else { return }
        guard let found = read(call.key, .set) else { return }
        guard count != 0, let entry = found.entry else {
            reply.array(0)
            return
        }
        answerWithDraw(call.key, count, of: entry)
    }

    /// Answers with `count` members: different ones, or each drawn anew for a negative count.
    private mutating func answerWithDraw(_ key: KeyReference, _ count: Int64, of entry: Entry) {
        let size = keyspace.memberCount(of: entry)
        if count >= size {
            if entry.form == .set, postpones(size) {
                begin { LongWork(.draw(MemberDraw(key, count, of: size, DrawnForm()))) }
                return
            }
            reply.array(size)
            forEachMember(of: entry) { engine, member in engine.reply.bulk(member) }
            return
        }
        if count < 0, isOverlong(Int(count.magnitude)) {
            fail(.replyTooLong)
            return
        }
        let method = DrawMethod(count, of: size)
        let wanted = Int(count.magnitude)
        let cost = method == .walking ? size : wanted
        if entry.form == .set, postpones(cost) {
            begin { LongWork(.draw(MemberDraw(key, count, of: size, DrawnForm()))) }
            return
        }
        let start = reply.buffer.count
        reply.array(wanted)
        switch method {
        case _ where entry.form != .set: drawFromBlock(wanted, of: entry, method, start)
        case .repeating: drawAnew(wanted, of: entry, start)
        case .walking: sampleByWalking(wanted, of: entry, size)
        case .drawing: sampleByDrawing(wanted, of: entry)
        }
    }

    /// How SRANDMEMBER draws several members of a table.
    enum DrawMethod {
        /// Each from all.
        case repeating
        /// In one walk over all, each with the chance that it has.
        case walking
        /// Until enough different ones have come.
        case drawing

        /// Where more than one in three is wanted, a walk costs less than draws that meet the same
        /// members again.
        init(_ count: Int64, of size: Int) {
            self = count < 0 ? .repeating : count > size / 3 ? .walking : .drawing
        }
    }

    private mutating func drawAnew(_ count: Int, of entry: Entry, _ start: Int) {
        for _ in 0..<count {
            replyRandomMember(of: entry)
            if endOverlongReply(from: start) { return }
        }
    }

    /// Answers with a member of a table, drawn evenly.
    mutating func replyRandomMember(of entry: Entry) {
        let root = unsafe entry.members
        reply.bulk(unsafe keyspace.randomMember(of: root, &random).key)
    }

    /// Answers with a member of a table, drawn evenly, unless it was drawn before.
    mutating func replyRandomMember(of entry: Entry, notIn drawn: inout HashSet64) -> Bool {
        let root = unsafe entry.members
        let member = unsafe keyspace.randomMember(of: root, &random)
        if !drawn.insert(member.identity) { return false }
        reply.bulk(member.key)
        return true
    }

    /// Of a set in one block.
    private mutating func drawFromBlock(
        _ count: Int, of entry: Entry, _ method: DrawMethod, _ start: Int
    ) {
        var all = collectMembers(of: entry)
        for index in 0..<count {
            if method == .repeating {
                reply.bulk(all[Int.random(in: 0..<all.count, using: &random)].element)
                if endOverlongReply(from: start) { return }
            } else {
                // The first steps of a shuffle.
                let drawn = Int.random(in: index..<all.count, using: &random)
                reply.bulk(all[drawn].element)
                all[drawn] = all[index]
            }
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
        var drawn = HashSet64(capacity: count)
        while drawn.count < count { _ = replyRandomMember(of: entry, notIn: &drawn) }
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
