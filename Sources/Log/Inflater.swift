import Base
import CLZ4

/// Reads effects, compressed or not. Keeps the memory of the largest one it has met.
public struct Inflater: ~Copyable {
    private var scratch = OutputBuffer()

    /// Owns no memory until something compressed comes.
    public init() {}

    /// What an effect's record says; nil for a record of the log itself. Its views live until the
    /// next call, and as long as the record.
    ///
    /// - Throws: ``FaultReason/form`` where a block is not one of the length before it: as it
    ///   stands under a right checksum, an error of ours.
    public mutating func effect(_ record: Record) throws(FaultReason) -> Effect? {
        if !record.isCompressed { return record.effect }
        let operand = record.operand
        let count = Int(operand.integer(at: 0, UInt32.self))
        let block = operand.slice(4, operand.count)
        scratch.removeAll()
        let isWhole = unsafe gyre_lz4_decompress(
            block.start, block.count, scratch.reserve(max(count, 1)), count)
        guard isWhole != 0 else { throw .form }
        scratch.advance(count)
        return record.effect(scratch.bytes)
    }
}
