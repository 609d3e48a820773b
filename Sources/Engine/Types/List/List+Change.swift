import Base

extension Engine {
    /// LSET key index element
    mutating func setListElement(_ call: Invocation) {
        let key = call.key
        guard let found = find(key, .list) else { return }
        guard let position = found.position else {
            fail(.noSuchKey)
            return
        }
        guard let number = call[2].canonicalInteger else {
            fail(.notInteger)
            return
        }
        guard let index = Self.place(ofIndex: number, in: position.entry) else {
            fail(.indexOutOfRange)
            return
        }
        keyspace.setElement(key, position, index, call[3], listLimits)
        keyspace.touch(key, position)
        reply.ok()
        notify(.list, "lset", key.bytes)
    }

    /// LINSERT key BEFORE | AFTER pivot element
    mutating func insertIntoList(_ call: Invocation) {
        let side: ListSide
        if call[2].equalsIgnoringCase("before") {
            side = .left
        } else if call[2].equalsIgnoringCase("after") {
            side = .right
        } else {
            fail(.syntax)
            return
        }
        let key = call.key
        guard let found = find(key, .list) else { return }
        guard let position = found.position else {
            reply.integer(0)
            return
        }
        if position.entry.form == .list, postpones(position.entry.listCount) {
            begin {
                LongWork(
                    .insertion(
                        ElementInsertion(key, call[4], side, of: call[3], position.entry)))
            }
            return
        }
        let isInserted = keyspace.insertElement(
            call[4], side, of: call[3], key, position, listLimits)
        if !isInserted {
            reply.integer(-1)
            return
        }
        noteInsertion(key, position)
    }

    /// An element has been inserted: stamps, tells so and answers.
    mutating func noteInsertion(_ key: KeyReference, _ position: Position) {
        keyspace.touch(key, position)
        notify(.list, "linsert", key.bytes)
        reply.integer(position.entry.listCount)
    }

    /// LREM key count element
    mutating func removeFromList(_ call: Invocation) {
        guard let number = call[2].canonicalInteger else {
            fail(.notInteger)
            return
        }
        let key = call.key
        guard let found = find(key, .list) else { return }
        guard let position = found.position else {
            reply.integer(0)
            return
        }
        let limit = number == 0 ? Int.max : Int(clamping: number.magnitude)
        let side: ListSide = number < 0 ? .right : .left
        if position.entry.form == .list, postpones(position.entry.listCount) {
            begin {
                LongWork(
                    .elementRemoval(
                        ElementRemoval(key, call[3], from: side, limit: limit, position.entry)))
            }
            return
        }
        let removed = keyspace.removeMatches(
            of: call[3], from: side, limit: limit, key, position)
        noteRemoval(removed, key, position)
    }

    /// Elements have been removed by their value: tells so and stamps, or removes a list without
    /// any, and answers.
    mutating func noteRemoval(_ removed: Int, _ key: KeyReference, _ position: Position) {
        if removed > 0 {
            notify(.list, "lrem", key.bytes)
            finishRemoval(key, position)
        }
        reply.integer(removed)
    }

    /// LTRIM key start stop
    mutating func trimList(_ call: Invocation) {
        guard let start = call[2].canonicalInteger, let stop = call[3].canonicalInteger else {
            fail(.notInteger)
            return
        }
        let key = call.key
        guard let found = find(key, .list) else { return }
        if let position = found.position { trim(key, position, start, stop) }
        reply.ok()
    }

    private mutating func trim(
        _ key: KeyReference, _ position: Position, _ start: Int64, _ stop: Int64
    ) {
        notify(.list, "ltrim", key.bytes)
        let count = position.entry.listCount
        guard let range = ListRange(start, stop, count: count) else {
            drop(key, position)
            return
        }
        let after = count - range.start - range.count
        if after > 0 {
            keyspace.removeElements(after, from: range.start + range.count, key, position)
        }
        if range.start > 0 {
            keyspace.removeElements(range.start, from: 0, key, position)
        }
        keyspace.touch(key, position)
        // A write all the same: the log is told of its stamp.
        if range.count == count { keyspace.noteDeadlineSet(key, position.entry) }
    }

    /// Takes the stamp of a command that removed elements, or removes a list without any.
    private mutating func finishRemoval(_ key: KeyReference, _ position: Position) {
        if position.entry.listCount == 0 {
            drop(key, position)
        } else {
            keyspace.touch(key, position)
        }
    }
}
