import Base
import Log

/// What ``BodyReader`` reads.
extension OutputBuffer {
    mutating func put<Integer: FixedWidthInteger>(_ integer: Integer) {
        for place in 0..<Integer.bitWidth / 8 {
            append(UInt8(truncatingIfNeeded: integer >> Integer(8 * place)))
        }
    }

    mutating func put(_ id: EntryID) {
        put(id.index.rawValue)
        put(id.term.rawValue)
    }

    mutating func put(_ node: NodeBits) {
        put(node.high.byteSwapped)
        put(node.middle.byteSwapped)
        put(node.low.byteSwapped)
    }

    mutating func put(_ configuration: Configuration) {
        put(UInt16(configuration.voters.count))
        put(UInt16(configuration.learners.count))
        for node in configuration.members { put(node) }
    }

    mutating func put(_ payload: EntryPayload) {
        let length = UInt32(payload.encodedSize - 5)
        switch payload {
        case .blank:
            append(PayloadKind.blank)
            put(length)
        case .command(let bytes):
            append(PayloadKind.command)
            put(length)
            put(bytes)
        case .configuration(let configuration):
            append(PayloadKind.configuration)
            put(length)
            put(configuration)
        }
    }

    mutating func put(_ bytes: OwnedBytes) {
        // The view lives as long as the call, and so does the copy into the buffer.
        var copy = OutputBuffer()
        bytes.withBytes { copy.append($0) }
        append(copy.bytes)
    }

    mutating func put(_ bytes: [UInt8]) {
        put(OwnedBytes(bytes))
    }
}
