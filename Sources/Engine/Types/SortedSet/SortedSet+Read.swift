import Base

extension Engine {
    /// ZCARD key
    @inline(never)
    mutating func countScored(_ call: Invocation) {
        guard let found = read(call.key, .sortedSet) else { return }
        reply.integer(found.entry.map { keyspace.memberCount(of: $0) } ?? 0)
    }

    /// ZSCORE key member
    @inline(never)
    mutating func score(_ call: Invocation) {
        guard let found = read(call.key, .sortedSet) else { return }
        replyScore(of: call[2], found.entry)
    }

    /// ZMSCORE key member [member …]
    @inline(never)
    mutating func scores(_ call: Invocation) {
        guard let found = read(call.key, .sortedSet) else { return }
        if _slowPath(call.count > Self.fewArguments), postponesArguments(call) { return }
        reply.array(call.count - 2)
        for index in 2..<call.count { replyScore(of: call[index], found.entry) }
    }

    /// Answers with a member's score.
    mutating func replyScore(of member: Bytes, _ entry: Entry?) {
        if let entry, let place = keyspace.findScored(member, in: entry) {
            reply.double(place.score)
        } else {
            reply.null()
        }
    }

    /// ZRANK key member, ZREVRANK key member
    @inline(never)
    mutating func rank(_ call: Invocation, isReversed: Bool) {
        guard let found = read(call.key, .sortedSet) else { return }
        guard let entry = found.entry, let place = keyspace.findScored(call[2], in: entry) else {
            reply.null()
            return
        }
        let rank = keyspace.rank(of: place, in: entry)
        reply.integer(isReversed ? keyspace.memberCount(of: entry) - 1 - rank : rank)
    }

    /// ZCOUNT key min max, ZLEXCOUNT key min max
    @inline(never)
    mutating func countRange(_ call: Invocation, _ kind: RangeKind) {
        guard let range = MemberRange(kind, call[2], call[3]) else {
            fail(MemberRange.error(kind))
            return
        }
        guard let found = read(call.key, .sortedSet) else { return }
        reply.integer(found.entry.map { keyspace.ranks(range, in: $0).count } ?? 0)
    }

    /// ZREMRANGEBYRANK key start stop, ZREMRANGEBYSCORE key min max, ZREMRANGEBYLEX key min max
    @inline(never)
    mutating func removeRange(_ call: Invocation, _ kind: RangeKind, _ event: StaticString) {
        guard let range = MemberRange(kind, call[2], call[3]) else {
            fail(MemberRange.error(kind))
            return
        }
        let key = call.key
        guard let found = find(key, .sortedSet) else { return }
        guard let position = found.position else {
            reply.integer(0)
            return
        }
        let ranks = keyspace.ranks(range, in: position.entry)
        if ranks.count < keyspace.memberCount(of: position.entry), postpones(4 * ranks.count) {
            begin { LongWork(.rankRemoval(RankRemoval(key, ranks, event))) }
            return
        }
        if !ranks.isEmpty { take(ranks, key, position, event) }
        reply.integer(ranks.count)
    }

    // MARK: Walking

    /// Calls `body`, which must not change the sorted set, with the members of some ranks.
    @inline(__always)
    mutating func forEachScored(
        of entry: Entry, _ ranks: Range<Int>, isReversed: Bool = false,
        _ body: (inout Engine, PackElement, Double) -> Void
    ) {
        if ranks.isEmpty { return }
        if entry.has(.packedSortedSet) {
            forEachPacked(Pack(entry), ranks, isReversed: isReversed, body)
            return
        }
        var left = ranks.count
        let first = isReversed ? ranks.upperBound - 1 : ranks.lowerBound
        var cursor: RankTree.Cursor? = unsafe entry.sortedSet.tree.pointee.cursor(at: first)
        while left > 0, let place = cursor {
            place.prefetchAhead(isReversed: isReversed)
            let member = place.member
            body(&self, .bytes(member.bytes), member.score)
            cursor = isReversed ? place.previous : place.next
            left -= 1
        }
    }

    private mutating func forEachPacked(
        _ pack: Pack, _ ranks: Range<Int>, isReversed: Bool,
        _ body: (inout Engine, PackElement, Double) -> Void
    ) {
        var offset = pack.offset(ofElement: 2 * ranks.lowerBound)
        if !isReversed {
            for _ in ranks {
                let scoreOffset = pack.next(offset)
                body(&self, pack.element(at: offset), pack.element(at: scoreOffset).number)
                offset = pack.next(scoreOffset)
            }
            return
        }
        for _ in ranks {
            places.append(UInt16(offset))
            offset = pack.next(pack.next(offset))
        }
        while let place = places.popLast() {
            let scoreOffset = pack.next(Int(place))
            body(&self, pack.element(at: Int(place)), pack.element(at: scoreOffset).number)
        }
    }
}

/// How a reply shows members of a sorted set.
enum ScoredForm {
    case members
    /// Members and scores in turn.
    case flat
    /// An array of member and score each.
    case pairs

    /// How many replies a member is in an array of them.
    var width: Int { self == .flat ? 2 : 1 }
}

extension Reply {
    /// How members with their scores are shown.
    var scoredForm: ScoredForm { version == .resp2 ? .flat : .pairs }

    @inline(__always)
    mutating func scored(_ member: PackElement, _ score: Double, _ form: ScoredForm) {
        if form == .pairs { array(2) }
        bulk(member)
        if form != .members { double(score) }
    }
}
