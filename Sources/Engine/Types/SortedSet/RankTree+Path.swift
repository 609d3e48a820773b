import Base

extension RankTree {
    /// The way from the root to a place in a leaf.
    struct Path {
        /// The inner nodes, the root first; as many as the tree is high, less one.
        var nodes: InlineArray<16, Inner>
        /// Which child the way takes at each.
        var indices = InlineArray<16, UInt8>(repeating: 0)
        var leaf: Leaf
        var index: Int

        init(from root: Inner) {
            nodes = InlineArray(repeating: root)
            leaf = unsafe Leaf(root.pointer)
            index = 0
        }
    }

    // MARK: Finding the way

    /// The way to the first place that is not below the bound. The tree has members.
    func path(to bound: Bound) -> Path {
        var path = path(toLeafFor: bound)
        path.index = path.leaf.partition(bound)
        return path
    }

    /// The way to a member of the tree.
    func path(of member: ScoredMember) -> Path {
        var path = path(toLeafFor: .after(member.score, member.bytes))
        path.index = path.leaf.index(of: member)
        return path
    }

    @inline(__always)
    private func path(toLeafFor bound: Bound) -> Path {
        var path = Path(from: top)
        var depth = 0
        path.leaf = leaf(for: bound) { node, child in
            path.nodes[depth] = node
            path.indices[depth] = UInt8(truncatingIfNeeded: child)
            depth &+= 1
        }
        return path
    }

    /// The way to the member at `rank`, 0..<count.
    func path(toRank rank: Int) -> Path {
        var path = Path(from: top)
        var depth = 0
        path.index = rank
        path.leaf = leaf(atRank: &path.index) { node, child in
            path.nodes[depth] = node
            path.indices[depth] = UInt8(truncatingIfNeeded: child)
            depth &+= 1
        }
        return path
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
