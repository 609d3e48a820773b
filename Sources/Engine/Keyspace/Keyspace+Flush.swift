// Removing every key at once.
//
// A flush takes the slots' tables out of the keyspace, which costs the same whatever they hold, and
// keeps them aside; each turn of the loop then frees some thousand entries of them
// (``Keyspace/reclaim(budget:)``). Until then their memory counts as used.

import Base
import Glibc
import Placement

/// Slots' tables that a flush took out, still to be freed, from the last one down.
@safe
struct FlushedTables: BitwiseCopyable {
    /// A block from malloc.
    let tables: UnsafeMutablePointer<Table>
    /// How many are left.
    var count: Int
}

extension Keyspace {
    /// Removes every key; returns how many there were. Each slot's stamp rises by one for each of
    /// its keys.
    package mutating func removeAll() -> Int {
        let before = count
        if before == 0 { return 0 }
        var filled = 0
        for slot in 0..<SlotIndex.count where unsafe tables[slot].count > 0 { filled += 1 }
        let size = filled * MemoryLayout<Table>.stride
        let block = unsafe checkOutOfMemory(malloc(size))
        let flushedTables = unsafe block.bindMemory(to: Table.self, capacity: filled)
        var place = 0
        for slot in 0..<SlotIndex.count {
            let table = unsafe tables[slot]
            if table.count == 0 { continue }
            unsafe (flushedTables + place).initialize(to: table)
            place += 1
            let stamp = table.stamp + UInt64(table.count)
            unsafe tables[slot] = .empty(level: 0, stamp: stamp, nothing)
            noteFlush(UInt16(slot), stamp)
        }
        count = 0
        volatileCount = 0
        earliestDeadline = Table.never
        unsafe flushed.append(FlushedTables(tables: flushedTables, count: filled))
        // What is little is gone at once.
        reclaim(budget: Self.flushBudget)
        return before
    }

    /// How many entries a flush frees by itself.
    private static var flushBudget: Int { 1024 }

    /// Frees entries of the last flush until the budget runs out.
    mutating func freeFlushed(_ budget: inout Int) {
        var last = flushed[flushed.count - 1]
        while last.count > 0 {
            if unsafe !freeMembers(last.tables + (last.count - 1), &budget) { break }
            last.count -= 1
        }
        flushed[flushed.count - 1] = last
        if last.count > 0 { return }
        unsafe free(last.tables)
        flushed.removeLast(1)
    }

    /// Gives back what is not the allocator's of what waits to be freed.
    func freeRemainsOutside() {
        for index in 0..<flushed.count {
            let last = flushed[index]
            for place in 0..<last.count { unsafe Self.freeLongValues(last.tables + place) }
            unsafe free(last.tables)
        }
        for index in 0..<longRemains.count { unsafe Glibc.free(longRemains[index].start) }
        for index in 0..<remains.count where remains[index].form == .hash {
            let root = unsafe remains[index].object.assumingMemoryBound(to: Table.self)
            unsafe Self.freeLongValues(root)
        }
    }
}
