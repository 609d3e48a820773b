import Base

/// GEOSEARCH and its kin over many places, in parts: those in the shape are collected and sorted in
/// runs, which are merged as they are answered with or stored.
struct PlaceSearch: ~Copyable {
    private enum Phase {
        case collecting
        case merging
        case freeing
    }

    private let search: GeoSearch
    private let key: KeyReference
    private let target: KeyReference?
    private let event: StaticString
    private var phase = Phase.collecting
    /// Which members are looked at next: the rest of a cell, then the other cells.
    private var ranks = 0..<0
    private var cells: GeoCellWalk
    private var runs: SortRuns
    /// How many are in the shape so far; how many of them are wanted, and have come out in order.
    private var found = 0
    private var wanted = 0
    private var merged = 0
    private var draft: Draft?

    /// - Parameters:
    ///   - key: that of a large sorted set.
    ///   - target: where the result is stored, if it is.
    init(
        _ search: GeoSearch, _ key: KeyReference, _ target: KeyReference?, _ event: StaticString
    ) {
        self.search = search
        self.key = key
        self.target = target
        self.event = event
        cells = GeoCellWalk(search.shape)
        runs = SortRuns(SortOrder(byScore: search.isAscending))
    }

    /// What looking at a member costs, in elements: its distance is reckoned.
    static let cost = 2
    /// What weighing and sorting one, taking it out again, and storing it cost besides.
    private static let sortingCost = 4
    private static let mergingCost = 6
    private static let storingCost = 6

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        switch phase {
        case .collecting:
            if collect(&engine, &budget) { begin(&engine) }
            return false
        case .merging:
            if merge(&engine, &budget) { phase = .freeing }
            return false
        case .freeing:
            if !runs.free(&budget, &engine.keyspace.memory) { return false }
            engine.keyspace.draftCount -= 1
            return true
        }
    }

    /// Collects some members; true when there are no more, or enough.
    private mutating func collect(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        let countMax = search.takesAny ? search.count : Int.max
        let entry = engine.pinned(key)
        while ranks.isEmpty {
            if found >= countMax { return true }
            guard let cell = cells.next() else { return true }
            ranks = engine.ranks(of: cell, in: entry)
        }
        var cursor: RankTree.Cursor? = unsafe entry.sortedSet.tree.pointee
            .cursor(at: ranks.lowerBound)
        var left = min(ranks.count, max(budget / Self.cost, 1))
        let end = ranks.lowerBound + left
        while left > 0, found < countMax, let place = cursor {
            place.prefetchAhead(isReversed: false)
            add(place.member, &engine, &budget)
            cursor = place.next
            budget -= Self.cost
            left -= 1
            if budget <= 0 { break }
        }
        ranks = (end - left)..<ranks.upperBound
        if found >= countMax { ranks = 0..<0 }
        return false
    }

    private mutating func add(
        _ member: ScoredMember, _ engine: inout Engine, _ budget: inout Int
    ) {
        let point = GeoCell.point(ofScore: member.score)
        guard let distance = search.shape.distance(to: point) else { return }
        var element = SortElement(element: .bytes(member.bytes), order: found)
        element.score = distance
        // Not compared: the score is needed again.
        element.weight = .integer(Int64(bitPattern: member.score.bitPattern))
        _ = runs.append(element, &engine.keyspace.memory)
        found += 1
        budget -= Self.sortingCost
    }

    /// All are there: answers with how many come.
    private mutating func begin(_ engine: inout Engine) {
        runs.seal(&engine.keyspace.memory)
        phase = .merging
        wanted = search.count == 0 ? found : min(found, search.count)
        if let target {
            draft = engine.keyspace.makeDraft(target, .emptySortedSet)
        } else {
            engine.reply.array(wanted)
        }
    }

    /// Answers with the next members in order, or stores them; true when all have come.
    private mutating func merge(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        while budget > 0, merged < wanted {
            guard let next = runs.next(&engine.keyspace.memory) else {
                invariantFailed("what is merged was collected")
            }
            merged += 1
            budget -= Self.mergingCost
            let match = match(next)
            if let draft, let target {
                engine.add(match, search, to: draft, target)
                budget -= Self.storingCost
            } else {
                engine.reply(match, search)
            }
        }
        if merged < wanted { return false }
        if let draft, let target { engine.publish(draft, target, .sortedSet, event) }
        draft = nil
        return true
    }

    private func match(_ element: SortElement) -> GeoMatch {
        guard case .integer(let bits) = element.weight else {
            invariantFailed("a place's score was noted")
        }
        let score = Double(bitPattern: UInt64(bitPattern: bits))
        return GeoMatch(
            member: element.element, score: score, point: GeoCell.point(ofScore: score),
            distance: element.score, order: element.order)
    }

    consuming func giveUp(_ engine: inout Engine) {
        if let draft { engine.keyspace.discard(draft) }
        var budget = Int.max
        _ = runs.free(&budget, &engine.keyspace.memory)
        engine.keyspace.draftCount -= 1
    }
}
