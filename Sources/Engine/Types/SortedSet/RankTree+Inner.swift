// An inner node: children with their first members and counts.
//
// Layout, in bytes from the start:
//
//     0    count      u16        children
//     2    unused
//     16   scores     f64 × 36   of the children's first members
//     304  counts     u32 × 36   members below each child
//     448  members    36 addresses of the children's first members
//     736  children   36 addresses: leaves on the level above them, else inner nodes
//
// A search reads the scores, five cache lines, and the members' blocks only of equal scores.

import Base

extension RankTree {
    /// A reference to an inner node's memory.
    @safe
    struct Inner: BitwiseCopyable {
        let pointer: UnsafeMutableRawPointer

        static let size = 1024
        static let scoresOffset = 16
        static let countsOffset = 304
        static let membersOffset = 448
        static let childrenOffset = 736

        /// What a node knows of one child.
        @safe
        struct Child {
            let pointer: UnsafeMutableRawPointer
            let first: ScoredMember
            let count: Int
        }

        @inline(__always)
        init(_ pointer: UnsafeMutableRawPointer) {
            unsafe self.pointer = pointer
        }

        @inline(__always)
        var count: Int {
            get { unsafe Int(pointer.load(as: UInt16.self)) }
            nonmutating set {
                unsafe pointer.storeBytes(of: UInt16(truncatingIfNeeded: newValue), as: UInt16.self)
            }
        }

        @inline(__always)
        var scores: UnsafeMutablePointer<Double> {
            unsafe (pointer + Self.scoresOffset).assumingMemoryBound(to: Double.self)
        }

        @inline(__always)
        var counts: UnsafeMutablePointer<UInt32> {
            unsafe (pointer + Self.countsOffset).assumingMemoryBound(to: UInt32.self)
        }

        @inline(__always)
        var members: UnsafeMutablePointer<ScoredMember> {
            unsafe (pointer + Self.membersOffset).assumingMemoryBound(to: ScoredMember.self)
        }

        @inline(__always)
        var children: UnsafeMutablePointer<UnsafeMutableRawPointer> {
            unsafe (pointer + Self.childrenOffset)
                .assumingMemoryBound(to: UnsafeMutableRawPointer.self)
        }

        /// Of a node above the leaves.
        @inline(__always)
        func leaf(_ index: Int) -> Leaf { unsafe Leaf(children[index]) }

        /// Of a node above inner nodes.
        @inline(__always)
        func inner(_ index: Int) -> Inner { unsafe Inner(children[index]) }

        /// Members below the children before `index`.
        @inline(__always)
        func countBefore(_ index: Int) -> Int {
            var sum: UInt32 = 0
            let counts = unsafe counts
            for child in 0..<index { unsafe sum &+= counts[child] }
            return Int(sum)
        }

        /// Members below all children.
        var total: Int { countBefore(count) }

        @inline(__always)
        func add(_ change: Int, toCountOf index: Int) {
            unsafe counts[index] = UInt32(truncatingIfNeeded: Int(counts[index]) &+ change)
        }

        @inline(__always)
        func setFirst(_ member: ScoredMember, of index: Int) {
            unsafe scores[index] = member.score
            unsafe members[index] = member
        }

        // MARK: Children

        /// Makes a node of no children.
        func clear() { count = 0 }

        /// Puts a child at `index`. There is room.
        func insert(_ child: Child, at index: Int) {
            let behind = count - index
            unsafe (scores + index + 1).update(from: scores + index, count: behind)
            unsafe (counts + index + 1).update(from: counts + index, count: behind)
            unsafe (members + index + 1).update(from: members + index, count: behind)
            unsafe (children + index + 1).update(from: children + index, count: behind)
            setFirst(child.first, of: index)
            unsafe counts[index] = UInt32(child.count)
            unsafe children[index] = child.pointer
            count += 1
        }

        /// Takes `amount` children from `index` on out.
        func remove(_ amount: Int, at index: Int) {
            move(from: index + amount, to: self, at: index, count - index - amount)
            count -= amount
        }

        /// Copies `amount` children from `index` on over those of `target` from `place` on.
        private func move(from index: Int, to target: Inner, at place: Int, _ amount: Int) {
            unsafe (target.scores + place).update(from: scores + index, count: amount)
            unsafe (target.counts + place).update(from: counts + index, count: amount)
            unsafe (target.members + place).update(from: members + index, count: amount)
            unsafe (target.children + place).update(from: children + index, count: amount)
        }

        /// Moves the last `amount` children to the front of the node behind.
        func giveLast(_ amount: Int, to next: Inner) {
            next.move(from: 0, to: next, at: amount, next.count)
            move(from: count - amount, to: next, at: 0, amount)
            count -= amount
            next.count += amount
        }

        /// Moves the first `amount` children to the end of the node before.
        func giveFirst(_ amount: Int, to previous: Inner) {
            move(from: 0, to: previous, at: previous.count, amount)
            previous.count += amount
            remove(amount, at: 0)
        }
    }
}
