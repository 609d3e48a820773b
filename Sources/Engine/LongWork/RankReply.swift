import Base

/// Answers with the members of some ranks of a large sorted set: ZRANGE and its kin, ZRANDMEMBER of
/// all, ZUNION and its kin, and what ZPOPMIN and its kin are about to remove.
struct RankReply {
    private enum Source: BitwiseCopyable {
        case key(KeyReference)
        case draft(Draft)
    }

    private let source: Source
    private let isReversed: Bool
    private let form: ScoredForm
    /// The key comes before its members.
    private let namesKey: Bool
    /// What is still to be answered with.
    private var ranks: Range<Int>
    private var isBegun = false

    init(
        _ key: KeyReference, _ ranks: Range<Int>, isReversed: Bool, _ form: ScoredForm,
        namesKey: Bool = false
    ) {
        source = .key(key)
        self.namesKey = namesKey
        self.ranks = ranks
        self.isReversed = isReversed
        self.form = form
    }

    /// All members of a draft.
    init(_ draft: Draft, count: Int, _ form: ScoredForm) {
        source = .draft(draft)
        namesKey = false
        ranks = 0..<count
        isReversed = false
        self.form = form
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        if !isBegun { begin(&engine) }
        let now = min(ranks.count, max(budget, 1))
        let part =
            isReversed
            ? (ranks.upperBound - now)..<ranks.upperBound
            : ranks.lowerBound..<(ranks.lowerBound + now)
        let form = form
        engine.forEachScored(of: entry(engine), part, isReversed: isReversed) {
            engine, member, score in
            engine.reply.scored(member, score, form)
        }
        budget -= now
        ranks =
            isReversed
            ? ranks.lowerBound..<part.lowerBound : part.upperBound..<ranks.upperBound
        return ranks.isEmpty
    }

    private mutating func begin(_ engine: inout Engine) {
        isBegun = true
        if namesKey, case .key(let key) = source {
            engine.reply.array(2)
            engine.reply.bulk(key.bytes)
        }
        engine.reply.array(ranks.count * form.width)
    }

    private func entry(_ engine: borrowing Engine) -> Entry {
        switch source {
        case .key(let key): engine.pinned(key)
        case .draft(let draft): draft.entry
        }
    }
}

/// ZREMRANGEBYRANK and its kin, ZPOPMIN and its kin, in parts. Members that are gone are gone for
/// good, so it is done to its end.
struct RankRemoval {
    private let key: KeyReference
    private let event: StaticString
    private let count: Int
    /// Answers with the members first; nil where their number is the answer.
    private var reply: RankReply?
    private var isAnswered: Bool
    /// What is still to be removed.
    private var ranks: Range<Int>

    init(
        _ key: KeyReference, _ ranks: Range<Int>, _ event: StaticString, _ reply: RankReply? = nil
    ) {
        self.key = key
        self.event = event
        self.ranks = ranks
        self.reply = reply
        isAnswered = reply == nil
        count = ranks.count
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        if !isAnswered {
            isAnswered = reply?.step(&engine, budget: &budget) != false
            return false
        }
        guard let position = engine.keyspace.find(key) else {
            invariantFailed("the key of a work is there")
        }
        let size = engine.keyspace.memberCount(of: position.entry)
        // What is removed with its key is freed in parts.
        if ranks.count == size {
            finish(position, left: 0, &engine)
            return true
        }
        // Removing counts for four.
        let now = min(ranks.count, max(budget / 4, 1))
        let end = ranks.lowerBound + now
        engine.keyspace.removeRanks(ranks.lowerBound..<end, key, position)
        budget -= 4 * now
        ranks = ranks.lowerBound..<(ranks.upperBound - now)
        if !ranks.isEmpty { return false }
        finish(position, left: size - now, &engine)
        return true
    }

    private func finish(_ position: Position, left: Int, _ engine: inout Engine) {
        engine.endRemoval(key, position, .sortedSet, event, left: left)
        if reply == nil { engine.reply.integer(count) }
    }
}

/// ZRANDMEMBER of many members, in parts.
struct RankDraw: ~Copyable {
    private let key: KeyReference
    private let method: Engine.DrawMethod
    private let form: ScoredForm
    private let size: Int
    private let count: Int
    /// How many are still to be answered with.
    private var left: Int
    /// Of a walk: the next rank.
    private var rank = 0
    /// Which ranks have been drawn, where all must be different.
    private var drawn: HashSet64
    private var isBegun = false

    /// - Parameters:
    ///   - number: how many members; negative where they may come again.
    ///   - size: how many there are, more than `number`.
    init(_ key: KeyReference, _ number: Int64, of size: Int, _ form: ScoredForm) {
        self.key = key
        self.form = form
        self.size = size
        method = Engine.DrawMethod(number, of: size)
        count = Int(number.magnitude)
        left = count
        drawn = HashSet64(capacity: method == .drawing ? count : 0)
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        if !isBegun { engine.reply.array(count * form.width) }
        isBegun = true
        let entry = engine.pinned(key)
        if method == .walking {
            walk(entry, &engine, &budget)
        } else {
            // A draw counts for four: it goes down the tree.
            var now = max(budget / 4, 1)
            while now > 0, left > 0 {
                draw(entry, &engine)
                now -= 1
                budget -= 4
            }
        }
        return left == 0
    }

    private mutating func draw(_ entry: Entry, _ engine: inout Engine) {
        let rank = Int.random(in: 0..<size, using: &engine.random)
        if method == .drawing, !drawn.insert(UInt64(rank) &* 0x9E37_79B9_7F4A_7C15) { return }
        let form = form
        engine.forEachScored(of: entry, rank..<(rank + 1)) { engine, member, score in
            engine.reply.scored(member, score, form)
        }
        left -= 1
    }

    private mutating func walk(_ entry: Entry, _ engine: inout Engine, _ budget: inout Int) {
        let end = min(size, rank + max(budget, 1))
        var (here, wanted) = (rank, left)
        let (form, size) = (form, size)
        engine.forEachScored(of: entry, rank..<end) { engine, member, score in
            if Int.random(in: here..<size, using: &engine.random) - here < wanted {
                engine.reply.scored(member, score, form)
                wanted -= 1
            }
            here += 1
        }
        budget -= end - rank
        (rank, left) = (end, wanted)
    }
}
