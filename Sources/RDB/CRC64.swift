import Base

/// The checksum at the end of a DUMP payload and of an RDB file: CRC-64 with the polynomial
/// 0xAD93D23594C935A9, bits reflected, from 0 and without a final inversion ("Jones").
///
/// Owns 2 KiB of table.
public struct CRC64: ~Copyable {
    private var table = GrowableArray<UInt64>(capacity: 256)

    /// The polynomial with its bits in reverse order.
    private static let reversedPolynomial: UInt64 = 0x95AC_9329_AC4B_C9B5

    /// Fills the table.
    public init() {
        for byte in 0..<256 as Range<UInt64> {
            var checksum = byte
            for _ in 0..<8 {
                let carry = checksum & 1 == 0 ? 0 : Self.reversedPolynomial
                checksum = checksum >> 1 ^ carry
            }
            table.append(checksum)
        }
    }

    /// The checksum of what gave `before`, and of `bytes` behind it.
    public func checksum(_ bytes: Bytes, after before: UInt64 = 0) -> UInt64 {
        var checksum = before
        for index in 0..<bytes.count {
            let place = UInt8(truncatingIfNeeded: checksum) ^ bytes[index]
            checksum = table[Int(place)] ^ checksum >> 8
        }
        return checksum
    }
}
