import Base

/// Answers with many elements of a list: LRANGE, and what LPOP and RPOP of many are about to
/// remove. A list's chunks do not move while its key is held, so the walk rests between the parts.
struct ElementReply {
    /// What is removed once all have been answered with.
    struct Removal {
        let side: ListSide
        let count: Int
    }

    private let key: KeyReference
    private let removal: Removal?
    /// The key comes before its elements.
    private let namesKey: Bool
    private var walker: ListWalker
    /// How many are still to be answered with.
    private var left: Int
    private let count: Int
    private var isBegun = false

    init(
        _ key: KeyReference, _ walker: ListWalker, count: Int, removal: Removal? = nil,
        namesKey: Bool = false
    ) {
        self.key = key
        self.namesKey = namesKey
        self.walker = walker
        self.count = count
        self.removal = removal
        left = count
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        if !isBegun {
            if namesKey {
                engine.reply.array(2)
                engine.reply.bulk(key.bytes)
            }
            engine.reply.array(count)
        }
        isBegun = true
        let now = min(left, max(budget, 1))
        walker.append(now, to: &engine.reply)
        left -= now
        budget -= now
        if left > 0 { return false }
        if let removal {
            engine.remove(removal.count, from: removal.side, key, engine.pinnedPosition(key))
        }
        return true
    }
}

/// LPOS in a long list, in parts: elements are compared, then the places of those that are wanted
/// are answered with.
struct ElementSearch: ~Copyable {
    private let value: Bytes
    private let isCounted: Bool
    private let isFromRight: Bool
    private let listCount: Int
    private let lengthMax: Int
    /// How many are wanted; 0 for all.
    private let wanted: Int64
    private var walker: ListWalker
    /// Matches that do not count.
    private var skipped: UInt64
    /// How many elements are still to be compared.
    private var left: Int
    private var positions = GrowableArray<Int>(capacity: 8)
    private var isFound = false
    private var answered = 0

    init(
        _ value: Bytes, _ entry: Entry, rank: Int64, count: Int64?, lengthMax: Int64
    ) {
        self.value = value
        isCounted = count != nil
        wanted = count ?? 1
        isFromRight = rank < 0
        // As in Redis the least rank, which has no counterpart, is met by the first match.
        skipped = rank == .min ? 0 : rank.magnitude - 1
        listCount = entry.listCount
        self.lengthMax = lengthMax == 0 ? listCount : min(listCount, Int(clamping: lengthMax))
        left = self.lengthMax
        walker = ListWalker(entry, towards: rank < 0 ? .left : .right)
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        if !isFound {
            compare(&budget)
            if left > 0, !isFound { return false }
            isFound = true
            if !isCounted {
                positions.isEmpty ? engine.reply.null() : engine.reply.integer(positions[0])
                return true
            }
            engine.reply.array(positions.count)
        }
        let end = min(positions.count, answered + max(budget, 0))
        for index in answered..<end { engine.reply.integer(positions[index]) }
        budget -= end - answered
        answered = end
        return answered == positions.count
    }

    private mutating func compare(_ budget: inout Int) {
        let part = min(left, max(budget, 1))
        var partLeft = part
        unsafe withEncoded(value) { encoded, length in
            while !isFound, unsafe walker.find(encoded, length, limit: &partLeft) != nil {
                if skipped > 0 {
                    skipped -= 1
                    continue
                }
                let place = lengthMax - (left - part + partLeft) - 1
                positions.append(isFromRight ? listCount - 1 - place : place)
                isFound = wanted != 0 && positions.count == wanted
            }
        }
        budget -= part - partLeft
        left -= part - partLeft
    }
}

/// LINSERT into a long list: the pivot is looked for in parts.
struct ElementInsertion {
    private let key: KeyReference
    private let side: ListSide
    private let pivot: Bytes
    private let value: Bytes
    private var walker: ListWalker
    /// How many elements are still to be compared.
    private var left: Int

    init(
        _ key: KeyReference, _ value: Bytes, _ side: ListSide, of pivot: Bytes, _ entry: Entry
    ) {
        self.key = key
        self.side = side
        self.pivot = pivot
        self.value = value
        walker = ListWalker(entry, towards: .right)
        left = entry.listCount
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let part = min(left, max(budget, 1))
        var partLeft = part
        let found = unsafe withEncoded(pivot) { encoded, length in
            unsafe walker.find(encoded, length, limit: &partLeft).map {
                ($0, length + ListElement.trailerSize(length))
            }
        }
        budget -= part - partLeft
        left -= part - partLeft
        if let (offset, stride) = found, let chunk = walker.chunk {
            let place = chunk.start + (side == .left ? offset : offset + stride)
            let position = engine.pinnedPosition(key)
            engine.keyspace.noteInsertion(value, key, position, chunk, at: place - chunk.start)
            engine.keyspace.insert(
                ListElement(value), chunk, at: place, in: position.entry.list, engine.listLimits)
            engine.noteInsertion(key, position)
            return true
        }
        if left > 0 { return false }
        engine.reply.integer(-1)
        return true
    }
}

/// LREM in a long list, in parts. Elements that are gone are gone for good, so it is done to its
/// end.
struct ElementRemoval {
    private let key: KeyReference
    private let value: Bytes
    private let side: ListSide
    private let limit: Int
    /// How many more may be removed.
    private var left: Int
    /// What comes next; nil at the end.
    private var chunk: ListChunk?

    init(_ key: KeyReference, _ value: Bytes, from side: ListSide, limit: Int, _ entry: Entry) {
        self.key = key
        self.value = value
        self.side = side
        self.limit = limit
        left = limit
        chunk = entry.list.edge(side)
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let position = engine.pinnedPosition(key)
        let list = position.entry.list
        unsafe withEncoded(value) { encoded, length in
            unsafe engine.keyspace.removeMatches(
                of: encoded, length, from: side, &chunk, limit: &left, in: list, budget: &budget)
        }
        if chunk != nil, left > 0 { return false }
        let removed = limit - left
        if removed > 0 {
            engine.keyspace.noteMatchesRemoved(removed, of: value, from: side, key, position)
        }
        engine.noteRemoval(removed, key, position)
        return true
    }
}
