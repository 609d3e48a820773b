import Base

/// Writes a value in Redis's format, element by element, in forms that every version since 4.0
/// reads: the receiver packs small collections by its own limits.
///
/// The buffer is the caller's and begins with the payload.
public struct PayloadWriter: BitwiseCopyable {
    /// The version that DUMP names. What is written is the same in all of `PayloadReader.versions`
    /// from 8 on; a server refuses a higher one than its own.
    public let version: UInt16

    /// Writes payloads that name `version`.
    public init(version: UInt16) {
        self.version = version
    }

    /// The bytes behind a value: version and checksum.
    public static var trailerSize: Int { PayloadCheck.trailerSize }

    /// How many bytes ``begin(_:count:_:)`` appends.
    public static func headerSize(_ type: PayloadType, count: Int) -> Int {
        type == .string ? 1 : 1 + lengthSize(count)
    }

    /// How many bytes ``append(_:_:)`` appends.
    public static func size(of element: PayloadElement) -> Int {
        switch element {
        case .bytes(let bytes): lengthSize(bytes.count) + bytes.count
        case .score: 8
        case .integer(let integer): size(of: integer)
        }
    }

    private static func size(of integer: Int64) -> Int {
        if Int8(exactly: integer) != nil { return 2 }
        if Int16(exactly: integer) != nil { return 3 }
        if Int32(exactly: integer) != nil { return 5 }
        return (integer < 0 ? 2 : 1) + decimalLength(integer.magnitude)
    }

    private static func lengthSize(_ length: Int) -> Int {
        length < 1 << 6 ? 1 : length < 1 << 14 ? 2 : length <= Int(UInt32.max) ? 5 : 9
    }

    /// Begins a value of `count` elements: of a hash its fields, of a sorted set its members; 1 of
    /// a string.
    public func begin(_ type: PayloadType, count: Int, _ output: inout OutputBuffer) {
        switch type {
        case .string:
            invariant(count == 1, "a string is one element")
            output.append(0)
            return
        case .list: output.append(1)
        case .set: output.append(2)
        case .sortedSet: output.append(5)
        case .hash: output.append(4)
        }
        appendLength(UInt64(count), &output)
    }

    /// Appends an element; a string of bytes that spell an integer may come as either.
    public func append(_ element: PayloadElement, _ output: inout OutputBuffer) {
        switch element {
        case .bytes(let bytes):
            appendLength(UInt64(bytes.count), &output)
            output.append(bytes)
        case .score(let score): append(integer: score.bitPattern, &output)
        case .integer(let integer): append(integer, &output)
        }
    }

    /// Appends the length of a string whose bytes the caller appends, in place of
    /// ``append(_:_:)``.
    public func beginString(length: Int, _ output: inout OutputBuffer) {
        appendLength(UInt64(length), &output)
    }

    /// Ends the payload: version and checksum of all that is in the buffer.
    public func end(_ crc: borrowing CRC64, _ output: inout OutputBuffer) {
        end(crc, after: crc.checksum(output.bytes), &output)
    }

    /// Ends the payload whose bytes so far, here or elsewhere, have the checksum `before`.
    public func end(
        _ crc: borrowing CRC64, after before: UInt64, _ output: inout OutputBuffer
    ) {
        let start = output.count
        append(integer: version, &output)
        let checksum = crc.checksum(output.bytes.slice(start, output.count), after: before)
        append(integer: checksum, &output)
    }

    func append(_ integer: Int64, _ output: inout OutputBuffer) {
        if let byte = Int8(exactly: integer) {
            output.append(0xC0)
            append(integer: byte, &output)
        } else if let word = Int16(exactly: integer) {
            output.append(0xC1)
            append(integer: word, &output)
        } else if let long = Int32(exactly: integer) {
            output.append(0xC2)
            append(integer: long, &output)
        } else {
            // Larger ones stand as text.
            let digits = unsafe output.reserve(21) + 1
            let count = unsafe writeDecimal(integer, to: digits)
            unsafe (digits - 1).storeBytes(of: UInt8(count), as: UInt8.self)
            output.advance(count + 1)
        }
    }

    func appendLength(_ length: UInt64, _ output: inout OutputBuffer) {
        if length < 1 << 6 {
            output.append(UInt8(length))
        } else if length < 1 << 14 {
            output.append(UInt8(0x40 | length >> 8))
            output.append(UInt8(truncatingIfNeeded: length))
        } else if length <= UInt64(UInt32.max) {
            output.append(0x80)
            append(integer: UInt32(length).byteSwapped, &output)
        } else {
            output.append(0x81)
            append(integer: length.byteSwapped, &output)
        }
    }

    func append<Integer: FixedWidthInteger & BitwiseCopyable>(
        integer: Integer, _ output: inout OutputBuffer
    ) {
        let size = MemoryLayout<Integer>.size
        unsafe output.reserve(size).storeBytes(of: integer.littleEndian, as: Integer.self)
        output.advance(size)
    }
}
