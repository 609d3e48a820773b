import Base
import Placement

extension Keyspace {
    /// Puts `word` into its first place from home on. The caller has made room.
    @inline(__always)
    static func place(_ word: UInt64, _ table: UnsafeMutablePointer<Table>) -> Position {
        var bucket = unsafe table.pointee.home(word &>> 48)
        while true {
            let line = unsafe table.pointee.words + bucket &* Table.bucketWords
            for place in 0..<Table.bucketWords where unsafe line[place] == 0 {
                unsafe line[place] = word
                return unsafe Position(word: line + place, table: table)
            }
            bucket &+= 1
            if unsafe bucket == Int(table.pointee.bucketCount) { bucket = 0 }
        }
    }

    /// Makes room for one more entry of this hash and returns the table it goes to.
    @inline(never)
    mutating func grow(
        _ table: UnsafeMutablePointer<Table>, _ hash: UInt64
    ) -> UnsafeMutablePointer<Table> {
        let buckets = unsafe Int(table.pointee.bucketCount)
        let larger = buckets + max(1, buckets / 8)
        if unsafe table.pointee.level == Table.levelMax {
            unsafe resize(table, to: larger)
            return unsafe table
        }
        let most = unsafe bucketCountMax(table)
        if buckets < most {
            unsafe resize(table, to: min(larger, most))
            return unsafe table
        }
        unsafe divide(table)
        let child = unsafe table.pointee.children + table.pointee.child(hash)
        if unsafe Int(child.pointee.count) < Table.limit(Int(child.pointee.bucketCount)) {
            return unsafe child
        }
        return unsafe grow(child, hash)
    }

    /// How many buckets a table has when it divides: of a slot's own table 49 to 64, depending on
    /// the slot.
    ///
    /// CRC16 deals consecutive keys to the slots so evenly that with one number for all some
    /// hundred slots would divide within one turn.
    private func bucketCountMax(_ table: UnsafeMutablePointer<Table>) -> Int {
        let place = unsafe UnsafeRawPointer(table) - UnsafeRawPointer(tables)
        let slot = UInt32(truncatingIfNeeded: place / MemoryLayout<Table>.stride)
        if place < 0 || slot >= SlotIndex.count { return Table.bucketCountMax }
        return Table.bucketCountMax - Int((slot &* 0x9E37_79B1) >> 28)
    }

    /// Moves the words into `bucketCount` buckets. No key is read: a word's tag is enough.
    mutating func resize(_ table: UnsafeMutablePointer<Table>, to bucketCount: Int) {
        let old = unsafe table.pointee
        unsafe table.pointee.words = allocateBuckets(bucketCount)
        unsafe table.pointee.bucketCount = UInt16(bucketCount)
        for place in 0..<(Int(old.bucketCount) * Table.bucketWords) {
            let word = unsafe old.words[place]
            if word != 0 { _ = unsafe Self.place(word, table) }
        }
        if old.bucketCount > 0 {
            unsafe deallocateTable(old.words, Int(old.bucketCount) * Table.bucketSize)
        }
    }

    private mutating func allocateBuckets(_ count: Int) -> UnsafeMutablePointer<UInt64> {
        if count == 0 { return unsafe nothing }
        let block = unsafe allocateTable(count * Table.bucketSize)
        unsafe block.initializeMemory(
            as: UInt8.self, repeating: 0, count: count * Table.bucketSize)
        return unsafe block.assumingMemoryBound(to: UInt64.self)
    }

    /// Turns a full table into a directory of sixteen.
    ///
    /// Slots fill alike, so while a large keyspace grows thousands of tables divide within a short
    /// time, and a turn may see many. Hence two passes: the first reads the keys, whose cache
    /// misses overlap, the second moves words into tables that have their size at once.
    private mutating func divide(_ table: UnsafeMutablePointer<Table>) {
        let old = unsafe table.pointee
        let places = Int(old.bucketCount) * Table.bucketWords
        var childOfPlace = InlineArray<512, UInt8>(repeating: 0)
        invariant(places <= childOfPlace.count, "a table divides before it is larger")
        var counts = InlineArray<16, Int>(repeating: 0)
        for place in 0..<min(Self.prefetchDistance, places) {
            Table.prefetch(unsafe old.words[place])
        }
        for place in 0..<places {
            if place + Self.prefetchDistance < places {
                Table.prefetch(unsafe old.words[place + Self.prefetchDistance])
            }
            let word = unsafe old.words[place]
            if word == 0 { continue }
            let child = old.child(hash(of: Table.entry(word).key))
            childOfPlace[place] = UInt8(child)
            counts[child] += 1
        }
        let children = unsafe makeChildren(of: old, counts)
        for place in 0..<places {
            let word = unsafe old.words[place]
            if word == 0 { continue }
            let child = unsafe children + Int(childOfPlace[place])
            _ = unsafe Self.place(word, child)
            if let deadline = Table.entry(word).deadline {
                unsafe child.pointee.earliest = unsafe min(child.pointee.earliest, deadline)
            }
        }
        unsafe deallocateTable(old.words, Int(old.bucketCount) * Table.bucketSize)
        unsafe table.pointee.words = UnsafeMutableRawPointer(children)
            .assumingMemoryBound(to: UInt64.self)
        unsafe table.pointee.bucketCount = 0
        unsafe table.pointee.isDirectory = true
    }

    /// How many entries' cache lines are under way at a time: about what a core can have
    /// outstanding.
    private static var prefetchDistance: Int { 16 }

    /// A directory's tables with room for so many entries each, and none in them.
    private mutating func makeChildren(
        of table: Table, _ counts: InlineArray<16, Int>
    ) -> UnsafeMutablePointer<Table> {
        let block = unsafe allocateTable(Table.fanOut * MemoryLayout<Table>.stride)
        let children = unsafe block.bindMemory(to: Table.self, capacity: Table.fanOut)
        unsafe children.initialize(
            repeating: .empty(
                level: table.level + 1, stamp: 0, isStampless: table.isStampless, nothing),
            count: Table.fanOut)
        for place in 0..<Table.fanOut {
            let buckets = Table.bucketCount(for: counts[place])
            unsafe children[place].words = allocateBuckets(buckets)
            unsafe children[place].bucketCount = UInt16(buckets)
            unsafe children[place].count = UInt32(counts[place])
        }
        return unsafe children
    }

    /// Counts one entry more (or fewer) in every table on the way to a hash's leaf.
    @inline(__always)
    static func countEntries(
        _ root: UnsafeMutablePointer<Table>, _ hash: UInt64, _ change: Int32
    ) {
        var table = unsafe root
        while true {
            unsafe table.pointee.count = UInt32(
                bitPattern: Int32(bitPattern: table.pointee.count) &+ change)
            if unsafe !table.pointee.isDirectory { return }
            unsafe table = table.pointee.children + table.pointee.child(hash)
        }
    }
}
