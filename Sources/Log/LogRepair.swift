import Base

/// What a start does to a core's files once its log's end is settled, in this order, before any
/// core serves: delete, truncate, seal, sync; then go on in a new segment.
///
/// Each step may be the last one before a crash: the next start finds the same end.
public struct LogRepair: Equatable, Sendable {
    /// Segments behind the end, to be deleted from the last to the first; then the directory is
    /// synced.
    public let deleted: ClosedRange<UInt32>?
    /// Where the last segment is cut: everything from here on goes.
    public let end: LogPosition
    /// Whether the last segment lacks a seal; it gets one at ``end``
    /// (``FileHeader/appendSeal(at:to:)``).
    public let needsSeal: Bool
    /// The number of the segment in which the log goes on.
    public var nextSegment: UInt32 { end.segment + 1 }
}

extension LogScan {
    /// How many bytes of a segment's file stand behind the end, a header and the zeros of room that
    /// was only allocated not counted.
    public func countCutBytes(of file: Bytes, segment: UInt32) -> Int {
        if segment < end.segment { return 0 }
        let first = segment == end.segment ? Int(end.offset) : FileHeader.size
        return max(file.countToLastByte - first, 0)
    }

    /// What is to be done to files of these segments.
    public func repair(_ segments: ClosedRange<UInt32>) -> LogRepair {
        LogRepair(
            deleted: end.segment < segments.upperBound
                ? end.segment + 1...segments.upperBound : nil,
            end: end, needsSeal: end != sealEnd)
    }
}
