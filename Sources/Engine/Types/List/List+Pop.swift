import Base

extension Engine {
    /// LPOP key [count], RPOP key [count]
    mutating func pop(_ call: Invocation, _ side: ListSide) {
        if call.count > 3 {
            failArity(call)
            return
        }
        var wanted: Int64?
        if call.count == 3 {
            guard let count = call[2].canonicalInteger, count >= 0 else {
                fail(.notPositive)
                return
            }
            wanted = count
        }
        let key = call.key
        guard let found = find(key, .list) else { return }
        guard let position = found.position else {
            wanted == nil ? reply.null() : reply.nullArray()
            return
        }
        guard let wanted else {
            reply.bulk(position.entry.edgeElement(side))
            remove(1, from: side, key, position)
            return
        }
        let count = Int(clamping: min(wanted, Int64(position.entry.listCount)))
        if position.entry.form == .list, postpones(count) {
            let walker = ListWalker(position.entry, towards: side.other)
            let removal = ElementReply.Removal(side: side, count: count)
            begin {
                LongWork(.elements(ElementReply(key, walker, count: count, removal: removal)))
            }
            return
        }
        reply.array(count)
        if count == 0 { return }
        appendElements(count, from: side, position.entry)
        remove(count, from: side, key, position)
    }

    /// Answers with `count` elements, 1…, in the order in which they are popped.
    mutating func appendElements(_ count: Int, from side: ListSide, _ entry: Entry) {
        var walker = ListWalker(entry, towards: side.other)
        walker.append(count, to: &reply)
    }

    /// Takes `count` elements, 1…, from an end, and tells of it; a list that this empties goes.
    mutating func remove(
        _ count: Int, from side: ListSide, _ key: KeyReference, _ position: Position
    ) {
        let before = position.entry.listCount
        notifyPop(side, key)
        if count == before {
            removeList(key, position)
            return
        }
        let index = side == .left ? 0 : before - count
        keyspace.removeElements(count, from: index, key, position)
        keyspace.touch(key, position)
    }

    /// Removes a list that has become empty, or is about to be, and tells of it.
    mutating func removeList(_ key: KeyReference, _ position: Position) {
        keyspace.remove(key, position)
        notify(.generic, "del", key.bytes)
    }

    // MARK: LMPOP

    /// LMPOP numkeys key [key …] LEFT | RIGHT [COUNT count]
    mutating func popFromFirst(_ call: Invocation) {
        guard let options = readPopOptions(call, keysAt: 2) else { return }
        if !popFromFirst(call, options) { reply.nullArray() }
    }

    /// BLMPOP timeout numkeys key [key …] LEFT | RIGHT [COUNT count]
    mutating func blockingPopFromFirst(_ call: Invocation) {
        guard let options = readPopOptions(call, keysAt: 3),
            let timeout = readTimeout(call[1])
        else { return }
        if popFromFirst(call, options) { return }
        block(timeout, .list)
        reply.nullArray()
    }

    /// What LMPOP and BLMPOP are told.
    private struct PopOptions {
        var keys: Range<Int>
        var side: ListSide
        var count: Int
    }

    /// Pops from the first key that has a list; false where none has. Another type is answered with
    /// an error.
    private mutating func popFromFirst(_ call: Invocation, _ options: PopOptions) -> Bool {
        var places = BlockingKeys(blocking, options.keys)
        while let place = places.next() {
            let key = reference(call[place])
            guard let found = find(key, .list) else { return true }
            guard let position = found.position else { continue }
            let count = min(options.count, position.entry.listCount)
            reply.array(2)
            reply.bulk(key.bytes)
            reply.array(count)
            appendElements(count, from: options.side, position.entry)
            if !blocking.isPeeking { remove(count, from: options.side, key, position) }
            return true
        }
        return false
    }

    /// Reads numkeys key [key …] LEFT | RIGHT [COUNT count]; nil after answering with an error.
    ///
    /// - Parameter keysAt: where the keys begin.
    private mutating func readPopOptions(_ call: Invocation, keysAt first: Int) -> PopOptions? {
        guard let number = call[first - 1].canonicalInteger, number > 0 else {
            fail(.keyCountNotPositive)
            return nil
        }
        let sideAt = first.addingReportingOverflow(Int(number))
        guard !sideAt.overflow, sideAt.partialValue < call.count,
            let side = ListSide(call[sideAt.partialValue])
        else {
            fail(.syntax)
            return nil
        }
        var count: Int64 = 1
        let rest = call.count - sideAt.partialValue - 1
        if rest > 0 {
            guard rest > 1, call[sideAt.partialValue + 1].equalsIgnoringCase("count") else {
                fail(.syntax)
                return nil
            }
            guard let number = call[sideAt.partialValue + 2].canonicalInteger, number > 0 else {
                fail(.countNotPositive)
                return nil
            }
            if rest > 2 {
                fail(.syntax)
                return nil
            }
            count = number
        }
        return PopOptions(
            keys: first..<sideAt.partialValue, side: side, count: Int(clamping: count))
    }

    // MARK: BLPOP

    /// BLPOP key [key …] timeout, BRPOP key [key …] timeout
    mutating func blockingPop(_ call: Invocation, _ side: ListSide) {
        guard let timeout = readTimeout(call[call.count - 1]) else { return }
        var places = BlockingKeys(blocking, 1..<(call.count - 1))
        while let place = places.next() {
            let key = reference(call[place])
            guard let found = find(key, .list) else { return }
            guard let position = found.position else { continue }
            reply.array(2)
            reply.bulk(key.bytes)
            reply.bulk(position.entry.edgeElement(side))
            if !blocking.isPeeking { remove(1, from: side, key, position) }
            return
        }
        block(timeout, .list)
        reply.nullArray()
    }
}

extension ListSide {
    /// LEFT or RIGHT; nil for any other word.
    init?(_ word: Bytes) {
        if word.equalsIgnoringCase("left") {
            self = .left
        } else if word.equalsIgnoringCase("right") {
            self = .right
        } else {
            return nil
        }
    }
}
