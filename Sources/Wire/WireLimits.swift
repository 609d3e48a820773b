/// The bounds of links: constants of the format, so both sides know them without asking
/// (docs/internals/wire.md, "Limits").
public enum WireLimits {
    /// From the dialling to the last message of the handshake, in milliseconds: four messages, with
    /// room for the retransmissions of a few lost packets.
    public static let handshakeMilliseconds: Int64 = 5_000
    /// The longest body before the link is established, in bytes: the longest hello has 146.
    public static let handshakeBodySizeMax = 256
    /// The longest body, in bytes. The ring of 1,000 nodes with their addresses takes about a
    /// quarter of it.
    public static let bodySizeMax = 1 << 20
    /// A batch of this many bytes is closed, and the next one begun: no single check holds up a
    /// turn for long.
    public static let batchSize = 64 << 10
    /// The longest content of an item in a batch, in bytes; longer ones go in pieces. A batch that
    /// is not closed yet has room for one more of these.
    public static let pieceSizeMax = 512 << 10
    /// Requests in flight on a link: 5 ms of three million a second.
    public static let requestsInFlightMax = 16_384
    /// A link from which nothing came for so long is pinged, in milliseconds.
    public static let pingMilliseconds: Int64 = 1_000
    /// A link from which nothing came for so long is lost, in milliseconds.
    public static let silenceMilliseconds: Int64 = 4_000
    /// A secret has at least so many bytes: shorter ones can be found by trying.
    public static let secretSizeMin = 16
    /// A secret has at most so many bytes.
    public static let secretSizeMax = 256
    /// A cluster's name has at most so many bytes.
    public static let clusterNameSizeMax = 64
    /// A link keeps no more memory than this for the pieces of frames, in bytes.
    static let reassemblyKept = 64 << 10
}
