import Base

extension Bytes {
    /// The little-endian integer at `offset`, which must lie inside.
    func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, _: Integer.Type
    ) -> Integer {
        invariant(offset >= 0, "an integer begins inside")
        invariant(offset + MemoryLayout<Integer>.size <= count, "an integer ends inside")
        let value = unsafe start.loadUnaligned(fromByteOffset: offset, as: Integer.self)
        return Integer(littleEndian: value)
    }

    /// Whether there is nothing but zeros from `offset` on.
    func isBlank(from offset: Int) -> Bool {
        var offset = offset
        while offset < count {
            if count - offset >= 8 {
                if integer(at: offset, UInt64.self) != 0 { return false }
                offset += 8
            } else {
                if self[offset] != 0 { return false }
                offset += 1
            }
        }
        return true
    }

    /// How many bytes there are without the zeros at the end.
    var countToLastByte: Int {
        var end = count
        while end >= 8, integer(at: end - 8, UInt64.self) == 0 { end -= 8 }
        while end > 0, self[end - 1] == 0 { end -= 1 }
        return end
    }
}

extension OutputBuffer {
    /// Appends an integer's little-endian bytes.
    @inlinable
    mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(integer: Integer) {
        let size = MemoryLayout<Integer>.size
        unsafe reserve(size).storeBytes(of: integer.littleEndian, as: Integer.self)
        advance(size)
    }
}

extension UInt64 {
    /// As 16 lower-case hexadecimal digits.
    var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Of 16 lower-case hexadecimal digits; nil for anything else.
    init?(hexadecimal text: some StringProtocol) {
        guard text.utf8.count == 16 else { return nil }
        var value: UInt64 = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                value = value << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        self = value
    }
}

extension FixedWidthInteger {
    /// Of the one decimal spelling that a number has; nil for anything else.
    init?(canonical text: some StringProtocol) {
        guard let value = Self(text), String(value) == text else { return nil }
        self = value
    }
}
