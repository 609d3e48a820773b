/// How long turns took, with what had been loaded by then.
struct TurnTimes {
    private var nanoseconds: [UInt64] = []

    /// Room for `count` turns, so that noting one allocates nothing.
    init(capacity count: Int) {
        nanoseconds.reserveCapacity(count)
    }

    var count: Int { nanoseconds.count }

    mutating func append(_ duration: UInt64) {
        nanoseconds.append(duration)
    }

    /// The times at these shares of all turns, 0…1, in nanoseconds.
    func quantiles(_ shares: [Double]) -> [UInt64] {
        let sorted = nanoseconds.sorted()
        guard let last = sorted.indices.last else { return shares.map { _ in 0 } }
        return shares.map { sorted[min(Int(Double(sorted.count) * $0), last)] }
    }

    /// The `count` longest turns: their numbers and times, longest first.
    func longest(_ count: Int) -> [(turn: Int, nanoseconds: UInt64)] {
        nanoseconds.enumerated().sorted { $0.element > $1.element }.prefix(count)
            .map { ($0.offset, $0.element) }
    }

    /// The mean and the longest time in each of `count` equal parts of the run, in nanoseconds.
    func parts(_ count: Int) -> [(mean: UInt64, longest: UInt64)] {
        (0..<count).map { part in
            let slice = nanoseconds[
                (nanoseconds.count * part / count)..<(nanoseconds.count * (part + 1) / count)]
            let sum = slice.reduce(0, +)
            return (sum / UInt64(max(slice.count, 1)), slice.max() ?? 0)
        }
    }
}
