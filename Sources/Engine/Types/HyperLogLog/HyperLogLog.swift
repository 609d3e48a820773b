// HyperLogLog: how many different elements were seen, within 0.81 % (one standard error), in at
// most 12 KiB.
//
// Each element's hash picks one of 2^14 registers by its low 14 bits. The register keeps the
// largest number of zeros, plus one, that came before the first one in the 50 bits above, read from
// the lowest up. The count is estimated from how many registers have each value.
//
// A HyperLogLog is a string in Redis's format, byte for byte, so that either server reads what the
// other wrote. In bytes from the start:
//
//     0   magic      "HYLL"
//     4   form       0 dense, 1 sparse
//     5   unused     3 bytes, kept as they are
//     8   count      u64, lowest byte first: the last estimate; the highest bit says that it is
//                    stale
//     16  registers
//
// Dense: 16,384 registers of 6 bits in 12,288 bytes, the first in the lowest bits. Sparse: runs of
// alike registers, which cover all 16,384:
//
//     00nnnnnn            n + 1 registers of 0
//     01nnnnnn nnnnnnnn   n + 1 registers of 0, the high bits of n first
//     1vvvvvnn            n + 1 registers of v + 1
//
// A sparse one becomes dense, for ever, when a register passes 32 or its string would pass
// hll-sparse-max-bytes.
//
// Invariants.
// 1. Reading never goes beyond the string, whatever is in it: a client may have written it.
// 2. A run is split and joined exactly as Redis does it, so that the bytes stay alike.
//
// Sources: Flajolet, Fusy, Gandouet and Meunier, "HyperLogLog", 2007; Heule, Nunkesser and Hall,
// "HyperLogLog in Practice", 2013; Ertl, "New cardinality estimation algorithms for HyperLogLog
// sketches", 2017.

import Base

/// A view of a string that is a HyperLogLog as far as its header and length tell.
struct HyperLogLog: BitwiseCopyable {
    static let registerCount = 1 << 14
    /// A register counts up to the hash's 50 other bits, and one.
    static let registerMax = 51
    static let headerSize = 16
    static let denseSize = headerSize + registerCount * 6 / 8
    static let emptySparseSize = headerSize + 2

    let bytes: Bytes

    /// Nil where the string is none.
    @inline(__always)
    init?(_ bytes: Bytes) {
        if bytes.count < Self.headerSize { return nil }
        let head = unsafe UInt64(littleEndian: bytes.start.loadUnaligned(as: UInt64.self))
        if head & 0xFFFF_FFFF != 0x4C4C_5948 { return nil }
        switch head &>> 32 & 0xFF {
        case 0: if bytes.count != Self.denseSize { return nil }
        case 1: break
        default: return nil
        }
        self.bytes = bytes
    }

    @inline(__always)
    var isDense: Bool { bytes[4] == 0 }

    /// The last estimate; nil where registers have changed since.
    var knownCount: Int64? {
        let count = unsafe Int64(
            littleEndian: bytes.start.loadUnaligned(fromByteOffset: 8, as: Int64.self))
        return count < 0 ? nil : count
    }

    /// The register of an element, and the value that the element raises it to.
    @inline(__always)
    static func register(of element: Bytes) -> (index: Int, value: UInt8) {
        let hash = element.murmurHash
        let index = Int(truncatingIfNeeded: hash & UInt64(registerCount &- 1))
        let rest = hash &>> 14 | 1 &<< 50
        return (index, UInt8(truncatingIfNeeded: rest.trailingZeroBitCount &+ 1))
    }
}

/// A HyperLogLog's string, for changing it in place. The pointer lives until the next write.
@safe
struct HyperLogLogBytes {
    let start: UnsafeMutableRawPointer

    init(_ start: UnsafeMutableRawPointer) {
        unsafe self.start = start
    }

    /// The bytes of an entry, which is a HyperLogLog's.
    init(_ entry: Entry) {
        unsafe start = UnsafeMutableRawPointer(mutating: entry.valueBytes.start)
    }

    @inline(__always)
    var isDense: Bool { unsafe start.load(fromByteOffset: 4, as: UInt8.self) == 0 }

    /// Where the registers are.
    var registers: UnsafeMutableRawPointer { unsafe start + HyperLogLog.headerSize }

    /// The count as it is kept, staleness included.
    func setCount(_ count: UInt64) {
        unsafe start.storeBytes(of: count.littleEndian, toByteOffset: 8, as: UInt64.self)
    }

    /// The count is no longer that of the registers.
    func markStale() {
        let last = unsafe start.load(fromByteOffset: 15, as: UInt8.self)
        unsafe start.storeBytes(of: last | 0x80, toByteOffset: 15, as: UInt8.self)
    }

    func setDense() {
        unsafe start.storeBytes(of: 0, toByteOffset: 4, as: UInt8.self)
    }

    /// Writes one without elements, ``HyperLogLog/emptySparseSize`` bytes.
    func writeEmptySparse() {
        unsafe start.copyMemory(from: Bytes("HYLL").start, byteCount: 4)
        unsafe (start + 4).storeBytes(of: UInt32(1).littleEndian, as: UInt32.self)
        setCount(1 << 63)
        unsafe registers.storeBytes(of: UInt16(0x7FFF).bigEndian, as: UInt16.self)
    }
}
