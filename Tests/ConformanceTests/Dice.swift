import Base

/// Random choices from one seed.
struct Dice {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// A number in 0..<bound.
    mutating func below(_ bound: Int) -> Int {
        Int.random(in: 0..<bound, using: &random)
    }

    mutating func number(in range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &random)
    }

    mutating func seed() -> UInt64 { random.next() }

    /// True in about `percent` of a hundred cases.
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    mutating func bytes(count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// The text with the case of each letter at random.
    mutating func anyCase(_ text: String) -> String {
        String(text.map { below(2) == 0 ? Character($0.uppercased()) : Character($0.lowercased()) })
    }
}
