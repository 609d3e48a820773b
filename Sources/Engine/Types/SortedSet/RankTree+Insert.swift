import Base

extension RankTree {
    /// Adds a member, which must not be there, and of which no other member has the bytes.
    package mutating func insert(_ member: ScoredMember, _ memory: inout SlabAllocator) {
        invariant(count < Self.countMax, "counts have 32 bits")
        let bound = Bound.before(member.score, member.bytes)
        while true {
            if _slowPath(count == 0) { return plant(member, &memory) }
            let path = path(to: bound)
            if _fastPath(path.leaf.count < Int(leafCapacity)) {
                path.leaf.insert(member, at: path.index)
                count &+= 1
                addToCounts(path, 1)
                if _slowPath(path.index == 0) { refreshFirst(path, ofDepth: Int(height) &- 1) }
                return
            }
            if addAtEnd(member, path, &memory) { return }
            makeRoom(path, &memory)
        }
    }

    /// The first member of a tree.
    private mutating func plant(_ member: ScoredMember, _ memory: inout SlabAllocator) {
        let leaf = makeLeaf(&memory)
        let key = Frame.orderKey(member.score)
        leaf.clear(Frame(least: key, greatest: key))
        leaf.insert(member, at: 0)
        unsafe root = leaf.pointer
        height = 1
        count = 1
    }

    // MARK: Along a path

    /// Counts `change` members more in every node of the path.
    @inline(__always)
    func addToCounts(_ path: Path, _ change: Int) {
        for depth in 0..<(Int(height) &- 1) {
            path.nodes[depth].add(change, toCountOf: Int(path.indices[depth]))
        }
    }

    /// The first member below the path's node at `depth` is another now, or has another score:
    /// writes it down above, as far as it is the first there too.
    func refreshFirst(_ path: Path, ofDepth depth: Int) {
        var above = depth - 1
        while above >= 0 {
            let node = path.nodes[above]
            let index = Int(path.indices[above])
            node.setFirst(first(ofChild: index, of: node, depth: above), of: index)
            if index > 0 { return }
            above -= 1
        }
    }

    /// The first member below a child of a node at `depth`.
    func first(ofChild index: Int, of node: Inner, depth: Int) -> ScoredMember {
        if depth == Int(height) - 2 { return node.leaf(index)[0] }
        return unsafe node.inner(index).members[0]
    }

    // MARK: Nodes

    mutating func makeLeaf(_ memory: inout SlabAllocator) -> Leaf {
        leafCount += 1
        return unsafe Leaf(memory.allocate(Leaf.size(capacity: leafCapacity)))
    }

    mutating func makeInner(_ memory: inout SlabAllocator) -> Inner {
        innerCount += 1
        let inner = unsafe Inner(memory.allocate(Inner.size))
        inner.clear()
        return inner
    }

    mutating func free(_ leaf: Leaf, _ memory: inout SlabAllocator) {
        leafCount -= 1
        unsafe memory.deallocate(leaf.pointer, Leaf.size(capacity: leafCapacity))
    }

    mutating func free(_ inner: Inner, _ memory: inout SlabAllocator) {
        innerCount -= 1
        unsafe memory.deallocate(inner.pointer, Inner.size)
    }

    // MARK: Room

    /// Adds a member that belongs before or behind all others in a leaf of its own, so that leaves
    /// filled in order stay full. Returns false, and changes nothing, where that is not the case or
    /// there is no room above.
    private mutating func addAtEnd(
        _ member: ScoredMember, _ path: Path, _ memory: inout SlabAllocator
    ) -> Bool {
        let leaf = path.leaf
        let isLast = leaf.next == nil && path.index == leaf.count
        if !isLast && !(leaf.previous == nil && path.index == 0) { return false }
        let depth = Int(height) - 2
        if depth < 0 || isFull(path.nodes[depth]) { return false }
        let parent = path.nodes[depth]
        let fresh = makeLeaf(&memory)
        let frame = leaf.frame.moved(
            to: Frame.orderKey(member.score), isDescending: !isLast)
        if isLast {
            leaf.link(fresh)
        } else {
            fresh.clear(frame)
            fresh.next = leaf
            leaf.previous = fresh
        }
        fresh.frame = frame
        fresh.insert(member, at: 0)
        count += 1
        // The new child's own count comes with it; the nodes above see one member more.
        let place = isLast ? parent.count : 0
        addToCounts(path, 1)
        parent.add(-1, toCountOf: Int(path.indices[depth]))
        let child = unsafe Inner.Child(pointer: fresh.pointer, first: member, count: 1)
        parent.insert(child, at: place)
        if !isLast { refreshFirst(path, ofDepth: depth) }
        return true
    }

    @inline(__always)
    private func isFull(_ inner: Inner) -> Bool { inner.count == Int(innerCapacity) }

    /// Makes room for a member in or beside the path's leaf, which is full, or for a leaf above it.
    /// The path is not valid afterwards.
    @inline(never)
    private mutating func makeRoom(_ path: Path, _ memory: inout SlabAllocator) {
        let depth = Int(height) - 2
        if depth < 0 { return addRoot(&memory) }
        let parent = path.nodes[depth]
        let index = Int(path.indices[depth])
        let isAtEnd =
            (path.leaf.next == nil && path.index == path.leaf.count)
            || (path.leaf.previous == nil && path.index == 0)
        if !isAtEnd {
            if shareLeaf(parent, index) { return }
            if !isFull(parent) { return divideLeaf(parent, index, &memory) }
        }
        makeRoomAbove(path, depth, &memory)
    }

    /// Divides the path's node at `depth`, which is full, or the first above it that must be
    /// divided before.
    private mutating func makeRoomAbove(
        _ path: Path, _ depth: Int, _ memory: inout SlabAllocator
    ) {
        var depth = depth
        while depth > 0, isFull(path.nodes[depth - 1]) { depth -= 1 }
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
        left.link(fresh)
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

extension RankTree.Path {
    /// Whether the node at `depth` is the last of its level.
    func isLast(_ depth: Int) -> Bool {
        for above in 0..<depth where Int(indices[above]) != nodes[above].count - 1 { return false }
        return true
    }

    /// Whether the node at `depth` is the first of its level.
    func isFirst(_ depth: Int) -> Bool {
        for above in 0..<depth where indices[above] != 0 { return false }
        return true
    }
}
