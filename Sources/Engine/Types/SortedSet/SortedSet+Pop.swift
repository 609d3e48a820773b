import Base

/// From which end members are popped.
enum ScoredEnd {
    case least
    case greatest

    /// MIN or MAX; nil for any other word.
    init?(_ word: Bytes) {
        if word.equalsIgnoringCase("min") {
            self = .least
        } else if word.equalsIgnoringCase("max") {
            self = .greatest
        } else {
            return nil
        }
    }

    var event: StaticString { self == .least ? "zpopmin" : "zpopmax" }

    /// The ranks of `count` members of `size` at this end.
    func ranks(_ count: Int, of size: Int) -> Range<Int> {
        self == .least ? 0..<count : (size - count)..<size
    }
}

extension Engine {
    /// ZPOPMIN key [count], ZPOPMAX key [count]
    @inline(never)
    mutating func popScored(_ call: Invocation, _ end: ScoredEnd) {
        if call.count > 3 {
            fail(.syntax)
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
        guard let found = find(key, .sortedSet) else { return }
        guard let position = found.position, wanted != 0 else {
            reply.array(0)
            return
        }
        let size = keyspace.memberCount(of: position.entry)
        let ranks = end.ranks(Int(min(wanted ?? 1, Int64(size))), of: size)
        let form = wanted == nil ? .flat : reply.scoredForm
        if postpones(ranks.count) {
            let answer = RankReply(key, ranks, isReversed: end == .greatest, form)
            begin { LongWork(.rankRemoval(RankRemoval(key, ranks, end.event, answer))) }
            return
        }
        reply.array(ranks.count * form.width)
        replyScored(position.entry, ranks, end, form)
        take(ranks, key, position, end.event)
    }

    /// Members of some ranks in the order in which they are popped.
    private mutating func replyScored(
        _ entry: Entry, _ ranks: Range<Int>, _ end: ScoredEnd, _ form: ScoredForm
    ) {
        forEachScored(of: entry, ranks, isReversed: end == .greatest) { engine, member, score in
            engine.reply.scored(member, score, form)
        }
    }

    // MARK: ZMPOP

    /// What ZMPOP and BZMPOP are told.
    private struct ScoredPopOptions {
        var keys: Range<Int>
        var end: ScoredEnd
        var count: Int
    }

    /// ZMPOP numkeys key [key …] MIN | MAX [COUNT count]
    @inline(never)
    mutating func popFromFirstScored(_ call: Invocation) {
        guard let options = readScoredPop(call, keysAt: 2) else { return }
        if !popFromFirst(call, options) { reply.nullArray() }
    }

    /// BZMPOP timeout numkeys key [key …] MIN | MAX [COUNT count]
    @inline(never)
    mutating func blockingPopFromFirstScored(_ call: Invocation) {
        guard let options = readScoredPop(call, keysAt: 3),
            let timeout = readTimeout(call[1])
        else { return }
        if popFromFirst(call, options) { return }
        block(timeout, .sortedSet)
        reply.nullArray()
    }

    /// Pops from the first key that has a sorted set; false where none has. Another type is
    /// answered with an error.
    private mutating func popFromFirst(_ call: Invocation, _ options: ScoredPopOptions) -> Bool {
        var places = BlockingKeys(blocking, options.keys)
        while let place = places.next() {
            let key = reference(call[place])
            guard let found = find(key, .sortedSet) else { return true }
            guard let position = found.position else { continue }
            let size = keyspace.memberCount(of: position.entry)
            let ranks = options.end.ranks(min(options.count, size), of: size)
            if postpones(ranks.count) {
                let answer = RankReply(
                    key, ranks, isReversed: options.end == .greatest, .pairs, namesKey: true)
                begin {
                    LongWork(.rankRemoval(RankRemoval(key, ranks, options.end.event, answer)))
                }
                return true
            }
            reply.array(2)
            reply.bulk(key.bytes)
            reply.array(ranks.count)
            replyScored(position.entry, ranks, options.end, .pairs)
            if !blocking.isPeeking { take(ranks, key, position, options.end.event) }
            return true
        }
        return false
    }

    /// Reads numkeys key [key …] MIN | MAX [COUNT count]; nil after answering with an error.
    ///
    /// - Parameter keysAt: where the keys begin.
    private mutating func readScoredPop(
        _ call: Invocation, keysAt first: Int
    ) -> ScoredPopOptions? {
        guard let number = call[first - 1].canonicalInteger, number > 0 else {
            fail(.keyCountNotPositive)
            return nil
        }
        let endAt = first.addingReportingOverflow(Int(number))
        guard !endAt.overflow, endAt.partialValue < call.count,
            let end = ScoredEnd(call[endAt.partialValue])
        else {
            fail(.syntax)
            return nil
        }
        let behind = endAt.partialValue + 1
        var count: Int64 = 1
        if behind < call.count {
            guard call[behind].equalsIgnoringCase("count"), behind + 1 < call.count else {
                fail(.syntax)
                return nil
            }
            guard let number = call[behind + 1].canonicalInteger, number > 0 else {
                fail(.countNotPositive)
                return nil
            }
            if behind + 2 < call.count {
                fail(.syntax)
                return nil
            }
            count = number
        }
        return ScoredPopOptions(
            keys: first..<endAt.partialValue, end: end, count: Int(clamping: count))
    }

    // MARK: BZPOPMIN

    /// BZPOPMIN key [key …] timeout, BZPOPMAX key [key …] timeout
    @inline(never)
    mutating func blockingPopScored(_ call: Invocation, _ end: ScoredEnd) {
        guard let timeout = readTimeout(call[call.count - 1]) else { return }
        var places = BlockingKeys(blocking, 1..<(call.count - 1))
        while let place = places.next() {
            let key = reference(call[place])
            guard let found = find(key, .sortedSet) else { return }
            guard let position = found.position else { continue }
            let ranks = end.ranks(1, of: keyspace.memberCount(of: position.entry))
            reply.array(3)
            reply.bulk(key.bytes)
            replyScored(position.entry, ranks, end, .flat)
            if !blocking.isPeeking { take(ranks, key, position, end.event) }
            return
        }
        block(timeout, .sortedSet)
        reply.nullArray()
    }
}
