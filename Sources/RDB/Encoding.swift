import Base

/// Lengths and strings as RDB has them (docs/internals/rdb.md).
enum Encoding {
    /// A length; or, if `isEncoded`, the number of a string's other form.
    static func length(
        _ reader: inout ByteReader
    ) throws(PayloadError) -> (UInt64, isEncoded: Bool) {
        let first = try reader.byte()
        switch first >> 6 {
        case 0: return (UInt64(first & 0x3F), false)
        case 1: return (UInt64(first & 0x3F) << 8 | UInt64(try reader.byte()), false)
        case 3: return (UInt64(first & 0x3F), true)
        default:
            if first == 0x80 { return (UInt64(try reader.big(UInt32.self)), false) }
            if first == 0x81 { return (try reader.big(UInt64.self), false) }
            throw .badFormat
        }
    }

    /// A string. What had to be decompressed is behind what `scratch` has, and viewed there.
    static func string(
        _ reader: inout ByteReader, _ scratch: inout OutputBuffer
    ) throws(PayloadError) -> PayloadElement {
        let (number, isEncoded) = try length(&reader)
        if !isEncoded { return .bytes(try reader.take(number)) }
        switch number {
        case 0: return .integer(Int64(try reader.little(Int8.self)))
        case 1: return .integer(Int64(try reader.little(Int16.self)))
        case 2: return .integer(Int64(try reader.little(Int32.self)))
        case 3:
            let (compressed, isFirstEncoded) = try length(&reader)
            let (whole, isSecondEncoded) = try length(&reader)
            if isFirstEncoded || isSecondEncoded { throw .badFormat }
            try LZF.decompress(try reader.take(compressed), length: whole, to: &scratch)
            return .bytes(scratch.bytes)
        default: throw .badFormat
        }
    }

    /// Goes on behind a string.
    static func skipString(_ reader: inout ByteReader) throws(PayloadError) {
        let (number, isEncoded) = try length(&reader)
        if !isEncoded {
            _ = try reader.take(number)
            return
        }
        switch number {
        case 0: _ = try reader.take(1)
        case 1: _ = try reader.take(2)
        case 2: _ = try reader.take(4)
        case 3:
            let (compressed, isFirstEncoded) = try length(&reader)
            let (_, isSecondEncoded) = try length(&reader)
            if isFirstEncoded || isSecondEncoded { throw .badFormat }
            _ = try reader.take(compressed)
        default: throw .badFormat
        }
    }
}
