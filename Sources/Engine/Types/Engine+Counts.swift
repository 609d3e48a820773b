import Base

/// How many elements LPOP, ZPOPMIN or one of their kin is to pop.
struct PopCount {
    /// 0 or more; nil where none was given, which is one element, answered with in another form.
    let given: Int64?

    /// How many of `size` elements are popped.
    func limited(to size: Int) -> Int { Int(clamping: min(given ?? 1, Int64(size))) }
}

/// An end that LMPOP or ZMPOP pops from.
protocol PopEnd {
    /// The end that a word names; nil for any other word.
    init?(_ word: Bytes)
}

/// What LMPOP, ZMPOP and their blocking kin are told.
struct MultiplePop<End: PopEnd> {
    /// Which arguments are keys.
    let keys: Range<Int>
    let end: End
    /// How many elements are popped at most, at least 1.
    let count: Int
}

// The counts that commands on several types take, and the replies that a count would make too long.
extension Engine {
    /// Reads key [count]; nil after answering with an error.
    mutating func readPopCount(_ call: Invocation) -> PopCount? {
        if call.count < 3 { return PopCount(given: nil) }
        guard let count = call[2].canonicalInteger, count >= 0 else {
            fail(.notPositive)
            return nil
        }
        return PopCount(given: count)
    }

    /// Reads numkeys key [key …] end [COUNT count]; nil after answering with an error.
    ///
    /// - Parameter first: where the keys begin.
    mutating func readMultiplePop<End: PopEnd>(
        _ call: Invocation, keysAt first: Int
    ) -> MultiplePop<End>? {
        guard let number = call[first - 1].canonicalInteger, number > 0 else {
            fail(.keyCountNotPositive)
            return nil
        }
        let endAt = first.addingReportingOverflow(Int(number))
        guard !endAt.overflow, endAt.partialValue < call.count,
            let end = End(call[endAt.partialValue])
        else {
            fail(.syntax)
            return nil
        }
        let behind = endAt.partialValue + 1
        var count: Int64 = 1
        if behind < call.count {
            guard call[behind].equalsIgnoringCase("count"), behind + 1 < call.count else {
                fail(.syntax)
                return nil
            }
            guard let number = call[behind + 1].canonicalInteger, number > 0 else {
                fail(.countNotPositive)
                return nil
            }
            if behind + 2 < call.count {
                fail(.syntax)
                return nil
            }
            count = number
        }
        return MultiplePop(
            keys: first..<endAt.partialValue, end: end, count: Int(clamping: count))
    }

    /// Reads key count [word] of HRANDFIELD or ZRANDMEMBER: the count, negative where each element
    /// is drawn anew, and whether the word was given. Nil after answering with an error.
    mutating func readDraw(_ call: Invocation, _ word: StaticString) -> (Int64, Bool)? {
        guard let count = readDrawCount(call) else { return nil }
        if call.count == 3 { return (count, false) }
        if call.count > 4 || !call[3].equalsIgnoringCase(word) {
            fail(.syntax)
            return nil
        }
        if count.magnitude > Int64.max / 2 {
            fail(.valueOutOfRange)
            return nil
        }
        return (count, true)
    }

    /// Reads the count of HRANDFIELD or its kin; nil after answering with an error.
    mutating func readDrawCount(_ call: Invocation) -> Int64? {
        guard let count = call[2].canonicalInteger else {
            fail(.notInteger)
            return nil
        }
        if count == .min {
            fail(.notLong)
            return nil
        }
        return count
    }

    // MARK: Replies that are too long

    /// So many elements make a reply that is longer than any may be.
    func isOverlong(_ count: Int) -> Bool { count > limits.replyLengthMax / Self.bulkLengthMin }

    /// "$0", two line ends.
    private static var bulkLengthMin: Int { 6 }

    /// A count may ask for more than there is memory in the world: puts an error in the place of
    /// such a reply.
    ///
    /// - Parameter start: where the reply began.
    @inline(__always)
    mutating func endOverlongReply(from start: Int) -> Bool {
        if _fastPath(reply.buffer.count - start <= limits.replyLengthMax) { return false }
        reply.buffer.truncate(to: start)
        fail(.replyTooLong)
        return true
    }
}
