// Registers of 6 bits, one behind the other. Eight of them are 48 bits, which are spread into the
// eight bytes of a word, and back, in three steps each.

import Base

/// The registers of a dense HyperLogLog where they lie: 12,288 bytes.
@safe
struct DenseRegisters {
    private let start: UnsafeMutableRawPointer

    static let size = HyperLogLog.registerCount * 6 / 8
    static let groupCount = HyperLogLog.registerCount / 8

    init(_ bytes: HyperLogLogBytes) {
        unsafe start = bytes.registers
    }

    /// - Parameter log: a dense one.
    init(_ log: HyperLogLog) {
        unsafe start = UnsafeMutableRawPointer(
            mutating: log.bytes.slice(HyperLogLog.headerSize, HyperLogLog.denseSize).start)
    }

    /// Sets all registers to 0.
    func clear() {
        unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: Self.size)
    }

    /// The word that a register is in, no byte of it outside, and how far up.
    @inline(__always)
    private static func place(_ index: Int) -> (offset: Int, shift: UInt64) {
        let bit = index &* 6
        let offset = min(bit &>> 3, size &- 8)
        return (offset, UInt64(truncatingIfNeeded: bit &- offset &* 8))
    }

    @inline(__always)
    private func word(_ offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The register `index`, 0..<16,384.
    subscript(index: Int) -> UInt8 {
        let (offset, shift) = Self.place(index)
        return UInt8(truncatingIfNeeded: word(offset) &>> shift & 63)
    }

    /// Gives a register `value` where that is more than it has; returns whether it is.
    @inline(__always)
    func raise(_ index: Int, to value: UInt8) -> Bool {
        invariant(UInt(bitPattern: index) < UInt(HyperLogLog.registerCount), "a register is one")
        let (offset, shift) = Self.place(index)
        let before = word(offset)
        if before &>> shift & 63 >= UInt64(value) { return false }
        let after = before & ~(63 &<< shift) | UInt64(value) &<< shift
        unsafe start.storeBytes(of: after.littleEndian, toByteOffset: offset, as: UInt64.self)
        return true
    }

    /// Registers 8 · `group` to 8 · `group` + 7, a byte each, the first lowest.
    @inline(__always)
    func group(_ group: Int) -> UInt64 {
        // The last group is read from two bytes further down, so as not to read behind the end.
        let offset = group &* 6
        let isLast = offset > Self.size &- 8
        let six = isLast ? word(offset &- 2) &>> 16 : word(offset)
        let halves = six & 0xFF_FFFF | (six & 0xFFFF_FF00_0000) &<< 8
        let quarters = halves & 0x0000_0FFF_0000_0FFF | (halves & 0x00FF_F000_00FF_F000) &<< 4
        return quarters & 0x003F_003F_003F_003F | (quarters & 0x0FC0_0FC0_0FC0_0FC0) &<< 2
    }

    /// Sets a group to the low six bits of eight bytes. Groups are set in ascending order: two
    /// bytes of the next one are lost.
    @inline(__always)
    func setGroup(_ group: Int, _ bytes: UInt64) {
        let quarters = bytes & 0x003F_003F_003F_003F | (bytes & 0x3F00_3F00_3F00_3F00) &>> 2
        let halves = quarters & 0x0000_0FFF_0000_0FFF | (quarters & 0x0FFF_0000_0FFF_0000) &>> 4
        let six = halves & 0xFF_FFFF | (halves & 0x00FF_FFFF_0000_0000) &>> 8
        let offset = group &* 6
        if offset > Self.size &- 8 {
            let kept = word(offset &- 2) & 0xFFFF
            let last = kept | six &<< 16
            unsafe start.storeBytes(
                of: last.littleEndian, toByteOffset: offset &- 2, as: UInt64.self)
        } else {
            unsafe start.storeBytes(of: six.littleEndian, toByteOffset: offset, as: UInt64.self)
        }
    }
}
