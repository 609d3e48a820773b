/// Latencies in buckets of some 3 % width: 32 steps to each power of two.
struct LatencyHistogram {
    private var buckets = [UInt64](repeating: 0, count: 64 * 32)
    private var total: UInt64 = 0

    mutating func record(nanoseconds: UInt64, count: Int) {
        buckets[LatencyHistogram.bucket(nanoseconds)] += UInt64(count)
        total += UInt64(count)
    }

    mutating func removeAll() {
        self = LatencyHistogram()
    }

    /// The lower bound of the bucket that holds the given share of all recorded, in microseconds.
    func microseconds(atQuantile quantile: Double) -> Double {
        var seen: UInt64 = 0
        for (index, count) in buckets.enumerated() {
            seen += count
            if count > 0, Double(seen) >= quantile * Double(total) {
                return Double(LatencyHistogram.lowerBound(index)) / 1000
            }
        }
        return 0
    }

    private static func bucket(_ nanoseconds: UInt64) -> Int {
        if nanoseconds < 32 { return Int(nanoseconds) }
        let exponent = 63 - nanoseconds.leadingZeroBitCount
        return exponent * 32 + Int((nanoseconds >> UInt64(exponent - 5)) & 31)
    }

    private static func lowerBound(_ bucket: Int) -> UInt64 {
        let exponent = bucket / 32
        if exponent < 5 { return UInt64(bucket) }
        return (32 + UInt64(bucket % 32)) << UInt64(exponent - 5)
    }
}
