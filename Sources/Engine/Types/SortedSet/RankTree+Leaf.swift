// A leaf: members' addresses in order.
//
// Layout, in bytes from the start:
//
//     0   previous   the leaf before, 0 where there is none
//     8   next       the leaf behind, 0 where there is none
//     16  base       u64   of the frame
//     24  count      u16   places in use
//     26  shift      u8    of the frame
//     27  unused
//     32  places     u64 each: the hint in the upper 16 bits, a member's address in the lower 48

import Base
import CIntrinsics

extension RankTree {
    /// A reference to a leaf's memory.
    @safe
    struct Leaf: BitwiseCopyable {
        let pointer: UnsafeMutableRawPointer

        static let headerSize = 32
        static let addressMask: UInt64 = 0xFFFF_FFFF_FFFF

        @inline(__always)
        init(_ pointer: UnsafeMutableRawPointer) {
            unsafe self.pointer = pointer
        }

        static func size(capacity: UInt8) -> Int {
            headerSize + Int(capacity) * 8
        }

        /// Makes a leaf of no places and no neighbours.
        func clear(_ frame: Frame) {
            previous = nil
            next = nil
            count = 0
            self.frame = frame
        }

        @inline(__always)
        var previous: Leaf? {
            get { unsafe pointer.load(as: UnsafeMutableRawPointer?.self).map { unsafe Leaf($0) } }
            nonmutating set {
                unsafe pointer.storeBytes(
                    of: newValue?.pointer, as: UnsafeMutableRawPointer?.self)
            }
        }

        @inline(__always)
        var next: Leaf? {
            get {
                unsafe pointer.load(fromByteOffset: 8, as: UnsafeMutableRawPointer?.self)
                    .map { unsafe Leaf($0) }
            }
            nonmutating set {
                unsafe pointer.storeBytes(
                    of: newValue?.pointer, toByteOffset: 8, as: UnsafeMutableRawPointer?.self)
            }
        }

        @inline(__always)
        var frame: Frame {
            get {
                unsafe Frame(
                    base: pointer.load(fromByteOffset: 16, as: UInt64.self),
                    shift: pointer.load(fromByteOffset: 26, as: UInt8.self))
            }
            nonmutating set {
                unsafe pointer.storeBytes(of: newValue.base, toByteOffset: 16, as: UInt64.self)
                unsafe pointer.storeBytes(of: newValue.shift, toByteOffset: 26, as: UInt8.self)
            }
        }

        @inline(__always)
        var count: Int {
            get { unsafe Int(pointer.load(fromByteOffset: 24, as: UInt16.self)) }
            nonmutating set {
                unsafe pointer.storeBytes(
                    of: UInt16(truncatingIfNeeded: newValue), toByteOffset: 24, as: UInt16.self)
            }
        }

        @inline(__always)
        var places: UnsafeMutablePointer<UInt64> {
            unsafe (pointer + Self.headerSize).assumingMemoryBound(to: UInt64.self)
        }

        /// The member at `index`, 0..<count.
        @inline(__always)
        subscript(index: Int) -> ScoredMember {
            unsafe ScoredMember(
                UnsafeMutableRawPointer(bitPattern: UInt(places[index] & Self.addressMask))
                    .unsafelyUnwrapped)
        }

        @inline(__always)
        static func place(_ hint: UInt64, _ member: ScoredMember) -> UInt64 {
            unsafe hint &<< 48 | UInt64(UInt(bitPattern: member.pointer))
        }

        /// Puts a member at `index` and moves those from there on up by one. There is room.
        @inline(__always)
        func insert(_ member: ScoredMember, at index: Int) {
            let frame = frame
            let key = Frame.orderKey(member.score)
            let behind = count &- index
            unsafe (places + index + 1).update(from: places + index, count: behind)
            unsafe places[index] = Self.place(frame.hint(key), member)
            count &+= 1
            if _slowPath(!frame.holds(key)) { reframe() }
        }

        /// Takes `amount` members from `index` on out.
        @inline(__always)
        func remove(_ amount: Int, at index: Int) {
            let behind = count &- index &- amount
            unsafe (places + index).update(from: places + index + amount, count: behind)
            count &-= amount
        }

        /// Calls `body` with `amount` members from `index` on, in order.
        @inline(__always)
        func forEach(_ index: Int, _ amount: Int, _ body: (ScoredMember) -> Void) {
            for place in index..<(index &+ amount) { self[place].prefetch() }
            for place in index..<(index &+ amount) { body(self[place]) }
        }

        // MARK: Frames

        /// Gives the member at `index`, whose score is new, its hint.
        func refreshHint(_ index: Int) {
            let key = Frame.orderKey(self[index].score)
            unsafe places[index] = Self.place(frame.hint(key), self[index])
            if !frame.holds(key) { reframe() }
        }

        /// Chooses the frame by what is in the leaf, and gives all hints anew. Reads every member,
        /// whose cache misses overlap.
        @inline(never)
        func reframe() {
            let frame = fittingFrame
            self.frame = frame
            unsafe Self.convert(from: places, to: places, count, frame)
        }

        /// Reframes a leaf whose hints have become few, if another frame gives more.
        func reframeIfCoarse() {
            let last = count - 1
            let hints = unsafe places[last] &>> 48 &- places[0] &>> 48
            if hints >= 8 * UInt64(count) { return }
            if fittingFrame.shift < frame.shift { reframe() }
        }

        private var fittingFrame: Frame {
            Frame(
                least: Frame.orderKey(self[0].score),
                greatest: Frame.orderKey(self[count - 1].score))
        }

        /// Copies places, in the same order or onto themselves, with the hints of `frame`. Returns
        /// whether the frame holds them all.
        @discardableResult
        private static func convert(
            from source: UnsafeMutablePointer<UInt64>, to target: UnsafeMutablePointer<UInt64>,
            _ count: Int, _ frame: Frame
        ) -> Bool {
            for index in 0..<count {
                unsafe gyre_prefetch(
                    UnsafeRawPointer(bitPattern: UInt(source[index] & addressMask)))
            }
            var holdsAll = true
            for index in 0..<count {
                let address = unsafe source[index] & addressMask
                let member = unsafe ScoredMember(
                    UnsafeMutableRawPointer(bitPattern: UInt(address)).unsafelyUnwrapped)
                let key = Frame.orderKey(member.score)
                unsafe target[index] = place(frame.hint(key), member)
                holdsAll = holdsAll && frame.holds(key)
            }
            return holdsAll
        }

        // MARK: Neighbours

        /// Moves the last `amount` members to the front of the leaf behind.
        func giveLast(_ amount: Int, to next: Leaf) {
            let theirs = unsafe next.places
            unsafe (theirs + amount).update(from: theirs, count: next.count)
            count -= amount
            unsafe next.take(places + count, amount, at: 0, frame)
        }

        /// Moves the first `amount` members to the end of the leaf before.
        func giveFirst(_ amount: Int, to previous: Leaf) {
            unsafe previous.take(places, amount, at: previous.count, frame)
            remove(amount, at: 0)
        }

        /// Copies another leaf's places, whose hints are of `theirs`, to `index`, where there is
        /// room for them.
        private func take(
            _ source: UnsafeMutablePointer<UInt64>, _ amount: Int, at index: Int, _ theirs: Frame
        ) {
            let target = unsafe places + index
            count += amount
            // Leaves that were divided share their frame: then no member is read.
            if frame == theirs { return unsafe target.update(from: source, count: amount) }
            let holdsAll = unsafe Self.convert(from: source, to: target, amount, frame)
            if !holdsAll { reframe() }
        }

        /// Puts an empty leaf between this one and the next, with this one's frame.
        func link(_ fresh: Leaf) {
            fresh.clear(frame)
            fresh.previous = self
            fresh.next = next
            next?.previous = fresh
            next = fresh
        }

        /// Joins the neighbours.
        func unlink() {
            previous?.next = next
            next?.previous = previous
        }
    }
}
