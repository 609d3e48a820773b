import Glibc

/// One end of a TCP connection: an IPv4 or IPv6 address and a port. A small value; the text is made
/// when somebody asks.
public struct SocketAddress: Sendable, CustomStringConvertible {
    /// In host byte order.
    public let port: UInt16
    private let family: Int32
    /// In network byte order; IPv4 uses the first four bytes.
    private let bytes: InlineArray<16, UInt8>

    /// As `sockaddr_in` or `sockaddr_in6`; nil for another family.
    init?(_ storage: sockaddr_storage) {
        var bytes = InlineArray<16, UInt8>(repeating: 0)
        family = Int32(storage.ss_family)
        switch family {
        case AF_INET:
            let address = unsafe withUnsafeBytes(of: storage) {
                unsafe $0.load(as: sockaddr_in.self)
            }
            port = UInt16(bigEndian: address.sin_port)
            unsafe withUnsafeMutableBytes(of: &bytes) {
                unsafe $0.storeBytes(of: address.sin_addr, as: in_addr.self)
            }
        case AF_INET6:
            let address = unsafe withUnsafeBytes(of: storage) {
                unsafe $0.load(as: sockaddr_in6.self)
            }
            port = UInt16(bigEndian: address.sin6_port)
            unsafe withUnsafeMutableBytes(of: &bytes) {
                unsafe $0.storeBytes(of: address.sin6_addr, as: in6_addr.self)
            }
        default:
            return nil
        }
        self.bytes = bytes
    }

    /// The address alone: "127.0.0.1", "::1".
    public var host: String {
        let text = unsafe withUnsafeTemporaryAllocation(
            of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)
        ) { text in
            unsafe withUnsafeBytes(of: bytes) { address in
                unsafe inet_ntop(
                    family, address.baseAddress, text.baseAddress, socklen_t(text.count))
            }.map { unsafe String(cString: $0) }
        }
        return text ?? ""
    }

    /// "127.0.0.1:6379", "[::1]:6379".
    public var description: String {
        family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
