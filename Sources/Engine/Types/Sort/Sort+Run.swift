// SORT and SORT_RO.
//
// 1. The elements are collected; where nothing is sorted, only those that are wanted.
// 2. Each is weighed: its number, or what BY names for it.
// 3. They are sorted, those that are alike staying in their order.
// 4. Those that are wanted, or what GET names for them, are answered or stored.
//
// Many elements are sorted in parts (SortWork.swift).
//
// All views are good until the end: what the patterns read may remove expired keys, but no key that
// was read in this step, and entries do not move meanwhile.

import Base

extension Engine {
    /// SORT key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC | DESC] [ALPHA]
    /// [STORE destination], and SORT_RO, which has no STORE
    @inline(never)
    mutating func sort(_ call: Invocation) {
        var options = SortOptions()
        if let error = options.read(call) {
            fail(error)
            return
        }
        guard let found = readSortable(call.key) else { return }
        options.settle(for: found.entry?.type)
        if let entry = found.entry, postponesSort(call, entry, options) { return }
        var elements = GrowableArray<SortElement>(capacity: 16)
        var wanted = 0..<0
        if let entry = found.entry { wanted = collect(entry, options, into: &elements) }
        if !options.isUnsorted {
            let isWeighed = weigh(&elements, options)
            let order = SortOrder(options)
            if elements.count > 1 { elements.heapSort { order.isBefore($0, $1) } }
            if !isWeighed {
                fail(.sortScore)
                return
            }
        }
        if let target = options.target {
            store(elements, wanted, options, reference(call[target]))
        } else {
            answer(elements, wanted, options)
        }
    }

    /// Whether a SORT is to be done in parts.
    private mutating func postponesSort(
        _ call: Invocation, _ entry: Entry, _ options: borrowing SortOptions
    ) -> Bool {
        guard let cost = sortCost(entry, options) else { return false }
        if postponed.keysAreElsewhere {
            postponed.isWanted = true
            return true
        }
        return postpones(cost)
    }

    /// What a SORT of a value costs, in elements; nil of one that lies in one block.
    private func sortCost(_ entry: Entry, _ options: borrowing SortOptions) -> Int? {
        let count: Int
        switch entry.form {
        case .list: count = entry.listCount
        case .set, .sortedSet: count = keyspace.memberCount(of: entry)
        default: return nil
        }
        let wanted = options.range(of: count).count
        let isPart = options.isUnsorted && entry.form != .set
        let weighed = options.by == nil ? 0 : 4 * count
        return (isPart ? 4 * wanted : 8 * count) + weighed + 4 * wanted * options.gets.count
    }

    /// Whether a SORT looks at so many elements that it is done in parts, however little the turn
    /// has done.
    package func sortsMany(_ call: Invocation) -> Bool {
        var options = SortOptions()
        if options.read(call) != nil { return false }
        guard let entry = keyspace.findEntry(call.key, at: now), entry.isSortable else {
            return false
        }
        options.settle(for: entry.type)
        return sortCost(entry, options).map { $0 > limits.atOnceMax } ?? false
    }

    /// Looks up a key with elements; nil where it has none, which has been answered with an error.
    private mutating func readSortable(_ key: KeyReference) -> Found? {
        guard let position = keyspace.lookUp(key) else {
            keyspace.noteMiss(key)
            return Found(position: nil)
        }
        keyspace.noteRead(position.entry)
        if !position.entry.isSortable {
            fail(.wrongType)
            return nil
        }
        return Found(position: position)
    }

    /// Appends the elements; returns which of them are wanted once they are in order.
    private mutating func collect(
        _ entry: Entry, _ options: borrowing SortOptions,
        into elements: inout GrowableArray<SortElement>
    ) -> Range<Int> {
        if entry.type == .list { return collectList(entry, options, into: &elements) }
        let count = keyspace.memberCount(of: entry)
        let wanted = options.range(of: count)
        if entry.type == .set {
            forEachMember(of: entry) { _, member in
                elements.append(SortElement(element: member, order: elements.count))
            }
            return wanted
        }
        var ranks = 0..<count
        if options.isUnsorted {
            ranks =
                options.isDescending
                ? (count - wanted.upperBound)..<(count - wanted.lowerBound) : wanted
        }
        let isReversed = options.isUnsorted && options.isDescending
        forEachScored(of: entry, ranks, isReversed: isReversed) { _, member, _ in
            elements.append(SortElement(element: member, order: elements.count))
        }
        return options.isUnsorted ? 0..<elements.count : wanted
    }

    private func collectList(
        _ entry: Entry, _ options: borrowing SortOptions,
        into elements: inout GrowableArray<SortElement>
    ) -> Range<Int> {
        let count = entry.listCount
        let wanted = options.range(of: count)
        var left = options.isUnsorted ? wanted.count : count
        if left == 0 { return wanted }
        var start = options.isUnsorted ? wanted.lowerBound : 0
        let isReversed = options.isUnsorted && options.isDescending
        if isReversed { start = count - 1 - start }
        var walker = ListWalker(entry, from: start, towards: isReversed ? .left : .right)
        while left > 0, let element = walker.next() {
            elements.append(SortElement(element: element, order: elements.count))
            left -= 1
        }
        return options.isUnsorted ? 0..<elements.count : wanted
    }

    /// Finds out what is compared of each element.
    ///
    /// - Returns: false where numbers are compared and something is none.
    private mutating func weigh(
        _ elements: inout GrowableArray<SortElement>, _ options: borrowing SortOptions
    ) -> Bool {
        if options.isAlphabetic, options.by == nil { return true }
        var isSound = true
        var name = OutputBuffer()
        for index in 0..<elements.count {
            var value: StringValue? = StringValue(elements[index].element)
            if let by = options.by {
                let keeps = options.isAlphabetic
                value = find(by, elements[index].element, &name, keeps: keeps)
            }
            if options.isAlphabetic {
                elements[index].weight = value
            } else if let value {
                if let score = value.sortScore {
                    elements[index].score = score
                } else {
                    isSound = false
                }
            }
        }
        return isSound
    }

    /// What a pattern names for an element; nil where there is nothing.
    ///
    /// - Parameters:
    ///   - name: room for the key's name.
    ///   - keeps: what is found is needed to the command's end, not only until the next one.
    private mutating func find(
        _ pattern: SortPattern, _ element: PackElement, _ name: inout OutputBuffer,
        keeps: Bool = false
    ) -> StringValue? {
        if pattern.isElement { return StringValue(element) }
        if !pattern.namesKeys { return nil }
        pattern.write(element, into: &name)
        let key = reference(name.bytes)
        guard let entry = keeps ? keyspace.readInflated(key) : keyspace.read(key) else {
            return nil
        }
        if let field = pattern.field {
            return entry.type == .hash ? keyspace.findField(field, in: entry) : nil
        }
        return entry.isString ? keyspace.string(of: entry) : nil
    }

    // MARK: What comes of it

    private mutating func answer(
        _ elements: borrowing GrowableArray<SortElement>, _ wanted: Range<Int>,
        _ options: borrowing SortOptions
    ) {
        reply.array(wanted.count * options.width)
        var name = OutputBuffer()
        for index in wanted {
            let element = elements[index].element
            if options.gets.isEmpty { reply.bulk(element) }
            for place in 0..<options.gets.count {
                if let value = find(options.gets[place], element, &name) {
                    reply.bulk(value)
                } else {
                    reply.null()
                }
            }
        }
    }

    /// Makes a list of the result; an empty one removes the key.
    private mutating func store(
        _ elements: borrowing GrowableArray<SortElement>, _ wanted: Range<Int>,
        _ options: borrowing SortOptions, _ target: KeyReference
    ) {
        var list = OutputBuffer()
        var name = OutputBuffer()
        for index in wanted {
            let element = elements[index].element
            if options.gets.isEmpty { list.append(listElement: StringValue(element)) }
            for place in 0..<options.gets.count {
                // What is missing becomes an empty element.
                let value = find(options.gets[place], element, &name) ?? .bytes(Bytes())
                list.append(listElement: value)
            }
        }
        let count = wanted.count * options.width
        storeSorted(list.bytes, count: count, target)
        // Behind the event, as in Redis.
        reply.integer(count)
    }

    /// Makes a list of elements that are encoded as a list holds them; an empty one removes the
    /// key.
    mutating func storeSorted(_ elements: Bytes, count: Int, _ target: KeyReference) {
        if count == 0 {
            drop(target)
            return
        }
        publishSorted(keyspace.makeListDraft(target, elements, count: count), target)
    }

    mutating func publishSorted(_ draft: Draft, _ target: KeyReference) {
        keyspace.publish(draft, target)
        notify(.list, "sortstore", target.bytes)
    }

    // MARK: Keys that patterns name

    /// Calls `body` with each key that BY and GET name for the elements that the value has
    /// now; one may come more than once. Nothing is counted or removed.
    package mutating func nameSortKeys(_ call: Invocation, _ body: (KeyReference) -> Void) {
        var options = SortOptions()
        if options.read(call) != nil { return }
        guard let entry = keyspace.find(call.key)?.entry, entry.isSortable else { return }
        options.settle(for: entry.type)
        var elements = GrowableArray<SortElement>(capacity: 16)
        let wanted = collect(entry, options, into: &elements)
        var name = OutputBuffer()
        for index in options.isUnsorted ? wanted : 0..<elements.count {
            options.forEachKeyPattern { pattern in
                pattern.write(elements[index].element, into: &name)
                body(reference(name.bytes))
            }
        }
    }

    /// Calls `body` with what stands before and behind the element in the names of keys that BY
    /// and GET name.
    package func nameSortPatterns(_ call: Invocation, _ body: (Bytes, Bytes) -> Void) {
        var options = SortOptions()
        if options.read(call) != nil { return }
        options.forEachKeyPattern { body($0.prefix, $0.suffix) }
    }

    /// Answers a SORT of a client that takes this core for a node of a cluster, if what it asks for
    /// is denied there.
    package mutating func denySort(_ call: Invocation) -> Bool {
        var options = SortOptions()
        guard let error = options.read(call, isConfined: true) else { return false }
        fail(error)
        return true
    }
}

extension SortOptions {
    /// GET names keys.
    var namesGets: Bool {
        for place in 0..<gets.count where gets[place].namesKeys { return true }
        return false
    }

    /// Calls `body` with the patterns that name keys.
    func forEachKeyPattern(_ body: (SortPattern) -> Void) {
        if let by, by.namesKeys { body(by) }
        for place in 0..<gets.count where gets[place].namesKeys { body(gets[place]) }
    }
}

extension Entry {
    /// The key has elements that SORT takes.
    fileprivate var isSortable: Bool {
        switch type {
        case .list, .set, .sortedSet: true
        case .string, .hash: false
        }
    }
}

extension CommandID {
    /// SORT and SORT_RO.
    package var sorts: Bool { self == .sort || self == .sortReadOnly }
}

extension Keyspace {
    /// Begins a list for `key`.
    ///
    /// - Parameter elements: as ``Base/OutputBuffer/append(listElement:)`` has made them.
    fileprivate mutating func makeListDraft(
        _ key: KeyReference, _ elements: Bytes, count: Int
    ) -> Draft {
        if Pack.headerSize + elements.count <= Self.packedListSizeMax {
            var pack = OutputBuffer(capacity: Self.packedListSizeMax)
            unsafe pack.reserve(Pack.headerSize).storeBytes(of: UInt16(count), as: UInt16.self)
            pack.advance(Pack.headerSize)
            pack.append(elements)
            return makeDraft(key, .packed(pack.bytes, .packedList))
        }
        let draft = makeEmptyDraft(key, .list, deadline: nil)
        append(elements: elements, to: draft.entry.list)
        return draft
    }
}

extension OutputBuffer {
    /// An element as a list holds it.
    mutating func append(listElement value: StringValue) {
        let element: ListElement
        switch value {
        case .integer(let integer): element = ListElement(PackEncoding(integer))
        case .bytes(let bytes): element = ListElement(bytes)
        }
        unsafe element.write(to: reserve(element.stride))
        advance(element.stride)
    }
}
