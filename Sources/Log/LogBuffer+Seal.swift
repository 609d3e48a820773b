import Base

extension LogBuffer {
    /// Writes the mark at the batch's front: the log is synced up to `synced`.
    mutating func writeMark(synced: LogPosition) {
        let front = unsafe bytes.start
        let fields = UInt64(RecordLayout.headerSize) | UInt64(RecordKind.mark.rawValue) << 32
        unsafe front.storeBytes(of: fields.littleEndian, toByteOffset: 8, as: UInt64.self)
        let claim = synced.rawValue.littleEndian
        unsafe front.storeBytes(of: claim, toByteOffset: 16, as: UInt64.self)
        unsafe front.storeBytes(of: time.littleEndian, toByteOffset: 24, as: UInt64.self)
    }

    /// Gives the records from `first` on their checksums, for a file of this salt in which the
    /// buffer's first byte stands at `offset`.
    ///
    /// - Returns: how many records there are.
    @discardableResult
    mutating func writeChecksums(from first: Int, salt: UInt64, at offset: UInt64) -> Int {
        var place = first
        var count = 0
        while place < bytes.count {
            let start = unsafe bytes.start + place
            let length = unsafe UInt32(
                littleEndian: start.load(fromByteOffset: 8, as: UInt32.self))
            let span = RecordLayout.span(Int(length))
            let sum =
                unsafe Checksum.of(Bytes(start: start + 8, count: span - 8)) &+ salt
                &+ (offset + UInt64(place))
            unsafe start.storeBytes(of: sum.littleEndian, as: UInt64.self)
            place += span
            count += 1
        }
        return count
    }

    /// The records with a mark before them, ready to be written. Valid until the next append.
    func batch(withMark: Bool) -> Bytes {
        bytes.bytes.slice(withMark ? 0 : RecordLayout.headerSize, bytes.count)
    }
}

extension FileHeader {
    /// Appends the seal that ends a recovered segment at `offset`, where it was cut. It names no
    /// successor.
    public func appendSeal(at offset: UInt32, to output: inout OutputBuffer) {
        var buffer = LogBuffer(capacity: RecordLayout.headerSize)
        buffer.appendBare(.seal, stamp: 0)
        buffer.writeChecksums(
            from: RecordLayout.headerSize, salt: salt,
            at: UInt64(offset) - UInt64(RecordLayout.headerSize))
        output.append(buffer.batch(withMark: false))
    }
}
