// The objects of large collections: made when a pack is outgrown, given back in small parts.

import Base

/// The object of a collection whose key is gone, still to be freed.
@safe
struct Remains: BitwiseCopyable {
    let form: Entry.Form
    let object: UnsafeMutableRawPointer
}

extension Keyspace {
    /// Collections of up to so many elements are freed at once.
    static let freedAtOnceMax = 128

    /// A new object of a hash or a set: an empty table.
    mutating func makeMembers() -> UnsafeMutablePointer<Table> {
        let block = unsafe memory.allocate(MemoryLayout<Table>.size)
        let root = unsafe block.bindMemory(to: Table.self, capacity: 1)
        unsafe root.initialize(to: .empty(level: 0, stamp: 0, isStampless: true, nothing))
        return unsafe root
    }

    /// Puts another value in the place of the key's: a collection that changes its form. No stamp
    /// is taken.
    mutating func convert(_ key: KeyReference, _ position: Position, to value: NewValue) {
        let stamp = position.entry.stamp
        let entry = rewrite(position, key.bytes, key.hash, value, position.entry.deadline)
        entry.stamp = stamp
        entry.access = access(after: entry.access)
    }

    /// Gives an object back, at once where it is small, else in parts (``reclaim(budget:)``).
    mutating func releaseObject(_ form: Entry.Form, _ object: UnsafeMutableRawPointer) {
        let remains = unsafe Remains(form: form, object: object)
        if elementCount(remains) <= Self.freedAtOnceMax {
            var budget = Int.max
            let isFreed = free(remains, &budget)
            invariant(isFreed, "without a bound an object is freed")
        } else {
            self.remains.append(remains)
        }
    }

    /// Whether there is anything that ``reclaim(budget:)`` would free.
    package var hasRemains: Bool { !remains.isEmpty || !flushed.isEmpty || !longRemains.isEmpty }

    /// Frees about `budget` elements and keys of what is gone.
    package mutating func reclaim(budget: Int) {
        var left = budget
        while left > 0 {
            if !remains.isEmpty {
                let last = remains[remains.count - 1]
                if !free(last, &left) { return }
                remains.removeLast(1)
            } else if !longRemains.isEmpty {
                var last = longRemains[longRemains.count - 1]
                let isFreed = freeLong(&last, &left)
                longRemains[longRemains.count - 1] = last
                if !isFreed { return }
                longRemains.removeLast(1)
            } else if !flushed.isEmpty {
                freeFlushed(&left)
            } else {
                return
            }
        }
    }

    /// A copy of an object, in memory of its own.
    mutating func copyObject(
        _ form: Entry.Form, _ object: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        switch form {
        case .hash, .set:
            let root = unsafe object.assumingMemoryBound(to: Table.self)
            let copy = unsafe makeMembers()
            unsafe copyMembers(of: root, to: copy)
            return UnsafeMutableRawPointer(copy)
        case .list:
            let list = unsafe ListObject(object)
            return unsafe list.copy(&memory).pointer
        case .sortedSet:
            let copy = copySortedSet(unsafe SortedSetObject(object))
            return unsafe copy.pointer
        default: invariantFailed("only collections have objects")
        }
    }

    private mutating func copyMembers(
        of root: UnsafeMutablePointer<Table>, to copy: UnsafeMutablePointer<Table>
    ) {
        var cursor = MemberCursor()
        var found = GrowableArray<Entry>(capacity: 128)
        while !cursor.isAtEnd {
            unsafe collectMembers(of: root, from: &cursor, count: 64, into: &found)
            for index in 0..<found.count { unsafe insertCopy(of: found[index], in: copy) }
            found.removeAll()
        }
    }

    /// Adds a copy of another table's member.
    mutating func insertCopy(of member: Entry, in root: UnsafeMutablePointer<Table>) {
        unsafe insertMember(member.key, NewValue(member), in: root)
    }

    /// How many elements a large collection has; 0 of all other values.
    func elementCount(of entry: Entry) -> Int {
        switch entry.form {
        case .list, .hash, .set, .sortedSet:
            return elementCount(unsafe Remains(form: entry.form, object: entry.object))
        default: return 0
        }
    }

    private func elementCount(_ remains: Remains) -> Int {
        switch remains.form {
        case .hash, .set, .sortedSet:
            return unsafe Int(
                remains.object.assumingMemoryBound(to: Table.self).pointee.count)
        case .list: return unsafe ListObject(remains.object).count
        default: invariantFailed("only collections have objects")
        }
    }

    /// Frees an object; false when the budget ran out before its end.
    private mutating func free(_ remains: Remains, _ budget: inout Int) -> Bool {
        switch remains.form {
        case .hash, .set:
            let root = unsafe remains.object.assumingMemoryBound(to: Table.self)
            if unsafe !freeMembers(root, &budget) { return false }
            unsafe memory.deallocate(remains.object, MemoryLayout<Table>.size)
            return true
        case .list: return unsafe ListObject(remains.object).free(&budget, &memory)
        case .sortedSet: return freeSortedSet(unsafe SortedSetObject(remains.object), &budget)
        default: invariantFailed("only collections have objects")
        }
    }

    /// Frees the entries below `table` and its buckets; false when the budget ran out.
    mutating func freeMembers(
        _ table: UnsafeMutablePointer<Table>, _ budget: inout Int
    ) -> Bool {
        if unsafe !table.pointee.isDirectory { return unsafe freeLeaf(table, &budget) }
        for child in 0..<Table.fanOut {
            if unsafe !freeMembers(table.pointee.children + child, &budget) { return false }
        }
        unsafe freeDirectory(table)
        return true
    }

    /// Frees the entries of one table, leaving their places empty.
    private mutating func freeLeaf(
        _ table: UnsafeMutablePointer<Table>, _ budget: inout Int
    ) -> Bool {
        let words = unsafe table.pointee.words
        let buckets = unsafe Int(table.pointee.bucketCount)
        let trim = unsafe table.pointee.entryTrim
        for place in 0..<(buckets * Table.bucketWords) {
            let word = unsafe words[place]
            if word == 0 { continue }
            if budget <= 0 { return false }
            let entry = Table.entry(word)
            budget -= 1 + costOfRelease(entry)
            let size = entry.size
            releaseValue(entry)
            deallocateEntry(entry, size, trim: trim)
            unsafe words[place] = 0
        }
        if buckets > 0 { unsafe deallocateTable(words, buckets * Table.bucketSize) }
        unsafe table.pointee.words = nothing
        unsafe table.pointee.bucketCount = 0
        unsafe table.pointee.count = 0
        return true
    }

    /// What giving back an entry's other blocks costs, in entries.
    private func costOfRelease(_ entry: Entry) -> Int {
        switch entry.form {
        case .long:
            let capacity = entry.long.capacity
            // Larger ones are freed by themselves.
            return capacity <= Self.longFreedAtOnceMax ? capacity / Self.pageSize : 0
        case .list, .hash, .set, .sortedSet:
            let count = elementCount(unsafe Remains(form: entry.form, object: entry.object))
            // Larger ones are freed by themselves.
            return count <= Self.freedAtOnceMax ? count : 0
        case .integer, .inline, .packedList, .packedHash, .packedSet, .integerSet,
            .packedSortedSet, .compressed:
            return 0
        }
    }

    /// The system takes memory back page by page.
    static var pageSize: Int { 4096 }
}

extension NewValue {
    /// A copy of a member's value.
    init(_ member: Entry) {
        switch member.value {
        case .integer(let integer): self = .integer(integer)
        case .bytes(let bytes): self = .bytes(bytes)
        }
    }
}
