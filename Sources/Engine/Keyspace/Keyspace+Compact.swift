// Moving entries together, so that pages of memory become free for blocks of other sizes.
//
// A walk over all slots moves what it finds in pages that are being drained: entries, which only
// their word in a table points to, and tables' buckets. What else lies in such a page (members of
// collections, chunks) stays, and the page serves again when the walk is over. The walk reads words
// and not entries, so it costs little where nothing is to be moved.

import Base
import Placement

/// How far a walk has come.
struct Compaction: ~Copyable {
    var pages = DrainingPages()
    /// The slot to go on with; nil while no walk is under way.
    var slot: Int?
}

extension Keyspace {
    /// Whether there is something to free or to bring together. Changes nothing; a getter would
    /// copy the keyspace's fields for a caller in another module.
    @inline(__always)
    package mutating func wantsUpkeep() -> Bool {
        hasRemains || wantsCompaction || memory.wantsRegion
    }

    /// Whether pages should be drained: more memory is resident than the limit allows.
    @inline(__always)
    package var wantsCompaction: Bool {
        compaction.slot != nil || memory.residentBytes > memory.residentMax
    }

    /// Works on a walk, and begins one where there is none.
    ///
    /// - Parameter budget: how many words are looked at; one that is moved counts for 32. Up to
    ///   eight times as many where far more is resident than should be.
    package mutating func compact(budget: Int) {
        if compaction.slot == nil {
            memory.drainSparsePages(&compaction.pages)
            if compaction.pages.isEmpty {
                releaseFreePages(until: memory.residentMax)
                return
            }
            compaction.slot = 0
        }
        var left = budget * urgency
        while left > 0, let slot = compaction.slot {
            unsafe compact(tables + slot, &left)
            left -= 1
            compaction.slot = slot + 1 < SlotIndex.count ? slot + 1 : nil
        }
        if compaction.slot == nil {
            memory.endDraining(&compaction.pages)
            releaseFreePages(until: memory.residentMax)
        }
    }

    /// Gives free pages back to the system, all that are not kept ahead of need. Their content is
    /// lost; the addresses stay.
    package mutating func releaseFreePages() {
        releaseFreePages(until: 0)
    }

    /// By what the work of a turn is multiplied: 1 at the bound, 8 from a 128th over it on. When
    /// values of another size begin to come, pages with few holes have to be drained as fast as
    /// clients write.
    private var urgency: Int {
        let step = max(memory.residentMax / 1024, 1)
        return 1 + min(max(memory.residentBytes - memory.residentMax, 0) / step, 7)
    }

    private mutating func releaseFreePages(until bound: Int) {
        memory.releaseFreePages(keeping: Self.keptFreePageCount, until: bound)
    }

    /// Free pages that are not given back: what is needed before the next walk.
    private static var keptFreePageCount: Int { 16 }
    /// What moving an entry costs, in words looked at.
    private static var moveCost: Int { 32 }

    private mutating func compact(_ table: UnsafeMutablePointer<Table>, _ left: inout Int) {
        if unsafe table.pointee.isDirectory {
            for child in 0..<Table.fanOut {
                unsafe compact(table.pointee.children + child, &left)
            }
            return
        }
        let places = unsafe Int(table.pointee.bucketCount) * Table.bucketWords
        if places == 0 { return }
        left -= places
        if unsafe compaction.pages.contains(table.pointee.words) {
            unsafe moveBuckets(table)
            left -= Self.moveCost
        }
        for place in 0..<places {
            let word = unsafe table.pointee.words + place
            if unsafe word.pointee == 0 { continue }
            let entry = unsafe Table.entry(word.pointee)
            if unsafe !compaction.pages.contains(entry.pointer) { continue }
            unsafe moveEntry(word, entry)
            left -= Self.moveCost
        }
    }

    private mutating func moveEntry(_ word: UnsafeMutablePointer<UInt64>, _ entry: Entry) {
        let size = entry.size
        let copy = unsafe Entry(memory.allocate(size))
        unsafe copy.pointer.copyMemory(from: entry.pointer, byteCount: size)
        unsafe word.pointee = Table.word(word.pointee >> 48, copy)
        unsafe memory.deallocate(entry.pointer, size)
    }

    private mutating func moveBuckets(_ table: UnsafeMutablePointer<Table>) {
        let size = unsafe Int(table.pointee.bucketCount) * Table.bucketSize
        let old = unsafe table.pointee.words
        let copy = unsafe memory.allocate(size)
        unsafe copy.copyMemory(from: old, byteCount: size)
        unsafe table.pointee.words = copy.assumingMemoryBound(to: UInt64.self)
        unsafe memory.deallocate(old, size)
    }
}
