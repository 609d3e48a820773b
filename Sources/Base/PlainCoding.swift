// How what one core tells another is laid out in memory. It never leaves the process, so plain
// values go as they are.

extension OutputBuffer {
    /// Eight bytes, in the machine's order.
    @inlinable
    public mutating func append(integer: Int64) {
        append(plain: integer)
    }

    /// A value's bytes as they are.
    @inlinable
    public mutating func append<Value: BitwiseCopyable>(plain value: Value) {
        let size = MemoryLayout<Value>.size
        unsafe reserve(size).storeBytes(of: value, as: Value.self)
        advance(size)
    }

    /// Puts an integer over the eight bytes at `offset`.
    @inlinable
    public mutating func overwrite(integer: Int64, at offset: Int) {
        overwrite(plain: integer, at: offset)
    }

    /// Puts a value's bytes over those at `offset`.
    @inlinable
    public mutating func overwrite<Value: BitwiseCopyable>(plain value: Value, at offset: Int) {
        let size = MemoryLayout<Value>.size
        invariant(offset + size <= count, "what is overwritten is inside")
        unsafe start.storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }
}

extension Bytes {
    /// The integer that ``OutputBuffer/append(integer:)`` put at `offset`.
    @inlinable
    public func integer(at offset: Int) -> Int64 {
        plain(Int64.self, at: offset)
    }

    /// The value that ``OutputBuffer/append(plain:)`` put at `offset`.
    @inlinable
    public func plain<Value: BitwiseCopyable>(_ type: Value.Type, at offset: Int) -> Value {
        invariant(offset + MemoryLayout<Value>.size <= count, "a value is inside of its part")
        return unsafe start.loadUnaligned(fromByteOffset: offset, as: Value.self)
    }
}
