import Glibc

/// A numeric address to listen on.
public struct BindAddress: Sendable, Hashable {
    /// The address family, which decides how the address is handed to the kernel.
    public enum Family: Sendable, Hashable {
        /// Four bytes: `127.0.0.1`.
        case ipv4
        /// Sixteen bytes: `::1`.
        case ipv6
    }

    /// The address as the operator wrote it; always one that `inet_pton` accepts for ``family``.
    public let text: String

    /// Which kind of address ``text`` is.
    public let family: Family

    /// Whether to go on without it where the machine does not have it (written `-::1`, as in
    /// Redis's `bind`).
    public let isOptional: Bool

    /// An address from its text, or nil when it is not numeric.
    public init?(_ text: String, isOptional: Bool = false) {
        guard let family = Self.findFamily(of: text) else { return nil }
        self.text = text
        self.family = family
        self.isOptional = isOptional
    }

    /// Whether only programs on this machine can connect to it.
    public var isLoopback: Bool {
        switch family {
        case .ipv4: text.hasPrefix("127.")
        case .ipv6: isIPv6Loopback
        }
    }

    /// The form that ``parseList(_:)`` reads: with its `-` when it is optional.
    public var description: String { (isOptional ? "-" : "") + text }
}

extension BindAddress: CustomStringConvertible {
    /// The addresses of a comma-separated list, or nil when one is malformed or stands twice.
    ///
    /// `localhost` means `127.0.0.1,-::1`, and `*` means `0.0.0.0,-::`. Other names are refused: a
    /// name that resolves differently tomorrow must not decide who can reach the data.
    public static func parseList(_ text: String) -> [BindAddress]? {
        var addresses: [BindAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let meant = parseItem(String(part)) else { return nil }
            addresses.append(contentsOf: meant)
        }
        return Set(addresses.map(\.text)).count == addresses.count ? addresses : nil
    }

    private static func parseItem(_ item: String) -> [BindAddress]? {
        switch item {
        case "localhost": return parseList("127.0.0.1,-::1")
        case "*": return parseList("0.0.0.0,-::")
        default: break
        }
        let isOptional = item.hasPrefix("-")
        let text = isOptional ? String(item.dropFirst()) : item
        return BindAddress(text, isOptional: isOptional).map { [$0] }
    }
}

extension BindAddress {
    private static func findFamily(of text: String) -> Family? {
        var ipv4 = in_addr()
        if unsafe inet_pton(AF_INET, text, &ipv4) == 1 { return .ipv4 }
        var ipv6 = in6_addr()
        if unsafe inet_pton(AF_INET6, text, &ipv6) == 1 { return .ipv6 }
        return nil
    }

    /// Compares bytes, because `::1` can be written in many ways.
    private var isIPv6Loopback: Bool {
        var address = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &address) == 1 else { return false }
        return unsafe withUnsafeBytes(of: &address) { bytes in
            let isOne = unsafe bytes.last == 1
            let isZeroBefore = unsafe bytes.dropLast().allSatisfy { $0 == 0 }
            return isOne && isZeroBefore
        }
    }
}
