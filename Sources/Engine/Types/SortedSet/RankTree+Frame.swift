// How a leaf turns scores into hints of 16 bits.
//
// A score's *order key* is a 64-bit number that rises with it. A frame cuts a stretch of those
// numbers into 65,536 equal steps, and a hint is the step that a score is in; scores before and
// behind the stretch have the first and the last hint. Any frame gives hints that rise with the
// scores, so a poor one costs reads of members and nothing else.

import Base

extension RankTree {
    /// A leaf's scale; see above.
    struct Frame: Equatable, BitwiseCopyable {
        /// The order key at which hint 0 begins.
        var base: UInt64
        /// A step is 2^shift order keys.
        var shift: UInt8

        static let hintMax: UInt64 = 0xFFFF
        /// A new frame spreads what is in the leaf over at most a quarter of its steps, in the
        /// middle: the rest is for what comes.
        static let spreadBits = 14

        /// A number that rises with the score, equal for -0 and 0.
        @inline(__always)
        static func orderKey(_ score: Double) -> UInt64 {
            let bits = (score + 0).bitPattern
            let isNegative = UInt64(bitPattern: Int64(bitPattern: bits) &>> 63)
            return bits ^ (isNegative | 1 &<< 63)
        }

        /// The frame for order keys from `least` to `greatest`.
        init(least: UInt64, greatest: UInt64) {
            let spread = greatest &- least
            let bits = UInt64.bitWidth - spread.leadingZeroBitCount
            shift = UInt8(max(0, bits - Self.spreadBits))
            let margin = (Self.hintMax &+ 1 &- spread &>> shift) / 2
            let room = margin.multipliedReportingOverflow(by: 1 << UInt64(shift))
            base = room.overflow || room.partialValue > least ? 0 : least &- room.partialValue
        }

        @inline(__always)
        init(base: UInt64, shift: UInt8) {
            self.base = base
            self.shift = shift
        }

        @inline(__always)
        func hint(_ orderKey: UInt64) -> UInt64 {
            if orderKey < base { return 0 }
            return min((orderKey &- base) &>> UInt64(shift), Self.hintMax)
        }

        /// Whether the order key is inside of the stretch.
        @inline(__always)
        func holds(_ orderKey: UInt64) -> Bool {
            orderKey >= base && (orderKey &- base) &>> UInt64(shift) <= Self.hintMax
        }

        /// A frame of the same steps that begins an eighth (or ends, if `isDescending`) beside
        /// `orderKey`: for the first member of a leaf at an end of the tree, from its neighbour's
        /// frame.
        func moved(to orderKey: UInt64, isDescending: Bool) -> Frame {
            let stretch = (Self.hintMax &+ 1).multipliedReportingOverflow(by: 1 << UInt64(shift))
            if stretch.overflow { return self }
            let room = isDescending ? stretch.partialValue / 8 * 7 : stretch.partialValue / 8
            return Frame(base: orderKey < room ? 0 : orderKey &- room, shift: shift)
        }
    }
}
