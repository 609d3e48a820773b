import Base

/// What SORT is told behind its key.
struct SortOptions: ~Copyable {
    var isDescending = false
    /// Bytes are compared in place of numbers.
    var isAlphabetic = false
    /// BY names no keys: the elements stay in the order that they have.
    var isUnsorted = false
    /// Which elements are wanted of those that are sorted; a negative count for all.
    private var offset: Int64 = 0
    private var limit: Int64 = -1
    /// Names what is compared in place of the elements.
    var by: SortPattern?
    /// What is returned for each element; where there is none, the element.
    var gets = GrowableArray<SortPattern>(capacity: 4)
    /// The argument that names the key for the result.
    var target: Int?

    /// Reads the options from argument 2 on; what is wrong with the first that is, if any.
    ///
    /// - Parameter isConfined: in a cluster, where a node cannot read the keys that patterns name.
    mutating func read(_ call: Invocation, isConfined: Bool = false) -> CommandError? {
        var index = 2
        while index < call.count {
            if let error = read(call, &index, isConfined: isConfined) { return error }
            index += 1
        }
        return nil
    }

    /// Reads the option at `index` and moves on to its last word.
    private mutating func read(
        _ call: Invocation, _ index: inout Int, isConfined: Bool
    ) -> CommandError? {
        let word = call[index]
        let left = call.count - index - 1
        if word.equalsIgnoringCase("asc") {
            isDescending = false
        } else if word.equalsIgnoringCase("desc") {
            isDescending = true
        } else if word.equalsIgnoringCase("alpha") {
            isAlphabetic = true
        } else if word.equalsIgnoringCase("limit"), left >= 2 {
            guard let offset = call[index + 1].canonicalInteger,
                let limit = call[index + 2].canonicalInteger
            else { return .notInteger }
            (self.offset, self.limit) = (offset, limit)
            index += 2
        } else if call.command == .sort, word.equalsIgnoringCase("store"), left >= 1 {
            index += 1
            target = index
        } else if word.equalsIgnoringCase("by"), left >= 1 {
            index += 1
            return readBy(call[index], isConfined: isConfined)
        } else if word.equalsIgnoringCase("get"), left >= 1 {
            if isConfined { return .sortGetInCluster }
            index += 1
            gets.append(SortPattern(call[index]))
        } else {
            return .syntax
        }
        return nil
    }

    private mutating func readBy(_ word: Bytes, isConfined: Bool) -> CommandError? {
        let pattern = SortPattern(word)
        by = pattern
        if pattern.namesKeys {
            if isConfined { return .sortByInCluster }
        } else {
            // As in Redis this stands even where a later BY names keys.
            isUnsorted = true
        }
        return nil
    }

    /// Of `count` elements those that are wanted once they are in order.
    func range(of count: Int) -> Range<Int> {
        let start = Int(min(max(offset, 0), Int64(count)))
        if limit < 0 { return start..<count }
        return start..<(start + Int(min(limit, Int64(count - start))))
    }

    /// How many values are returned for each element.
    var width: Int { max(1, gets.count) }

    /// Settles what the options mean for a value. A set has no order of its own, so that what is
    /// stored of one is always sorted.
    mutating func settle(for type: ValueType?) {
        if isUnsorted, type == .set, target != nil {
            isUnsorted = false
            isAlphabetic = true
            by = nil
        }
        if isUnsorted { by = nil }
    }
}
