// The keyspace's promises to itself, checked in full. For tests and simulation: it reads every key.

import Base
import Placement

/// What a walk over the tables adds up to.
private struct KeyspaceTotals {
    var count = 0
    var volatileCount = 0
    var longBytes = 0
    /// Bytes of entries and tables, rounded up to their blocks.
    var blockBytes = 0
    /// Of tables alone.
    var tableBytes = 0
}

extension Keyspace {
    /// Ends the process unless the invariants of `Table.swift` hold and the totals add up.
    package func checkInvariants() {
        var totals = KeyspaceTotals()
        for slot in 0..<SlotIndex.count {
            let table = unsafe tables + slot
            invariant(unsafe table.pointee.level == 0, "a slot's own table is at level 0")
            unsafe checkTable(table, UInt16(slot), path: 0, &totals)
        }
        invariant(totals.count == count, "the count is that of all tables")
        invariant(totals.volatileCount == volatileCount, "keys with a deadline are counted")
        // What is left of removed collections, and what is under construction, is not walked.
        if hasRemains || draftCount > 0 { return }
        invariant(totals.longBytes == longBytes, "long values' bytes are counted")
        invariant(totals.tableBytes == tableBytes, "tables' bytes are counted")
        invariant(totals.blockBytes == memory.usedBytes, "every block belongs to an entry or table")
    }

    private func checkTable(
        _ table: UnsafeMutablePointer<Table>, _ slot: UInt16, path: UInt64,
        _ totals: inout KeyspaceTotals
    ) {
        let before = totals.count
        if unsafe table.pointee.isDirectory {
            unsafe checkDirectory(table, slot, path: path, &totals)
        } else {
            unsafe checkLeaf(table, slot, path: path, &totals)
        }
        let counted = unsafe Int(table.pointee.count)
        invariant(totals.count - before == counted, "a table counts its entries")
    }

    private func checkDirectory(
        _ table: UnsafeMutablePointer<Table>, _ slot: UInt16, path: UInt64,
        _ totals: inout KeyspaceTotals
    ) {
        let size = Table.fanOut * MemoryLayout<Table>.stride
        totals.blockBytes += SlabAllocator.usableSize(for: size)
        totals.tableBytes += SlabAllocator.usableSize(for: size)
        let level = unsafe table.pointee.level
        for index in 0..<Table.fanOut {
            let child = unsafe table.pointee.children + index
            invariant(unsafe child.pointee.level == level + 1, "levels count the way")
            invariant(
                unsafe child.pointee.earliest >= table.pointee.earliest,
                "a directory's bound is no later than its tables'")
            let bits = UInt64(index) << UInt64(60 - 4 * Int(level))
            unsafe checkTable(child, slot, path: path | bits, &totals)
        }
    }

    private func checkLeaf(
        _ table: UnsafeMutablePointer<Table>, _ slot: UInt16, path: UInt64,
        _ totals: inout KeyspaceTotals
    ) {
        let buckets = unsafe Int(table.pointee.bucketCount)
        if buckets == 0 {
            invariant(unsafe table.pointee.words == nothing, "a table without memory has none")
            invariant(unsafe table.pointee.count == 0, "a table without memory is empty")
            return
        }
        totals.blockBytes += SlabAllocator.usableSize(for: buckets * Table.bucketSize)
        totals.tableBytes += SlabAllocator.usableSize(for: buckets * Table.bucketSize)
        let limit = Table.limit(buckets)
        invariant(unsafe Int(table.pointee.count) <= limit, "a table has room")
        for bucket in 0..<buckets {
            let line = unsafe table.pointee.words + bucket * Table.bucketWords
            var isEnded = false
            for place in 0..<Table.bucketWords {
                let word = unsafe line[place]
                if word == 0 {
                    isEnded = true
                    continue
                }
                invariant(!isEnded, "the first empty place ends a bucket")
                unsafe checkReachable(table, word, bucket)
                unsafe checkEntry(table, word, path, &totals)
            }
        }
    }

    /// Checks what a collection has in other blocks, and adds it up.
    private func checkParts(_ entry: Entry, _ totals: inout KeyspaceTotals) {
        switch entry.form {
        case .integer, .inline, .long: break
        case .packedList:
            invariant(entry.inlineLength <= Self.packedListSizeMax, "a packed list is small")
            ListRun(Pack(entry)).checkInvariants()
        case .packedHash, .packedSet: Pack(entry).checkInvariants()
        case .packedSortedSet:
            Pack(entry).checkInvariants()
            Pack(entry).checkScoreOrder()
        case .integerSet: IntegerSet(entry).checkInvariants()
        case .compressed: entry.compressed.checkInvariants()
        case .hash, .set:
            var members = KeyspaceTotals()
            unsafe checkTable(entry.members, 0, path: 0, &members)
            invariant(members.count > 0, "a collection without members is gone")
            invariant(members.volatileCount == 0, "a member has no deadline")
            totals.longBytes += members.longBytes
            totals.tableBytes += members.tableBytes
            totals.blockBytes += members.blockBytes + MemoryLayout<Table>.size
        case .list: totals.blockBytes += entry.list.checkInvariants()
        case .sortedSet:
            var members = KeyspaceTotals()
            unsafe checkTable(entry.members, 0, path: 0, &members)
            invariant(members.volatileCount == 0, "a member has no deadline")
            checkOrder(entry.sortedSet, members.count)
            totals.longBytes += members.longBytes
            totals.tableBytes += members.tableBytes
            totals.blockBytes += members.blockBytes + entry.sortedSet.ownBytes
        }
    }

    /// A sorted set's tree and its table have the same members, in the same blocks.
    private func checkOrder(_ set: SortedSetObject, _ count: Int) {
        let tree = unsafe set.tree
        unsafe tree.pointee.checkInvariants()
        invariant(count > 0, "a collection without members is gone")
        invariant(unsafe tree.pointee.count == count, "the tree has the table's members")
        var cursor = unsafe tree.pointee.firstCursor
        while let place = cursor {
            let found = unsafe findMember(place.member.bytes, in: set.root)
            invariant(
                found.map { ScoredMember($0.entry) == place.member } ?? false,
                "a member of the tree is in the table")
            cursor = place.next
        }
    }

    /// Every bucket from an entry's home to the one before its own is full.
    private func checkReachable(
        _ table: UnsafeMutablePointer<Table>, _ word: UInt64, _ bucket: Int
    ) {
        let buckets = unsafe Int(table.pointee.bucketCount)
        var home = unsafe table.pointee.home(word >> 48)
        while home != bucket {
            let last = unsafe table.pointee.words[home * Table.bucketWords + Table.bucketWords - 1]
            invariant(last != 0, "a search for an entry meets no empty place")
            home = home + 1 == buckets ? 0 : home + 1
        }
    }

    private func checkEntry(
        _ table: UnsafeMutablePointer<Table>, _ word: UInt64, _ path: UInt64,
        _ totals: inout KeyspaceTotals
    ) {
        let entry = Table.entry(word)
        let hash = hash(of: entry.key)
        let level = unsafe UInt64(table.pointee.level)
        invariant(Table.tag(hash) == word >> 48, "a word carries its key's tag")
        if level > 0 {
            invariant((hash ^ path) >> (64 - 4 * level) == 0, "a key is in the table of its path")
        }
        totals.count += 1
        let size = unsafe entry.size - table.pointee.entryTrim
        totals.blockBytes += SlabAllocator.usableSize(for: size)
        if let deadline = entry.deadline {
            totals.volatileCount += 1
            let isBounded = unsafe table.pointee.earliest <= deadline || entry.isPinned
            invariant(isBounded, "no key expires before the bound")
        }
        checkParts(entry, &totals)
        if entry.form == .long {
            let long = entry.long
            invariant(long.length <= long.capacity, "a long value fits its block")
            totals.longBytes += long.capacity
        }
    }
}
