/// Consecutive slots, both ends included; never empty and never wrapping round the end of the ring.
public struct SlotRange: Hashable, Sendable {
    /// The lowest slot of the range.
    public let first: SlotIndex
    /// The highest slot of the range, which belongs to it.
    public let last: SlotIndex

    /// - Parameter last: at or after `first`.
    @inlinable
    public init(first: SlotIndex, last: SlotIndex) {
        self.first = first
        self.last = last
    }

    /// All slots.
    public static let all = SlotRange(
        first: SlotIndex(0), last: SlotIndex(UInt16(SlotIndex.count - 1)))

    /// How many slots the range holds, 1…16,384.
    @inlinable
    public var count: Int { Int(last.rawValue) - Int(first.rawValue) + 1 }

    @inlinable
    public func contains(_ slot: SlotIndex) -> Bool {
        first <= slot && slot <= last
    }
}
