// The tree's promises to itself, checked in full. For tests and simulation: it reads every member.

import Base

/// What a walk over the tree adds up to.
private struct RankTreeTotals {
    var leafCount = 0
    var innerCount = 0
    /// The member before the one that is looked at.
    var last: ScoredMember?
    var lastLeaf: RankTree.Leaf?
}

extension RankTree {
    /// Ends the process unless the invariants of `RankTree.swift` hold.
    package func checkInvariants() {
        var totals = RankTreeTotals()
        guard let root = unsafe root else {
            invariant(count == 0, "a tree without a root has no members")
            invariant(height == 0, "a tree without a root has no height")
            invariant(usedBytes == 0, "a tree without a root has no memory")
            return
        }
        if height > 1 { invariant(unsafe Inner(root).count > 1, "an inner root has two children") }
        let counted = unsafe checkNode(root, 0, isFirst: true, isLast: true, &totals)
        invariant(counted == count, "the count is that of all leaves")
        invariant(totals.lastLeaf?.next == nil, "the last leaf has none behind it")
        invariant(totals.leafCount == Int(leafCount), "leaves are counted")
        invariant(totals.innerCount == Int(innerCount), "inner nodes are counted")
    }

    /// Checks what is below a node, and returns how many members that are.
    private func checkNode(
        _ node: UnsafeMutableRawPointer, _ depth: Int, isFirst: Bool, isLast: Bool,
        _ totals: inout RankTreeTotals
    ) -> Int {
        let isLeaf = depth == Int(height) - 1
        let capacity = isLeaf ? leafCapacity : innerCapacity
        let filled = unsafe isLeaf ? Leaf(node).count : Inner(node).count
        invariant(filled > 0, "no node is empty")
        invariant(filled <= Int(capacity), "a node is not fuller than full")
        if !isFirst, !isLast {
            invariant(filled >= Self.fillMin(capacity), "a node between others is filled")
        }
        if isLeaf { return checkLeaf(unsafe Leaf(node), &totals) }
        return unsafe checkInner(Inner(node), depth, isFirst, isLast, &totals)
    }

    private func checkInner(
        _ inner: Inner, _ depth: Int, _ isFirst: Bool, _ isLast: Bool,
        _ totals: inout RankTreeTotals
    ) -> Int {
        totals.innerCount += 1
        var sum = 0
        for index in 0..<inner.count {
            let below = unsafe checkNode(
                inner.children[index], depth + 1, isFirst: isFirst && index == 0,
                isLast: isLast && index == inner.count - 1, &totals)
            invariant(unsafe below == Int(inner.counts[index]), "a child's members are counted")
            sum += below
            let first = first(ofChild: index, of: inner, depth: depth)
            invariant(unsafe inner.members[index] == first, "a child's first member is known")
            invariant(unsafe inner.scores[index] == first.score, "and its score")
        }
        return sum
    }

    private func checkLeaf(_ leaf: Leaf, _ totals: inout RankTreeTotals) -> Int {
        totals.leafCount += 1
        invariant(
            unsafe leaf.previous?.pointer == totals.lastLeaf?.pointer, "leaves are linked back")
        if let last = totals.lastLeaf {
            invariant(unsafe last.next?.pointer == leaf.pointer, "leaves are linked")
        }
        let frame = leaf.frame
        for index in 0..<leaf.count {
            let member = leaf[index]
            let hint = unsafe leaf.places[index] >> 48
            invariant(hint == frame.hint(Frame.orderKey(member.score)), "a hint is the frame's")
            if let last = totals.last { Self.checkOrder(last, member) }
            totals.last = member
        }
        totals.lastLeaf = leaf
        return leaf.count
    }

    private static func checkOrder(_ left: ScoredMember, _ right: ScoredMember) {
        invariant(left.score <= right.score, "scores rise")
        if left.score == right.score {
            invariant(left.bytes.compare(right.bytes) < 0, "among equal scores, bytes do")
        }
    }
}
