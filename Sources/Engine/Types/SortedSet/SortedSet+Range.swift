import Base

/// What ZRANGE and its kin are told behind the range.
private struct RangeOptions {
    var kind: RangeKind
    var isReversed: Bool?
    var hasScores = false
    var offset: Int64 = 0
    /// Negative: no limit.
    var limit: Int64 = -1

    /// The part of a range's ranks that LIMIT leaves.
    func limited(_ ranks: Range<Int>) -> Range<Int> {
        if kind == .ranks { return ranks }
        if offset < 0 || offset >= ranks.count { return 0..<0 }
        let left = ranks.count - Int(offset)
        let count = limit < 0 ? left : Int(min(Int64(left), limit))
        if isReversed == true {
            let end = ranks.upperBound - Int(offset)
            return (end - count)..<end
        }
        let start = ranks.lowerBound + Int(offset)
        return start..<(start + count)
    }
}

extension Engine {
    /// ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES] and its kin,
    /// ZREVRANGE, ZRANGEBYSCORE, ZREVRANGEBYSCORE, ZRANGEBYLEX and ZREVRANGEBYLEX
    ///
    /// - Parameter isReversed: nil where REV says so.
    @inline(never)
    mutating func range(_ call: Invocation, _ kind: RangeKind, isReversed: Bool?) {
        let asked = RangeOptions(kind: kind, isReversed: isReversed)
        guard let (options, range) = readRange(call, at: 2, asked) else { return }
        guard let found = read(call.key, .sortedSet) else { return }
        guard let entry = found.entry else {
            reply.array(0)
            return
        }
        let isReversed = options.isReversed == true
        let ranks = options.limited(keyspace.ranks(range, in: entry, isReversed: isReversed))
        let form = options.hasScores ? reply.scoredForm : .members
        if postpones(ranks.count) {
            let key = call.key
            begin { LongWork(.ranks(RankReply(key, ranks, isReversed: isReversed, form))) }
            return
        }
        reply.array(ranks.count * form.width)
        forEachScored(of: entry, ranks, isReversed: isReversed) { engine, member, score in
            engine.reply.scored(member, score, form)
        }
    }

    /// ZRANGESTORE destination source start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count]
    @inline(never)
    mutating func storeRange(_ call: Invocation) {
        let asked = RangeOptions(kind: .any, isReversed: nil)
        guard let (options, range) = readRange(call, at: 3, asked, isStored: true) else { return }
        let target = call.key
        let source = reference(call[2])
        guard let found = read(source, .sortedSet) else { return }
        if let entry = found.entry {
            let isReversed = options.isReversed == true
            let ranks = options.limited(keyspace.ranks(range, in: entry, isReversed: isReversed))
            // Adding counts for four.
            if postpones(4 * ranks.count) {
                let draft =
                    postponed.isBeginning ? keyspace.makeDraft(target, .emptySortedSet) : nil
                begin { LongWork(.rangeStore(RangeStoring(source, ranks, target, draft))) }
                return
            }
        }
        let draft = keyspace.makeDraft(target, .emptySortedSet)
        if let entry = found.entry {
            let isReversed = options.isReversed == true
            let ranks = options.limited(keyspace.ranks(range, in: entry, isReversed: isReversed))
            let limits = limits.sortedSetPack
            forEachScored(of: entry, ranks) { engine, member, score in
                member.withBytes {
                    engine.keyspace.addScored($0, score, target, draft.position, limits)
                }
            }
        }
        publish(draft, target, .sortedSet, "zrangestore")
    }

    /// Reads a range and what follows it; nil after answering with an error.
    private mutating func readRange(
        _ call: Invocation, at first: Int, _ asked: RangeOptions, isStored: Bool = false
    ) -> (RangeOptions, MemberRange)? {
        var options = asked
        var index = first + 2
        while index < call.count {
            if let error = options.read(call, &index, isStored: isStored) {
                fail(error)
                return nil
            }
            index += 1
        }
        if options.kind == .any { options.kind = .ranks }
        if options.limit != -1, options.kind == .ranks {
            fail(.limitByRank)
            return nil
        }
        if options.hasScores, options.kind == .bytes {
            fail(.scoresByBytes)
            return nil
        }
        let isSwapped = options.isReversed == true && options.kind != .ranks
        let (lower, upper) = (call[first], call[first + 1])
        let range = MemberRange(
            options.kind, isSwapped ? upper : lower, isSwapped ? lower : upper)
        guard let range else {
            fail(MemberRange.error(options.kind))
            return nil
        }
        return (options, range)
    }
}

extension RangeOptions {
    /// Reads the option at `index` and moves on to its last word; what is wrong with it, if
    /// anything.
    fileprivate mutating func read(
        _ call: Invocation, _ index: inout Int, isStored: Bool
    ) -> CommandError? {
        let word = call[index]
        if !isStored, word.equalsIgnoringCase("withscores") {
            hasScores = true
        } else if word.equalsIgnoringCase("limit"), index + 2 < call.count {
            guard let offset = call[index + 1].canonicalInteger,
                let limit = call[index + 2].canonicalInteger
            else { return .notInteger }
            self.offset = offset
            self.limit = limit
            index += 2
        } else if isReversed == nil, word.equalsIgnoringCase("rev") {
            isReversed = true
        } else if kind == .any, word.equalsIgnoringCase("bylex") {
            kind = .bytes
        } else if kind == .any, word.equalsIgnoringCase("byscore") {
            kind = .scores
        } else {
            return .syntax
        }
        return nil
    }
}

extension NewValue {
    /// A sorted set without members, as it is before some are added.
    static var emptySortedSet: NewValue { .packed(Bytes("\u{0}\u{0}"), .packedSortedSet) }
}
