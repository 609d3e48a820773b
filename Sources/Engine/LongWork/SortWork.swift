import Base
import Placement

/// What a sort looks up next.
struct SortItem: BitwiseCopyable {
    let element: SortElement
    /// Which of GET's patterns names it.
    let place: Int
    /// Another core that is asked.
    let core: CoreIndex?
}

/// SORT of a large list, set or sorted set, in parts: the elements are collected and sorted in
/// runs, which are merged as they are answered with or stored. What patterns name is looked up for
/// some elements at a time; no key changes meanwhile, since all of the core is held.
struct SortWork: ~Copyable {
    private enum Phase {
        case collecting
        /// What BY names for the items is looked up.
        case weighing
        case merging
        /// What GET names for the items is looked up.
        case answering
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
    /// All elements are collected.
    private var isCollected = false
    private var items = GrowableArray<SortItem>(capacity: 1)
    /// Which item's value comes next, and how much of it has come.
    private var itemPlace = 0
    private var itemOffset = 0
    /// A value that comes in pieces.
    private var value = OutputBuffer()
    /// The element whose values become items, and for which of GET's patterns next.
    private var row: SortElement?
    private var rowPlace = 0
    private var weights = SortWeights()
    /// What GET names is looked up.
    private let getsKeys: Bool
    /// Room for the name of a key.
    private var name = OutputBuffer()
    /// What other cores are asked; nil where all keys are here.
    private let inquiry: SortInquiry?
    private let beganAt: Int64

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
        getsKeys = options.namesGets
        self.options = options
        beganAt = engine.now
        inquiry = engine.postponed.keysAreElsewhere ? SortInquiry(at: engine.now) : nil
        engine.sortInquiry = inquiry
        // Blocks of the runs belong to no entry.
        engine.keyspace.draftCount += 1
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        repeat {
            if goOn(&engine, &budget) { return true }
        } while budget > 0 && inquiry?.isWaiting != true
        return false
    }

    /// Does some of the phase; true when all is done.
    private mutating func goOn(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        switch phase {
        case .collecting:
            isCollected = collect(&engine, &budget)
            if !items.isEmpty {
                phase = .weighing
            } else if isCollected {
                begin(&engine)
            }
        case .weighing:
            if !takeItems(&engine, &budget) { return false }
            phase = .collecting
            if isCollected { begin(&engine) }
        case .merging:
            let isDone = getsKeys ? mergeItems(&engine, &budget) : merge(&engine, &budget)
            if isDone { phase = .freeing } else if !items.isEmpty { phase = .answering }
        case .answering:
            if takeItems(&engine, &budget) { phase = .merging }
        case .freeing:
            if !runs.free(&budget, &engine.keyspace.memory) { return false }
            if !weights.free(&budget, &engine.keyspace.memory) { return false }
            engine.keyspace.draftCount -= 1
            return true
        }
        return false
    }

    // MARK: Collecting

    /// Collects some elements; true when there are no more.
    private mutating func collect(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        // Weighing and sorting an element count for four.
        var now = max(budget / 4, 1)
        if options.by != nil { now = min(now, Self.itemsMax) }
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
        if let by = options.by {
            collected += 1
            addItem(element, by, 0, engine)
            return
        }
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

    // MARK: Looking up

    /// How many values are looked up, or asked for, at a time.
    private static var itemsMax: Int { 512 }

    /// Adds what a pattern names for an element, which its owner is asked for.
    private mutating func addItem(
        _ element: SortElement, _ pattern: SortPattern, _ place: Int, _ engine: borrowing Engine
    ) {
        var core: CoreIndex?
        if let inquiry, pattern.namesKeys {
            pattern.write(element.element, into: &name)
            let slot = unsafe engine.slots.slot(of: name.bytes.buffer)
            let owner = engine.routing.owner(of: slot).core
            if owner != engine.core {
                inquiry.peer(owner).add(name.bytes, pattern.field)
                core = owner
            }
        }
        items.append(SortItem(element: element, place: place, core: core))
    }

    /// Makes items of the next elements in order; true when all have come.
    private mutating func mergeItems(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        while budget > 0, items.count < Self.itemsMax {
            if let row {
                addItem(row, options.gets[rowPlace], rowPlace, engine)
                rowPlace += 1
                if rowPlace == options.gets.count { self.row = nil }
                continue
            }
            if merged == wanted.upperBound { break }
            guard let next = runs.next(&engine.keyspace.memory) else {
                invariantFailed("what is merged was collected")
            }
            budget -= 6
            merged += 1
            if merged <= wanted.lowerBound { continue }
            row = next
            rowPlace = 0
        }
        if merged < wanted.upperBound || !items.isEmpty { return false }
        if let target { finish(target, &engine) }
        return true
    }

    /// Goes on with the items; true when all have their values, or none.
    private mutating func takeItems(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        while itemPlace < items.count {
            if budget <= 0 { return false }
            let item = items[itemPlace]
            let before = itemOffset
            guard let isWhole = take(item, &engine, budget) else {
                inquiry?.isWaiting = true
                return false
            }
            budget -= 4 + (itemOffset - before) / Engine.bytesPerElement
            if !isWhole { continue }
            itemPlace += 1
            itemOffset = 0
        }
        items.removeAll()
        itemPlace = 0
        inquiry?.clear()
        return true
    }

    /// Takes an item's value, or the next piece of it.
    ///
    /// - Returns: whether it has come whole; nil where it has still to come.
    private mutating func take(_ item: SortItem, _ engine: inout Engine, _ budget: Int) -> Bool? {
        if let core = item.core, let inquiry {
            guard let answer = inquiry.peer(core).next() else { return nil }
            return receive(answer, item, &engine)
        }
        guard let value = find(item, &engine) else {
            return receive(SortAnswer(length: nil, piece: Bytes()), item, &engine)
        }
        let offset = itemOffset
        return value.withBytes { bytes in
            let end = min(bytes.count, offset + max(budget, 1) * Engine.bytesPerElement)
            let answer = SortAnswer(length: bytes.count, piece: bytes.slice(offset, end))
            return receive(answer, item, &engine)
        }
    }

    /// What this core has for an item.
    private mutating func find(_ item: SortItem, _ engine: inout Engine) -> StringValue? {
        let element = item.element.element
        let named = phase == .weighing ? options.by : options.gets[item.place]
        guard let pattern = named else { return nil }
        if pattern.isElement { return StringValue(element) }
        if !pattern.namesKeys { return nil }
        pattern.write(element, into: &name)
        return engine.sortValue(
            engine.reference(name.bytes), pattern.field, at: beganAt, isCounted: itemOffset == 0)
    }

    /// Uses what has come of an item's value; whether that is all.
    private mutating func receive(
        _ answer: SortAnswer, _ item: SortItem, _ engine: inout Engine
    ) -> Bool {
        let isFirst = itemOffset == 0
        itemOffset += answer.piece.count
        let isLast = itemOffset >= answer.length ?? 0
        if phase == .answering, target == nil {
            reply(answer, isFirst: isFirst, isLast: isLast, &engine)
            return isLast
        }
        if isFirst, isLast {
            use(answer.length == nil ? nil : answer.piece, item, &engine)
            return true
        }
        value.append(answer.piece)
        if !isLast { return false }
        let whole = value.take()
        use(whole.bytes, item, &engine)
        return true
    }

    private func reply(
        _ answer: SortAnswer, isFirst: Bool, isLast: Bool, _ engine: inout Engine
    ) {
        guard let length = answer.length else {
            engine.reply.null()
            return
        }
        if isFirst { engine.reply.bulkLength(length) }
        engine.reply.buffer.append(answer.piece)
        if isLast { engine.reply.buffer.append("\r\n") }
    }

    /// Uses an item's whole value: it is compared, or stored.
    private mutating func use(_ bytes: Bytes?, _ item: SortItem, _ engine: inout Engine) {
        if phase == .answering {
            // What is missing becomes an empty element.
            stored.append(listElement: .bytes(bytes ?? Bytes()))
            if stored.count >= SlabAllocator.blockSizeMax { moveToDraft(&engine) }
            return
        }
        var element = item.element
        if let bytes {
            if options.isAlphabetic {
                element.weight = .bytes(weights.copy(bytes, &engine.keyspace.memory))
            } else if let score = StringValue.bytes(bytes).sortScore {
                element.score = score
            } else {
                isSound = false
            }
        }
        _ = runs.append(element, &engine.keyspace.memory)
    }

    // MARK: Ending

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
        budget = Int.max
        _ = weights.free(&budget, &engine.keyspace.memory)
        engine.keyspace.draftCount -= 1
    }
}
