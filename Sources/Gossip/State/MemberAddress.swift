/// An IP address in the form of IPv6; IPv4 is mapped into it (RFC 4291, section 2.5.5.2).
public struct Host: Hashable, Sendable, BitwiseCopyable {
    /// The first eight bytes, most significant first.
    public let high: UInt64
    /// The last eight.
    public let low: UInt64

    /// No address.
    public static let none = Host(high: 0, low: 0)

    /// The address of these 128 bits.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The IPv4 address of these 32 bits, most significant first, mapped.
    public init(version4 bits: UInt32) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(bits))
    }

    /// The 32 bits of an address that is IPv4's, mapped; nil for others.
    public var version4: UInt32? {
        if high != 0 { return nil }
        return low >> 32 == 0xFFFF ? UInt32(truncatingIfNeeded: low) : nil
    }
}

/// Where a member's cluster port is.
public struct MemberAddress: Hashable, Sendable, BitwiseCopyable {
    /// The host.
    public let host: Host
    /// The port, from 1.
    public let port: UInt16

    /// A port of a host.
    public init(_ host: Host, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Whether something could be sent there.
    public var isUsable: Bool {
        if port == 0 { return false }
        return host != .none
    }
}
