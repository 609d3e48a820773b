import Base

extension Keyspace {
    /// The bytes that a key takes: its entry's block, a long value's block, and its share of the
    /// table it is in.
    package func memoryUsage(of entry: Entry, slot: UInt16, hash: UInt64) -> Int {
        let table = unsafe leaf(slot, hash)
        let tableBytes = unsafe Int(table.pointee.bucketCount) * Table.bucketSize
        let entries = unsafe max(Int(table.pointee.count), 1)
        let share = (SlabAllocator.usableSize(for: tableBytes) + entries - 1) / entries
        let longBytes = entry.form == .long ? entry.long.capacity : 0
        return SlabAllocator.usableSize(for: entry.size) + longBytes + share
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
