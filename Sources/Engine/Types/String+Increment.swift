import Base
import CIntrinsics

extension Engine {
    /// INCR key, DECR key, and the common part of INCRBY and DECRBY
    @inline(never)
    mutating func increment(_ call: Invocation, by increment: Int64) {
        let key = call.key
        guard let found = find(key, .string) else { return }
        let position = found.position
        guard let before = integer(at: position) else {
            fail(.notInteger)
            return
        }
        let (sum, overflow) = before.addingReportingOverflow(increment)
        if overflow {
            fail(.overflow)
            return
        }
        if let position, position.entry.form == .integer {
            keyspace.setInteger(key, position, sum)
        } else {
            keyspace.store(key, position, .integer(sum), .keep)
        }
        notify(.string, "incrby", key.bytes)
        reply.integer(sum)
    }

    /// The number that a string says; 0 where there is none, nil where it says no number.
    @inline(__always)
    private mutating func integer(at position: Position?) -> Int64? {
        guard let position else { return 0 }
        if _fastPath(position.entry.has(.integer)) { return position.entry.integer }
        return integer(ofText: position.entry)
    }

    @inline(never)
    private mutating func integer(ofText entry: Entry) -> Int64? {
        keyspace.string(of: entry).integer
    }

    /// INCRBY key increment
    @inline(never)
    mutating func incrementBy(_ call: Invocation) {
        guard let amount = call[2].canonicalInteger else {
            fail(.notInteger)
            return
        }
        increment(call, by: amount)
    }

    /// DECRBY key decrement
    @inline(never)
    mutating func decrementBy(_ call: Invocation) {
        guard let amount = call[2].canonicalInteger else {
            fail(.notInteger)
            return
        }
        if amount == Int64.min {
            fail(.decrementOverflow)
            return
        }
        increment(call, by: -amount)
    }

    /// INCRBYFLOAT key increment
    @inline(never)
    mutating func incrementByFloat(_ call: Invocation) {
        let key = call.key
        guard let found = find(key, .string) else { return }
        let position = found.position
        var sum = gyre_decimal(value: 0)
        if let position {
            guard let before = keyspace.string(of: position.entry).withBytes(\.decimal) else {
                fail(.notFloat)
                return
            }
            sum = before
        }
        guard var increment = call[2].decimal else {
            fail(.notFloat)
            return
        }
        unsafe gyre_decimal_add(&sum, &increment)
        if unsafe gyre_decimal_is_finite(&sum) == 0 {
            fail(.notFinite)
            return
        }
        withDecimalText(&sum) { engine, digits in
            // Redis keeps the digits as text even where they are those of an integer.
            engine.keyspace.store(key, position, .bytes(digits), .keep)
            engine.notify(.string, "incrbyfloat", key.bytes)
            engine.reply.bulk(digits)
        }
    }

    /// Calls `body` with a number's text, which lives as long as the call.
    mutating func withDecimalText(
        _ number: inout gyre_decimal, _ body: (inout Engine, Bytes) -> Void
    ) {
        unsafe withUnsafeTemporaryAllocation(byteCount: decimalTextSizeMax, alignment: 1) { text in
            let start = unsafe text.baseAddress.unsafelyUnwrapped
            let length = unsafe gyre_decimal_write(&number, start, decimalTextSizeMax)
            body(&self, unsafe Bytes(start: start, count: length))
        }
    }
}

/// The longest text that is read as a decimal number or written for one, in bytes, a NUL included.
/// The widest `long double` has 4,933 digits before the point.
private let decimalTextSizeMax = 5 * 1024

extension StringValue {
    /// The integer that a value is or spells, or nil.
    @inline(__always)
    var integer: Int64? {
        switch self {
        case .integer(let integer): integer
        case .bytes(let bytes): bytes.canonicalInteger
        }
    }
}

extension Bytes {
    /// The number that these bytes spell, or nil.
    var decimal: gyre_decimal? {
        if count == 0 || count >= decimalTextSizeMax { return nil }
        return unsafe withUnsafeTemporaryAllocation(
            byteCount: count + 1, alignment: 1
        ) { text -> gyre_decimal? in
            let copy = unsafe text.baseAddress.unsafelyUnwrapped
            unsafe copy.copyMemory(from: start, byteCount: count)
            unsafe copy.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
            var number = gyre_decimal(value: 0)
            return unsafe gyre_decimal_parse(copy, count, &number) == 0 ? nil : number
        }
    }
}
