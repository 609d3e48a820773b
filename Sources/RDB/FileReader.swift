// An RDB file, key by key: what SAVE wrote.
//
// The magic "REDIS" and four digits of version; then keys, each with what stands in front of it
// (deadline, use), and remarks in between; then 255 and the checksum of all before.
//
// After each entry the caller either takes its value as it stands in the file, or opens it, reads
// it by a ``PayloadReader`` to its last element, and closes it; only then comes the next entry.

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
    /// How long the key had not been used, in seconds; nil where the writer did not know.
    public let idleSeconds: UInt64?
    /// The counter of its uses; nil where the writer did not know.
    public let useCount: UInt8?
}

/// An RDB file, read key by key; see the essay above.
public struct FileReader: ~Copyable {
    private let file: Bytes
    private var reader: ByteReader
    private var scratch = OutputBuffer()
    private var database: UInt64 = 0
    private var type: UInt8 = 0
    private var idleSeconds: UInt64?
    private var useCount: UInt8?
    /// The version that the file names.
    public let version: UInt16
    /// Whether ``next(_:)`` compares the checksum at the end.
    public var checksEnd = true
    /// Libraries of functions that were passed over.
    public private(set) var functionCount = 0
    /// What modules had besides keys, passed over.
    public private(set) var moduleRemarkCount = 0

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
        self.version = version
    }

    /// How far the file has been read, in bytes.
    public var offset: Int { reader.offset }

    /// The next key, or nil at the end of a file whose checksum is right.
    public mutating func next(_ crc: borrowing CRC64) throws(PayloadError) -> FileEntry? {
        var deadline: Int64?
        (idleSeconds, useCount) = (nil, nil)
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
                return FileEntry(
                    key: key, database: database, deadline: deadline, type: byte,
                    idleSeconds: idleSeconds, useCount: useCount)
            }
        }
    }

    /// What is no key: remarks of the writer, sizes, a key's use, functions, what modules had.
    private mutating func readRemark(_ byte: UInt8) throws(PayloadError) {
        switch byte {
        case 0xFA:
            try Encoding.skipString(&reader)
            try Encoding.skipString(&reader)
        case 0xFB:
            _ = try Encoding.length(&reader)
            _ = try Encoding.length(&reader)
        case 0xF4:
            // Valkey's sizes of a slot.
            for _ in 0..<3 { _ = try Encoding.length(&reader) }
        case 0xFE: database = try Encoding.length(&reader).0
        case 0xF8: idleSeconds = try Encoding.length(&reader).0
        case 0xF9: useCount = try reader.byte()
        case 0xF5:
            try Encoding.skipString(&reader)
            functionCount += 1
        case 0xF7:
            try ValueExtent.skipModule(&reader)
            moduleRemarkCount += 1
        default: throw .unsupportedType(byte)
        }
    }

    private mutating func checkEnd(_ crc: borrowing CRC64) throws(PayloadError) {
        let covered = file.slice(0, reader.offset)
        let sum = try reader.little(UInt64.self)
        // Zero says that no checksum was made.
        if checksEnd, sum != 0, crc.checksum(covered) != sum { throw .versionOrChecksum }
        if reader.remaining > 0 { throw .badFormat }
    }

    /// The value of the key that was read last, as it stands in the file, of any type but the first
    /// of modules (6), whose end cannot be known. What is inside of packed forms is not looked at.
    public mutating func takeValue() throws(PayloadError) -> Bytes {
        let start = reader.offset
        try ValueExtent.skip(type, &reader)
        return file.slice(start, reader.offset)
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
