import Base

extension Engine {
    /// BITCOUNT key [start end [BYTE | BIT]]. Without a key, no argument is looked at.
    @inline(never)
    mutating func countBits(_ call: Invocation) {
        guard let string = findString(call.key) else { return }
        if !string.isThere {
            reply.integer(0)
            return
        }
        var range = BitRange(length: string.length)
        if call.count == 4 || call.count == 5 {
            guard let start = readInteger(call[2]), let end = readInteger(call[3]) else { return }
            // What runs backwards is empty, even before the string's first bit, where all else is
            // one place; the unit is not looked at then.
            if start < 0, end < 0, start > end {
                reply.integer(0)
                return
            }
            var isInBits = false
            if call.count == 5 {
                guard let unit = readRangeUnit(call[4]) else { return }
                isInBits = unit
            }
            range = BitRange(
                from: start, through: end, isInBits: isInBits, length: string.length)
        } else if call.count != 2 {
            fail(.syntax)
            return
        }
        guard let range else {
            reply.integer(0)
            return
        }
        let bytes = (range.last - range.first) / 8
        if string.entry?.form == .long, postpones(bytes / Engine.readBytesPerElement) {
            begin { LongWork(.bitCount(BitCounting(call.key, range))) }
            return
        }
        reply.integer(string.withBytes { $0.setBitCount(range) })
    }

    /// BITPOS key bit [start [end [BYTE | BIT]]]: -1 where there is no such bit. A string without
    /// a given end is followed by zeros.
    @inline(never)
    mutating func findBit(_ call: Invocation) {
        guard let bit = readInteger(call[2]) else { return }
        if bit != 0 && bit != 1 {
            fail(.bitArgument)
            return
        }
        guard let string = findString(call.key) else { return }
        if !string.isThere {
            reply.integer(bit == 0 ? 0 : -1)
            return
        }
        guard let range = readPositionRange(call, string.length) else { return }
        guard case .some(let range) = range else {
            reply.integer(-1)
            return
        }
        let isEndless = bit == 0 && call.count < 5
        let otherwise = isEndless ? range.last + 1 : -1
        let bytes = (range.last - range.first) / 8
        if string.entry?.form == .long, postpones(bytes / Engine.readBytesPerElement) {
            let work = BitSearch(call.key, bit == 1, range, otherwise: otherwise)
            begin { LongWork(.bitSearch(work)) }
            return
        }
        reply.integer(string.withBytes { $0.findBit(bit == 1, range) } ?? otherwise)
    }

    /// The range that BITPOS searches, nil inside for an empty one; nil after answering with an
    /// error.
    private mutating func readPositionRange(_ call: Invocation, _ length: Int) -> BitRange?? {
        if call.count == 3 { return .some(BitRange(length: length)) }
        if call.count > 6 {
            fail(.syntax)
            return nil
        }
        guard let start = readInteger(call[3]) else { return nil }
        var isInBits = false
        if call.count == 6 {
            guard let unit = readRangeUnit(call[5]) else { return nil }
            isInBits = unit
        }
        var end: Int64 = -1
        if call.count >= 5 {
            guard let given = readInteger(call[4]) else { return nil }
            end = given
        }
        return .some(BitRange(from: start, through: end, isInBits: isInBits, length: length))
    }
}
