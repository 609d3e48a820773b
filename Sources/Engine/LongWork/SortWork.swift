import Base

/// SORT of a large list, set or sorted set whose options name no keys, in parts: the elements are
/// collected and sorted in runs, which are merged as they are answered with or stored.
struct SortWork: ~Copyable {
    private enum Phase {
        case collecting
        case merging
        case freeing
    }

    private let key: KeyReference
    private let target: KeyReference?
    private let options: SortOptions
    private let isReversed: Bool
    private var phase = Phase.collecting
    /// Which elements are collected next: of a set, of a sorted set, of a list.
    private var cursor = MemberCursor()
    private var ranks = 0..<0
    private var walker: ListWalker?
    /// How many of a list's are still to be collected.
    private var left = 0
    private var runs: SortRuns
    /// Which elements are wanted of those in order.
    private var wanted: Range<Int>
    /// How many there are so far; how many have come out in order.
    private var collected = 0
    private var merged = 0
    /// Whether all that is compared as numbers is numbers.
    private var isSound = true
    /// What is stored: elements that wait to be added to the draft, and the draft where there are
    /// many.
    private var stored = OutputBuffer()
    private var draft: Draft?

    /// Of a command that has been postponed just now: its options are sound, and its key is there.
    init(_ call: Invocation, _ engine: inout Engine) {
        key = call.key
        let entry = engine.pinned(key)
        var options = SortOptions()
        _ = options.read(call)
        options.settle(for: entry.type)
        target = options.target.map { engine.reference(call[$0]) }
        runs = SortRuns(SortOrder(options))
        let count = entry.form == .list ? entry.listCount : engine.keyspace.memberCount(of: entry)
        wanted = options.range(of: count)
        isReversed = options.isUnsorted && options.isDescending
        switch entry.form {
        case .list:
            left = options.isUnsorted ? wanted.count : count
            let start = options.isUnsorted ? wanted.lowerBound : 0
            walker = ListWalker(
                entry, from: isReversed ? count - 1 - start : start,
                towards: isReversed ? .left : .right)
        case .sortedSet:
            ranks = 0..<count
            if options.isUnsorted {
                ranks =
                    isReversed
                    ? (count - wanted.upperBound)..<(count - wanted.lowerBound)
                    : wanted
            }
        default: break
        }
        // Of what is not sorted no more is collected than is wanted; a set is, though.
        if options.isUnsorted, entry.form != .set { wanted = 0..<wanted.count }
        self.options = options
        // Blocks of the runs belong to no entry.
        engine.keyspace.draftCount += 1
    }

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

    // MARK: Collecting

    /// Collects some elements; true when there are no more.
    private mutating func collect(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        // Weighing and sorting an element count for four.
        let now = max(budget / 4, 1)
        let before = collected
        let entry = engine.pinned(key)
        let isDone: Bool
        switch entry.form {
        case .list: isDone = collectList(now, &engine)
        case .sortedSet: isDone = collectRanks(entry, now, &engine)
        default: isDone = collectMembers(entry, now, &engine)
        }
        budget -= 4 * max(collected - before, 1)
        return isDone
    }

    private mutating func collectMembers(
        _ entry: Entry, _ now: Int, _ engine: inout Engine
    ) -> Bool {
        let end = collected + now
        while collected < end, !cursor.isAtEnd {
            unsafe engine.keyspace.collectMembers(
                of: entry.members, from: &cursor, count: Engine.collectedAtOnce,
                into: &engine.members)
            for index in 0..<engine.members.count {
                add(.bytes(engine.members[index].key), &engine)
            }
            engine.members.removeAll()
        }
        return cursor.isAtEnd
    }

    private mutating func collectRanks(
        _ entry: Entry, _ now: Int, _ engine: inout Engine
    ) -> Bool {
        let part = min(ranks.count, now)
        if part == 0 { return true }
        var cursor: RankTree.Cursor? = unsafe entry.sortedSet.tree.pointee.cursor(
            at: isReversed ? ranks.upperBound - 1 : ranks.lowerBound)
        for _ in 0..<part {
            guard let place = cursor else { break }
            add(.bytes(place.member.bytes), &engine)
            cursor = isReversed ? place.previous : place.next
        }
        ranks =
            isReversed
            ? ranks.lowerBound..<(ranks.upperBound - part)
            : (ranks.lowerBound + part)..<ranks.upperBound
        return ranks.isEmpty
    }

    private mutating func collectList(_ now: Int, _ engine: inout Engine) -> Bool {
        let part = min(left, now)
        for _ in 0..<part {
            if let element = walker?.next() { add(element, &engine) }
        }
        left -= part
        return left == 0
    }

    private mutating func add(_ found: PackElement, _ engine: inout Engine) {
        var element = SortElement(element: found, order: collected)
        if !options.isUnsorted, !options.isAlphabetic {
            if let score = StringValue(found).sortScore {
                element.score = score
            } else {
                isSound = false
            }
        }
        _ = runs.append(element, &engine.keyspace.memory)
        collected += 1
    }

    /// All are there: answers with how many come, or with an error.
    private mutating func begin(_ engine: inout Engine) {
        runs.seal(&engine.keyspace.memory)
        phase = .merging
        if !isSound {
            engine.fail(.sortScore)
            phase = .freeing
        } else if target == nil {
            engine.reply.array(wanted.count * options.width)
        }
    }

    // MARK: Merging

    /// Answers with the next elements in order, or stores them; true when all have come.
    private mutating func merge(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        while budget > 0, merged < wanted.upperBound {
            guard let next = runs.next(&engine.keyspace.memory) else {
                invariantFailed("what is merged was collected")
            }
            // A comparison for each doubling of the runs.
            budget -= 6
            merged += 1
            if merged <= wanted.lowerBound { continue }
            target == nil ? answer(next.element, &engine) : store(next.element, &engine)
        }
        if merged < wanted.upperBound { return false }
        if let target { finish(target, &engine) }
        return true
    }

    private func answer(_ element: PackElement, _ engine: inout Engine) {
        if options.gets.isEmpty { engine.reply.bulk(element) }
        for place in 0..<options.gets.count {
            if options.gets[place].isElement {
                engine.reply.bulk(element)
            } else {
                engine.reply.null()
            }
        }
    }

    private mutating func store(_ element: PackElement, _ engine: inout Engine) {
        if options.gets.isEmpty { stored.append(listElement: StringValue(element)) }
        for place in 0..<options.gets.count {
            let isElement = options.gets[place].isElement
            stored.append(listElement: isElement ? StringValue(element) : .bytes(Bytes()))
        }
        if stored.count >= SlabAllocator.blockSizeMax { moveToDraft(&engine) }
    }

    private mutating func moveToDraft(_ engine: inout Engine) {
        guard let target else { return }
        let draft = draft ?? engine.keyspace.makeEmptyDraft(target, .list, deadline: nil)
        self.draft = draft
        engine.keyspace.append(elements: stored.bytes, to: draft.entry.list)
        stored.removeAll()
    }

    private mutating func finish(_ target: KeyReference, _ engine: inout Engine) {
        let count = wanted.count * options.width
        if draft == nil {
            engine.storeSorted(stored.bytes, count: count, target)
        } else {
            moveToDraft(&engine)
            if let draft { engine.publishSorted(draft, target) }
        }
        draft = nil
        engine.reply.integer(count)
    }

    consuming func giveUp(_ engine: inout Engine) {
        if let draft { engine.keyspace.discard(draft) }
        var budget = Int.max
        _ = runs.free(&budget, &engine.keyspace.memory)
        engine.keyspace.draftCount -= 1
    }
}
