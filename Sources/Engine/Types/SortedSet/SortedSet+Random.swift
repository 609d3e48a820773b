import Base

extension Engine {
    /// ZRANDMEMBER key [count [WITHSCORES]]: a negative count draws each member anew.
    @inline(never)
    mutating func randomScored(_ call: Invocation) {
        if call.count > 2 {
            randomScoredMembers(call)
            return
        }
        guard let found = read(call.key, .sortedSet) else { return }
        guard let entry = found.entry else {
            reply.null()
            return
        }
        let rank = Int.random(in: 0..<keyspace.memberCount(of: entry), using: &random)
        forEachScored(of: entry, rank..<(rank + 1)) { engine, member, _ in
            engine.reply.bulk(member)
        }
    }

    private mutating func randomScoredMembers(_ call: Invocation) {
        guard let (count, hasScores) = readDraw(call, "withscores") else { return }
        let form = hasScores ? reply.scoredForm : .members
        guard let found = read(call.key, .sortedSet) else { return }
        guard count != 0, let entry = found.entry else {
            reply.array(0)
            return
        }
        let size = keyspace.memberCount(of: entry)
        if entry.form == .sortedSet, postponesDraw(call.key, count, of: size, form) { return }
        if count < 0 {
            drawScored(Int(-count), of: entry, size, form)
        } else if count >= Int64(size) {
            reply.array(size * form.width)
            forEachScored(of: entry, 0..<size) { engine, member, score in
                engine.reply.scored(member, score, form)
            }
        } else {
            sampleScored(Int(count), of: entry, size, form)
        }
    }

    private mutating func postponesDraw(
        _ key: KeyReference, _ count: Int64, of size: Int, _ form: ScoredForm
    ) -> Bool {
        let wanted = count < 0 ? Int(count.magnitude) : min(Int(clamping: count), size)
        if isOverlong(wanted) || !postpones(wanted) { return false }
        if count >= size {
            begin { LongWork(.ranks(RankReply(key, 0..<size, isReversed: false, form))) }
        } else {
            begin { LongWork(.rankDraw(RankDraw(key, count, of: size, form))) }
        }
        return true
    }

    /// Answers with `count` members, each drawn from all.
    private mutating func drawScored(
        _ count: Int, of entry: Entry, _ size: Int, _ form: ScoredForm
    ) {
        let start = reply.buffer.count
        reply.array(count * form.width)
        for _ in 0..<count {
            replyScored(of: entry, at: Int.random(in: 0..<size, using: &random), form)
            if endOverlongReply(from: start) { return }
        }
    }

    private mutating func replyScored(of entry: Entry, at rank: Int, _ form: ScoredForm) {
        forEachScored(of: entry, rank..<(rank + 1)) { engine, member, score in
            engine.reply.scored(member, score, form)
        }
    }

    /// Answers with `count` different members; every choice of so many is equally likely.
    ///
    /// Where many are wanted, each is taken with the chance that makes up the count: those still
    /// wanted among those still to come. Source: D. E. Knuth, "The Art of Computer Programming",
    /// volume 2, algorithm S in 3.4.2.
    private mutating func sampleScored(
        _ count: Int, of entry: Entry, _ size: Int, _ form: ScoredForm
    ) {
        reply.array(count * form.width)
        if count <= size / Self.scoredWalkRatio {
            var drawn = HashSet64()
            while drawn.count < count {
                let rank = Int.random(in: 0..<size, using: &random)
                if drawn.insert(UInt64(rank) &* 0x9E37_79B9_7F4A_7C15) {
                    replyScored(of: entry, at: rank, form)
                }
            }
            return
        }
        var wanted = count
        var left = size
        forEachScored(of: entry, 0..<size) { engine, member, score in
            if Int.random(in: 0..<left, using: &engine.random) < wanted {
                engine.reply.scored(member, score, form)
                wanted -= 1
            }
            left -= 1
        }
    }

    /// Where more than one in so many members is wanted, a walk over all costs less than draws.
    private static var scoredWalkRatio: Int { 3 }

    // MARK: ZSCAN

    /// ZSCAN key cursor [MATCH pattern] [COUNT count]: a small sorted set comes whole.
    @inline(never)
    mutating func scanScored(_ call: Invocation) {
        guard let (entry, options) = beginScan(call, .sortedSet) else { return }
        let next = collectBatch(entry, options)
        reply.scanHeader(next: next, count: 2 * memberBatch.count)
        for index in 0..<memberBatch.count {
            let (member, score) = (memberBatch[index].element, memberBatch[index].score)
            reply.bulk(member)
            // As in Redis a pack's whole numbers have all their digits here.
            if entry.has(.packedSortedSet), score.magnitude <= 0x1p62,
                let integer = Int64(exactly: score)
            {
                reply.bulk(integer)
            } else {
                reply.bulk(score: score)
            }
        }
        endBatch()
    }
}
