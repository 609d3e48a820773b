import Base

/// Where a value in a file ends, of every type there is: those that are only passed over too.
enum ValueExtent {
    /// Goes on behind a value.
    static func skip(_ type: UInt8, _ reader: inout ByteReader) throws(PayloadError) {
        switch type {
        case 0, 9...13, 16, 17, 20: try Encoding.skipString(&reader)
        case 1, 2, 14: try skipStrings(try count(&reader), &reader)
        case 4: try skipStrings(2 * (try count(&reader)), &reader)
        case 3:
            for _ in 0..<(try count(&reader)) {
                try Encoding.skipString(&reader)
                let length = try reader.byte()
                // The longest ones stand for infinities and NaN.
                if length < 253 { _ = try reader.take(UInt64(length)) }
            }
        case 5:
            for _ in 0..<(try count(&reader)) {
                try Encoding.skipString(&reader)
                _ = try reader.take(8)
            }
        case 18:
            for _ in 0..<(try count(&reader)) {
                _ = try number(&reader)
                try Encoding.skipString(&reader)
            }
        case 7: try skipModule(&reader)
        case 15, 19, 21: try skipStream(type, &reader)
        default: throw .unsupportedType(type)
        }
    }

    /// A count of what takes a byte each at least.
    private static func count(_ reader: inout ByteReader) throws(PayloadError) -> UInt64 {
        let count = try number(&reader)
        if count > UInt64(reader.remaining) { throw .badFormat }
        return count
    }

    private static func number(_ reader: inout ByteReader) throws(PayloadError) -> UInt64 {
        let (number, isEncoded) = try Encoding.length(&reader)
        if isEncoded { throw .badFormat }
        return number
    }

    private static func skipStrings(
        _ count: UInt64, _ reader: inout ByteReader
    ) throws(PayloadError) {
        for _ in 0..<count { try Encoding.skipString(&reader) }
    }

    private static func skipNumbers(
        _ count: Int, _ reader: inout ByteReader
    ) throws(PayloadError) {
        for _ in 0..<count { _ = try number(&reader) }
    }

    /// What a module wrote: its number, then parts, each behind a number that tells its form, up
    /// to 0.
    static func skipModule(_ reader: inout ByteReader) throws(PayloadError) {
        _ = try number(&reader)
        while true {
            switch try number(&reader) {
            case 0: return
            case 1, 2: _ = try number(&reader)
            case 3: _ = try reader.take(4)
            case 4: _ = try reader.take(8)
            case 5: try Encoding.skipString(&reader)
            default: throw .badFormat
            }
        }
    }

    /// Nodes of entries, the stream's numbers, then groups with what is pending and consumers.
    private static func skipStream(
        _ type: UInt8, _ reader: inout ByteReader
    ) throws(PayloadError) {
        try skipStrings(2 * (try count(&reader)), &reader)
        // Length and last entry; since Redis 7.0 also first entry, last deletion, entries added.
        try skipNumbers(type == 15 ? 3 : 8, &reader)
        for _ in 0..<(try count(&reader)) {
            try Encoding.skipString(&reader)
            try skipNumbers(type == 15 ? 2 : 3, &reader)
            for _ in 0..<(try count(&reader)) {
                // Entry and time of delivery, then how often.
                _ = try reader.take(16 + 8)
                _ = try number(&reader)
            }
            for _ in 0..<(try count(&reader)) {
                try Encoding.skipString(&reader)
                // When seen; since 7.2 also when active.
                _ = try reader.take(type == 21 ? 16 : 8)
                _ = try reader.take(16 * (try count(&reader)))
            }
        }
    }
}
