import Base
import Placement

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
            .packedSortedSet, .compressed:
            return 0
        case .list: return entry.list.blockBytes
        case .sortedSet:
            return unsafe membersBytes(of: entry.members) + entry.sortedSet.ownBytes
        }
    }

    /// How many members are looked at for the size of them all.
    private static let sampleCount = 64

    /// The bytes of a table of members, judged by the first ones.
    func membersBytes(of root: UnsafeMutablePointer<Table>) -> Int {
        var cursor = MemberCursor()
        var found = GrowableArray<Entry>(capacity: 2 * Self.sampleCount)
        unsafe collectMembers(of: root, from: &cursor, count: Self.sampleCount, into: &found)
        let trim = unsafe root.pointee.entryTrim
        var sampled = 0
        for index in 0..<found.count {
            sampled += SlabAllocator.usableSize(for: found[index].size - trim)
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
            resident: memory.residentBytes)
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
