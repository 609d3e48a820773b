import Base

extension Engine {
    /// LMOVE source destination LEFT | RIGHT LEFT | RIGHT
    mutating func moveElement(_ call: Invocation) {
        guard let (from, to) = readSides(call) else { return }
        if !move(call, from, to) { reply.null() }
    }

    /// RPOPLPUSH source destination
    mutating func rotateElement(_ call: Invocation) {
        if !move(call, .right, .left) { reply.null() }
    }

    /// BLMOVE source destination LEFT | RIGHT LEFT | RIGHT timeout
    mutating func blockingMove(_ call: Invocation) {
        guard let (from, to) = readSides(call), let timeout = readTimeout(call[5]) else { return }
        moveOrBlock(call, from, to, timeout)
    }

    /// BRPOPLPUSH source destination timeout
    mutating func blockingRotate(_ call: Invocation) {
        guard let timeout = readTimeout(call[3]) else { return }
        moveOrBlock(call, .right, .left, timeout)
    }

    private mutating func moveOrBlock(
        _ call: Invocation, _ from: ListSide, _ to: ListSide, _ timeout: Int64
    ) {
        if move(call, from, to) { return }
        block(timeout, .list)
        reply.null()
    }

    private mutating func readSides(_ call: Invocation) -> (ListSide, ListSide)? {
        guard let from = ListSide(call[3]), let to = ListSide(call[4]) else {
            fail(.syntax)
            return nil
        }
        return (from, to)
    }

    /// Moves an element from the first key's list to the second's; false where the first has none.
    /// Another type is answered with an error.
    private mutating func move(_ call: Invocation, _ from: ListSide, _ to: ListSide) -> Bool {
        let source = call.key
        let target = reference(call[2])
        // Meeting an expired key moves others, so the source is looked up last.
        _ = keyspace.lookUp(target)
        guard let found = find(source, .list) else { return true }
        guard let position = found.position else { return false }
        guard find(target, .list) != nil else { return true }
        let element = position.entry.edgeElement(from)
        if blocking.isPeeking {
            reply.bulk(element)
            return true
        }
        element.withBytes { movedElement.append($0) }
        // The reply stands between the two events, as in Redis.
        push(movedElement.bytes, target, to)
        reply.bulk(movedElement.bytes)
        if source.bytes == target.bytes {
            removeRotated(source, from, to)
        } else {
            guard let left = keyspace.find(source) else {
                invariantFailed("a list that was found is still there")
            }
            remove(1, from: from, source, left)
        }
        movedElement.removeAll()
        movedElement.shrink(over: 1 << 16)
        return true
    }

    /// An element has been pushed to an end of its own list: removes it where it was.
    private mutating func removeRotated(
        _ key: KeyReference, _ from: ListSide, _ to: ListSide
    ) {
        guard let rotated = keyspace.find(key) else {
            invariantFailed("a list that was found is still there")
        }
        // The one that was there before the push.
        let last = rotated.entry.listCount - 1
        let index =
            switch (from, to) {
            case (.left, .left): 1
            case (.left, .right): 0
            case (.right, .left): last
            case (.right, .right): last - 1
            }
        keyspace.removeElements(1, from: index, key, rotated)
        notifyPop(from, key)
    }

    private mutating func push(_ element: Bytes, _ key: KeyReference, _ side: ListSide) {
        let position = keyspace.find(key)
        withValues(element) { values in
            _ = keyspace.push(key, position, values, side, listLimits)
        }
        notifyPush(side, key)
    }
}
