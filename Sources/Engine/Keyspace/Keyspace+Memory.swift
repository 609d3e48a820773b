import Base

extension Keyspace {
    /// The bytes that a key takes: its entry's block, what its value has in other blocks, and its
    /// share of the table it is in.
    ///
    /// Of a large collection, a sample of its elements stands for all of them.
    package func memoryUsage(of entry: Entry, slot: UInt16, hash: UInt64) -> Int {
        let table = unsafe leaf(slot, hash)
        let tableBytes = unsafe Int(table.pointee.bucketCount) * Table.bucketSize
        let entries = unsafe max(Int(table.pointee.count), 1)
        let share = (SlabAllocator.usableSize(for: tableBytes) + entries - 1) / entries
        return SlabAllocator.usableSize(for: entry.size) + outsideBytes(of: entry) + share
    }

    /// The bytes of a value's other blocks.
    private func outsideBytes(of entry: Entry) -> Int {
        switch entry.form {
        case .long: return entry.long.capacity
        case .hash, .set: return unsafe membersBytes(of: entry.members)
        case .integer, .inline, .packedList, .packedHash, .packedSet, .integerSet,
            .packedSortedSet:
            return 0
        case .list: return entry.list.blockBytes
        case .sortedSet: return 0
        }
    }

    /// How many members are looked at for the size of them all.
    private static let sampleCount = 64

    /// The bytes of a table of members, judged by the first ones.
    func membersBytes(of root: UnsafeMutablePointer<Table>) -> Int {
        var cursor = MemberCursor()
        var found = GrowableArray<Entry>(capacity: 2 * Self.sampleCount)
        unsafe collectMembers(of: root, from: &cursor, count: Self.sampleCount, into: &found)
        let spared = unsafe root.pointee.sparedBytes
        var sampled = 0
        for index in 0..<found.count {
            sampled += SlabAllocator.usableSize(for: found[index].size - spared)
            sampled += outsideBytes(of: found[index])
        }
        let members = unsafe Int(root.pointee.count)
        let buckets = unsafe tableBytes(root)
        return sampled * members / max(found.count, 1) + buckets
    }

    /// The bytes of a table's buckets, those of the tables below it included.
    private func tableBytes(_ table: UnsafeMutablePointer<Table>) -> Int {
        if unsafe !table.pointee.isDirectory {
            return unsafe SlabAllocator.usableSize(
                for: Int(table.pointee.bucketCount) * Table.bucketSize)
        }
        var sum = Table.fanOut * MemoryLayout<Table>.stride
        for child in 0..<Table.fanOut {
            sum += unsafe tableBytes(table.pointee.children + child)
        }
        return sum
    }

    // MARK: Memory ahead

    /// Memory that will be used next, for the owner to have touched; see
    /// ``SlabAllocator/takeRegionToPrepare()``.
    package mutating func takeMemoryToPrepare() -> MemoryRegion? {
        memory.takeRegionToPrepare()
    }

    /// That memory has been touched.
    package mutating func memoryPrepared() {
        memory.regionPrepared()
    }
}
