import Base
import Glibc

/// Requests of a cache's clients: keys drawn by Zipf's law, the k-th as often as k to the power
/// of -`exponent`, the same ones for every seed.
struct CacheTrace {
    /// The chance of each key or one before it.
    private let cumulative: [Double]
    private var random: SplitMix64

    init(keyCount: Int, exponent: Double, seed: UInt64) {
        var sum = 0.0
        var sums: [Double] = []
        sums.reserveCapacity(keyCount)
        for rank in 1...keyCount {
            sum += pow(Double(rank), -exponent)
            sums.append(sum)
        }
        cumulative = sums.map { $0 / sum }
        random = SplitMix64(seed: seed)
    }

    /// The next key's number, below the count of keys.
    mutating func next() -> Int {
        let wanted = Double.random(in: 0..<1, using: &random)
        var (low, high) = (0, cumulative.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] <= wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// The sizes of values that churn writes.
struct ValueSizes {
    let name: String
    /// A phase is so many bytes of values in sizes of one kind; the phases come round.
    let phases: [Kind]

    enum Kind {
        /// Each size between the bounds as often as the others.
        case even(ClosedRange<Int>)
        /// Each doubling between the bounds as often as the others.
        case doublings(ClosedRange<Int>)

        func draw(_ random: inout SplitMix64) -> Int {
            switch self {
            case .even(let bounds): return Int.random(in: bounds, using: &random)
            case .doublings(let bounds):
                let low = log(Double(bounds.lowerBound))
                let high = log(Double(bounds.upperBound))
                return Int(exp(Double.random(in: low...high, using: &random)))
            }
        }
    }

    static let all = [
        ValueSizes(name: "20…100", phases: [.even(20...100)]),
        ValueSizes(name: "200…400", phases: [.even(200...400)]),
        ValueSizes(name: "16…8k", phases: [.doublings(16...8_192)]),
        ValueSizes(name: "4k…5k", phases: [.even(4_000...5_000)]),
        ValueSizes(name: "10k…100k", phases: [.even(10_000...100_000)]),
        ValueSizes(
            name: "64,700,180", phases: [.even(64...64), .even(700...700), .even(180...180)]),
        ValueSizes(
            name: "50,5k,500", phases: [.even(50...50), .even(5_000...5_000), .even(500...500)]),
    ]
}
