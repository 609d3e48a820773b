// An RDB file, key by key: what SAVE wrote.
//
// The magic "REDIS" and four digits of version; then keys, each with what stands in front of it
// (deadline, use), and remarks in between; then 255 and the checksum of all before.
//
// The value is read by a ``PayloadReader``, which alone knows where it ends. So after each entry
// the caller opens its value, reads it to its last element, and closes it; only then comes the next
// entry.

import Base

/// A key of a file, without its value.
public struct FileEntry: BitwiseCopyable {
    /// Valid until the next entry is read.
    public let key: PayloadElement
    /// The number of the database.
    public let database: UInt64
    /// In milliseconds since 1970; nil where the key stays.
    public let deadline: Int64?
    /// The value's type, as the file has it.
    public let type: UInt8
}

/// An RDB file, read key by key; see the essay above.
public struct FileReader: ~Copyable {
    private let file: Bytes
    private var reader: ByteReader
    private var scratch = OutputBuffer()
    private var database: UInt64 = 0
    private var type: UInt8 = 0

    /// Opens a file, whose bytes must live as long as the reader.
    public init(_ file: Bytes) throws(PayloadError) {
        self.file = file
        reader = ByteReader(file)
        guard try reader.take(5) == Bytes("REDIS") else { throw .badFormat }
        var version: UInt16 = 0
        let digits = try reader.take(4)
        for index in 0..<4 {
            let digit = digits[index] &- UInt8(ascii: "0")
            if digit > 9 { throw .badFormat }
            version = version * 10 + UInt16(digit)
        }
        if !PayloadReader.versions.contains(version) { throw .versionOrChecksum }
    }

    /// How far the file has been read, in bytes.
    public var offset: Int { reader.offset }

    /// The next key, or nil at the end of a file whose checksum is right.
    public mutating func next(_ crc: borrowing CRC64) throws(PayloadError) -> FileEntry? {
        var deadline: Int64?
        while true {
            let byte = try reader.byte()
            switch byte {
            case 0xFC: deadline = try reader.little(Int64.self)
            case 0xFD: deadline = Int64(try reader.little(Int32.self)) * 1000
            case 0xFF:
                try checkEnd(crc)
                return nil
            case 0xF4...0xFB, 0xFE: try readRemark(byte)
            default:
                type = byte
                scratch.removeAll()
                let key = try Encoding.string(&reader, &scratch)
                return FileEntry(key: key, database: database, deadline: deadline, type: byte)
            }
        }
    }

    /// What is no key: remarks of the writer, sizes, a key's use, functions.
    private mutating func readRemark(_ byte: UInt8) throws(PayloadError) {
        scratch.removeAll()
        switch byte {
        case 0xFA:
            _ = try Encoding.string(&reader, &scratch)
            _ = try Encoding.string(&reader, &scratch)
        case 0xFB:
            _ = try Encoding.length(&reader)
            _ = try Encoding.length(&reader)
        case 0xFE: database = try Encoding.length(&reader).0
        case 0xF8: _ = try Encoding.length(&reader)
        case 0xF9: _ = try reader.byte()
        case 0xF5: _ = try Encoding.string(&reader, &scratch)
        default: throw .unsupportedType(byte)
        }
    }

    private mutating func checkEnd(_ crc: borrowing CRC64) throws(PayloadError) {
        let covered = file.slice(0, reader.offset)
        let sum = try reader.little(UInt64.self)
        // Zero says that no checksum was made.
        if sum != 0, crc.checksum(covered) != sum { throw .versionOrChecksum }
        if reader.remaining > 0 { throw .badFormat }
    }

    /// Opens the value of the key that was read last.
    public func openValue() throws(PayloadError) -> PayloadReader {
        try PayloadReader(type: type, value: file.slice(reader.offset, file.count))
    }

    /// Goes on behind a value of which every element was read.
    public mutating func closeValue(_ value: borrowing PayloadReader) throws(PayloadError) {
        _ = try reader.take(UInt64(value.consumed))
    }
}
