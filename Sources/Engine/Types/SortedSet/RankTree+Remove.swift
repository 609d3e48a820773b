import Base

extension RankTree {
    /// Takes a member, which must be there, out of the tree. Its block is the caller's to free.
    package mutating func remove(_ member: ScoredMember, _ memory: inout SlabAllocator) {
        remove(1, at: path(of: member), &memory)
    }

    /// Takes the members of some ranks, each of them below ``count``, out of the tree, in order, at
    /// most `budget` of them. Returns how many: where they are fewer than asked for, there are more
    /// to remove from the same rank on. `body` gets each of them, to free it, and must leave the
    /// tree alone.
    package mutating func removeRange(
        _ ranks: Range<Int>, budget: Int, _ memory: inout SlabAllocator,
        _ body: (ScoredMember, inout SlabAllocator) -> Void
    ) -> Int {
        invariant(ranks.upperBound <= count, "ranks are below the count")
        let goal = min(ranks.count, budget)
        var removed = 0
        while removed < goal {
            let path = path(toRank: ranks.lowerBound)
            let amount = min(path.leaf.count - path.index, goal - removed)
            path.leaf.forEach(path.index, amount) { body($0, &memory) }
            remove(amount, at: path, &memory)
            removed += amount
        }
        return removed
    }

    /// Gives a member of the tree another score; where it stays between its neighbours, in place.
    package mutating func changeScore(
        of member: ScoredMember, to score: Double, _ memory: inout SlabAllocator
    ) {
        let path = path(of: member)
        if staysInPlace(path, score, member.bytes) {
            member.score = score
            path.leaf.refreshHint(path.index)
            if path.index == 0 { refreshFirst(path, ofDepth: Int(height) - 1) }
            return
        }
        remove(1, at: path, &memory)
        member.score = score
        insert(member, &memory)
    }

    /// Whether a member with this score and these bytes would still belong between the neighbours
    /// of the path's place.
    private func staysInPlace(_ path: Path, _ score: Double, _ bytes: Bytes) -> Bool {
        let cursor = Cursor(leaf: path.leaf, index: path.index)
        if let next = cursor.next?.member, !next.isAbove(score, bytes) { return false }
        if let previous = cursor.previous?.member, previous.isAbove(score, bytes) { return false }
        return true
    }

    // MARK: Places

    /// Takes `amount` members from the path's place on out of its leaf.
    private mutating func remove(
        _ amount: Int, at path: Path, _ memory: inout SlabAllocator
    ) {
        let leaf = path.leaf
        leaf.remove(amount, at: path.index)
        count &-= amount
        addToCounts(path, -amount)
        let isEnd = leaf.next == nil || leaf.previous == nil
        if _slowPath(leaf.count < (isEnd ? 1 : Self.fillMin(leafCapacity))) {
            return refill(path, &memory)
        }
        if path.index == 0 { refreshFirst(path, ofDepth: Int(height) &- 1) }
    }

    /// Restores the fill of the path's leaf and of the nodes above it, from below.
    @inline(never)
    private mutating func refill(_ path: Path, _ memory: inout SlabAllocator) {
        let leafDepth = Int(height) - 1
        if path.leaf.count > 0 {
            if path.index == 0 { refreshFirst(path, ofDepth: leafDepth) }
            refillLeaf(path.nodes[leafDepth - 1], Int(path.indices[leafDepth - 1]), &memory)
        } else {
            path.leaf.unlink()
            free(path.leaf, &memory)
            if leafDepth > 0 { removeChild(path, leafDepth - 1) }
        }
        var depth = leafDepth - 1
        while depth >= 0 {
            let node = path.nodes[depth]
            if node.count == 0 {
                free(node, &memory)
                if depth > 0 { removeChild(path, depth - 1) }
            } else if depth > 0, isThin(path, depth) {
                refillInner(path.nodes[depth - 1], Int(path.indices[depth - 1]), &memory)
            }
            depth -= 1
        }
        lowerRoot(&memory)
    }

    /// Takes the path's child out of its node at `depth`, and writes down above that another one
    /// is the first.
    private func removeChild(_ path: Path, _ depth: Int) {
        let node = path.nodes[depth]
        let index = Int(path.indices[depth])
        node.remove(1, at: index)
        if index == 0, node.count > 0 { refreshFirst(path, ofDepth: depth) }
    }

    private func isThin(_ path: Path, _ depth: Int) -> Bool {
        path.nodes[depth].count < Self.fillMin(innerCapacity)
            && !path.isFirst(depth) && !path.isLast(depth)
    }

    /// Frees a root of one child, or of none.
    private mutating func lowerRoot(_ memory: inout SlabAllocator) {
        if count == 0 {
            unsafe root = nil
            height = 0
        }
        while height > 1, let top = unsafe root {
            let inner = unsafe Inner(top)
            if inner.count > 1 { return }
            unsafe root = inner.children[0]
            free(inner, &memory)
            height -= 1
        }
    }

    // MARK: Siblings

    /// Merges a thin leaf with a sibling, or evens it out with it.
    private mutating func refillLeaf(
        _ parent: Inner, _ index: Int, _ memory: inout SlabAllocator
    ) {
        let leftIndex = index > 0 ? index - 1 : 0
        let (left, right) = (parent.leaf(leftIndex), parent.leaf(leftIndex + 1))
        if left.count + right.count > Self.mergeMax(leafCapacity) {
            return evenOut(parent, leftIndex)
        }
        right.giveFirst(right.count, to: left)
        right.unlink()
        free(right, &memory)
        parent.remove(1, at: leftIndex + 1)
        noteLeaf(parent, leftIndex)
    }

    /// Merges a thin inner node with a sibling, or evens it out with it.
    private mutating func refillInner(
        _ parent: Inner, _ index: Int, _ memory: inout SlabAllocator
    ) {
        let leftIndex = index > 0 ? index - 1 : 0
        let (left, right) = (parent.inner(leftIndex), parent.inner(leftIndex + 1))
        let total = left.count + right.count
        if total <= Self.mergeMax(innerCapacity) {
            right.giveFirst(right.count, to: left)
            free(right, &memory)
            parent.remove(1, at: leftIndex + 1)
        } else {
            let kept = total / 2
            if left.count > kept {
                left.giveLast(left.count - kept, to: right)
            } else {
                right.giveFirst(kept - left.count, to: left)
            }
            unsafe parent.setFirst(right.members[0], of: leftIndex + 1)
            unsafe parent.counts[leftIndex + 1] = UInt32(right.total)
        }
        unsafe parent.counts[leftIndex] = UInt32(left.total)
    }
}

extension ScoredMember {
    /// Whether the member comes behind this score and these bytes.
    @inline(__always)
    fileprivate func isAbove(_ score: Double, _ bytes: Bytes) -> Bool {
        let own = self.score
        return own == score ? self.bytes.compare(bytes) > 0 : own > score
    }
}
