import Base

/// From which end members are popped.
enum ScoredEnd: PopEnd {
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
        guard let wanted = readPopCount(call) else { return }
        let key = call.key
        guard let found = find(key, .sortedSet) else { return }
        guard let position = found.position, wanted.given != 0 else {
            reply.array(0)
            return
        }
        let size = keyspace.memberCount(of: position.entry)
        let ranks = end.ranks(wanted.limited(to: size), of: size)
        let form = wanted.given == nil ? .flat : reply.scoredForm
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

    /// ZMPOP numkeys key [key …] MIN | MAX [COUNT count]
    @inline(never)
    mutating func popFromFirstScored(_ call: Invocation) {
        guard let options: MultiplePop<ScoredEnd> = readMultiplePop(call, keysAt: 2) else { return }
        if !popFromFirst(call, options) { reply.nullArray() }
    }

    /// BZMPOP timeout numkeys key [key …] MIN | MAX [COUNT count]
    @inline(never)
    mutating func blockingPopFromFirstScored(_ call: Invocation) {
        guard let options: MultiplePop<ScoredEnd> = readMultiplePop(call, keysAt: 3),
            let timeout = readTimeout(call[1])
        else { return }
        if popFromFirst(call, options) { return }
        block(timeout, .sortedSet)
        reply.nullArray()
    }

    /// Pops from the first key that has a sorted set; false where none has. Another type is
    /// answered with an error.
    private mutating func popFromFirst(
        _ call: Invocation, _ options: MultiplePop<ScoredEnd>
    ) -> Bool {
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
