// Unions, intersections and differences of sorted sets and sets. A set's members have the score 1.
//
// Every result is built as a draft, which brings it in order: replies are in the order of scores,
// and what is stored is published. The sources are looked at from the smallest to the largest,
// which decides in which order scores are added up.

import Base

/// One of the sorted sets or sets that something is made of.
struct ScoredSource: BitwiseCopyable {
    let key: KeyReference
    /// Nil where there is no such key. Lives until the end of the step.
    var entry: Entry?
    /// How many members it has.
    let count: Int
    /// Its place among the arguments.
    let order: Int
    /// What its scores are multiplied by.
    var weight = 1.0
}

/// How the scores of one member in several sources become one.
enum ScoreAggregate {
    case sum
    case min
    case max

    /// SUM, MIN or MAX; nil for any other word.
    init?(_ word: Bytes) {
        if word.equalsIgnoringCase("sum") {
            self = .sum
        } else if word.equalsIgnoringCase("min") {
            self = .min
        } else if word.equalsIgnoringCase("max") {
            self = .max
        } else {
            return nil
        }
    }

    /// Infinities of both signs add up to 0.
    func combine(_ score: Double, _ other: Double) -> Double {
        switch self {
        case .sum:
            let sum = score + other
            return sum.isNaN ? 0 : sum
        case .min: return other < score ? other : score
        case .max: return other > score ? other : score
        }
    }
}

/// What an operation on sorted sets is told behind its keys.
struct ScoredOptions {
    var aggregate = ScoreAggregate.sum
    var hasScores = false
    /// How many members are counted; 0 for all.
    var limit = 0
}

/// An operation on its way.
struct ScoredAlgebra: ~Copyable {
    let operation: SetOperation
    let aggregate: ScoreAggregate
    var sources: GrowableArray<ScoredSource>
    /// Where the result goes; nil where members are only counted.
    let draft: Draft?
    /// Of the draft.
    let key: KeyReference
    /// Members found.
    var count = 0
    var countMax = Int.max

    /// Which source is walked over, and how far.
    private var walking = 0
    private var walk = MemberWalk()
    private(set) var isDone = false

    init(
        _ operation: SetOperation, _ aggregate: ScoreAggregate,
        _ sources: consuming GrowableArray<ScoredSource>, _ draft: Draft?, _ key: KeyReference
    ) {
        self.operation = operation
        self.aggregate = aggregate
        self.sources = sources
        self.draft = draft
        self.key = key
    }

    /// About how many members are looked at or for, at most; adding one counts for four.
    static func cost(
        _ operation: SetOperation, _ sources: borrowing GrowableArray<ScoredSource>
    ) -> Int {
        if operation != .union { return sources[0].count * (sources.count + 3) }
        var sum = 0
        for index in 0..<sources.count { sum += 4 * sources[index].count }
        return sum
    }

    /// Finds all members of the result.
    mutating func run(_ engine: inout Engine) {
        var budget = Int.max
        step(&engine, budget: &budget)
    }

    /// Goes on until about `budget` members have been looked at or for, or until it is done.
    mutating func step(_ engine: inout Engine, budget: inout Int) {
        for index in 0..<sources.count where sources[index].entry != nil {
            sources[index].entry = engine.keyspace.find(sources[index].key)?.entry
        }
        while !isDone, budget > 0 {
            guard let entry = sources[walking].entry, !walk.isAtEnd, count < countMax else {
                walking += 1
                walk = MemberWalk()
                isDone =
                    operation != .union || walking == sources.count || count >= countMax
                continue
            }
            let looked = lookOn(entry, &engine)
            budget -= looked * (operation == .union ? 4 : sources.count + 3)
        }
    }

    /// Looks at some members of a source; returns how many.
    private mutating func lookOn(_ entry: Entry, _ engine: inout Engine) -> Int {
        let hasScores = entry.has(ValueType.sortedSet)
        walk.collect(
            WalkedMember.batchCount, of: entry, engine.keyspace, into: &engine.memberBatch)
        let looked = engine.memberBatch.count
        for place in 0..<looked where count < countMax {
            let member = engine.memberBatch[place]
            take(member.element, hasScores ? member.score : 1, walking, &engine)
        }
        engine.endBatch()
        return looked
    }

    private mutating func take(
        _ member: PackElement, _ score: Double, _ index: Int, _ engine: inout Engine
    ) {
        if operation == .difference {
            if !isInAnother(member, engine.keyspace) { add(member, score, &engine) }
            return
        }
        let product = score * sources[index].weight
        let weighted = product.isNaN ? 0 : product
        if operation == .union {
            merge(member, weighted, &engine)
        } else if let combined = combine(member, weighted, engine.keyspace) {
            add(member, combined, &engine)
        }
    }

    private func isInAnother(_ member: PackElement, _ keyspace: borrowing Keyspace) -> Bool {
        for index in 1..<max(sources.count, 1) {
            guard let entry = sources[index].entry else { continue }
            if keyspace.score(of: member, in: entry) != nil { return true }
        }
        return false
    }

    /// A member's score of all sources; nil where one does not have it.
    private func combine(
        _ member: PackElement, _ first: Double, _ keyspace: borrowing Keyspace
    ) -> Double? {
        var combined = first
        for index in 1..<max(sources.count, 1) {
            guard let entry = sources[index].entry,
                let score = keyspace.score(of: member, in: entry)
            else { return nil }
            combined = aggregate.combine(combined, score * sources[index].weight)
        }
        return combined
    }

    private mutating func add(_ member: PackElement, _ score: Double, _ engine: inout Engine) {
        count += 1
        guard let draft else { return }
        let limits = engine.limits.sortedSetPack
        member.withBytes {
            engine.keyspace.addScored($0, score, key, draft.position, limits)
        }
    }

    /// Adds a member to the draft, or its score to the one that the draft has.
    private mutating func merge(
        _ member: PackElement, _ score: Double, _ engine: inout Engine
    ) {
        guard let draft else { invariantFailed("a union has a draft") }
        let found = member.withBytes { engine.keyspace.findScored($0, in: draft.entry) }
        guard let place = found else {
            add(member, score, &engine)
            return
        }
        let combined = aggregate.combine(place.score, score)
        if combined == place.score { return }
        member.withBytes {
            engine.keyspace.changeScore(of: $0, place, to: combined, key, draft.position)
        }
    }
}

extension Keyspace {
    /// The score of a member of a sorted set, 1 for a set's; nil where it is no member.
    func score(of member: PackElement, in entry: Entry) -> Double? {
        if entry.has(ValueType.set) { return isMember(member, of: entry) ? 1 : nil }
        return member.withBytes { findScored($0, in: entry)?.score }
    }
}

extension Engine {
    /// ZUNION numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM | MIN | MAX] [WITHSCORES],
    /// ZINTER, and ZDIFF numkeys key [key …] [WITHSCORES]
    @inline(never)
    mutating func combineScored(_ call: Invocation, _ operation: SetOperation) {
        var options = ScoredOptions()
        guard let sources = readScoredSources(call, at: 1, operation, &options) else { return }
        if postpones(ScoredAlgebra.cost(operation, sources)) {
            if !postponed.isBeginning { return }
            let form = options.hasScores ? reply.scoredForm : .members
            let algebra = beginScored(operation, options, sources, .none)
            begun = LongWork(.scored(ScoredAlgebraWork(algebra, .reply(form))))
            return
        }
        var algebra = beginScored(operation, options, sources, .none)
        algebra.run(&self)
        guard let draft = algebra.draft else { return }
        let count = keyspace.memberCount(of: draft.entry)
        let form = options.hasScores ? reply.scoredForm : .members
        reply.array(count * form.width)
        forEachScored(of: draft.entry, 0..<count) { engine, member, score in
            engine.reply.scored(member, score, form)
        }
        keyspace.discard(draft)
    }

    /// Of a result that is only answered with. Its draft is not packed, where -0 would be lost.
    private mutating func beginScored(
        _ operation: SetOperation, _ options: ScoredOptions,
        _ sources: consuming GrowableArray<ScoredSource>, _ key: KeyReference
    ) -> ScoredAlgebra {
        let empty = keyspace.makeSortedSet()
        let draft = unsafe keyspace.makeDraft(key, .object(empty.pointer, .sortedSet))
        return ScoredAlgebra(operation, options.aggregate, sources, draft, key)
    }

    /// ZUNIONSTORE destination numkeys key [key …] [WEIGHTS weight …] [AGGREGATE SUM | MIN | MAX],
    /// ZINTERSTORE, and ZDIFFSTORE destination numkeys key [key …]
    @inline(never)
    mutating func storeCombinedScored(
        _ call: Invocation, _ operation: SetOperation, _ event: StaticString
    ) {
        var options = ScoredOptions()
        guard let sources = readScoredSources(call, at: 2, operation, &options) else { return }
        let key = call.key
        let isLong = postpones(ScoredAlgebra.cost(operation, sources))
        if isLong, !postponed.isBeginning { return }
        let draft = keyspace.makeDraft(key, .emptySortedSet)
        var algebra = ScoredAlgebra(operation, options.aggregate, sources, draft, key)
        if isLong {
            begun = LongWork(.scored(ScoredAlgebraWork(algebra, .store(key, event))))
            return
        }
        algebra.run(&self)
        publish(draft, key, .sortedSet, event)
    }

    /// ZINTERCARD numkeys key [key …] [LIMIT limit]
    @inline(never)
    mutating func countSharedScored(_ call: Invocation) {
        var options = ScoredOptions()
        guard let sources = readScoredSources(call, at: 1, .intersection, &options) else { return }
        let isLong = postpones(ScoredAlgebra.cost(.intersection, sources))
        if isLong, !postponed.isBeginning { return }
        var algebra = ScoredAlgebra(.intersection, .sum, sources, nil, .none)
        algebra.countMax = options.limit == 0 ? .max : options.limit
        if isLong {
            begun = LongWork(.scored(ScoredAlgebraWork(algebra, .count)))
            return
        }
        algebra.run(&self)
        reply.integer(algebra.count)
    }

    // MARK: Arguments

    /// Looks up the sources and reads what follows them; nil after answering with an error. They
    /// are in the order in which they are looked at.
    ///
    /// - Parameter at: where the number of keys stands.
    private mutating func readScoredSources(
        _ call: Invocation, at place: Int, _ operation: SetOperation,
        _ options: inout ScoredOptions
    ) -> GrowableArray<ScoredSource>? {
        guard let number = call[place].canonicalInteger else {
            fail(.notInteger)
            return nil
        }
        if number < 1 {
            fail("ERR at least 1 input key is needed for '\(call.name)' command")
            return nil
        }
        if number > call.count - place - 1 {
            fail(.syntax)
            return nil
        }
        let first = place + 1
        let end = first + Int(number)
        var sources = GrowableArray<ScoredSource>(capacity: Int(number))
        for index in first..<end {
            let key = reference(call[index])
            guard let entry = readScoredSource(key) else { return nil }
            let count = entry.map { keyspace.memberCount(of: $0) } ?? 0
            sources.append(ScoredSource(key: key, entry: entry, count: count, order: index))
        }
        var index = end
        while index < call.count {
            let error = readScoredOption(call, &index, operation, &sources, &options)
            if let error {
                fail(error)
                return nil
            }
        }
        if operation != .difference {
            sources.heapSort { ($0.count, $0.order) < ($1.count, $1.order) }
        }
        return sources
    }

    /// The value of a source, if it is there; nil after answering that it has a wrong type.
    private mutating func readScoredSource(_ key: KeyReference) -> Entry?? {
        guard let position = keyspace.lookUp(key) else {
            keyspace.noteMiss(key)
            return .some(nil)
        }
        let entry = position.entry
        keyspace.noteRead(entry)
        if entry.has(ValueType.sortedSet) || entry.has(ValueType.set) { return entry }
        fail(.wrongType)
        return nil
    }

    /// Reads one option and moves on behind it; what is wrong with it, if anything.
    private func readScoredOption(
        _ call: Invocation, _ index: inout Int, _ operation: SetOperation,
        _ sources: inout GrowableArray<ScoredSource>, _ options: inout ScoredOptions
    ) -> CommandError? {
        let word = call[index]
        let left = call.count - index - 1
        let isCounted = call.command == .zintercard
        let isStored = call.command.isStoringScored
        index += 1
        let isWeighted = operation != .difference && !isCounted
        if isWeighted, left >= sources.count, word.equalsIgnoringCase("weights") {
            for source in 0..<sources.count {
                guard let weight = call[index].score else { return .weightNotFloat }
                sources[source].weight = weight
                index += 1
            }
        } else if isWeighted, left >= 1, word.equalsIgnoringCase("aggregate") {
            guard let aggregate = ScoreAggregate(call[index]) else { return .syntax }
            options.aggregate = aggregate
            index += 1
        } else if !isStored, !isCounted, word.equalsIgnoringCase("withscores") {
            options.hasScores = true
        } else if isCounted, left >= 1, word.equalsIgnoringCase("limit") {
            guard let limit = call[index].canonicalInteger, limit >= 0 else {
                return .negativeLimit
            }
            options.limit = Int(limit)
            index += 1
        } else {
            return .syntax
        }
        return nil
    }
}

extension CommandID {
    fileprivate var isStoringScored: Bool {
        self == .zunionstore || self == .zinterstore || self == .zdiffstore
    }
}
