// The records of a turn, on their way to a core's log.
//
// Owned by the core, one thread. The engine appends a record per write, with nothing allocated once
// the buffer has its size; the records get their checksums when ``LogWriter`` gives them a place.
// The first 32 bytes are kept free for the batch's mark.
//
// Invariants:
// 1. The buffer holds whole records, each padded, or is in between openRecord and closeRecord.
// 2. Every record of an open group but the last carries the flag `more`, and so does the last until
//    the group is closed.

import Base
import CLZ4

/// The records of a turn; see the essay above.
public struct LogBuffer: ~Copyable {
    @usableFromInline var bytes: OutputBuffer
    /// Where the last record begins; 0 where there is none, or none that a group may end with.
    @usableFromInline var lastRecord = 0
    @usableFromInline var groupDepth = 0
    /// The flag `more` while a group is open.
    @usableFromInline var moreFlag: UInt8 = 0
    @usableFromInline var openStart = 0
    var openOperand = 0
    /// A value or row of elements that is longer is compressed if that makes it smaller by an
    /// eighth at least, in bytes.
    public var compressedOver = Int.max
    private var compressed = OutputBuffer()
    /// The time of the records to come: milliseconds since 1970 in the upper 48 bits.
    public var time: UInt64 = 0

    /// An empty buffer with room for `capacity` bytes of records before it grows.
    public init(capacity: Int = 4096) {
        bytes = OutputBuffer(capacity: capacity + RecordLayout.headerSize)
        _ = unsafe bytes.reserve(RecordLayout.headerSize)
        bytes.advance(RecordLayout.headerSize)
    }

    /// How many bytes of records there are.
    @inlinable
    public var byteCount: Int { bytes.count &- RecordLayout.headerSize }

    @inlinable
    public var isEmpty: Bool { byteCount == 0 }

    /// Forgets the records and keeps the memory, up to `limit` bytes of it.
    public mutating func removeAll(keeping limit: Int = 1 << 20) {
        invariant(groupDepth == 0, "a group ends in the turn that began it")
        bytes.removeAll()
        bytes.shrink(over: limit)
        _ = unsafe bytes.reserve(RecordLayout.headerSize)
        bytes.advance(RecordLayout.headerSize)
        lastRecord = 0
    }

    // MARK: Records

    /// Makes room for a record of `length` bytes, writes its header, checksum excepted, and returns
    /// where its body goes.
    @inlinable @inline(__always)
    mutating func appendHeader(
        _ kind: RecordKind, _ slot: UInt16, _ stamp: UInt64, flags: UInt8, length: Int
    ) -> UnsafeMutableRawPointer {
        invariant(length <= RecordLayout.lengthMax, "a record has a length of 31 bits")
        let span = RecordLayout.span(length)
        let start = unsafe bytes.reserve(span)
        lastRecord = bytes.count
        let fields =
            UInt64(UInt32(truncatingIfNeeded: length)) | UInt64(kind.rawValue) << 32
            | UInt64(flags | moreFlag) << 40 | UInt64(slot) << 48
        // The padding first: what is written over it is the body's.
        unsafe start.storeBytes(of: 0, toByteOffset: span &- 8, as: UInt64.self)
        unsafe start.storeBytes(of: fields.littleEndian, toByteOffset: 8, as: UInt64.self)
        unsafe start.storeBytes(of: stamp.littleEndian, toByteOffset: 16, as: UInt64.self)
        unsafe start.storeBytes(of: time.littleEndian, toByteOffset: 24, as: UInt64.self)
        bytes.advance(span)
        return unsafe start + RecordLayout.headerSize
    }

    /// Appends a record with a key, a deadline if there is one, and returns where its operand of
    /// `operandSize` bytes goes.
    @inlinable @inline(__always)
    mutating func appendKeyed(
        _ kind: RecordKind, _ slot: UInt16, _ stamp: UInt64, _ key: Bytes, _ deadline: Int64?,
        operandSize: Int
    ) -> UnsafeMutableRawPointer {
        var length = RecordLayout.headerSize &+ 4 &+ key.count &+ operandSize
        if deadline != nil { length &+= 8 }
        let flags = deadline == nil ? 0 : RecordLayout.hasDeadline
        let body = unsafe appendHeader(kind, slot, stamp, flags: flags, length: length)
        let keyLength = UInt32(truncatingIfNeeded: key.count)
        unsafe body.storeBytes(of: keyLength.littleEndian, as: UInt32.self)
        unsafe (body + 4).copyMemory(from: key.start, byteCount: key.count)
        let end = unsafe body + (4 &+ key.count)
        guard let deadline else { return unsafe end }
        unsafe end.storeBytes(of: deadline.littleEndian, as: Int64.self)
        return unsafe end + 8
    }

    /// Appends a record without a body.
    public mutating func appendBare(_ kind: RecordKind, slot: UInt16 = 0, stamp: UInt64) {
        _ = unsafe appendHeader(
            kind, slot, stamp, flags: 0, length: RecordLayout.headerSize)
    }

    /// Compresses the operand of the last record, `operandSize` bytes at its end, and ends the
    /// record; false, and nothing is changed, where that would not make it smaller.
    @usableFromInline @inline(never)
    mutating func compressLast(operandSize: Int, length: Int) -> Bool {
        let start = lastRecord + length - operandSize
        let room = operandSize - operandSize / 8 - 4
        compressed.removeAll()
        let size = unsafe gyre_lz4_compress(
            bytes.start + start, operandSize, compressed.reserve(room), room)
        if size == 0 { return false }
        compressed.advance(size)
        bytes.truncate(to: start)
        bytes.append(integer: UInt32(operandSize))
        bytes.append(compressed.bytes)
        compressed.shrink(over: 0)
        markCompressed()
        endRecord(at: lastRecord)
        return true
    }

    /// Says of the last record that its operand is compressed.
    mutating func markCompressed() {
        let record = unsafe bytes.start + lastRecord
        let flags = unsafe record.load(fromByteOffset: 13, as: UInt8.self)
        unsafe record.storeBytes(
            of: flags | RecordLayout.compressed, toByteOffset: 13, as: UInt8.self)
    }

    /// Writes the length of the record from `start` to the buffer's end, and pads it.
    mutating func endRecord(at start: Int) {
        let length = bytes.count - start
        invariant(length <= RecordLayout.lengthMax, "a record has a length of 31 bits")
        while bytes.count % RecordLayout.alignment != 0 { bytes.append(0) }
        let lengthField = unsafe bytes.start + (start + 8)
        unsafe lengthField.storeBytes(of: UInt32(length).littleEndian, as: UInt32.self)
    }

    // MARK: What is there

    /// Calls `body` with each record from so many bytes of them on, in order. Their checksums are
    /// not there yet.
    public func forEachRecord(from first: Int, _ body: (Record) -> Void) {
        var place = RecordLayout.headerSize + first
        while place < bytes.count {
            let length = unsafe UInt32(
                littleEndian: (bytes.start + (place + 8)).load(as: UInt32.self))
            let span = RecordLayout.span(Int(length))
            body(Record(checked: bytes.bytes.slice(place, place + span)))
            place += span
        }
    }

    /// Appends a record of another buffer as it is, but for the group that it belongs to.
    public mutating func appendCopy(of record: Record) {
        lastRecord = bytes.count
        bytes.append(record.bytes)
        let flags = unsafe bytes.start + (lastRecord + 13)
        let kept = unsafe flags.load(as: UInt8.self) & ~RecordLayout.more
        unsafe flags.storeBytes(of: kept | moreFlag, as: UInt8.self)
    }

    // MARK: Groups

    /// What is appended until ``endGroup()`` is recovered whole or not at all. Groups within one
    /// another are one group.
    @inlinable
    public mutating func beginGroup() {
        if groupDepth == 0 {
            // A record before the group does not belong to it.
            lastRecord = 0
            moreFlag = RecordLayout.more
        }
        groupDepth += 1
    }

    /// Ends what ``beginGroup()`` began.
    @inlinable
    public mutating func endGroup() {
        invariant(groupDepth > 0, "a group that ends has begun")
        groupDepth -= 1
        if groupDepth > 0 { return }
        moreFlag = 0
        if lastRecord == 0 { return }
        let flags = unsafe bytes.start + (lastRecord + 13)
        let cleared = unsafe flags.load(as: UInt8.self) & ~RecordLayout.more
        unsafe flags.storeBytes(of: cleared, as: UInt8.self)
    }

    /// Appends the records of another buffer to the open group, and empties that one.
    ///
    /// - Parameter stampMin: by slot, what a record's stamp is raised to.
    public mutating func append(
        _ other: inout LogBuffer, stampMin: (_ slot: UInt16) -> UInt64
    ) {
        invariant(groupDepth > 0, "what is appended belongs to a group")
        var place = RecordLayout.headerSize
        while place < other.bytes.count {
            let record = unsafe other.bytes.start + place
            let length = unsafe record.load(fromByteOffset: 8, as: UInt32.self)
            let flags = unsafe record.load(fromByteOffset: 13, as: UInt8.self)
            let slot = unsafe record.load(fromByteOffset: 14, as: UInt16.self)
            let stamp = unsafe record.load(fromByteOffset: 16, as: UInt64.self)
            let raised = max(UInt64(littleEndian: stamp), stampMin(UInt16(littleEndian: slot)))
            unsafe record.storeBytes(
                of: flags | RecordLayout.more, toByteOffset: 13, as: UInt8.self)
            unsafe record.storeBytes(of: raised.littleEndian, toByteOffset: 16, as: UInt64.self)
            lastRecord = bytes.count + place - RecordLayout.headerSize
            place += RecordLayout.span(Int(UInt32(littleEndian: length)))
        }
        bytes.append(other.bytes.bytes.slice(RecordLayout.headerSize, other.bytes.count))
        other.removeAll(keeping: 0)
    }

    /// Notes at the end of the open group that it is this core's part of a transaction.
    /// `participants` are all cores that log a part, ascending, this one among them.
    public mutating func noteTransaction(
        home: UInt16, number: UInt64, participants: borrowing GrowableArray<UInt16>
    ) {
        invariant(groupDepth > 0, "a transaction's part is a group")
        let length = RecordLayout.headerSize + 4 + 2 * participants.count
        let body = unsafe appendHeader(.transaction, 0, number, flags: 0, length: length)
        unsafe body.storeBytes(of: home.littleEndian, as: UInt16.self)
        let count = UInt16(participants.count)
        unsafe body.storeBytes(of: count.littleEndian, toByteOffset: 2, as: UInt16.self)
        for index in 0..<participants.count {
            let core = participants[index].littleEndian
            unsafe body.storeBytes(of: core, toByteOffset: 4 + 2 * index, as: UInt16.self)
        }
    }
}
