import Base

/// A zone's name in at most 32 bytes of UTF-8.
public struct ZoneName: Hashable, Sendable, BitwiseCopyable {
    /// In bytes.
    public static let sizeMax = 32

    private var words: SIMD4<UInt64> = .zero
    /// How many bytes.
    public private(set) var count = 0

    /// The zone of nodes for which none was named.
    public static let unnamed = ZoneName()

    private init() {}

    /// The zone of that name; nil for one that is too long.
    public init?(_ name: String) {
        for byte in name.utf8 {
            guard count < ZoneName.sizeMax else { return nil }
            append(byte)
        }
    }

    /// The zone of these bytes; nil where they are too many or no UTF-8.
    init?(_ bytes: Bytes) {
        guard bytes.count <= ZoneName.sizeMax else { return nil }
        for index in 0..<bytes.count { append(bytes[index]) }
        let utf8 = (0..<count).lazy.map { [self] in self[$0] }
        guard String(validating: utf8, as: UTF8.self) != nil else { return nil }
    }

    private mutating func append(_ byte: UInt8) {
        words[count / 8] |= UInt64(byte) << UInt64(8 * (count % 8))
        count += 1
    }

    /// The byte at `index`, 0..<count.
    subscript(index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: words[index / 8] >> UInt64(8 * (index % 8)))
    }

    /// The name.
    public var name: String {
        String(decoding: (0..<count).lazy.map { self[$0] }, as: UTF8.self)
    }
}

/// What a node does in the cluster.
public struct MemberRoles: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt8

    /// The roles of these bits; those that a later version names are kept and passed on.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// May be a voter of the agreement.
    public static let mayVote = MemberRoles(rawValue: 1)
    /// Owns slots.
    public static let holdsData = MemberRoles(rawValue: 2)
    /// Serves clients for the whole keyspace.
    public static let isGateway = MemberRoles(rawValue: 4)
}

/// The ports on which a member serves clients; 0 where it does not.
public struct MemberPorts: Hashable, Sendable, BitwiseCopyable {
    /// For any Redis client.
    public var gateway: UInt16
    /// For clients that know the cluster.
    public var node: UInt16
    /// The first core's, where each core has one.
    public var firstCore: UInt16
    /// HTTP.
    public var http: UInt16

    /// These ports.
    public init(
        gateway: UInt16 = 0, node: UInt16 = 0, firstCore: UInt16 = 0, http: UInt16 = 0
    ) {
        self.gateway = gateway
        self.node = node
        self.firstCore = firstCore
        self.http = http
    }
}

/// What a member tells of itself: fixed fields of bounded size.
public struct MemberMetadata: Hashable, Sendable, BitwiseCopyable {
    /// Rises with each change within a life; of two the higher wins. The machine sets it.
    public internal(set) var version: UInt16 = 0
    /// The cluster port.
    public var address: MemberAddress
    /// Where clients reach it; ``Host/none`` where that is the host of ``address``.
    public var clientHost: Host
    /// The ports for clients.
    public var ports: MemberPorts
    /// How many cores it has.
    public var coreCount: UInt16
    /// What it does.
    public var roles: MemberRoles
    /// Its failure domain.
    public var zone: ZoneName

    /// The metadata of a node whose cluster port is at `address`.
    public init(
        address: MemberAddress, clientHost: Host = .none, ports: MemberPorts = MemberPorts(),
        coreCount: UInt16 = 1, roles: MemberRoles = [], zone: ZoneName = .unnamed
    ) {
        self.address = address
        self.clientHost = clientHost
        self.ports = ports
        self.coreCount = coreCount
        self.roles = roles
        self.zone = zone
    }

    /// Of a member of which only the death is known.
    static let unknown = MemberMetadata(address: MemberAddress(.none, port: 0))
}
