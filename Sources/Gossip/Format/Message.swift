import Base

/// Who sends a datagram, and what stands in the header of each.
struct Header: BitwiseCopyable {
    var kind: MessageKind
    var flags: MessageFlags
    /// An answer repeats the question's.
    var sequence: UInt32
    var sender: NodeID
    var life: Life
    var incarnation: Incarnation
    var address: MemberAddress
    var ringEpoch: RingEpoch

    func append(to output: inout OutputBuffer) {
        output.append(DatagramLayout.version)
        output.append(kind.rawValue)
        output.append(flags.rawValue)
        output.append(0 as UInt8)
        output.append(field: sequence)
        output.append(sender)
        output.append(life)
        output.append(field: incarnation.rawValue)
        output.append(address)
        output.append(field: ringEpoch.rawValue)
    }
}

/// What stands between the header and the entries.
enum Body: BitwiseCopyable {
    case none
    /// A ping, a relayed ack or a nack: whom it is about.
    case target(NodeID)
    case pingRequest(NodeID, MemberAddress)
    /// Where in the datagram the digests begin.
    case digests(offset: Int)
    case buckets(UInt64)
    case refusal(Life, MemberAddress)
}

/// A datagram that was read and found to be of the format in every byte.
struct Message {
    let header: Header
    let body: Body
    let entryCount: Int
    private let bytes: Bytes
    private let entriesOffset: Int

    /// Reads a datagram to its end.
    init(_ bytes: Bytes) throws(MessageFault) {
        guard bytes.count <= DatagramLayout.sizeMax else { throw .tooLong }
        var reader = ByteReader(bytes)
        (header, entryCount) = try Self.readHeader(&reader)
        body = try Self.readBody(header.kind, &reader)
        self.bytes = bytes
        entriesOffset = reader.offset
        for _ in 0..<entryCount { _ = try Entry(&reader) }
        guard reader.isAtEnd else { throw .trailingBytes }
    }

    private static func readHeader(
        _ reader: inout ByteReader
    ) throws(MessageFault) -> (Header, Int) {
        guard try reader.integer(UInt8.self) == DatagramLayout.version else {
            throw .unknownVersion
        }
        guard let kind = MessageKind(rawValue: try reader.integer(UInt8.self)) else {
            throw .unknownKind
        }
        let flags = MessageFlags(rawValue: try reader.integer(UInt8.self))
        guard flags.isSubset(of: .known) else { throw .unknownFlag }
        if flags.contains(.entriesWanted), kind != .page { throw .unknownFlag }
        let entryCount = Int(try reader.integer(UInt8.self))
        let sequence = try reader.integer(UInt32.self)
        let sender = try reader.id()
        let life = try reader.life()
        let incarnation = try reader.incarnation()
        let address = try reader.address()
        let header = Header(
            kind: kind, flags: flags, sequence: sequence, sender: sender, life: life,
            incarnation: incarnation, address: address, ringEpoch: try reader.ringEpoch())
        return (header, entryCount)
    }

    private static func readBody(
        _ kind: MessageKind, _ reader: inout ByteReader
    ) throws(MessageFault) -> Body {
        switch kind {
        case .ack, .rumors: return .none
        case .ping: return .target(try reader.anyID())
        case .relayedAck, .nack: return .target(try reader.id())
        case .pingRequest:
            let target = try reader.id()
            return .pingRequest(target, try reader.address())
        case .sync:
            let offset = reader.offset
            _ = try reader.take(8 * MemberTable.bucketCount)
            return .digests(offset: offset)
        case .page: return .buckets(try reader.integer(UInt64.self))
        case .refusal:
            let life = try reader.life()
            return .refusal(life, try reader.address())
        }
    }

    /// The entries, one after the other.
    func entries() -> Entries {
        Entries(reader: ByteReader(bytes, from: entriesOffset), left: entryCount)
    }

    /// The digest of a bucket, of a sync.
    func digest(_ bucket: Int) -> UInt64 {
        guard case .digests(let offset) = body else {
            invariantFailed("digests are read of a sync")
        }
        var reader = ByteReader(bytes, from: offset + 8 * bucket)
        guard let digest = try? reader.integer(UInt64.self) else {
            invariantFailed("a checked datagram has all its digests")
        }
        return digest
    }

    /// The entries of a checked datagram.
    struct Entries {
        fileprivate var reader: ByteReader
        fileprivate var left: Int

        mutating func next() -> Entry? {
            if left == 0 { return nil }
            left -= 1
            guard let entry = try? Entry(&reader) else {
                invariantFailed("a checked datagram has all its entries")
            }
            return entry
        }
    }
}
