import Base
import CIntrinsics

/// An element on its way through SORT. Its views live until the next write to the keyspace.
struct SortElement: BitwiseCopyable {
    let element: PackElement
    /// Which it was of those found.
    let order: Int
    /// What is compared: a number,
    var score = 0.0
    /// or bytes, where BY names keys; nil for a key, or a field, that is not there.
    var weight: StringValue?
}

/// How SORT compares elements.
struct SortOrder: BitwiseCopyable {
    let isDescending: Bool
    let isAlphabetic: Bool
    /// BY names what is compared.
    let hasWeights: Bool
    /// The result is stored: all bytes count. What is only answered is compared as the C locale
    /// does, up to a zero byte.
    let isExact: Bool
    /// The order in which elements were found is the one that is wanted.
    let isKept: Bool
    /// What has the same number stays in its order, whatever its bytes are.
    let isByScoreAlone: Bool

    /// Ascending or descending scores; nil for the order in which elements were found.
    init(byScore isAscending: Bool?) {
        isDescending = isAscending == false
        isAlphabetic = false
        hasWeights = false
        isExact = true
        isKept = isAscending == nil
        isByScoreAlone = true
    }

    init(_ options: borrowing SortOptions) {
        isDescending = options.isDescending
        isAlphabetic = options.isAlphabetic
        hasWeights = options.by != nil
        isExact = options.target != nil
        isKept = options.isUnsorted
        isByScoreAlone = false
    }

    /// Elements that are alike stay in the order in which they were found.
    func isBefore(_ left: SortElement, _ right: SortElement) -> Bool {
        if isKept { return left.order < right.order }
        let order = isDescending ? compare(right, left) : compare(left, right)
        return order == 0 ? left.order < right.order : order < 0
    }

    private func compare(_ left: SortElement, _ right: SortElement) -> Int {
        if !isAlphabetic {
            if left.score != right.score { return left.score < right.score ? -1 : 1 }
            if isByScoreAlone { return 0 }
            return compare(StringValue(left.element), StringValue(right.element), isExact: true)
        }
        if !hasWeights {
            return compare(
                StringValue(left.element), StringValue(right.element), isExact: isExact)
        }
        guard let first = left.weight else { return right.weight == nil ? 0 : -1 }
        guard let second = right.weight else { return 1 }
        return compare(first, second, isExact: isExact)
    }

    private func compare(_ left: StringValue, _ right: StringValue, isExact: Bool) -> Int {
        left.withBytes { left in
            right.withBytes { right in
                isExact ? left.compare(right) : left.text.compare(right.text)
            }
        }
    }
}

extension Bytes {
    /// What stands before the first zero byte.
    fileprivate var text: Bytes {
        for index in 0..<count where self[index] == 0 { return slice(0, index) }
        return self
    }
}

extension StringValue {
    /// The number that SORT compares: C's spellings of a `double` in its range, never NaN; nothing
    /// is 0, space may come first, and a zero byte ends the text. Nil for all else.
    var sortScore: Double? {
        switch self {
        case .integer(let integer): return Double(integer)
        case .bytes(let bytes):
            if let integer = bytes.canonicalInteger { return Double(integer) }
            var number = 0.0
            let isRead = unsafe bytes.withTerminated {
                unsafe gyre_double_parse_sort($0, &number) != 0
            }
            return isRead ? number : nil
        }
    }
}
