import Base

// One record per change of a key. `stamp` is that of the change; slots are 0…16383.
extension LogBuffer {
    /// `key` holds a string, and has this deadline or none.
    @inlinable
    public mutating func putString(
        _ slot: UInt16, _ stamp: UInt64, _ key: Bytes, _ value: Bytes, deadline: Int64?
    ) {
        appendEffect(.putString, slot, stamp, key, value, deadline: deadline)
    }

    /// As ``putString(_:_:_:_:deadline:)`` of a string that is compressed already.
    ///
    /// - Parameter value: the string's length in four bytes, then a block of LZ4.
    public mutating func putCompressedString(
        _ slot: UInt16, _ stamp: UInt64, _ key: Bytes, _ value: Bytes, deadline: Int64?
    ) {
        let place = unsafe appendKeyed(
            .putString, slot, stamp, key, deadline, operandSize: value.count)
        unsafe place.copyMemory(from: value.start, byteCount: value.count)
        markCompressed()
    }

    /// `key` holds the decimal spelling of an integer, and has this deadline or none.
    @inlinable
    public mutating func putInteger(
        _ slot: UInt16, _ stamp: UInt64, _ key: Bytes, _ value: Int64, deadline: Int64?
    ) {
        let operand = unsafe appendKeyed(
            .putInteger, slot, stamp, key, deadline, operandSize: 8)
        unsafe operand.storeBytes(of: value.littleEndian, as: Int64.self)
    }

    /// An effect whose operand is bytes alone: a string, or elements as packs hold them, or none.
    @inlinable
    public mutating func appendEffect(
        _ kind: RecordKind, _ slot: UInt16, _ stamp: UInt64, _ key: Bytes,
        _ operand: Bytes = Bytes(), deadline: Int64? = nil
    ) {
        let place = unsafe appendKeyed(
            kind, slot, stamp, key, deadline, operandSize: operand.count)
        unsafe place.copyMemory(from: operand.start, byteCount: operand.count)
        if _fastPath(operand.count <= compressedOver) { return }
        let end = unsafe place + operand.count
        _ = compressLast(
            operandSize: operand.count, length: unsafe end - (bytes.start + lastRecord))
    }

    /// An effect whose operand is a number and then bytes: splice, listSet, listInsert,
    /// listRemoveEqual.
    @inlinable
    public mutating func appendEffect(
        _ kind: RecordKind, _ slot: UInt16, _ stamp: UInt64, _ key: Bytes, number: UInt64,
        _ operand: Bytes
    ) {
        let place = unsafe appendKeyed(
            kind, slot, stamp, key, nil, operandSize: 8 &+ operand.count)
        unsafe place.storeBytes(of: number.littleEndian, as: UInt64.self)
        unsafe (place + 8).copyMemory(from: operand.start, byteCount: operand.count)
    }

    /// An effect whose operand is two numbers: listRemove.
    @inlinable
    public mutating func appendEffect(
        _ kind: RecordKind, _ slot: UInt16, _ stamp: UInt64, _ key: Bytes, numbers first: UInt64,
        _ second: UInt64
    ) {
        let place = unsafe appendKeyed(kind, slot, stamp, key, nil, operandSize: 16)
        unsafe place.storeBytes(of: first.littleEndian, as: UInt64.self)
        unsafe place.storeBytes(of: second.littleEndian, toByteOffset: 8, as: UInt64.self)
    }

    /// Every key of the slot is gone.
    @inlinable
    public mutating func flushSlot(_ slot: UInt16, _ stamp: UInt64) {
        appendBare(.flushSlot, slot: slot, stamp: stamp)
    }

    // MARK: Operands in parts

    /// Begins an effect whose operand comes in parts: ``appendOperand(_:)``, then
    /// ``closeEffect()``.
    public mutating func openEffect(
        _ kind: RecordKind, _ slot: UInt16, _ stamp: UInt64, _ key: Bytes, deadline: Int64? = nil
    ) {
        _ = unsafe appendKeyed(kind, slot, stamp, key, deadline, operandSize: 0)
        openStart = lastRecord
        let headSize = RecordLayout.headerSize + 4 + key.count + (deadline == nil ? 0 : 8)
        bytes.truncate(to: openStart + headSize)
        openOperand = bytes.count
    }

    /// Appends a part of the open effect's operand.
    public mutating func appendOperand(_ part: Bytes) {
        bytes.append(part)
    }

    /// Makes room for a part of the open effect's operand, which the caller fills at once.
    public mutating func reserveOperand(_ count: Int) -> UnsafeMutableRawPointer {
        let place = unsafe bytes.reserve(count)
        bytes.advance(count)
        return unsafe place
    }

    /// Takes the open effect back. Another one of its group follows.
    public mutating func dropEffect() {
        bytes.truncate(to: openStart)
        lastRecord = 0
    }

    /// How long the open effect is so far, in bytes.
    public var openLength: Int { bytes.count - openStart }

    /// Ends what ``openEffect(_:_:_:_:deadline:)`` began.
    public mutating func closeEffect() {
        let operandSize = bytes.count - openOperand
        if operandSize > compressedOver {
            if compressLast(operandSize: operandSize, length: openLength) { return }
        }
        endRecord(at: openStart)
    }
}
