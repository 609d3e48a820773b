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
            if makeRoom(for: member, path, &memory) { return }
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
}
