// The quick way for what nearly all requests are: whole, and short.

import Base

extension RequestParser {
    /// Reads a request of up to nine arguments of up to 99 bytes each that is there to its last
    /// byte. Such a one is within every limit.
    ///
    /// - Returns: false for all else, which ``parse(_:_:_:_:_:)`` then reads; nothing has changed.
    @inline(__always)
    func parseShort(
        _ input: Bytes, _ offset: inout Int, _ arguments: inout GrowableArray<Bytes>
    ) -> Bool {
        let lastLine = input.count &- 4
        var place = offset
        if place > lastLine { return false }
        let header = input.line(at: place)
        let expected = header.digit(1)
        if !header.isLine(of: UInt8(ascii: "*")) || expected &- 1 > 8 { return false }
        place &+= 4
        let target = unsafe arguments.reserve(Int(expected))
        for number in 0..<Int(expected) {
            if place > lastLine { return false }
            let line = input.line(at: place)
            var length = line.digit(1)
            place &+= 4
            if line.isLine(of: UInt8(ascii: "$")) {
                if length > 9 { return false }
            } else {
                let ones = line.digit(2)
                let isLonger = line.isBeginningOfLine(of: UInt8(ascii: "$"))
                if !isLonger || length &- 1 > 8 || ones > 9 { return false }
                length = length &* 10 &+ ones
                place &+= 1
            }
            let behind = place &+ Int(length) &+ 2
            if behind > input.count { return false }
            unsafe (target + number).initialize(
                to: Bytes(start: input.start + place, count: Int(length)))
            place = behind
        }
        arguments.advance(Int(expected))
        offset = place
        return true
    }
}

extension Bytes {
    /// The four bytes from `offset` on, the first of them lowest.
    @inline(__always)
    fileprivate func line(at offset: Int) -> UInt32 {
        unsafe UInt32(
            littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}

extension UInt32 {
    /// The decimal digit at byte `place`; above 9 where there is none.
    @inline(__always)
    fileprivate func digit(_ place: UInt32) -> UInt32 {
        (self &>> (8 &* place) & 0xFF) &- 48
    }

    /// "*1\r\n" with that mark and any byte for the digit.
    @inline(__always)
    fileprivate func isLine(of mark: UInt8) -> Bool {
        self & 0xFFFF_00FF == 0x0A0D_0000 | UInt32(mark)
    }

    /// "*12\r" with that mark and any bytes for the digits.
    @inline(__always)
    fileprivate func isBeginningOfLine(of mark: UInt8) -> Bool {
        self & 0xFF00_00FF == 0x0D00_0000 | UInt32(mark)
    }
}
