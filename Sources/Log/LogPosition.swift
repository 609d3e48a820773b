/// A place in a core's log: a segment and an offset in its file. Later places are greater.
public struct LogPosition: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// The segment in the upper 32 bits, the offset in the lower ones, as marks hold it.
    public let rawValue: UInt64

    /// Of a position's 64 bits.
    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Byte `offset` of segment `segment`.
    @inlinable
    public init(segment: UInt32, offset: UInt32) {
        rawValue = UInt64(segment) << 32 | UInt64(offset)
    }

    /// The segment's number; the first one is 1.
    @inlinable
    public var segment: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) }

    /// In bytes from the beginning of the segment's file.
    @inlinable
    public var offset: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    @inlinable
    public static func < (left: LogPosition, right: LogPosition) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension LogPosition: CustomStringConvertible {
    public var description: String { "\(segment):\(offset)" }
}

extension LogPosition {
    /// Of its text, `segment:offset`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        guard let segment = UInt32(canonical: parts[0]) else { return nil }
        guard let offset = UInt32(canonical: parts[1]) else { return nil }
        self.init(segment: segment, offset: offset)
    }
}
