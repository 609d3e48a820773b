import Base
import Log

/// Why bytes are not a message or a record's content.
public enum DecodeRefusal: UInt8, Error, Sendable, CaseIterable {
    /// Another version's.
    case version
    /// A kind that is not known.
    case kind
    /// Flags that the kind does not have, or zeros that are none.
    case flags
    /// The bytes end too early.
    case length
    /// Bytes are left over.
    case trailing
    /// An index or term that cannot be.
    case order
    /// Members that are no configuration.
    case configuration
    /// A part that is not inside of its total.
    case size
}

/// Reads numbers and ids from bytes of a peer or a disk, front to back, and trusts none of them.
struct BodyReader {
    private let bytes: Bytes
    private(set) var offset = 0

    init(_ bytes: Bytes) {
        self.bytes = bytes
    }

    var remaining: Int { bytes.count - offset }

    mutating func integer<Integer: FixedWidthInteger>(
        _: Integer.Type
    ) throws(DecodeRefusal) -> Integer {
        let size = Integer.bitWidth / 8
        if remaining < size { throw .length }
        var value: Integer = 0
        for place in 0..<size {
            value |= Integer(truncatingIfNeeded: bytes[offset + place]) << Integer(8 * place)
        }
        offset += size
        return value
    }

    mutating func index() throws(DecodeRefusal) -> LogIndex {
        // An index with room behind it, so that no sum overflows.
        let value = try integer(UInt64.self)
        if value >= 1 << 62 { throw .order }
        return LogIndex(value)
    }

    mutating func term() throws(DecodeRefusal) -> Term {
        let value = try integer(UInt64.self)
        if value >= 1 << 62 { throw .order }
        return Term(value)
    }

    /// An entry's name: of an entry, or of the place before the first.
    mutating func entryID() throws(DecodeRefusal) -> EntryID {
        let id = EntryID(index: try index(), term: try term())
        if (id.index == .zero) != (id.term == .zero) { throw .order }
        return id
    }

    mutating func round() throws(DecodeRefusal) -> Round {
        Round(try integer(UInt64.self))
    }

    mutating func node() throws(DecodeRefusal) -> NodeBits {
        NodeBits(
            high: try integer(UInt64.self).byteSwapped,
            middle: try integer(UInt64.self).byteSwapped,
            low: try integer(UInt32.self).byteSwapped)
    }

    mutating func bytes(_ count: Int) throws(DecodeRefusal) -> Bytes {
        if count > remaining { throw .length }
        let part = bytes.slice(offset, offset + count)
        offset += count
        return part
    }

    mutating func configuration() throws(DecodeRefusal) -> Configuration {
        let voterCount = Int(try integer(UInt16.self))
        let learnerCount = Int(try integer(UInt16.self))
        if (voterCount + learnerCount) * Configuration.idSize > remaining { throw .length }
        var voters: [NodeBits] = []
        for _ in 0..<voterCount { voters.append(try node()) }
        var learners: [NodeBits] = []
        for _ in 0..<learnerCount { learners.append(try node()) }
        guard let found = Configuration(voters: voters, learners: learners),
            found.voters == voters, found.learners == learners
        else { throw .configuration }
        return found
    }

    mutating func payload() throws(DecodeRefusal) -> EntryPayload {
        let kind = try integer(UInt8.self)
        let length = Int(try integer(UInt32.self))
        let content = try bytes(length)
        switch kind {
        case PayloadKind.blank:
            if length > 0 { throw .trailing }
            return .blank
        case PayloadKind.command:
            return .command(OwnedBytes(content))
        case PayloadKind.configuration:
            var reader = BodyReader(content)
            let configuration = try reader.configuration()
            try reader.end()
            return .configuration(configuration)
        default: throw .kind
        }
    }

    func end() throws(DecodeRefusal) {
        if remaining > 0 { throw .trailing }
    }
}

/// The numbers of the kinds of payloads.
enum PayloadKind {
    static let blank: UInt8 = 0
    static let command: UInt8 = 1
    static let configuration: UInt8 = 2
}

extension Configuration {
    static let idSize = 20

    /// How many bytes it takes.
    var encodedSize: Int { 4 + (voters.count + learners.count) * Self.idSize }
}
