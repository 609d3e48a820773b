import Base

/// Bytes read from the front; whatever they hold, it never reads beyond them.
struct ByteReader: BitwiseCopyable {
    private let bytes: Bytes
    private(set) var offset = 0

    init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    var remaining: Int { bytes.count - offset }

    mutating func byte() throws(PayloadError) -> UInt8 {
        if remaining < 1 { throw .badFormat }
        offset += 1
        return bytes[offset - 1]
    }

    /// The byte that comes next, without going on.
    func peek() throws(PayloadError) -> UInt8 {
        if remaining < 1 { throw .badFormat }
        return bytes[offset]
    }

    mutating func take(_ count: UInt64) throws(PayloadError) -> Bytes {
        if count > UInt64(remaining) { throw .badFormat }
        let start = offset
        offset += Int(count)
        return bytes.slice(start, offset)
    }

    mutating func little<Integer: FixedWidthInteger & BitwiseCopyable>(
        _: Integer.Type
    ) throws(PayloadError) -> Integer {
        let part = try take(UInt64(MemoryLayout<Integer>.size))
        return Integer(littleEndian: unsafe part.start.loadUnaligned(as: Integer.self))
    }

    mutating func big<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ type: Integer.Type
    ) throws(PayloadError) -> Integer {
        try little(type).byteSwapped
    }

    /// A signed integer of three bytes.
    mutating func little24() throws(PayloadError) -> Int64 {
        let part = try take(3)
        let low = UInt32(part[0]) | UInt32(part[1]) << 8 | UInt32(part[2]) << 16
        return Int64(Int32(bitPattern: low << 8) >> 8)
    }
}
