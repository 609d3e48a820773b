import Base

/// Writes an RDB file, piece by piece, into a buffer that its owner empties into the file.
///
/// What DUMP gave goes into the file as it is, so the file's version is that of the payloads.
public struct FileWriter: ~Copyable {
    private let writer: PayloadWriter
    private let crc = CRC64()
    /// Of what ``taken(_:)`` has counted in.
    private var checksum: UInt64 = 0

    /// Writes a file that names `version`.
    public init(version: UInt16) {
        writer = PayloadWriter(version: version)
    }

    /// The version that the file names.
    public var version: UInt16 { writer.version }

    /// Appends the file's head: version, remarks, the first database.
    ///
    /// - Parameters:
    ///   - time: in seconds since 1970.
    ///   - countHint: about how many keys will come; the reader makes room for them.
    public func begin(time: Int64, countHint: Int, _ output: inout OutputBuffer) {
        output.append("REDIS")
        for divisor in [1000, 100, 10, 1] as [UInt16] {
            output.append(UInt8(ascii: "0") + UInt8(version / divisor % 10))
        }
        append(remark: "redis-bits", 64, &output)
        append(remark: "ctime", time, &output)
        output.append(0xFE)
        writer.appendLength(0, &output)
        output.append(0xFB)
        writer.appendLength(UInt64(countHint), &output)
        writer.appendLength(0, &output)
    }

    private func append(remark name: StaticString, _ value: Int64, _ output: inout OutputBuffer) {
        output.append(0xFA)
        writer.append(.bytes(Bytes(name)), &output)
        writer.append(.integer(value), &output)
    }

    /// Appends a key with what DUMP gave of it.
    ///
    /// - Parameter deadline: in milliseconds since 1970; nil where the key stays.
    /// - Throws: ``PayloadError`` where the payload is not sound, or of a higher version than the
    ///   file; nothing has been appended then.
    public func append(
        key: Bytes, deadline: Int64?, payload: Bytes, _ output: inout OutputBuffer
    ) throws(PayloadError) {
        var check = try PayloadCheck(payload)
        _ = try check.step(crc, byteCount: payload.count)
        if check.version > version { throw .versionOrChecksum }
        let end = payload.count - PayloadCheck.trailerSize
        if end < 1 { throw .badFormat }
        if let deadline {
            output.append(0xFC)
            writer.append(integer: deadline, &output)
        }
        output.append(payload[0])
        writer.append(.bytes(key), &output)
        output.append(payload.slice(1, end))
    }

    /// Counts bytes that go into the file next into its checksum.
    public mutating func taken(_ bytes: Bytes) {
        checksum = crc.checksum(bytes, after: checksum)
    }

    /// Appends the file's end. All before it must have been counted in; what this appends is not to
    /// be.
    public func end(_ output: inout OutputBuffer) {
        invariant(output.isEmpty, "what is before the end has been taken")
        output.append(0xFF)
        writer.append(integer: crc.checksum(output.bytes, after: checksum), &output)
    }
}
