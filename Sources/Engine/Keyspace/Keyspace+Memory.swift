import Base
import Placement

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

    // MARK: Tables

    /// A block for buckets or for a directory.
    mutating func allocateTable(_ size: Int) -> UnsafeMutableRawPointer {
        tableBytes += SlabAllocator.usableSize(for: size)
        return unsafe memory.allocate(size)
    }

    mutating func deallocateTable(_ block: UnsafeMutableRawPointer, _ size: Int) {
        tableBytes -= SlabAllocator.usableSize(for: size)
        unsafe memory.deallocate(block, size)
    }

    /// What the slots' own tables take, from the start.
    package static var slotTableBytes: Int { SlotIndex.count * MemoryLayout<Table>.stride }

    // MARK: The allocator

    /// What the allocator has from the system, and what of it is in use.
    package var allocatorBytes: AllocatorBytes {
        AllocatorBytes(
            used: memory.usedBytes + longBytes, active: memory.activeBytes + longBytes,
            resident: memory.regionBytes + memory.largeBytes + longBytes)
    }

    /// Pages that hold nothing and are not kept ahead, for the owner to give back to the system;
    /// at most so many. See ``SlabAllocator/forEachSparePage(atMost:_:)``.
    package mutating func forEachSparePage(atMost countMax: Int, _ body: (MemoryRegion) -> Void) {
        memory.forEachSparePage(atMost: countMax, body)
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

/// Bytes of an allocator.
package struct AllocatorBytes: BitwiseCopyable {
    /// In blocks that were handed out.
    package var used = 0
    /// In pages with such blocks.
    package var active = 0
    /// In all that was taken from the system.
    package var resident = 0

    package init(used: Int = 0, active: Int = 0, resident: Int = 0) {
        self.used = used
        self.active = active
        self.resident = resident
    }
}
