import Base

/// The arguments of SCAN cursor [MATCH pattern] [COUNT count] [TYPE type], and of SSCAN and its
/// kin, where a key stands before the cursor and there is no TYPE.
package struct ScanOptions {
    package private(set) var cursor = ScanCursor(rawValue: 0)
    /// About how many keys or elements to look at, from 1.
    package private(set) var count = 10
    private var pattern: GlobPattern?
    private var type: Bytes?
    private let takesType: Bool
    /// What is wrong with the arguments; the rest then means nothing.
    package private(set) var error: CommandError?

    /// - Parameter cursorAt: which argument is the cursor: 1 of SCAN, 2 where a key stands before
    ///   it.
    package init(_ call: Invocation, cursorAt: Int = 1) {
        takesType = cursorAt == 1
        guard let number = call[cursorAt].scanCursor else {
            error = .invalidCursor
            return
        }
        cursor = ScanCursor(rawValue: number)
        var index = cursorAt + 1
        while index < call.count, error == nil {
            if index + 1 == call.count {
                error = .syntax
                return
            }
            read(call[index], call[index + 1])
            index += 2
        }
    }

    private mutating func read(_ name: Bytes, _ value: Bytes) {
        if name.equalsIgnoringCase("match") {
            pattern = GlobPattern(value)
        } else if takesType, name.equalsIgnoringCase("type") {
            type = value
        } else if name.equalsIgnoringCase("count") {
            guard let number = value.canonicalInteger else {
                error = .notInteger
                return
            }
            if number < 1 { error = .syntax }
            count = Int(number)
        } else {
            error = .syntax
        }
    }

    package func accepts(_ entry: Entry) -> Bool {
        if let type, !type.equalsIgnoringCase(entry.type.name) { return false }
        return pattern?.matches(entry.key) ?? true
    }

    /// Whether an element of a collection is to be returned.
    func accepts(_ element: PackElement) -> Bool {
        guard let pattern, !pattern.matchesAll else { return true }
        return element.withBytes { pattern.matches($0) }
    }
}

extension Bytes {
    /// The number that a cursor spells, as C's strtoul reads it, which clients rely on: nothing is
    /// 0, and a sign is taken. Nil for what is no number or does not fit 64 bits.
    fileprivate var scanCursor: UInt64? {
        if isEmpty { return 0 }
        let isNegative = self[0] == UInt8(ascii: "-")
        let isSigned = isNegative || self[0] == UInt8(ascii: "+")
        var number: UInt64 = 0
        if isSigned && count == 1 { return nil }
        for index in (isSigned ? 1 : 0)..<count {
            let digit = self[index] &- UInt8(ascii: "0")
            if digit > 9 { return nil }
            let (scaled, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeStill) = scaled.addingReportingOverflow(UInt64(digit))
            if isTooLarge || isTooLargeStill { return nil }
            number = sum
        }
        return isNegative ? 0 &- number : number
    }
}
