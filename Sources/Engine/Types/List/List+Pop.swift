import Base

extension Engine {
    /// LPOP key [count], RPOP key [count]
    mutating func pop(_ call: Invocation, _ side: ListSide) {
        if call.count > 3 {
            failArity(call)
            return
        }
        guard let wanted = readPopCount(call) else { return }
        let key = call.key
        guard let found = find(key, .list) else { return }
        guard let position = found.position else {
            wanted.given == nil ? reply.null() : reply.nullArray()
            return
        }
        if wanted.given == nil {
            reply.bulk(position.entry.edgeElement(side))
            remove(1, from: side, key, position)
            return
        }
        let count = wanted.limited(to: position.entry.listCount)
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
            drop(key, position)
            return
        }
        let index = side == .left ? 0 : before - count
        keyspace.removeElements(count, from: index, key, position)
        keyspace.touch(key, position)
    }

    // MARK: LMPOP

    /// LMPOP numkeys key [key …] LEFT | RIGHT [COUNT count]
    mutating func popFromFirst(_ call: Invocation) {
        guard let options: MultiplePop<ListSide> = readMultiplePop(call, keysAt: 2) else { return }
        if !popFromFirst(call, options) { reply.nullArray() }
    }

    /// BLMPOP timeout numkeys key [key …] LEFT | RIGHT [COUNT count]
    mutating func blockingPopFromFirst(_ call: Invocation) {
        guard let options: MultiplePop<ListSide> = readMultiplePop(call, keysAt: 3),
            let timeout = readTimeout(call[1])
        else { return }
        if popFromFirst(call, options) { return }
        block(timeout, .list)
        reply.nullArray()
    }

    /// Pops from the first key that has a list; false where none has. Another type is answered with
    /// an error.
    private mutating func popFromFirst(
        _ call: Invocation, _ options: MultiplePop<ListSide>
    ) -> Bool {
        var places = BlockingKeys(blocking, options.keys)
        while let place = places.next() {
            let key = reference(call[place])
            guard let found = find(key, .list) else { return true }
            guard let position = found.position else { continue }
            let count = min(options.count, position.entry.listCount)
            if position.entry.form == .list, postpones(count) {
                let walker = ListWalker(position.entry, towards: options.end.other)
                let removal = ElementReply.Removal(side: options.end, count: count)
                begin {
                    LongWork(
                        .elements(
                            ElementReply(
                                key, walker, count: count, removal: removal, namesKey: true)))
                }
                return true
            }
            reply.array(2)
            reply.bulk(key.bytes)
            reply.array(count)
            appendElements(count, from: options.end, position.entry)
            if !blocking.isPeeking { remove(count, from: options.end, key, position) }
            return true
        }
        return false
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

extension ListSide: PopEnd {
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
