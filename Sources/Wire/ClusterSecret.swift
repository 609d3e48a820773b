import Base

/// The secret that the nodes of a cluster share: who knows it is one of them.
public struct ClusterSecret: Sendable {
    /// Why a text is no secret.
    public enum Fault: Error, Equatable, Sendable {
        /// It has fewer than ``WireLimits/secretSizeMin`` bytes.
        case tooShort(size: Int)
        /// It has more than ``WireLimits/secretSizeMax`` bytes.
        case tooLong(size: Int)

        /// For the operator: cause and remedy.
        public var message: String {
            switch self {
            case .tooShort(let size):
                "The cluster secret has \(size) bytes, which can be found by trying: make one of "
                    + "at least \(WireLimits.secretSizeMin), best by `openssl rand -hex 32`, and "
                    + "give the same to every node."
            case .tooLong(let size):
                "The cluster secret has \(size) bytes, and at most "
                    + "\(WireLimits.secretSizeMax) are taken: make one by "
                    + "`openssl rand -hex 32`, and give the same to every node."
            }
        }
    }

    let bytes: OwnedBytes

    /// The secret of these bytes.
    public init(_ bytes: OwnedBytes) throws(Fault) {
        if bytes.count < WireLimits.secretSizeMin { throw .tooShort(size: bytes.count) }
        if bytes.count > WireLimits.secretSizeMax { throw .tooLong(size: bytes.count) }
        self.bytes = bytes
    }
}

/// The name of a cluster: what keeps nodes of two clusters apart that can reach each other.
public struct ClusterName: Hashable, Sendable {
    /// The name as the operator wrote it.
    public let text: String

    /// The name that `text` spells; nil unless it is 1 to 64 letters, digits, `-`, `_` and `.`.
    public init?(_ text: String) {
        if text.utf8.isEmpty || text.utf8.count > WireLimits.clusterNameSizeMax { return nil }
        for byte in text.utf8 where !Self.mayContain(byte) { return nil }
        self.text = text
    }

    /// The name in a peer's bytes; nil unless it is one.
    init?(_ bytes: Bytes) {
        self.init(bytes.string)
    }

    private static func mayContain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
