/// The buckets in which durations are counted: how finely, and from which duration to which.
///
/// Durations below 64 ns have a bucket each. From there on each doubling is divided into 32, so a
/// bucket's bounds are at most 3.2 % apart. The last bucket takes what is longer than 68 s.
package enum LatencyScale {
    /// How many buckets there are.
    package static let bucketCount = 1024
    private static let partBits = 5
    private static let exponentMax = 35

    /// The bucket that a duration in nanoseconds falls into.
    @inline(__always)
    static func bucket(of nanoseconds: UInt64) -> Int {
        if nanoseconds < 64 { return Int(truncatingIfNeeded: nanoseconds) }
        let exponent = 63 &- nanoseconds.leadingZeroBitCount
        if _slowPath(exponent > exponentMax) { return bucketCount &- 1 }
        let part = Int(truncatingIfNeeded: nanoseconds &>> UInt64(exponent &- partBits)) & 31
        return (exponent &- 4) &* 32 &+ part
    }

    /// The longest duration of a bucket, in nanoseconds.
    package static func upperBound(of bucket: Int) -> UInt64 {
        if bucket < 64 { return UInt64(bucket) }
        let shift = bucket / 32 - 1
        return (UInt64(32 + bucket % 32 + 1) << UInt64(shift)) - 1
    }

    /// The shortest duration of a bucket, in nanoseconds.
    package static func lowerBound(of bucket: Int) -> UInt64 {
        bucket == 0 ? 0 : upperBound(of: bucket - 1) + 1
    }
}

/// How many calls took how long: counts for the buckets of ``LatencyScale``, added up from several
/// cores or commands.
package struct LatencyHistogram {
    private var counts: [UInt64] = []
    /// The sum of all counts.
    package private(set) var total: UInt64 = 0

    package init() {}

    package subscript(bucket: Int) -> UInt64 { counts.isEmpty ? 0 : counts[bucket] }

    package mutating func add(_ count: UInt64, to bucket: Int) {
        if counts.isEmpty {
            counts = Array(repeating: 0, count: LatencyScale.bucketCount)
        }
        counts[bucket] &+= count
        total &+= count
    }

    /// The duration that so many per cent of the calls did not exceed, in nanoseconds: the upper
    /// bound of its bucket, or the lower bound of the first for 0 %. 0 without calls.
    ///
    /// - Parameter percentile: 0...100.
    package func value(atPercentile percentile: Double) -> UInt64 {
        if total == 0 { return 0 }
        let wanted = max(UInt64((percentile / 100 * Double(total)).rounded()), 1)
        var seen: UInt64 = 0
        for bucket in 0..<LatencyScale.bucketCount where self[bucket] > 0 {
            seen += self[bucket]
            if seen < wanted { continue }
            return percentile == 0
                ? LatencyScale.lowerBound(of: bucket) : LatencyScale.upperBound(of: bucket)
        }
        return LatencyScale.upperBound(of: LatencyScale.bucketCount - 1)
    }
}
