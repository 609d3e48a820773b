// The packed forms of small collections, read element by element: listpacks (RDB 10 and later),
// ziplists (before), and sets of integers. Each says where it ends, and is checked to end there.

import Base

/// An element of a value.
public enum PayloadElement: BitwiseCopyable {
    /// Valid until the next one is read.
    case bytes(Bytes)
    /// A string that was held as the integer it spells.
    case integer(Int64)
    /// A sorted set's score; never NaN.
    case score(Double)
}

/// A listpack: total bytes (4), count (2), elements with their lengths behind them, 255.
struct ListpackReader: BitwiseCopyable {
    private var reader: ByteReader

    init(_ bytes: Bytes) throws(PayloadError) {
        reader = ByteReader(bytes)
        let total = try reader.little(UInt32.self)
        if UInt64(total) != UInt64(bytes.count) { throw .badFormat }
        _ = try reader.little(UInt16.self)
    }

    mutating func next() throws(PayloadError) -> PayloadElement? {
        let start = reader.offset
        let first = try reader.byte()
        let element: PayloadElement
        switch first {
        case 0..<0x80: element = .integer(Int64(first))
        case 0x80..<0xC0: element = .bytes(try reader.take(UInt64(first & 0x3F)))
        case 0xC0..<0xE0:
            let value = UInt16(first & 0x1F) << 8 | UInt16(try reader.byte())
            element = .integer(Int64(Int16(bitPattern: value << 3) >> 3))
        case 0xE0..<0xF0:
            let length = UInt64(first & 0x0F) << 8 | UInt64(try reader.byte())
            element = .bytes(try reader.take(length))
        case 0xF0: element = .bytes(try reader.take(UInt64(try reader.little(UInt32.self))))
        case 0xF1: element = .integer(Int64(try reader.little(Int16.self)))
        case 0xF2: element = .integer(try reader.little24())
        case 0xF3: element = .integer(Int64(try reader.little(Int32.self)))
        case 0xF4: element = .integer(try reader.little(Int64.self))
        case 0xFF:
            if reader.remaining > 0 { throw .badFormat }
            return nil
        default: throw .badFormat
        }
        try skipLength(of: reader.offset - start)
        return element
    }

    /// The element's length behind it: seven bits a byte, the lowest last; all but the first byte
    /// have the top bit.
    private mutating func skipLength(of length: Int) throws(PayloadError) {
        let size =
            switch length {
            case ...127: 1
            case ..<16_383: 2
            case ..<2_097_151: 3
            case ..<268_435_455: 4
            default: 5
            }
        var found = 0
        for place in 0..<size {
            let byte = try reader.byte()
            if (byte & 0x80 == 0) != (place == 0) { throw .badFormat }
            found = found << 7 | Int(byte & 0x7F)
        }
        if found != length { throw .badFormat }
    }
}

/// A ziplist: total bytes (4), offset of the last element (4), count (2), elements with the length
/// of the one before them in front, 255.
struct ZiplistReader: BitwiseCopyable {
    private var reader: ByteReader
    private var previousLength = 0

    init(_ bytes: Bytes) throws(PayloadError) {
        reader = ByteReader(bytes)
        let total = try reader.little(UInt32.self)
        if UInt64(total) != UInt64(bytes.count) { throw .badFormat }
        _ = try reader.little(UInt32.self)
        _ = try reader.little(UInt16.self)
    }

    mutating func next() throws(PayloadError) -> PayloadElement? {
        let start = reader.offset
        var previous = UInt32(try reader.byte())
        if previous == 0xFF {
            if reader.remaining > 0 { throw .badFormat }
            return nil
        }
        if previous == 0xFE { previous = try reader.little(UInt32.self) }
        if UInt64(previous) != UInt64(previousLength) { throw .badFormat }
        let element = try element()
        previousLength = reader.offset - start
        return element
    }

    private mutating func element() throws(PayloadError) -> PayloadElement {
        let first = try reader.byte()
        switch first {
        case 0..<0x40: return .bytes(try reader.take(UInt64(first)))
        case 0x40..<0x80:
            let length = UInt64(first & 0x3F) << 8 | UInt64(try reader.byte())
            return .bytes(try reader.take(length))
        case 0x80: return .bytes(try reader.take(UInt64(try reader.big(UInt32.self))))
        case 0xC0: return .integer(Int64(try reader.little(Int16.self)))
        case 0xD0: return .integer(Int64(try reader.little(Int32.self)))
        case 0xE0: return .integer(try reader.little(Int64.self))
        case 0xF0: return .integer(try reader.little24())
        case 0xF1...0xFD: return .integer(Int64(first & 0x0F) - 1)
        case 0xFE: return .integer(Int64(try reader.little(Int8.self)))
        default: throw .badFormat
        }
    }
}

/// A set of integers: width in bytes (4), count (4), the integers.
struct IntegerSetReader: BitwiseCopyable {
    private var reader: ByteReader
    private let width: UInt32

    init(_ bytes: Bytes) throws(PayloadError) {
        reader = ByteReader(bytes)
        width = try reader.little(UInt32.self)
        if width != 2, width != 4, width != 8 { throw .badFormat }
        let count = try reader.little(UInt32.self)
        if UInt64(width) * UInt64(count) != UInt64(reader.remaining) { throw .badFormat }
    }

    mutating func next() throws(PayloadError) -> PayloadElement? {
        if reader.remaining == 0 { return nil }
        switch width {
        case 2: return .integer(Int64(try reader.little(Int16.self)))
        case 4: return .integer(Int64(try reader.little(Int32.self)))
        default: return .integer(try reader.little(Int64.self))
        }
    }
}
