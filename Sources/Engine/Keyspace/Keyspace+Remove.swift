import Base

extension Keyspace {
    /// Takes an entry out of its table and gives its memory back. A directory that this empties
    /// stays one until ``collapse(_:)``, so that a walk over it may go on.
    ///
    /// - Parameter keepsValue: a long value's block now belongs to another entry.
    mutating func removeEntry(_ position: Position, slot: UInt16, keepsValue: Bool = false) {
        let entry = position.entry
        let hash = hash(of: entry.key)
        if entry.deadline != nil { volatileCount -= 1 }
        let size = entry.size
        if !keepsValue { releaseValue(entry) }
        unsafe unlink(position, hash, below: tables + Int(slot))
        count -= 1
        unsafe memory.deallocate(entry.pointer, size)
    }

    /// Empties the word, fills the gap and shrinks a table that has become mostly empty.
    private func empty(_ position: Position) {
        let table = unsafe position.table
        let words = unsafe table.pointee.words
        let buckets = unsafe Int(table.pointee.bucketCount)
        var bucket = unsafe (position.word - words) / Table.bucketWords
        var hole = unsafe position.word
        while true {
            let wasFull = unsafe words[bucket * Table.bucketWords + Table.bucketWords - 1] != 0
            unsafe Self.closeGap(hole, words + bucket * Table.bucketWords)
            if !wasFull { return }
            guard let next = unsafe findDisplaced(table, past: bucket, buckets) else { return }
            let moved = unsafe next.pointee
            unsafe words[bucket * Table.bucketWords + Table.bucketWords - 1] = moved
            unsafe hole = next
            bucket = unsafe (next - words) / Table.bucketWords
        }
    }

    /// Puts the last word of a bucket where one was taken out.
    private static func closeGap(
        _ hole: UnsafeMutablePointer<UInt64>, _ line: UnsafeMutablePointer<UInt64>
    ) {
        var last = Table.bucketWords - 1
        while unsafe line[last] == 0 { last -= 1 }
        unsafe hole.pointee = line[last]
        unsafe line[last] = 0
    }

    /// A word that stands past `bucket` because `bucket` was full, and may now move there.
    private func findDisplaced(
        _ table: UnsafeMutablePointer<Table>, past bucket: Int, _ buckets: Int
    ) -> UnsafeMutablePointer<UInt64>? {
        for distance in 1..<max(buckets, 1) {
            let other = (bucket + distance) % buckets
            let line = unsafe table.pointee.words + other * Table.bucketWords
            for place in 0..<Table.bucketWords {
                let word = unsafe line[place]
                if word == 0 { return nil }
                let home = unsafe table.pointee.home(word &>> 48)
                if (other - home + buckets) % buckets >= distance { return unsafe line + place }
            }
        }
        return nil
    }

    /// Takes an entry's word out of its table, which shrinks when it has become mostly empty.
    mutating func unlink(
        _ position: Position, _ hash: UInt64, below root: UnsafeMutablePointer<Table>
    ) {
        empty(position)
        unsafe Self.countEntries(root, hash, -1)
        let table = unsafe position.table
        let buckets = unsafe Int(table.pointee.bucketCount)
        let left = unsafe Int(table.pointee.count)
        if left == 0 {
            unsafe memory.deallocate(table.pointee.words, buckets * Table.bucketSize)
            unsafe table.pointee.words = nothing
            unsafe table.pointee.bucketCount = 0
            unsafe table.pointee.earliest = Table.never
        } else if buckets > 1, left * 3 < Table.limit(buckets) {
            unsafe resize(table, to: max(1, (buckets + 1) / 2))
        }
    }

    /// A directory without an entry left becomes an empty table again.
    mutating func collapse(_ slot: UInt16) {
        unsafe collapse(tables + Int(slot))
    }

    /// As ``collapse(_:)`` of a slot, for any table that is nobody's child.
    mutating func collapse(_ table: UnsafeMutablePointer<Table>) {
        if unsafe table.pointee.count > 0 { return }
        if unsafe table.pointee.isDirectory { unsafe freeDirectory(table) }
        unsafe table.pointee.earliest = Table.never
    }

    mutating func freeDirectory(_ table: UnsafeMutablePointer<Table>) {
        for child in 0..<Table.fanOut {
            let child = unsafe table.pointee.children + child
            if unsafe child.pointee.isDirectory { unsafe freeDirectory(child) }
        }
        unsafe memory.deallocate(
            table.pointee.words, Table.fanOut * MemoryLayout<Table>.stride)
        unsafe table.pointee.words = nothing
        unsafe table.pointee.bucketCount = 0
        unsafe table.pointee.isDirectory = false
    }

    /// Removes every key of a slot; returns how many there were.
    package mutating func removeAll(inSlot slot: UInt16) -> Int {
        let table = unsafe tables + Int(slot)
        let before = unsafe Int(table.pointee.count)
        if before == 0 { return 0 }
        unsafe removeEntries(table)
        count -= before
        if unsafe table.pointee.isDirectory { unsafe freeDirectory(table) }
        unsafe table.pointee.count = 0
        unsafe table.pointee.earliest = Table.never
        unsafe table.pointee.stamp += UInt64(before)
        return before
    }

    mutating func removeEntries(
        _ table: UnsafeMutablePointer<Table>, sparing spared: Int = 0
    ) {
        if unsafe table.pointee.isDirectory {
            for child in 0..<Table.fanOut {
                unsafe removeEntries(table.pointee.children + child, sparing: spared)
            }
            return
        }
        let buckets = unsafe Int(table.pointee.bucketCount)
        for place in 0..<(buckets * Table.bucketWords) {
            let word = unsafe table.pointee.words[place]
            if word == 0 { continue }
            let entry = Table.entry(word)
            if entry.deadline != nil { volatileCount -= 1 }
            let size = entry.size
            releaseValue(entry)
            deallocateEntry(entry, size, sparing: spared)
        }
        if buckets > 0 {
            unsafe memory.deallocate(table.pointee.words, buckets * Table.bucketSize)
        }
        unsafe table.pointee.words = nothing
        unsafe table.pointee.bucketCount = 0
        unsafe table.pointee.count = 0
    }
}
