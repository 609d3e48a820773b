import Base
import CLZ4

/// A string as it is held compressed: its length in four bytes, then a block of LZ4, of at least an
/// eighth less. That is what the operand of a compressed record of the log is as well
/// (docs/internals/log-format.md).
struct CompressedString: BitwiseCopyable {
    /// Both together.
    let bytes: Bytes

    static let headerSize = 4

    /// How long the string is, in bytes.
    @inline(__always)
    var length: Int {
        Int(UInt32(littleEndian: unsafe bytes.start.loadUnaligned(as: UInt32.self)))
    }

    /// Writes the string's ``length`` bytes to their place.
    func inflate(to target: UnsafeMutableRawPointer) {
        let block = bytes.slice(Self.headerSize, bytes.count)
        let isWhole = unsafe gyre_lz4_decompress(block.start, block.count, target, length)
        invariant(isWhole != 0, "what was compressed yields what it was")
    }

    /// Ends the process unless the block is one.
    func checkInvariants() {
        invariant(length <= Keyspace.compressedLengthMax, "what is compressed is not long")
        invariant(bytes.count <= length - length / 8, "compression saves an eighth at least")
        var string = OutputBuffer(capacity: length)
        unsafe inflate(to: string.reserve(length))
    }
}

extension Entry {
    /// Whether the value is a compressed string.
    @inline(__always)
    var isCompressed: Bool { has(.compressed) }

    /// The value of the form ``Form/compressed``.
    @inline(__always)
    var compressed: CompressedString { CompressedString(bytes: valueBytes) }

    /// How long a string is, in bytes; an integer's digits count.
    var stringLength: Int { isCompressed ? compressed.length : value.length }
}
