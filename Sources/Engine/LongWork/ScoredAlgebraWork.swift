import Base

/// A union, intersection or difference of large sorted sets, in parts: the sources are gone
/// through, then the result is stored, counted or answered with.
struct ScoredAlgebraWork: ~Copyable {
    enum Result {
        case reply(ScoredForm)
        case count
        case store(KeyReference, StaticString)
    }

    private var algebra: ScoredAlgebra
    private let result: Result
    /// Answers with the result, once it is there.
    private var answer: RankReply?

    init(_ algebra: consuming ScoredAlgebra, _ result: Result) {
        self.algebra = algebra
        self.result = result
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        if !algebra.isDone {
            algebra.step(&engine, budget: &budget)
            return algebra.isDone && finish(&engine)
        }
        guard let draft = algebra.draft else { return true }
        if answer?.step(&engine, budget: &budget) == false { return false }
        engine.keyspace.discard(draft)
        return true
    }

    /// All members are found; false where the answer is still to be given.
    private mutating func finish(_ engine: inout Engine) -> Bool {
        guard let draft = algebra.draft else {
            engine.reply.integer(algebra.count)
            return true
        }
        switch result {
        case .store(let key, let event): engine.publish(draft, key, .sortedSet, event)
        case .count: break
        case .reply(let form):
            let count = engine.keyspace.memberCount(of: draft.entry)
            answer = RankReply(draft, count: count, form)
            return false
        }
        return true
    }

    consuming func giveUp(_ engine: inout Engine) {
        if let draft = algebra.draft { engine.keyspace.discard(draft) }
    }
}

/// ZRANGESTORE of many members, in parts.
struct RangeStoring {
    private let source: KeyReference
    private let target: KeyReference
    private let draft: Draft?
    /// What is still to be added to the draft.
    private var ranks: Range<Int>

    init(_ source: KeyReference, _ ranks: Range<Int>, _ target: KeyReference, _ draft: Draft?) {
        self.source = source
        self.target = target
        self.draft = draft
        self.ranks = ranks
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        guard let draft else { invariantFailed("a range that is stored has a draft") }
        // Adding counts for four.
        let now = min(ranks.count, max(budget / 4, 1))
        let part = ranks.lowerBound..<(ranks.lowerBound + now)
        let (target, limits) = (target, engine.limits.sortedSetPack)
        engine.forEachScored(of: engine.pinned(source), part) { engine, member, score in
            member.withBytes {
                engine.keyspace.addScored($0, score, target, draft.position, limits)
            }
        }
        budget -= 4 * now
        ranks = part.upperBound..<ranks.upperBound
        if !ranks.isEmpty { return false }
        engine.publish(draft, target, .sortedSet, "zrangestore")
        return true
    }

    func giveUp(_ engine: inout Engine) {
        if let draft { engine.keyspace.discard(draft) }
    }
}
