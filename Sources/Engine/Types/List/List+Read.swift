import Base

extension Engine {
    /// LLEN key
    mutating func listLength(_ call: Invocation) {
        guard let found = read(call.key, .list) else { return }
        reply.integer(found.entry?.listCount ?? 0)
    }

    /// LRANGE key start stop
    mutating func listRange(_ call: Invocation) {
        guard let start = call[2].canonicalInteger, let stop = call[3].canonicalInteger else {
            fail(.notInteger)
            return
        }
        guard let found = read(call.key, .list) else { return }
        guard let entry = found.entry,
            let range = ListRange(start, stop, count: entry.listCount)
        else {
            reply.array(0)
            return
        }
        var walker = ListWalker(entry, from: range.start, towards: .right)
        if entry.form == .list, postpones(range.count) {
            let key = call.key
            begin { LongWork(.elements(ElementReply(key, walker, count: range.count))) }
            return
        }
        reply.array(range.count)
        walker.append(range.count, to: &reply)
    }

    /// LINDEX key index
    mutating func listIndex(_ call: Invocation) {
        guard let found = read(call.key, .list) else { return }
        guard let entry = found.entry else {
            reply.null()
            return
        }
        guard let number = call[2].canonicalInteger else {
            fail(.notInteger)
            return
        }
        guard let index = Self.place(ofIndex: number, in: entry) else {
            reply.null()
            return
        }
        var walker = ListWalker(entry, from: index, towards: .right)
        walker.append(1, to: &reply)
    }

    /// An element's number from the left, for an index that may count from the right; nil where
    /// there is none.
    static func place(ofIndex number: Int64, in entry: Entry) -> Int? {
        let count = Int64(entry.listCount)
        // No list has so many elements that a negative index could overflow.
        let place = number < 0 ? number + count : number
        return place >= 0 && place < count ? Int(place) : nil
    }

    // MARK: LPOS

    /// LPOS key element [RANK rank] [COUNT count] [MAXLEN length]
    mutating func listPosition(_ call: Invocation) {
        guard let options = readPositionOptions(call) else { return }
        guard let found = read(call.key, .list) else { return }
        guard let entry = found.entry else {
            options.count == nil ? reply.null() : reply.array(0)
            return
        }
        let lengthMax = options.lengthMax == 0 ? Int64.max : options.lengthMax
        if entry.form == .list, postpones(min(entry.listCount, Int(lengthMax))) {
            begin {
                LongWork(
                    .search(
                        ElementSearch(
                            call[2], entry, rank: options.rank, count: options.count,
                            lengthMax: options.lengthMax)))
            }
            return
        }
        // How many there will be is known afterwards, so their numbers are kept until then.
        positions.removeAll()
        findPositions(of: call[2], entry, options)
        guard options.count != nil else {
            positions.isEmpty ? reply.null() : reply.integer(positions[0])
            return
        }
        reply.array(positions.count)
        for index in 0..<positions.count { reply.integer(positions[index]) }
        positions.removeAll()
    }

    private struct PositionOptions {
        /// Negative: counted from the right.
        var rank: Int64 = 1
        /// 0: all.
        var count: Int64?
        /// 0: all.
        var lengthMax: Int64 = 0
    }

    private mutating func readPositionOptions(_ call: Invocation) -> PositionOptions? {
        var options = PositionOptions()
        var index = 3
        while index < call.count {
            let word = call[index]
            guard index + 1 < call.count else {
                fail(.syntax)
                return nil
            }
            let number = call[index + 1].canonicalInteger
            if word.equalsIgnoringCase("rank") {
                guard let number else {
                    fail(.notInteger)
                    return nil
                }
                if number == 0 {
                    fail(.rankZero)
                    return nil
                }
                options.rank = number
            } else if word.equalsIgnoringCase("count") {
                guard let number, number >= 0 else {
                    fail(.countNegative)
                    return nil
                }
                options.count = number
            } else if word.equalsIgnoringCase("maxlen") {
                guard let number, number >= 0 else {
                    fail(.lengthMaxNegative)
                    return nil
                }
                options.lengthMax = number
            } else {
                fail(.syntax)
                return nil
            }
            index += 2
        }
        return options
    }

    /// Leaves the numbers of the elements that are wanted in ``positions``.
    private mutating func findPositions(
        of value: Bytes, _ entry: Entry, _ options: PositionOptions
    ) {
        let count = entry.listCount
        let side: ListSide = options.rank < 0 ? .left : .right
        // As in Redis the least rank, which has no counterpart, is met by the first match.
        var skipped = options.rank == .min ? 0 : options.rank.magnitude - 1
        let wanted = options.count ?? 1
        let lengthMax =
            options.lengthMax == 0 ? count : min(count, Int(clamping: options.lengthMax))
        var left = lengthMax
        var walker = ListWalker(entry, towards: side)
        unsafe withEncoded(value) { encoded, length in
            while unsafe walker.find(encoded, length, limit: &left) != nil {
                if skipped > 0 {
                    skipped -= 1
                    continue
                }
                let place = lengthMax - left - 1
                positions.append(side == .right ? place : count - 1 - place)
                if wanted != 0, positions.count == wanted { return }
            }
        }
    }
}

/// The elements that LRANGE and LTRIM name by a first and a last index.
struct ListRange {
    let start: Int
    let count: Int

    /// Nil where there is none.
    ///
    /// - Parameter count: that of the list, from 1.
    init?(_ first: Int64, _ last: Int64, count: Int) {
        let length = Int64(count)
        let from = first < 0 ? max(first + length, 0) : first
        let to = min(last < 0 ? last + length : last, length - 1)
        if from > to || from >= length { return nil }
        start = Int(from)
        self.count = Int(to - from) + 1
    }
}
