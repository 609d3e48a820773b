import Base
import CIntrinsics

extension RankTree {
    /// A border between members: some are below it, all others are behind them.
    package struct Bound {
        let score: Double
        /// Compared among equal scores, if ``comparesBytes``.
        let bytes: Bytes
        let comparesBytes: Bool
        /// Whether what equals the bound is below it.
        let isAfter: Bool

        /// Below are all members of smaller scores.
        package static func before(_ score: Double) -> Bound {
            Bound(score: score, bytes: Bytes(), comparesBytes: false, isAfter: false)
        }

        /// Below are all members of smaller and of equal scores.
        package static func after(_ score: Double) -> Bound {
            Bound(score: score, bytes: Bytes(), comparesBytes: false, isAfter: true)
        }

        /// Below are all members of smaller scores, and of the same score those of smaller bytes.
        package static func before(_ score: Double, _ bytes: Bytes) -> Bound {
            Bound(score: score, bytes: bytes, comparesBytes: true, isAfter: false)
        }

        /// As ``before(_:_:)``, and also the member of this score and these bytes.
        package static func after(_ score: Double, _ bytes: Bytes) -> Bound {
            Bound(score: score, bytes: bytes, comparesBytes: true, isAfter: true)
        }

        /// Whether a member is below it.
        @inline(__always)
        func isAbove(_ member: ScoredMember) -> Bool {
            let theirs = member.score
            return theirs == score ? isAboveEqual(member) : theirs < score
        }

        /// Whether a member of the bound's score is below it.
        @inline(__always)
        func isAboveEqual(_ member: ScoredMember) -> Bool {
            if !comparesBytes { return isAfter }
            let order = member.bytes.compare(bytes)
            return order < 0 || (order == 0 && isAfter)
        }
    }

    /// A place in a leaf and the members before it.
    struct Place {
        let leaf: Leaf
        /// 0...leaf.count.
        let index: Int
        let rank: Int
    }

    // MARK: Ranks

    /// How many members are below the bound.
    package func rank(of bound: Bound) -> Int {
        count == 0 ? 0 : place(at: bound).rank
    }

    /// How many members stand before one of the tree's.
    package func rank(of member: ScoredMember) -> Int {
        place(of: member).rank
    }

    /// How many members are between two bounds; 0 where the second is before the first.
    package func count(from lower: Bound, to upper: Bound) -> Int {
        max(0, rank(of: upper) - rank(of: lower))
    }

    /// The member at `rank`, 0..<count.
    package func member(at rank: Int) -> ScoredMember {
        cursor(at: rank).member
    }

    // MARK: Places

    /// The first place that is not below the bound: behind the last member of a leaf, rather than
    /// at the first of the next one. The tree has members.
    func place(at bound: Bound) -> Place {
        var rank = 0
        let leaf = leaf(for: bound) { node, child in rank &+= node.countBefore(child) }
        let index = leaf.partition(bound)
        return Place(leaf: leaf, index: index, rank: rank &+ index)
    }

    /// Where a member of the tree stands.
    func place(of member: ScoredMember) -> Place {
        var rank = 0
        let leaf = leaf(for: .after(member.score, member.bytes)) { node, child in
            rank &+= node.countBefore(child)
        }
        let index = leaf.index(of: member)
        return Place(leaf: leaf, index: index, rank: rank &+ index)
    }

    /// The leaf in which the first place not below the bound is. `visit` gets each inner node on
    /// the way and the child that is taken.
    @inline(__always)
    func leaf(for bound: Bound, _ visit: (Inner, Int) -> Void) -> Leaf {
        var node = top
        for _ in 1..<Int(height) {
            let child = node.child(for: bound)
            visit(node, child)
            node = node.inner(child)
            node.prefetch()
        }
        return unsafe Leaf(node.pointer)
    }

    /// The root, taken for an inner node; the tree has members.
    @inline(__always)
    var top: Inner {
        guard let root = unsafe root else { invariantFailed("a tree of members has a root") }
        return unsafe Inner(root)
    }

    /// The leaf that holds the member at `rank`, which becomes the member's index there.
    @inline(__always)
    func leaf(atRank rank: inout Int, _ visit: (Inner, Int) -> Void) -> Leaf {
        invariant(rank >= 0, "a rank is not negative")
        invariant(rank < count, "a rank is below the count")
        var node = top
        for _ in 1..<Int(height) {
            let child = node.child(at: &rank)
            visit(node, child)
            node = node.inner(child)
        }
        return unsafe Leaf(node.pointer)
    }
}

extension RankTree.Inner {
    /// The child in which the first place not below the bound is, or behind which it follows.
    @inline(__always)
    func child(for bound: RankTree.Bound) -> Int {
        let scores = unsafe scores
        let count = count
        var index = lowerBound(count) { unsafe scores[$0] < bound.score }
        if _slowPath(index < count) {
            if unsafe scores[index] == bound.score { index = childAmongTies(bound, from: index) }
        }
        return max(index &- 1, 0)
    }

    /// The first child from `lower` on whose first member is not below the bound; the one at
    /// `lower` has the bound's score.
    @inline(never)
    private func childAmongTies(_ bound: RankTree.Bound, from lower: Int) -> Int {
        let scores = unsafe scores
        let members = unsafe members
        return lowerBoundReading(lower, count, member: { unsafe members[$0] }) { index, member in
            unsafe scores[index] == bound.score && bound.isAboveEqual(member)
        }
    }

    /// Asks for the whole node: the steps of a search in it would miss the cache one after another.
    /// Counting the members below a score took 0.6 of the time with it.
    @inline(__always)
    func prefetch() {
        for line in 0..<(Self.size / 64) { unsafe gyre_prefetch(pointer + line &* 64) }
    }

    /// The child that holds the `rank`-th member below this node; the members before it are taken
    /// off `rank`.
    @inline(__always)
    func child(at rank: inout Int) -> Int {
        let counts = unsafe counts
        var child = 0
        while true {
            let count = unsafe Int(counts[child])
            if rank < count { return child }
            rank &-= count
            child &+= 1
        }
    }
}

extension RankTree.Leaf {
    /// How many of the leaf's members are below the bound.
    @inline(__always)
    func partition(_ bound: RankTree.Bound) -> Int {
        let places = unsafe places
        let count = count
        let hint = frame.hint(RankTree.Frame.orderKey(bound.score))
        let low = lowerBound(count) { unsafe places[$0] < hint &<< 48 }
        if unsafe low == count || places[low] &>> 48 != hint { return low }
        var high = low &+ 1
        while high < count, unsafe places[high] &>> 48 == hint { high &+= 1 }
        return lowerBoundReading(low, high, member: { self[$0] }) { bound.isAbove($1) }
    }

    /// Where one of the leaf's members stands. Reads no member but the one that is looked for.
    @inline(__always)
    func index(of member: ScoredMember) -> Int {
        let places = unsafe places
        let count = count
        let hint = frame.hint(RankTree.Frame.orderKey(member.score))
        let place = Self.place(hint, member)
        var index = lowerBound(count) { unsafe places[$0] < hint &<< 48 }
        while index < count, unsafe places[index] != place { index &+= 1 }
        invariant(index < count, "a member is in the leaf of its score and bytes")
        return index
    }
}

/// The first of `count` ascending places that is not below; without a branch that depends on data.
@inline(__always)
private func lowerBound(_ count: Int, _ isBelow: (Int) -> Bool) -> Int {
    var base = 0
    var left = count
    while left > 1 {
        let half = left &>> 1
        base = isBelow(base &+ half &- 1) ? base &+ half : base
        left &-= half
    }
    if left == 1, isBelow(base) { base &+= 1 }
    return base
}

/// The first of the ascending places from `low` up to `high` that is not below. Reads members:
/// while one is compared, the two that may be next are under way, which took 0.85 of the time to
/// insert members of equal scores.
@inline(__always)
private func lowerBoundReading(
    _ low: Int, _ high: Int, member: (Int) -> ScoredMember, _ isBelow: (Int, ScoredMember) -> Bool
) -> Int {
    var (low, high) = (low, high)
    while low < high {
        let middle = (low &+ high) &>> 1
        member((low &+ middle) &>> 1).prefetch()
        member(min((middle &+ 1 &+ high) &>> 1, high &- 1)).prefetch()
        if isBelow(middle, member(middle)) { low = middle &+ 1 } else { high = middle }
    }
    return low
}
