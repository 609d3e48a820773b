import Base

extension Bytes {
    /// The little-endian integer at `offset`, which must lie inside.
    @inlinable @inline(__always)
    func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, _: Integer.Type
    ) -> Integer {
        invariant(offset >= 0, "an integer begins inside")
        invariant(offset &+ MemoryLayout<Integer>.size <= count, "an integer ends inside")
        let value = unsafe start.loadUnaligned(fromByteOffset: offset, as: Integer.self)
        return Integer(littleEndian: value)
    }

    /// The id whose 20 bytes stand at `offset`, the first digit first.
    func nodeID(at offset: Int) -> NodeID {
        NodeID(
            high: integer(at: offset, UInt64.self).byteSwapped,
            middle: integer(at: offset + 8, UInt64.self).byteSwapped,
            low: integer(at: offset + 16, UInt32.self).byteSwapped)
    }
}

extension OutputBuffer {
    /// Appends an integer's little-endian bytes.
    @inlinable @inline(__always)
    mutating func append<Integer: FixedWidthInteger & BitwiseCopyable>(integer: Integer) {
        let size = MemoryLayout<Integer>.size
        unsafe reserve(size).storeBytes(of: integer.littleEndian, as: Integer.self)
        advance(size)
    }

    /// Puts an integer's little-endian bytes where others are.
    @inline(__always)
    mutating func overwrite<Integer: FixedWidthInteger & BitwiseCopyable>(
        integer: Integer, at offset: Int
    ) {
        invariant(offset >= 0, "what is overwritten is inside")
        invariant(offset &+ MemoryLayout<Integer>.size <= count, "what is overwritten is inside")
        unsafe start.storeBytes(
            of: integer.littleEndian, toByteOffset: offset, as: Integer.self)
    }

    /// Appends the 20 bytes of an id, the first digit first.
    mutating func append(_ node: NodeID) {
        append(integer: node.high.byteSwapped)
        append(integer: node.middle.byteSwapped)
        append(integer: node.low.byteSwapped)
    }
}
