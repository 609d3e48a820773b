// A field of BITFIELD: an integer of 1 to 64 bits at any bit of a string, its highest bit first.

import Base

/// The form of a field: "u" for 1 to 63 bits, "i" with a sign for 1 to 64.
struct BitFieldType: BitwiseCopyable {
    let isSigned: Bool
    /// In bits.
    let width: Int

    /// Of a word such as "i16"; nil where it is none. As in Redis a zero byte ends the word.
    init?(_ word: Bytes) {
        let text = word.untilNUL
        if text.isEmpty { return nil }
        switch text[0] {
        case UInt8(ascii: "i"): isSigned = true
        case UInt8(ascii: "u"): isSigned = false
        default: return nil
        }
        guard let width = text.slice(1, text.count).canonicalInteger,
            width >= 1, width <= (isSigned ? 64 : 63)
        else { return nil }
        self.width = Int(width)
    }

    /// The integer that the lowest ``width`` bits are.
    func integer(_ bits: UInt64) -> Int64 {
        let spare = UInt64(64 &- width)
        let shifted = bits &<< spare
        return isSigned
            ? Int64(bitPattern: shifted) &>> Int64(spare) : Int64(bitPattern: shifted &>> spare)
    }

    /// The smallest and the largest integer.
    private var bounds: ClosedRange<Int128> {
        isSigned
            ? -(Int128(1) << Int128(width - 1))...(Int128(1) << Int128(width - 1)) - 1
            : 0...(Int128(1) << Int128(width)) - 1
    }

    /// What a field becomes that ought to become `wanted`; nil where it stays as it is.
    func fitting(_ wanted: Int128, _ overflow: BitFieldOverflow) -> Int64? {
        if bounds.contains(wanted) { return Int64(truncatingIfNeeded: wanted) }
        switch overflow {
        case .wrap: return integer(UInt64(truncatingIfNeeded: wanted))
        case .saturate:
            let bound = wanted < 0 ? bounds.lowerBound : bounds.upperBound
            return Int64(truncatingIfNeeded: bound)
        case .fail: return nil
        }
    }
}

/// What happens when a field cannot hold what is written to it.
enum BitFieldOverflow: BitwiseCopyable {
    case wrap
    case saturate
    case fail

    /// Nil where there is none of that name.
    init?(_ name: Bytes) {
        if name.equalsIgnoringCase("wrap") {
            self = .wrap
        } else if name.equalsIgnoringCase("sat") {
            self = .saturate
        } else if name.equalsIgnoringCase("fail") {
            self = .fail
        } else {
            return nil
        }
    }
}

/// One of BITFIELD's subcommands, with its arguments.
struct BitFieldOperation: BitwiseCopyable {
    enum Action: BitwiseCopyable {
        case get
        case set
        case increment
    }

    let action: Action
    let type: BitFieldType
    /// Of the field's first bit.
    let offset: Int
    /// What is set or added.
    let operand: Int64
    let overflow: BitFieldOverflow

    /// The last bit.
    var last: Int { offset + type.width - 1 }

    /// What the field ought to become, `before` being what it is.
    func wanted(_ before: Int64) -> Int128 {
        switch action {
        case .get: Int128(before)
        case .increment: Int128(before) + Int128(operand)
        // A negative number set to a field without a sign counts as too large, not too small.
        case .set:
            type.isSigned ? Int128(operand) : Int128(UInt64(bitPattern: operand))
        }
    }
}

extension Bytes {
    /// The `width` bits from `offset` on, as the lowest of the result; zeros behind the end.
    func bits(_ offset: Int, _ width: Int) -> UInt64 {
        var bits: UInt64 = 0
        var place = offset &>> 3
        var skipped = offset & 7
        var left = width
        while left > 0 {
            let taken = min(8 &- skipped, left)
            let byte = place < count ? self[place] : 0
            let part = (byte &<< UInt8(skipped)) &>> UInt8(8 &- taken)
            bits = bits &<< UInt64(taken) | UInt64(part)
            left &-= taken
            place &+= 1
            skipped = 0
        }
        return bits
    }
}

extension StringOpened {
    /// Writes the lowest `width` bits of `bits` from the bit `offset` on.
    func setBits(_ offset: Int, _ width: Int, _ bits: UInt64) {
        var place = offset &>> 3
        var skipped = offset & 7
        var left = width
        while left > 0 {
            let taken = min(8 &- skipped, left)
            left &-= taken
            let shift = UInt8(8 &- skipped &- taken)
            let mask = UInt8(truncatingIfNeeded: (1 &<< taken) &- 1) &<< shift
            let part = UInt8(truncatingIfNeeded: bits &>> UInt64(left)) &<< shift
            self[place] = self[place] & ~mask | part & mask
            place &+= 1
            skipped = 0
        }
    }
}
