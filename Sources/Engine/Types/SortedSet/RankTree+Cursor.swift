import Base
import CIntrinsics

extension RankTree {
    /// A member's place. Any change to the tree ends its validity.
    package struct Cursor: BitwiseCopyable {
        let leaf: Leaf
        let index: Int

        @inline(__always)
        package var member: ScoredMember { leaf[index] }

        /// The place of the next member in order; nil behind the last one.
        @inline(__always)
        package var next: Cursor? {
            let behind = index &+ 1
            if _fastPath(behind < leaf.count) { return Cursor(leaf: leaf, index: behind) }
            return leaf.next.map { Cursor(leaf: $0, index: 0) }
        }

        /// The place of the member before; nil before the first one.
        @inline(__always)
        package var previous: Cursor? {
            if _fastPath(index > 0) { return Cursor(leaf: leaf, index: index &- 1) }
            return leaf.previous.map { Cursor(leaf: $0, index: $0.count &- 1) }
        }
    }

    // MARK: By order

    /// The first member's place; nil without members.
    package var firstCursor: Cursor? {
        count == 0 ? nil : cursor(at: 0)
    }

    /// The last member's place; nil without members.
    package var lastCursor: Cursor? {
        count == 0 ? nil : cursor(at: count - 1)
    }

    /// The place of the member at `rank`, 0..<count.
    package func cursor(at rank: Int) -> Cursor {
        var index = rank
        let leaf = leaf(atRank: &index) { _, _ in }
        return Cursor(leaf: leaf, index: index)
    }

    /// The place of one of the tree's members.
    package func cursor(of member: ScoredMember) -> Cursor {
        let place = place(of: member)
        return Cursor(leaf: place.leaf, index: place.index)
    }

    // MARK: By bounds

    /// The first member that is not below the bound; nil where all are.
    package func firstCursor(from bound: Bound) -> Cursor? {
        if count == 0 { return nil }
        let place = place(at: bound)
        if place.index < place.leaf.count { return Cursor(leaf: place.leaf, index: place.index) }
        return place.leaf.next.map { Cursor(leaf: $0, index: 0) }
    }

    /// The last member that is below the bound; nil where none is.
    package func lastCursor(below bound: Bound) -> Cursor? {
        if count == 0 { return nil }
        let place = place(at: bound)
        if place.index > 0 { return Cursor(leaf: place.leaf, index: place.index - 1) }
        return place.leaf.previous.map { Cursor(leaf: $0, index: $0.count - 1) }
    }
}
