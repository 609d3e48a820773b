import Base

/// Sizes and limits of the format (docs/internals/gossip.md, "Datagrams, byte by byte").
public enum DatagramLayout {
    /// The most bytes of a datagram: with the headers below it fits every path of 1,280 bytes, the
    /// least that IPv6 allows.
    public static let sizeMax = 1_200
    /// The version that is written, and the only one that is read.
    public static let version: UInt8 = 1
    /// Bytes of the header.
    static let headerSize = 66
    /// Where the number of entries stands.
    static let entryCountOffset = 3
    /// Bytes of an entry without what depends on its status.
    static let entrySize = 33
    /// The most bytes of an entry.
    static let entrySizeMax = 33 + 56 + ZoneName.sizeMax
    /// A larger ring epoch is garbage: a change every millisecond makes as many in 8,900 years.
    static let ringEpochMax = RingEpoch(1 << 48)
}

/// What a datagram is for.
enum MessageKind: UInt8, CaseIterable {
    case ping = 1
    case ack = 2
    case pingRequest = 3
    case relayedAck = 4
    case nack = 5
    case rumors = 6
    case sync = 7
    case page = 8
    case refusal = 9
}

/// Bits of the header.
struct MessageFlags: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    /// The sender belongs to a cluster.
    static let admitted = MessageFlags(rawValue: 1)
    /// Of a page: its receiver is asked for its entries of the same buckets.
    static let entriesWanted = MessageFlags(rawValue: 2)

    static let known: MessageFlags = [.admitted, .entriesWanted]
}
