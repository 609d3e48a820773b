import Base

extension RankTree {
    /// Makes room for a member in or beside the path's leaf, which is full, or above it. Returns
    /// whether it also added the member; if not, the way to the member's place may have changed,
    /// and there may still be no room at its end.
    @inline(never)
    mutating func makeRoom(
        for member: ScoredMember, _ path: Path, _ memory: inout SlabAllocator
    ) -> Bool {
        let depth = Int(height) - 2
        if depth < 0 {
            addRoot(&memory)
            return false
        }
        let parent = path.nodes[depth]
        let hasRoomAbove = parent.count < Int(innerCapacity)
        let isFirst = path.leaf.previous == nil && path.index == 0
        let isLast = path.leaf.next == nil && path.index == path.leaf.count
        if isFirst || isLast, hasRoomAbove {
            addLeaf(for: member, path, isLast: isLast, &memory)
            return true
        }
        if !isFirst, !isLast, shareLeaf(parent, Int(path.indices[depth])) { return false }
        if hasRoomAbove {
            divideLeaf(parent, Int(path.indices[depth]), &memory)
        } else {
            divideInner(path, depth, &memory)
        }
        return false
    }

    /// Adds a member that belongs before or behind all others in a leaf of its own, so that leaves
    /// filled in order stay full. There is room in the node above the path's leaf.
    private mutating func addLeaf(
        for member: ScoredMember, _ path: Path, isLast: Bool, _ memory: inout SlabAllocator
    ) {
        let leaf = path.leaf
        // The leaf is full, so this is when its frame is known to be good enough to be handed on.
        leaf.reframeIfCoarse()
        let fresh = makeLeaf(&memory)
        fresh.clear(
            leaf.frame.moved(to: Frame.orderKey(member.score), isDescending: !isLast))
        if isLast { leaf.link(next: fresh) } else { fresh.link(next: leaf) }
        fresh.insert(member, at: 0)
        count += 1
        let depth = Int(height) - 2
        let parent = path.nodes[depth]
        addToCounts(path, 1)
        // In the parent itself the member counts for the new child.
        parent.add(-1, toCountOf: Int(path.indices[depth]))
        parent.insert(
            unsafe Inner.Child(pointer: fresh.pointer, first: member, count: 1),
            at: isLast ? parent.count : 0)
        if !isLast { refreshFirst(path, ofDepth: depth) }
    }

    /// Divides the path's node at `depth`, which is full, or the first above it that must be
    /// divided before.
    private mutating func divideInner(
        _ path: Path, _ depth: Int, _ memory: inout SlabAllocator
    ) {
        var depth = depth
        while depth > 0, path.nodes[depth - 1].count == Int(innerCapacity) { depth -= 1 }
        if depth == 0 { return addRoot(&memory) }
        let node = path.nodes[depth]
        let parent = path.nodes[depth - 1]
        let index = Int(path.indices[depth - 1])
        // At the ends of the tree, where runs are added in order, what is full stays nearly full.
        var kept = node.count / 2
        if path.isLast(depth), Int(path.indices[depth]) == node.count - 1 { kept = node.count - 1 }
        if path.isFirst(depth), path.indices[depth] == 0 { kept = 1 }
        let fresh = makeInner(&memory)
        node.giveLast(node.count - kept, to: fresh)
        let moved = fresh.total
        parent.add(-moved, toCountOf: index)
        parent.insert(
            unsafe Inner.Child(pointer: fresh.pointer, first: fresh.members[0], count: moved),
            at: index + 1)
    }

    /// Puts an inner node with one child above the root; what called for it divides that child.
    private mutating func addRoot(_ memory: inout SlabAllocator) {
        invariant(Int(height) < Self.heightMax, "a tree of so many members is not so high")
        guard let old = unsafe root else { invariantFailed("a tree of members has a root") }
        let first = unsafe height == 1 ? Leaf(old)[0] : Inner(old).members[0]
        let fresh = makeInner(&memory)
        fresh.insert(unsafe Inner.Child(pointer: old, first: first, count: count), at: 0)
        unsafe root = fresh.pointer
        height += 1
    }

    // MARK: Leaves

    /// Evens a full leaf out with the emptier of its siblings. Returns false where both are nearly
    /// full.
    private func shareLeaf(_ parent: Inner, _ index: Int) -> Bool {
        guard let sibling = emptierSibling(parent, index) else { return false }
        let free = Int(leafCapacity) - parent.leaf(sibling).count
        if free < Self.shareMin(leafCapacity) { return false }
        evenOut(parent, min(index, sibling))
        return true
    }

    /// The neighbour below the same parent that has fewer members.
    private func emptierSibling(_ parent: Inner, _ index: Int) -> Int? {
        let hasNext = index + 1 < parent.count
        if index == 0 { return hasNext ? 1 : nil }
        if !hasNext { return index - 1 }
        let isBefore = unsafe parent.counts[index - 1] < parent.counts[index + 1]
        return isBefore ? index - 1 : index + 1
    }

    /// Gives the leaf at `index` and the one behind it the same number of members.
    func evenOut(_ parent: Inner, _ index: Int) {
        let (left, right) = (parent.leaf(index), parent.leaf(index + 1))
        let kept = (left.count + right.count) / 2
        if left.count > kept {
            left.giveLast(left.count - kept, to: right)
        } else {
            right.giveFirst(kept - left.count, to: left)
        }
        noteLeaf(parent, index)
        noteLeaf(parent, index + 1)
    }

    /// Writes down a leaf's count and first member in its parent.
    func noteLeaf(_ parent: Inner, _ index: Int) {
        let leaf = parent.leaf(index)
        unsafe parent.counts[index] = UInt32(leaf.count)
        parent.setFirst(leaf[0], of: index)
        leaf.reframeIfCoarse()
    }

    /// Makes three leaves of a full one and its emptier sibling, or two of one that has none. The
    /// parent has room.
    private mutating func divideLeaf(
        _ parent: Inner, _ index: Int, _ memory: inout SlabAllocator
    ) {
        let sibling = emptierSibling(parent, index)
        let leftIndex = sibling.map { min($0, index) } ?? index
        let left = parent.leaf(leftIndex)
        let fresh = makeLeaf(&memory)
        fresh.clear(left.frame)
        if let next = left.next { fresh.link(next: next) }
        left.link(next: fresh)
        if sibling == nil {
            left.giveLast(left.count / 2, to: fresh)
        } else {
            let right = parent.leaf(leftIndex + 1)
            let third = (left.count + right.count) / 3
            left.giveLast(left.count - third, to: fresh)
            right.giveFirst(right.count - third, to: fresh)
        }
        parent.insert(
            unsafe Inner.Child(pointer: fresh.pointer, first: fresh[0], count: fresh.count),
            at: leftIndex + 1)
        for child in leftIndex...(leftIndex + (sibling == nil ? 1 : 2)) { noteLeaf(parent, child) }
    }
}
