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
    ///
    /// - Parameter hasStamps: its members have something in the stamp's place.
    mutating func makeMembers(hasStamps: Bool = true) -> UnsafeMutablePointer<Table> {
        let block = unsafe memory.allocate(MemoryLayout<Table>.size)
        let root = unsafe block.bindMemory(to: Table.self, capacity: 1)
        let spared = hasStamps ? 0 : UInt64(Entry.stampSize)
        unsafe root.initialize(to: .empty(level: 0, stamp: spared, nothing))
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
    package var hasRemains: Bool { !remains.isEmpty }

    /// Frees about `budget` elements of collections whose keys are gone.
    package mutating func reclaim(budget: Int) {
        var left = budget
        while left > 0, !remains.isEmpty {
            let last = remains[remains.count - 1]
            if !free(last, &left) { return }
            remains.removeLast(1)
        }
    }

    /// A copy of an object, in memory of its own.
    mutating func copyObject(
        _ form: Entry.Form, _ object: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        switch form {
        case .hash, .set:
            let root = unsafe object.assumingMemoryBound(to: Table.self)
            let copy = unsafe makeMembers(hasStamps: false)
            unsafe copyMembers(of: root, to: copy)
            return UnsafeMutableRawPointer(copy)
        case .list:
            let list = unsafe ListObject(object)
            return unsafe list.copy(&memory).pointer
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
        let added = unsafe insertMember(member.key, NewValue(member), in: root)
        if unsafe root.pointee.sparedBytes == 0 { added.stamp = member.stamp }
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
            let spared = unsafe root.pointee.sparedBytes
            if unsafe !freeMembers(root, sparing: spared, &budget) { return false }
            unsafe memory.deallocate(remains.object, MemoryLayout<Table>.size)
            return true
        case .list: return unsafe ListObject(remains.object).free(&budget, &memory)
        default: invariantFailed("only collections have objects")
        }
    }

    /// Frees the members below `table` and its buckets; false when the budget ran out.
    mutating func freeMembers(
        _ table: UnsafeMutablePointer<Table>, sparing spared: Int, _ budget: inout Int
    ) -> Bool {
        if unsafe !table.pointee.isDirectory {
            if unsafe table.pointee.bucketCount == 0 { return true }
            if budget <= 0 { return false }
            budget -= unsafe Int(table.pointee.count)
            unsafe removeEntries(table, sparing: spared)
            return true
        }
        for child in 0..<Table.fanOut {
            let child = unsafe table.pointee.children + child
            if unsafe !freeMembers(child, sparing: spared, &budget) { return false }
        }
        unsafe freeDirectory(table)
        return true
    }
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
