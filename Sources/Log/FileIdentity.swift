/// A node's id as files hold it: 160 bits, written as 40 lower-case hexadecimal digits.
public struct NodeBits: Hashable, Sendable {
    /// Bits 159…96, 95…32 and 31…0.
    public let high: UInt64
    /// The 64 bits after those.
    public let middle: UInt64
    /// The last 32 bits.
    public let low: UInt32

    /// The id of these bits, most significant first.
    public init(high: UInt64, middle: UInt64, low: UInt32) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// The id that `text` spells; nil unless it is exactly 40 lower-case hexadecimal digits.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 40 else { return nil }
        let digits = String(text)
        let first = digits.prefix(16)
        let second = digits.dropFirst(16).prefix(16)
        guard let high = UInt64(hexadecimal: first) else { return nil }
        guard let middle = UInt64(hexadecimal: second) else { return nil }
        guard let low = UInt64(hexadecimal: "00000000" + digits.dropFirst(32)) else { return nil }
        self.init(high: high, middle: middle, low: UInt32(truncatingIfNeeded: low))
    }
}

extension NodeBits: CustomStringConvertible {
    public var description: String {
        high.hexadecimal + middle.hexadecimal + UInt64(low).hexadecimal.dropFirst(8)
    }
}

/// Whose a file is and where in the data directory it belongs: what its header must repeat.
public struct FileIdentity: Hashable, Sendable {
    /// The node.
    public var node: NodeBits
    /// The number of the layout's folder.
    public var layout: UInt32
    /// The core, from 0.
    public var core: UInt16
    /// How many cores the layout is for.
    public var cores: UInt16

    /// Of core `core` of `cores` in a layout of a node.
    public init(node: NodeBits, layout: UInt32, core: UInt16, cores: UInt16) {
        self.node = node
        self.layout = layout
        self.core = core
        self.cores = cores
    }
}
