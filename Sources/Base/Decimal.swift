// Integers as decimal text: what the protocol counts with and what INCR reads and writes.

/// The most bytes that ``writeDecimal(_:to:)`` writes: a sign and nineteen digits.
public let decimalSizeMax = 20

/// Writes `value` in decimal to `target`, which has room for ``decimalSizeMax`` bytes; returns how
/// many it took.
@inlinable @inline(__always)
public func writeDecimal(_ value: Int64, to target: UnsafeMutableRawPointer) -> Int {
    if value >= 0 { return unsafe writeDecimal(UInt64(bitPattern: value), to: target) }
    unsafe target.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
    return unsafe writeDecimal(value.magnitude, to: target + 1) &+ 1
}

/// As the signed form, for 0...UInt64.max.
@inlinable @inline(__always)
public func writeDecimal(_ value: UInt64, to target: UnsafeMutableRawPointer) -> Int {
    if value < 10 {
        unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: value) &+ 48, as: UInt8.self)
        return 1
    }
    if value < 100 {
        unsafe storeTwoDigits(value, to: target)
        return 2
    }
    let length = decimalLength(value)
    var rest = value
    var end = length
    while rest >= 100 {
        let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 100)
        end &-= 2
        unsafe storeTwoDigits(remainder, to: target + end)
        rest = quotient
    }
    if rest >= 10 {
        unsafe storeTwoDigits(rest, to: target)
    } else {
        unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: rest) &+ 48, as: UInt8.self)
    }
    return length
}

@inlinable @inline(__always)
func storeTwoDigits(_ value: UInt64, to target: UnsafeMutableRawPointer) {
    let (tens, ones) = value.quotientAndRemainder(dividingBy: 10)
    let pair = UInt16(truncatingIfNeeded: 0x3030 &+ tens &+ ones &<< 8)
    unsafe target.storeBytes(of: pair.littleEndian, as: UInt16.self)
}

/// How many decimal digits `value` has.
@inlinable
public func decimalLength(_ value: UInt64) -> Int {
    // What is counted and measured has few digits.
    if value < 1_000 { return value < 10 ? 1 : value < 100 ? 2 : 3 }
    if value < 1_000_000 { return value < 10_000 ? 4 : value < 100_000 ? 5 : 6 }
    var length = 7
    var bound: UInt64 = 10_000_000
    while value >= bound {
        length &+= 1
        if length == 20 { return 20 }
        bound = bound &* 10
    }
    return length
}

extension Bytes {
    /// The 64-bit integer whose one canonical decimal spelling these bytes are: no sign but a
    /// leading "-", no leading zero, no space, "0" and never "-0". Nil otherwise, also where it
    /// does not fit.
    @inlinable @inline(__always)
    public var canonicalInteger: Int64? {
        if count == 0 { return nil }
        if count > decimalSizeMax { return nil }
        // Most text begins with something else, and need not be looked at further.
        let first = unsafe start.load(as: UInt8.self)
        if first &- 48 > 9, first != UInt8(ascii: "-") { return nil }
        return spelledInteger
    }

    /// ``canonicalInteger`` of at least one byte and at most ``decimalSizeMax``.
    @inlinable
    var spelledInteger: Int64? {
        var index = 0
        let isNegative = self[0] == UInt8(ascii: "-")
        if isNegative {
            if count == 1 { return nil }
            index = 1
        }
        let first = unsafe start.load(fromByteOffset: index, as: UInt8.self) &- 48
        if first > 9 { return nil }
        if first == 0 { return count == 1 ? 0 : nil }
        var magnitude: UInt64 = 0
        while index < count {
            let digit = unsafe start.load(fromByteOffset: index, as: UInt8.self) &- 48
            if digit > 9 { return nil }
            let (scaled, scaleOverflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = scaled.addingReportingOverflow(UInt64(digit))
            if scaleOverflow || sumOverflow { return nil }
            magnitude = sum
            index &+= 1
        }
        if isNegative {
            if magnitude > Int64.min.magnitude { return nil }
            return Int64(truncatingIfNeeded: 0 &- magnitude)
        }
        return Int64(exactly: magnitude)
    }
}
