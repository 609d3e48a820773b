import Base

/// What stands at a place of a file of records.
public enum ScanStep: BitwiseCopyable {
    /// A record; the scanner has gone on behind it.
    case record(Record)
    /// No record was written here, or the file ends.
    case blank
    /// No valid record.
    case bad(FaultReason)
    /// The window must reach so many bytes from ``RecordScanner/offset`` on.
    case more(Int)
}

/// Reads a file of records in order, through windows of any size: a mapped file, or parts of it in
/// memory.
///
/// Accepts a record only if every byte of it is as it was written, in this file and at this place.
public struct RecordScanner: BitwiseCopyable {
    private let salt: UInt64
    /// Whether checksums are compared; without it, bytes that were scanned once are read again.
    private let verifies: Bool
    /// Where the next record begins, in bytes from the beginning of the file.
    public private(set) var offset: UInt64

    /// Behind the header of a file.
    public init(_ header: FileHeader, verifies: Bool = true) {
        salt = header.salt
        self.verifies = verifies
        offset = UInt64(FileHeader.size)
    }

    /// From a later place of the file on.
    public init(_ header: FileHeader, at offset: Int) {
        salt = header.salt
        verifies = true
        self.offset = UInt64(offset)
    }

    /// What stands at ``offset``.
    ///
    /// - Parameters:
    ///   - window: bytes of the file from `windowStart`, which is at most ``offset``, on.
    ///   - fileSize: of the whole file, in bytes.
    public mutating func next(
        in window: Bytes, from windowStart: UInt64, fileSize: UInt64
    ) -> ScanStep {
        invariant(windowStart <= offset, "a window does not begin behind the scanner")
        let left = fileSize > offset ? fileSize - offset : 0
        if left < UInt64(RecordLayout.headerSize) { return .blank }
        let start = Int(offset - windowStart)
        let here = window.count - start
        if here < RecordLayout.headerSize { return .more(RecordLayout.headerSize) }
        let length = Int(window.integer(at: start + 8, UInt32.self))
        if length == 0 { return .blank }
        if length < RecordLayout.headerSize { return .bad(.length) }
        if length > RecordLayout.lengthMax { return .bad(.length) }
        let span = RecordLayout.span(length)
        if UInt64(span) > left { return .bad(.length) }
        if here < span { return .more(span) }
        let bytes = window.slice(start, start + span)
        if verifies {
            if !isValid(bytes, at: offset) { return .bad(.checksum) }
            if let reason = Record.check(bytes) { return .bad(reason) }
        }
        offset += UInt64(span)
        return .record(Record(checked: bytes))
    }

    /// Whether a record's checksum is right for `offset` of the file.
    func isValid(_ bytes: Bytes, at offset: UInt64) -> Bool {
        let sum = Checksum.of(bytes.slice(8, bytes.count)) &+ salt &+ offset
        return bytes.integer(at: 0, UInt64.self) == sum
    }

    /// The next mark from `start` on in a whole file, whatever is in between: where it stands, and
    /// the mark. Takes time in proportion to the bytes.
    public func findMark(in file: Bytes, from start: Int) -> (offset: Int, mark: Record)? {
        var place = max(start, FileHeader.size)
        place = RecordLayout.span(place)
        while place + RecordLayout.headerSize <= file.count {
            // The length and the kind are compared first: few other bytes look like them.
            let fields = file.integer(at: place + 8, UInt64.self)
            if fields == UInt64(RecordLayout.headerSize) | UInt64(RecordKind.mark.rawValue) << 32 {
                let bytes = file.slice(place, place + RecordLayout.headerSize)
                if isValid(bytes, at: UInt64(place)) { return (place, Record(checked: bytes)) }
            }
            place += RecordLayout.alignment
        }
        return nil
    }
}
