import Base

/// A part of a string in bits, both ends included: 0 ≤ first ≤ last < bits of the string.
struct BitRange: BitwiseCopyable {
    var first: Int
    var last: Int

    /// Nil where nothing is in it.
    ///
    /// - Parameters:
    ///   - start: the first byte or bit, counted from the end where negative.
    ///   - end: the last one, likewise.
    ///   - isInBits: whether they are bits.
    ///   - length: of the string, in bytes.
    init?(from start: Int64, through end: Int64, isInBits: Bool, length: Int) {
        let count = Int64(length) * (isInBits ? 8 : 1)
        let lower = max(start < 0 ? start + count : start, 0)
        let upper = min(max(end < 0 ? end + count : end, 0), count - 1)
        if lower > upper { return nil }
        first = isInBits ? Int(lower) : Int(lower) * 8
        last = isInBits ? Int(upper) : Int(upper) * 8 + 7
    }

    /// All of a string that is not empty.
    init?(length: Int) {
        self.init(from: 0, through: -1, isInBits: false, length: length)
    }
}

extension Engine {
    /// The word that says what a range counts; nil after answering with an error.
    mutating func readRangeUnit(_ word: Bytes) -> Bool? {
        if word.equalsIgnoringCase("bit") { return true }
        if word.equalsIgnoringCase("byte") { return false }
        fail(.syntax)
        return nil
    }

    /// An integer argument; nil after answering with an error.
    mutating func readInteger(_ word: Bytes) -> Int64? {
        guard let integer = word.canonicalInteger else {
            fail(.notInteger)
            return nil
        }
        return integer
    }
}
