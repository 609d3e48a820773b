import Base

/// What this node knows of another one.
public struct Member: Sendable, BitwiseCopyable {
    /// Whose.
    public let id: NodeID
    /// What is believed of it.
    public var standing: Standing
    /// What it tells of itself; its address is unusable where only its end is known.
    public var metadata: MemberMetadata
    /// The highest ring epoch that it is known to have seen.
    public var ringEpoch: RingEpoch
    /// When a message of its own came last, in milliseconds; nil: never.
    public var heardAt: Int64?
    /// Since when its status holds, in milliseconds; of the dead it may lie before this node's
    /// start.
    public var since: Int64

    /// Its status.
    public var status: MemberStatus { standing.status }

    /// What the table's digest takes up of it: equal for equal knowledge, whoever has it.
    var digest: UInt64 {
        var mixed = id.high &+ Self.mix(id.middle) &+ UInt64(id.low)
        mixed = Self.mix(mixed ^ UInt64(standing.life.generation))
        mixed = Self.mix(mixed ^ UInt64(standing.life.salt))
        mixed = Self.mix(mixed ^ UInt64(standing.incarnation.rawValue))
        return Self.mix(mixed ^ UInt64(metadata.version))
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var generator = SplitMix64(seed: value)
        return generator.next()
    }
}
