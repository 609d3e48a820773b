import Base

/// The arguments of SCAN cursor [MATCH pattern] [COUNT count] [TYPE type], and what follows the
/// cursor of HSCAN, SSCAN and ZSCAN.
package struct ScanOptions {
    /// Where the scan goes on.
    package private(set) var cursor = ScanCursor(rawValue: 0)
    package private(set) var count = 10
    /// NOVALUES of HSCAN was not given.
    package private(set) var wantsValues = true
    /// What is wrong with the arguments; the rest then means nothing.
    package private(set) var error: CommandError?
    private var pattern: GlobPattern?
    private var type: Bytes?

    /// Of SCAN.
    package init(_ call: Invocation) {
        guard let number = call[1].scanCursor else {
            error = .invalidCursor
            return
        }
        cursor = ScanCursor(rawValue: number)
        read(call, from: 2)
        count = min(count, Self.countMax)
    }

    /// How many keys or members are looked at in one call, whatever COUNT says: it is a hint, which
    /// the cursor makes good.
    static let countMax = 4096

    /// Of HSCAN, SSCAN or ZSCAN key cursor […].
    ///
    /// - Parameter cursor: read already, since a key that is not there hides what is wrong behind.
    init(ofMembers call: Invocation, from cursor: ScanCursor) {
        self.cursor = cursor
        read(call, from: 3)
        count = min(count, Self.countMax)
    }

    private mutating func read(_ call: Invocation, from first: Int) {
        var index = first
        while index < call.count, error == nil {
            if call.command == .hscan, call[index].equalsIgnoringCase("novalues") {
                wantsValues = false
                index += 1
                continue
            }
            if index + 1 == call.count {
                error = .syntax
                return
            }
            read(call[index], call[index + 1], isOfKeys: call.command == .scan)
            index += 2
        }
    }

    private mutating func read(_ name: Bytes, _ value: Bytes, isOfKeys: Bool) {
        if name.equalsIgnoringCase("match") {
            pattern = GlobPattern(value)
        } else if name.equalsIgnoringCase("type"), isOfKeys {
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

    /// Whether a key is to be returned.
    package func accepts(_ entry: Entry) -> Bool {
        if let type, !type.equalsIgnoringCase(entry.type.name) { return false }
        return accepts(entry.key)
    }

    /// Whether a name, of a key or a member, is to be returned.
    func accepts(_ name: Bytes) -> Bool {
        pattern?.matches(name) ?? true
    }
}

extension Bytes {
    /// The number that a cursor spells, as C's strtoul reads it, which clients rely on: a zero byte
    /// ends it, nothing is 0, and a sign is taken. Nil for what is no number or does not fit 64
    /// bits.
    var scanCursor: UInt64? {
        let digits = untilNUL
        if digits.isEmpty { return 0 }
        let isNegative = digits[0] == UInt8(ascii: "-")
        let isSigned = isNegative || digits[0] == UInt8(ascii: "+")
        var number: UInt64 = 0
        if isSigned && digits.count == 1 { return nil }
        for index in (isSigned ? 1 : 0)..<digits.count {
            let digit = digits[index] &- UInt8(ascii: "0")
            if digit > 9 { return nil }
            let (scaled, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeStill) = scaled.addingReportingOverflow(UInt64(digit))
            if isTooLarge || isTooLargeStill { return nil }
            number = sum
        }
        return isNegative ? 0 &- number : number
    }
}
