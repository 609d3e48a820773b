// The order of a big sorted set: members by score, then by bytes, each with its rank.
//
// Purpose. The ordered half of a sorted set too large for a packed form: a hash table finds members
// by their bytes, this tree by score, place and rank. It holds addresses of the members' blocks
// (ScoredMember.swift) and owns none of them.
//
// What it is. A B+ tree with counts. Leaves hold the members' addresses in order and are linked
// both ways; an inner node holds, for each child, the score and the address of its first member and
// how many members are below it. So a search costs a few cache lines a level, and ranks are sums
// along the way (docs/internals/sorted-set.md has every byte and the reasons).
//
// Hints. A search in a leaf would have to read a member, a cache miss, at each of its seven steps.
// The sixteen upper bits of an address are free, and hold a hint: the score's place in the leaf's
// ``Frame``, a scale from 0 to 65,535 that rises with the score. Only members with the hint that is
// searched for are read, hardly ever more than one unless scores are equal.
//
// Ownership. One thread. Nodes come from the allocator that each change is given, which must be the
// same one each time. The value is plain bits, to live inside a larger block: it has no `deinit`,
// and whoever drops it first empties it with ``removeRange(_:budget:_:_:)``. Two copies must not
// both be used.
//
// Invariants.
// 1. Members rise strictly by (score, bytes): bytes as memcmp orders them, a prefix first. -0 is 0.
// 2. All leaves are at the same depth, ``height`` - 1 below the root.
// 3. An inner node's scores, members and counts are those of its children, exactly.
// 4. Each hint is what the leaf's frame gives for the member's score.
// 5. No node is empty. A node that is neither the first nor the last of its level is filled to 3/8
// at
//    least; the first and the last may be less, so that queues and appended runs move nothing.
// 6. The root has two children or is a leaf.
//
// Following R. Bayer and E. McCreight, "Organization and Maintenance of Large Ordered Indices"
// (1972), whose overflow into siblings before splitting gives Knuth's B* tree (TAOCP 3, 6.2.4).

import Base

/// Members of one sorted set in order; see the essay above.
@safe
package struct RankTree: BitwiseCopyable {
    /// A leaf where ``height`` is 1, an inner node where it is more.
    var root: UnsafeMutableRawPointer?
    /// How many members there are.
    package internal(set) var count = 0
    var leafCount: UInt32 = 0
    var innerCount: UInt32 = 0
    /// Levels, the leaves' included; 0 without members.
    var height: UInt8 = 0
    let leafCapacity: UInt8
    let innerCapacity: UInt8

    /// Counts in inner nodes have 32 bits.
    package static let countMax = Int(UInt32.max)
    /// Nodes of 1,024 bytes hold so many.
    static let leafCapacityMax: UInt8 = 124
    static let innerCapacityMax: UInt8 = 36
    /// ``countMax`` members need 9 levels; smaller nodes must do with as many members as 16 give.
    static let heightMax = 16

    /// No members and no memory.
    package init() {
        self.init(leafCapacity: Self.leafCapacityMax, innerCapacity: Self.innerCapacityMax)
    }

    /// As ``init()``, with nodes of at least 4 places and at most the usual number: small nodes let
    /// tests reach what takes millions of members otherwise.
    init(leafCapacity: UInt8, innerCapacity: UInt8) {
        invariant(leafCapacity >= 4, "a leaf can be divided")
        invariant(innerCapacity >= 4, "an inner node can be divided")
        invariant(leafCapacity <= Self.leafCapacityMax, "a leaf is at most 1,024 bytes")
        invariant(innerCapacity <= Self.innerCapacityMax, "an inner node is at most 1,024 bytes")
        self.leafCapacity = leafCapacity
        self.innerCapacity = innerCapacity
    }

    package var isEmpty: Bool { count == 0 }

    /// Bytes of the nodes, as allocated; the members' blocks are not counted.
    package var usedBytes: Int {
        Int(leafCount) * SlabAllocator.usableSize(for: Leaf.size(capacity: leafCapacity))
            + Int(innerCount) * SlabAllocator.usableSize(for: Inner.size)
    }

    // MARK: Fill

    /// A node of fewer places than this is filled up from a sibling or merged with it.
    @inline(__always)
    static func fillMin(_ capacity: UInt8) -> Int {
        max(2, Int(capacity) &* 3 / 8)
    }

    /// Two nodes that together have no more than this become one. Two halves of more are above
    /// ``fillMin(_:)`` by some places, so that the next removals move nothing.
    @inline(__always)
    static func mergeMax(_ capacity: UInt8) -> Int {
        Int(capacity) &* 7 / 8
    }

    /// A full leaf gives to a sibling with so many free places; where none has, it is divided. With
    /// fewer than two, evening out might leave the full leaf full.
    @inline(__always)
    static func shareMin(_ capacity: UInt8) -> Int {
        max(2, Int(capacity) / 8)
    }
}
