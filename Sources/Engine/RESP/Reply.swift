import Base
import CIntrinsics

/// Which form of the protocol a connection speaks.
package enum ProtocolVersion: UInt8, Sendable, BitwiseCopyable {
    case resp2 = 2
    case resp3 = 3
}

/// Where a command's reply goes: bytes of the protocol, appended in order.
///
/// Source: the Redis serialization protocol specification, versions 2 and 3.
package struct Reply: ~Copyable {
    package var buffer: OutputBuffer
    /// The form that the client of the current command reads.
    package var version: ProtocolVersion = .resp2

    package init() {
        buffer = OutputBuffer()
    }

    // MARK: Lines

    /// "+OK", for literals without a line end.
    @inline(__always)
    package mutating func simple(_ text: StaticString) {
        line(UInt8(ascii: "+"), Bytes(text))
    }

    /// For text without a line end that is made on cold paths.
    package mutating func simple(_ text: String) {
        buffer.append(UInt8(ascii: "+"))
        for byte in text.utf8 { buffer.append(byte) }
        buffer.append("\r\n")
    }

    @inline(__always)
    package mutating func ok() {
        buffer.append("+OK\r\n")
    }

    @inline(__always)
    package mutating func pong() {
        buffer.append("+PONG\r\n")
    }

    /// ":n"
    @inline(__always)
    package mutating func integer(_ value: Int64) {
        number(UInt8(ascii: ":"), value)
    }

    @inline(__always)
    package mutating func integer(_ value: Int) {
        number(UInt8(ascii: ":"), Int64(value))
    }

    private mutating func line(_ mark: UInt8, _ text: Bytes) {
        let target = unsafe buffer.reserve(text.count &+ 3)
        unsafe target.storeBytes(of: mark, as: UInt8.self)
        unsafe (target + 1).copyMemory(from: text.start, byteCount: text.count)
        unsafe target.storeLineEnd(at: 1 &+ text.count)
        buffer.advance(text.count &+ 3)
    }

    @inline(__always)
    private mutating func number(_ mark: UInt8, _ value: Int64) {
        let target = unsafe buffer.reserve(decimalSizeMax &+ 3)
        unsafe target.storeBytes(of: mark, as: UInt8.self)
        let length = unsafe writeDecimal(value, to: target + 1)
        unsafe target.storeLineEnd(at: 1 &+ length)
        buffer.advance(length &+ 3)
    }

    // MARK: Strings

    /// "$n", the bytes.
    @inline(__always)
    package mutating func bulk(_ bytes: Bytes) {
        let target = unsafe buffer.reserve(bytes.count &+ decimalSizeMax &+ 5)
        unsafe target.storeBytes(of: UInt8(ascii: "$"), as: UInt8.self)
        let length = unsafe writeDecimal(Int64(bytes.count), to: target + 1)
        unsafe target.storeLineEnd(at: 1 &+ length)
        let content = unsafe target + length + 3
        unsafe content.copyMemory(from: bytes.start, byteCount: bytes.count)
        unsafe content.storeLineEnd(at: bytes.count)
        buffer.advance(length &+ bytes.count &+ 5)
    }

    /// "$n", for a string whose bytes and line end the caller appends.
    package mutating func bulkLength(_ count: Int) {
        number(UInt8(ascii: "$"), Int64(count))
    }

    @inline(__always)
    package mutating func bulk(_ literal: StaticString) {
        bulk(Bytes(literal))
    }

    /// For text made on cold paths.
    package mutating func bulk(_ text: String) {
        var copy = text
        copy.withUTF8 { unsafe bulk(Bytes(UnsafeRawBufferPointer($0))) }
    }

    /// An integer as a bulk string of its digits.
    @inline(__always)
    package mutating func bulk(_ value: Int64) {
        let target = unsafe buffer.reserve(decimalSizeMax &+ 8)
        // The digits come first, where they end up when there are fewer than ten.
        let length = unsafe writeDecimal(value, to: target + 4)
        if _slowPath(length > 9) {
            unsafe (target + 5).copyMemory(from: target + 4, byteCount: length)
            unsafe target.storeBytes(of: UInt8(ascii: "$"), as: UInt8.self)
            _ = unsafe writeDecimal(Int64(length), to: target + 1)
            unsafe target.storeLineEnd(at: 3)
            unsafe target.storeLineEnd(at: 5 &+ length)
            buffer.advance(length &+ 7)
            return
        }
        unsafe target.storeBytes(of: UInt8(ascii: "$"), as: UInt8.self)
        unsafe target.storeBytes(
            of: UInt8(truncatingIfNeeded: length) &+ 48, toByteOffset: 1, as: UInt8.self)
        unsafe target.storeLineEnd(at: 2)
        unsafe target.storeLineEnd(at: 4 &+ length)
        buffer.advance(length &+ 6)
    }

    @inline(__always)
    package mutating func bulk(_ value: StringValue) {
        switch value {
        case .integer(let integer): bulk(integer)
        case .bytes(let bytes): bulk(bytes)
        }
    }

    /// Text with a hint at its form: a verbatim string in RESP3, a bulk string in RESP2.
    package mutating func verbatim(_ text: String) {
        if version == .resp2 {
            bulk(text)
            return
        }
        var copy = text
        copy.withUTF8 { utf8 in
            number(UInt8(ascii: "="), Int64(utf8.count + 4))
            buffer.append("txt:")
            unsafe buffer.append(Bytes(UnsafeRawBufferPointer(utf8)))
            buffer.append("\r\n")
        }
    }

    /// No value: "_" in RESP3, the null bulk string in RESP2.
    @inline(__always)
    package mutating func null() {
        buffer.append(version == .resp2 ? "$-1\r\n" : "_\r\n")
    }

    /// No array: "_" in RESP3, the null array in RESP2.
    package mutating func nullArray() {
        buffer.append(version == .resp2 ? "*-1\r\n" : "_\r\n")
    }

    // MARK: Collections: a header, then so many replies

    package mutating func array(_ count: Int) {
        number(UInt8(ascii: "*"), Int64(count))
    }

    /// `count` pairs of key and value; a flat array in RESP2.
    package mutating func map(_ count: Int) {
        if version == .resp2 {
            array(count * 2)
        } else {
            number(UInt8(ascii: "%"), Int64(count))
        }
    }

    /// `count` elements without order; an array in RESP2.
    package mutating func set(_ count: Int) {
        number(version == .resp2 ? UInt8(ascii: "*") : UInt8(ascii: "~"), Int64(count))
    }

    /// As ``set(_:)``, for elements that have been appended from `offset` of the buffer on.
    package mutating func set(_ count: Int, before offset: Int) {
        let bodyLength = makeRoom(forHeaderOf: count, before: offset)
        set(count)
        buffer.advance(bodyLength)
    }

    /// Moves what was appended from `offset` on behind the header that is written next, and leaves
    /// the buffer at `offset`; returns how many bytes lie behind the header.
    private mutating func makeRoom(forHeaderOf count: Int, before offset: Int) -> Int {
        let length = decimalLength(UInt64(count)) + 3
        let bodyLength = buffer.count - offset
        // The header is written with room to spare, which must not make the buffer move it again.
        let body = unsafe buffer.reserve(decimalSizeMax + 3) - bodyLength
        unsafe (body + length).copyMemory(from: body, byteCount: bodyLength)
        buffer.truncate(to: offset)
        return bodyLength
    }

    /// `count` elements that answer no request; RESP3 only.
    package mutating func push(_ count: Int) {
        invariant(version == .resp3, "only RESP3 has push messages")
        number(UInt8(ascii: ">"), Int64(count))
    }

    /// `count` pairs that say something about the reply that follows; RESP3 only.
    package mutating func attribute(_ count: Int) {
        invariant(version == .resp3, "only RESP3 has attributes")
        number(UInt8(ascii: "|"), Int64(count))
    }

    // MARK: Numbers that RESP2 has as strings or integers

    /// A decimal number in the text given.
    package mutating func double(_ text: StaticString) {
        version == .resp2 ? bulk(text) : line(UInt8(ascii: ","), Bytes(text))
    }

    /// As ``double(_:)-(StaticString)``.
    package mutating func double(_ text: Bytes) {
        version == .resp2 ? bulk(text) : line(UInt8(ascii: ","), text)
    }

    /// A decimal number, with up to 17 significant digits.
    package mutating func double(_ value: Double) {
        if version == .resp2 {
            bulk(score: value)
        } else if let integer = value.shortInteger {
            number(UInt8(ascii: ","), integer)
        } else {
            withScoreText(value) { line(UInt8(ascii: ","), $0) }
        }
    }

    /// A decimal number as a bulk string, with up to 17 significant digits.
    package mutating func bulk(score value: Double) {
        if let integer = value.shortInteger {
            bulk(integer)
        } else {
            withScoreText(value) { bulk($0) }
        }
    }

    /// An integer of any size, in the text given.
    package mutating func bigNumber(_ text: StaticString) {
        version == .resp2 ? bulk(text) : line(UInt8(ascii: "("), Bytes(text))
    }

    package mutating func boolean(_ value: Bool) {
        if version == .resp2 {
            integer(value ? 1 : 0)
        } else {
            buffer.append(value ? "#t\r\n" : "#f\r\n")
        }
    }

    // MARK: Errors

    package mutating func error(_ error: CommandError) {
        line(UInt8(ascii: "-"), Bytes(error.text))
    }

    /// For errors that quote what the client sent; line ends in it become spaces.
    package mutating func error(_ text: String) {
        buffer.append(UInt8(ascii: "-"))
        for byte in text.utf8 {
            buffer.append(byte == 13 || byte == 10 ? UInt8(ascii: " ") : byte)
        }
        buffer.append("\r\n")
    }
}

/// Calls `body` with a number's text, which lives as long as the call.
@inline(never)
func withScoreText(_ value: Double, _ body: (Bytes) -> Void) {
    unsafe withUnsafeTemporaryAllocation(byteCount: 32, alignment: 1) { text in
        let start = unsafe text.baseAddress.unsafelyUnwrapped
        let length = unsafe gyre_double_write(value, start, 32)
        body(unsafe Bytes(start: start, count: length))
    }
}

extension Double {
    /// The whole number that this is, if 17 digits spell all of it out; -0 is none.
    @inline(__always)
    fileprivate var shortInteger: Int64? {
        if !(magnitude < 1e17) { return nil }
        let integer = Int64(self)
        if Double(integer) != self || (integer == 0 && sign == .minus) { return nil }
        return integer
    }
}

extension UnsafeMutableRawPointer {
    @inline(__always)
    fileprivate func storeLineEnd(at offset: Int) {
        unsafe storeBytes(of: UInt16(0x0A0D).littleEndian, toByteOffset: offset, as: UInt16.self)
    }
}
