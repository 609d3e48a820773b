/// A node's name for life: 160 random bits, written as 40 lower-case hexadecimal digits, as Redis
/// Cluster's clients expect it.
///
/// Ordered as the digits are, so that sorting ids and sorting their text agree.
public struct NodeID: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Bits 159…96, 95…32 and 31…0.
    public let high: UInt64
    /// The 64 bits after those.
    public let middle: UInt64
    /// The last 32 bits.
    public let low: UInt32

    /// How many hexadecimal digits the text form has.
    public static let digitCount = 40

    /// The id of these 160 bits, most significant first.
    @inlinable
    public init(high: UInt64, middle: UInt64, low: UInt32) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// A new id from the caller's source of randomness, which must be one that never repeats
    /// between nodes (the system's; a seeded one in simulations).
    public init(using generator: inout some RandomNumberGenerator) {
        high = generator.next()
        middle = generator.next()
        low = UInt32(truncatingIfNeeded: generator.next())
    }

    /// The id that `text` spells; `nil` unless it is exactly 40 lower-case hexadecimal digits.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == NodeID.digitCount else { return nil }
        var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
        for (index, character) in text.utf8.enumerated() {
            guard let digit = NodeID.value(ofDigit: character) else { return nil }
            switch index {
            case ..<16: words.0 = words.0 << 4 | digit
            case ..<32: words.1 = words.1 << 4 | digit
            default: words.2 = words.2 << 4 | digit
            }
        }
        high = words.0
        middle = words.1
        low = UInt32(truncatingIfNeeded: words.2)
    }

    @inlinable
    public static func < (left: NodeID, right: NodeID) -> Bool {
        (left.high, left.middle, left.low) < (right.high, right.middle, right.low)
    }

    /// The ASCII digit at `index`, 0…39, for callers that write the id without making a String.
    @inlinable
    public func digit(at index: Int) -> UInt8 {
        let nibble: UInt64 =
            switch index {
            case ..<16: high >> UInt64(60 - 4 * index)
            case ..<32: middle >> UInt64(60 - 4 * (index - 16))
            default: UInt64(low) >> UInt64(28 - 4 * (index - 32))
            }
        let value = UInt8(truncatingIfNeeded: nibble & 0xF)
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private static func value(ofDigit character: UInt8) -> UInt64? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(character - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(character - UInt8(ascii: "a") + 10)
        default: nil
        }
    }
}

extension NodeID: CustomStringConvertible {
    /// The 40 digits.
    public var description: String {
        var text = ""
        text.reserveCapacity(NodeID.digitCount)
        for index in 0..<NodeID.digitCount {
            text.unicodeScalars.append(Unicode.Scalar(digit(at: index)))
        }
        return text
    }
}
