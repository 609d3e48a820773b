import Base

/// The keys of a core that a pattern matches, collected in parts while the core is held whole.
package struct KeyCollection: ~Copyable {
    /// Keys as they will be sent.
    fileprivate final class Block {
        var reply = Reply()
    }

    private let pattern: GlobPattern
    private var walk = KeyWalk()
    private var blocks: [Block] = []
    private var isFinished = false
    package private(set) var count = 0

    /// - Parameter pattern: lives as long as this value is used.
    package init(_ pattern: Bytes) {
        self.pattern = GlobPattern(pattern)
    }

    /// A block is that large, in bytes, and a little more.
    private static var blockSize: Int { 1 << 16 }

    /// Looks at some keys; true when there are no more.
    package mutating func step(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        let block: Block
        if let last = blocks.last, last.reply.buffer.count < Self.blockSize {
            block = last
        } else {
            block = Block()
            blocks.append(block)
        }
        let (pattern, bytesMax) = (pattern, block.reply.buffer.count + Self.blockSize)
        var found = 0
        while budget > 0, !walk.isAtEnd, block.reply.buffer.count < bytesMax {
            engine.keyspace.walk(&walk, &budget) { entry in
                if !pattern.matches(entry.key) { return }
                block.reply.bulk(entry.key)
                found += 1
            }
        }
        count += found
        return walk.isAtEnd
    }

    /// All are there: they can be taken from now on.
    fileprivate mutating func finish() {
        blocks.reverse()
        isFinished = true
    }

    /// Hands out the next keys; false where there are no more.
    fileprivate mutating func take(into output: inout OutputBuffer, _ budget: inout Int) -> Bool {
        guard let block = blocks.popLast() else { return false }
        budget -= 1 + block.reply.buffer.count / Engine.bytesPerElement
        output.append(block.reply.buffer.bytes)
        return true
    }

    /// Moves the keys to a part of a command over all cores, behind their number, which the caller
    /// has put there; true when all are moved.
    package mutating func move(to part: inout OutputBuffer, _ budget: inout Int) -> Bool {
        if !isFinished { finish() }
        while budget > 0 {
            if !take(into: &part, &budget) { return true }
        }
        return blocks.isEmpty
    }
}

/// KEYS over many keys, in parts. All cores are held whole meanwhile.
package struct KeyListing: ~Copyable {
    private var own: KeyCollection
    /// What the other cores have: keys as they will be sent. The views live as long as the work.
    private let others: [Bytes]
    /// How many keys those are.
    private let otherCount: Int
    private var isCollected = false
    /// Which of the others comes next, and from where on.
    private var place = 0
    private var offset = 0

    package init(_ pattern: Bytes, _ others: [Bytes], count: Int) {
        own = KeyCollection(pattern)
        self.others = others
        otherCount = count
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        if !isCollected {
            if !own.step(&engine, &budget) { return false }
            isCollected = true
            own.finish()
            engine.reply.array(own.count + otherCount)
            return false
        }
        while budget > 0 {
            if own.take(into: &engine.reply.buffer, &budget) { continue }
            if place == others.count { return true }
            let other = others[place]
            let end = min(other.count, offset + max(budget, 1) * Engine.bytesPerElement)
            engine.reply.buffer.append(other.slice(offset, end))
            budget -= 1 + (end - offset) / Engine.bytesPerElement
            offset = end
            if end < other.count { continue }
            place += 1
            offset = 0
        }
        return false
    }
}

extension Engine {
    /// The work of KEYS.
    ///
    /// - Parameters:
    ///   - others: what the other cores have found: keys as they will be sent.
    ///   - count: how many keys those are.
    package mutating func listKeys(
        _ call: Invocation, _ others: [Bytes], count: Int
    ) -> LongWork {
        LongWork(.keyList(KeyListing(call[1], others, count: count)))
    }
}
