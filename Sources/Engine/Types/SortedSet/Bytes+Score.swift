// Scores and bounds as clients spell them.

import Base
import CIntrinsics

/// The longest text that is read as a score, in bytes.
private let scoreTextSizeMax = 5 * 1024

extension Bytes {
    /// The score that these bytes spell, or nil: C's spellings of a `double`, never NaN.
    var score: Double? {
        if count <= 15, let integer = canonicalInteger { return Double(integer) }
        if count == 0 || count >= scoreTextSizeMax { return nil }
        var number = 0.0
        let isRead = unsafe withTerminated { unsafe gyre_double_parse($0, count, &number) != 0 }
        return isRead ? number : nil
    }

    /// The number that a bound of scores spells, without what says that it is exclusive; nil where
    /// it is none. A zero byte ends it.
    fileprivate var boundScore: Double? {
        if count > 0, count <= 15, let integer = canonicalInteger { return Double(integer) }
        if count >= scoreTextSizeMax { return nil }
        var number = 0.0
        let isRead = unsafe withTerminated { unsafe gyre_double_parse_bound($0, &number) != 0 }
        return isRead ? number : nil
    }

    /// Calls `body` with a copy that a zero byte ends.
    func withTerminated(_ body: (UnsafePointer<CChar>) -> Bool) -> Bool {
        unsafe withUnsafeTemporaryAllocation(byteCount: count + 1, alignment: 1) { text in
            let copy = unsafe text.baseAddress.unsafelyUnwrapped
            unsafe copy.copyMemory(from: start, byteCount: count)
            unsafe copy.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
            return unsafe body(copy.assumingMemoryBound(to: CChar.self))
        }
    }
}

/// An end of a range of scores.
struct ScoreBound: BitwiseCopyable {
    let score: Double
    let isExclusive: Bool

    /// Reads a number, behind "(" where it is exclusive; nil where it is none.
    init?(_ word: Bytes) {
        isExclusive = word.count > 0 && word[0] == UInt8(ascii: "(")
        guard let score = (isExclusive ? word.slice(1, word.count) : word).boundScore else {
            return nil
        }
        self.score = score
    }

    /// As the border where a range begins.
    var lower: RankTree.Bound { isExclusive ? .after(score) : .before(score) }

    /// As the border where a range ends.
    var upper: RankTree.Bound { isExclusive ? .before(score) : .after(score) }
}

/// An end of a range of members of one score.
enum BytesBound {
    case least
    case greatest
    case inclusive(Bytes)
    case exclusive(Bytes)

    /// Reads "-", "+", or bytes behind "[" or "("; nil for anything else.
    init?(_ word: Bytes) {
        if word.isEmpty { return nil }
        let isAlone = word.count == 1 || word[1] == 0
        switch word[0] {
        case UInt8(ascii: "-") where isAlone: self = .least
        case UInt8(ascii: "+") where isAlone: self = .greatest
        case UInt8(ascii: "["): self = .inclusive(word.slice(1, word.count))
        case UInt8(ascii: "("): self = .exclusive(word.slice(1, word.count))
        default: return nil
        }
    }
}
