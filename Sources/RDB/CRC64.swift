import Base

/// The checksum at the end of a DUMP payload and of an RDB file: CRC-64 with the polynomial
/// 0xAD93D23594C935A9, bits reflected, from 0 and without a final inversion ("Jones").
///
/// Owns 16 KiB of tables: of each of eight bytes that are taken at once, what it does to the
/// checksum from where it stands.
public struct CRC64: ~Copyable {
    private var tables = GrowableArray<UInt64>(capacity: 8 * 256)

    /// The polynomial with its bits in reverse order.
    private static let reversedPolynomial: UInt64 = 0x95AC_9329_AC4B_C9B5

    /// Fills the tables.
    public init() {
        for byte in 0..<256 as Range<UInt64> {
            var checksum = byte
            for _ in 0..<8 {
                let carry = checksum & 1 == 0 ? 0 : Self.reversedPolynomial
                checksum = checksum >> 1 ^ carry
            }
            tables.append(checksum)
        }
        for index in 256..<8 * 256 {
            let before = tables[index - 256]
            tables.append(tables[Int(UInt8(truncatingIfNeeded: before))] ^ before >> 8)
        }
    }

    /// The checksum of what gave `before`, and of `bytes` behind it.
    public func checksum(_ bytes: Bytes, after before: UInt64 = 0) -> UInt64 {
        var checksum = before
        var index = 0
        while index &+ 8 <= bytes.count {
            let start = unsafe bytes.start + index
            let word = unsafe UInt64(littleEndian: start.loadUnaligned(as: UInt64.self)) ^ checksum
            checksum =
                entry(7, word) ^ entry(6, word &>> 8) ^ entry(5, word &>> 16)
                ^ entry(4, word &>> 24) ^ entry(3, word &>> 32) ^ entry(2, word &>> 40)
                ^ entry(1, word &>> 48) ^ entry(0, word &>> 56)
            index &+= 8
        }
        while index < bytes.count {
            checksum = entry(0, checksum ^ UInt64(bytes[index])) ^ checksum >> 8
            index &+= 1
        }
        return checksum
    }

    /// What the lowest byte of `word` does when `table` more bytes follow it.
    @inline(__always)
    private func entry(_ table: Int, _ word: UInt64) -> UInt64 {
        tables[table &* 256 &+ Int(UInt8(truncatingIfNeeded: word))]
    }
}
