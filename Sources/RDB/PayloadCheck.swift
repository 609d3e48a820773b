import Base

/// The check of a payload before its value is read, which may be done in parts: version and
/// checksum.
///
/// The payload's bytes must live as long as the check.
public struct PayloadCheck: BitwiseCopyable {
    let payload: Bytes
    /// The version that the payload names.
    public let version: UInt16
    private var offset = 0
    private var checksum: UInt64 = 0

    /// The bytes behind a value: version (2), checksum (8).
    static let trailerSize = 10

    /// Begins with the version. Throws ``PayloadError/versionOrChecksum``.
    public init(_ payload: Bytes) throws(PayloadError) {
        if payload.count < Self.trailerSize { throw .versionOrChecksum }
        self.payload = payload
        var trailer = ByteReader(payload.slice(payload.count - Self.trailerSize, payload.count))
        version = try trailer.little(UInt16.self)
        if !PayloadReader.versions.contains(version) { throw .versionOrChecksum }
    }

    /// The checksum covers all before it.
    private var end: Int { payload.count - 8 }

    /// Whether everything has been looked at and is sound.
    public var isDone: Bool { offset == end }

    /// Looks at up to `byteCount` bytes, 1…; returns ``isDone``. Throws
    /// ``PayloadError/versionOrChecksum``.
    public mutating func step(
        _ crc: borrowing CRC64, byteCount: Int
    ) throws(PayloadError) -> Bool {
        let next = offset + min(byteCount, end - offset)
        checksum = crc.checksum(payload.slice(offset, next), after: checksum)
        offset = next
        if !isDone { return false }
        var trailer = ByteReader(payload.slice(end, payload.count))
        if try trailer.little(UInt64.self) != checksum { throw .versionOrChecksum }
        return true
    }
}
