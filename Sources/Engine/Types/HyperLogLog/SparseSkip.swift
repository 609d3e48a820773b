// Finds the run of a register by skipping eight bytes of runs at a time.
//
// A sparse HyperLogLog is searched from its start, over 3,000 bytes at worst. Run by run that is a
// jump or two per run which the processor often guesses wrong. Here eight bytes become a word,
// whose bytes are told apart without a jump:
//
//     value   1xxxxxxx             covers (byte & 3) + 1 registers
//     zeros   00xxxxxx             covers byte + 1
//     long    01xxxxxx             covers (byte & 63) · 256 + 1 …
//     second  behind a long one    … and its own number besides
//
// "Long" and "second" depend on what is before: in a row of bytes of the form 01xxxxxx the first,
// third and so on are long, the others second. As for escapes in strings, an addition finds the
// rows that begin at an even place: it carries through such a row and leaves the others.
//
// Source of that last idea: Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019.

import Base

/// Where a run begins, and how many registers the runs before it cover.
struct SparsePlace: BitwiseCopyable {
    var offset: Int
    var first: Int
}

/// Steps over a sparse HyperLogLog by words, from one that may begin within a run.
private struct SparseSkip: BitwiseCopyable {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let evenBytes: UInt64 = 0x00FF_00FF_00FF_00FF
    private static let eachPair: UInt64 = 0x0001_0001_0001_0001

    var offset = HyperLogLog.headerSize
    /// Registers before, but for what a second byte at ``offset`` adds.
    var covered = 0
    /// 0xFF where the byte at ``offset`` is a second one, else 0.
    private var second: UInt64 = 0

    /// Steps over `wordCount` words, unless the run that has register `index` begins among them.
    ///
    /// - Returns: whether it did.
    @inline(__always)
    mutating func advance(_ wordCount: Int, _ bytes: Bytes, before index: Int) -> Bool {
        var second = second
        var numbers: UInt64 = 0
        var highs: UInt64 = 0
        for number in 0..<wordCount {
            let word = unsafe UInt64(
                littleEndian: bytes.start.loadUnaligned(
                    fromByteOffset: offset &+ 8 &* number, as: UInt64.self))
            second = Self.add(word, second, &numbers, &highs)
        }
        // Four bytes' numbers and four words' fit into each pair of bytes.
        let high = ((Self.pairs(highs) &* Self.eachPair) &>> 48) &<< 8
        let covers = (numbers &* Self.eachPair) &>> 48 &+ high
        let after = covered &+ Int(truncatingIfNeeded: covers)
        if index < after { return false }
        covered = after
        offset &+= 8 &* wordCount
        self.second = second
        return true
    }

    /// Adds up what a word's bytes cover.
    ///
    /// - Returns: 0xFF where the byte behind is a second one, else 0.
    @inline(__always)
    private static func add(
        _ word: UInt64, _ isSecond: UInt64, _ numbers: inout UInt64, _ highs: inout UInt64
    ) -> UInt64 {
        let top = 0x80 &* ones
        // 0x80, 0x01 and 0xFF in each byte of the form 01xxxxxx but a second one at the beginning.
        let marks = word &<< 1 & ~word & top & ~isSecond
        let flags = marks &>> 7
        let rows = marks | (marks &- flags)
        let starts = flags & ~(flags &<< 8)
        let carried = rows &+ (starts & evenBytes)
        let long = rows & (carried ^ evenBytes)
        let second = long &<< 8 | isSecond
        let valueMarks = word & top & ~second
        let value = valueMarks | (valueMarks &- valueMarks &>> 7)
        // Each byte but a second one covers one register more than its number says.
        numbers &+= pairs(
            word & ~(long | value & (0xFC &* ones)) &+ (ones & ~second))
        highs &+= word & long & (0x3F &* ones)
        return UInt64(bitPattern: Int64(bitPattern: long) &>> 63) & 0xFF
    }

    /// The sums of neighbouring bytes.
    @inline(__always)
    private static func pairs(_ word: UInt64) -> UInt64 {
        (word & evenBytes) &+ (word &>> 8 & evenBytes)
    }

    /// Where the first run from here on begins.
    func place(_ bytes: Bytes) -> SparsePlace {
        if second == 0 { return SparsePlace(offset: offset, first: covered) }
        return SparsePlace(offset: offset &+ 1, first: covered &+ Int(bytes[offset]))
    }
}

extension SparsePlace {
    /// A place before the run that has register `index`, and not far from it: the run before that
    /// one, if there is any, is not skipped either.
    ///
    /// - Parameter bytes: those of a sparse HyperLogLog.
    init(_ bytes: Bytes, before index: Int) {
        var skip = SparseSkip()
        var last = skip
        // Adding up only once in four words costs a quarter less.
        while skip.offset &+ 32 <= bytes.count {
            let from = skip
            if !skip.advance(4, bytes, before: index) { break }
            last = from
        }
        skip = last
        while skip.offset &+ 8 <= bytes.count {
            let from = skip
            if !skip.advance(1, bytes, before: index) { break }
            last = from
        }
        self = last.place(bytes)
    }
}
