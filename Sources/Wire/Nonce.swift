import Base

/// 256 random bits that one side of a handshake puts in, so that it is like none before.
public struct Nonce: Equatable, Sendable, BitwiseCopyable {
    let words: (UInt64, UInt64, UInt64, UInt64)

    /// In bytes.
    static let size = 32

    /// A new one from the caller's source of randomness, which must be one that never repeats and
    /// cannot be foreseen (the system's; a seeded one in simulations).
    public init(using generator: inout some RandomNumberGenerator) {
        words = (generator.next(), generator.next(), generator.next(), generator.next())
    }

    /// The one that stands at `offset`.
    init(_ bytes: Bytes, at offset: Int) {
        words = (
            bytes.integer(at: offset, UInt64.self), bytes.integer(at: offset + 8, UInt64.self),
            bytes.integer(at: offset + 16, UInt64.self),
            bytes.integer(at: offset + 24, UInt64.self)
        )
    }

    public static func == (left: Nonce, right: Nonce) -> Bool {
        left.words == right.words
    }

    func append(to output: inout OutputBuffer) {
        output.append(integer: words.0)
        output.append(integer: words.1)
        output.append(integer: words.2)
        output.append(integer: words.3)
    }
}
