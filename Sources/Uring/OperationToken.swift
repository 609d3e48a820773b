/// What a submission carries and its completions bring back: `user_data`, packed. It names what the
/// completion is for by number, never by address, so that a completion that arrives late (after its
/// connection was closed and the place reused) is recognised by its generation and dropped.
///
///     63      56 55              32 31               0
///     |  kind   |    generation    |      index       |
public struct OperationToken: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64

    /// The token that a completion brought back.
    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// - Parameters:
    ///   - kind: the caller's operation code.
    ///   - generation: how often the place `index` was reused; the low 24 bits are kept.
    ///   - index: the caller's place: a connection, a timer, a core.
    @inlinable
    public init(kind: UInt8, generation: UInt32, index: UInt32) {
        rawValue =
            UInt64(kind) << 56 | UInt64(generation & OperationToken.generationMask) << 32
            | UInt64(index)
    }

    /// The caller's operation code.
    @inlinable public var kind: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 56) }

    /// How often the place was reused, modulo 2²⁴.
    @inlinable public var generation: UInt32 {
        UInt32(truncatingIfNeeded: rawValue >> 32) & OperationToken.generationMask
    }

    /// The caller's place.
    @inlinable public var index: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// The bits of a generation that a token keeps: compare generations under this mask.
    @inlinable public static var generationMask: UInt32 { 0xFF_FFFF }
}
