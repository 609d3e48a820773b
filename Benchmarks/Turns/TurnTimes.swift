/// What each turn of a load cost: the least of several passes over the same load.
///
/// The work repeats exactly, so what a pass took beyond the least is the machine's: a virtual CPU
/// that its host takes away for milliseconds goes on being charged to the thread.
struct TurnTimes {
    private var nanoseconds: [UInt64]

    init(count: Int) {
        nanoseconds = [UInt64](repeating: .max, count: count)
    }

    var count: Int { nanoseconds.count }

    mutating func note(turn: Int, _ duration: UInt64) {
        // How many turns a removal takes shows only when it is over.
        while turn >= nanoseconds.count { nanoseconds.append(.max) }
        nanoseconds[turn] = min(nanoseconds[turn], duration)
    }

    /// The times at these shares of all turns, 0…1, in nanoseconds.
    func quantiles(_ shares: [Double]) -> [UInt64] {
        let sorted = nanoseconds.sorted()
        return shares.map { sorted[min(Int(Double(sorted.count) * $0), sorted.count - 1)] }
    }

    /// The `count` longest turns: their numbers and times, longest first.
    func longest(_ count: Int) -> [(turn: Int, nanoseconds: UInt64)] {
        nanoseconds.enumerated().sorted { $0.element > $1.element }.prefix(count)
            .map { ($0.offset, $0.element) }
    }

    /// The mean and the longest time in each of `count` equal parts of the load, in nanoseconds.
    func parts(_ count: Int) -> [(mean: UInt64, longest: UInt64)] {
        (0..<count).map { part in
            let slice = nanoseconds[
                (nanoseconds.count * part / count)..<(nanoseconds.count * (part + 1) / count)]
            let sum = slice.reduce(0, +)
            return (sum / UInt64(max(slice.count, 1)), slice.max() ?? 0)
        }
    }
}
