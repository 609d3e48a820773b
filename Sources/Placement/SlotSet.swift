/// Some of the slots: a bit for each.
public struct SlotSet: BitwiseCopyable, Sendable {
    @usableFromInline var words = InlineArray<256, UInt64>(repeating: 0)

    /// No slot.
    public init() {}

    /// Every slot.
    public static var all: SlotSet {
        var all = SlotSet()
        for word in 0..<256 { all.words[word] = .max }
        return all
    }

    /// Whether the slot, 0…16383, is in it.
    @inlinable
    public func contains(_ slot: UInt16) -> Bool {
        words[Int(slot &>> 6)] &>> UInt64(slot & 63) & 1 != 0
    }

    /// Adds a slot, 0…16383.
    public mutating func insert(_ slot: UInt16) {
        words[Int(slot &>> 6)] |= 1 &<< UInt64(slot & 63)
    }
}
