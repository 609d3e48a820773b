import Base
import CIntrinsics

extension Keyspace {
    /// The table at the end of the way that `hash` takes through the slot.
    @inline(__always)
    func leaf(_ slot: UInt16, _ hash: UInt64) -> UnsafeMutablePointer<Table> {
        unsafe Self.leaf(tables + Int(slot), hash)
    }

    /// The table at the end of the way that `hash` takes from `root` on.
    @inline(__always)
    static func leaf(
        _ root: UnsafeMutablePointer<Table>, _ hash: UInt64
    ) -> UnsafeMutablePointer<Table> {
        var table = unsafe root
        while unsafe _slowPath(table.pointee.isDirectory) {
            unsafe table = table.pointee.children + table.pointee.child(hash)
        }
        return unsafe table
    }

    /// Asks for the cache line that says where the slot's buckets are.
    @inline(__always)
    func prefetchTable(_ slot: UInt16) {
        unsafe gyre_prefetch(tables + Int(slot))
    }

    /// Asks for the cache line that a search for the key reads first.
    @inline(__always)
    func prefetchBucket(_ slot: UInt16, _ hash: UInt64) {
        let table = unsafe leaf(slot, hash)
        let home = unsafe table.pointee.home(Table.tag(hash))
        unsafe gyre_prefetch(table.pointee.words + home &* Table.bucketWords)
    }

    /// Asks for the cache line of the entry whose tag fits the key.
    @inline(__always)
    func prefetchEntry(_ slot: UInt16, _ hash: UInt64) {
        let table = unsafe leaf(slot, hash)
        let tag = Table.tag(hash)
        let line =
            unsafe table.pointee.words
            + table.pointee.home(tag) &* Table.bucketWords
        for place in 0..<Table.bucketWords {
            let word = unsafe line[place]
            if word &>> 48 == tag {
                Table.prefetch(word)
                return
            }
        }
    }

    /// Where `key` stands, expired or not.
    @inline(__always)
    func find(_ key: KeyReference) -> Position? {
        unsafe Self.find(key.bytes, key.hash, in: leaf(key.slot, key.hash))
    }

    /// Where the entry of a key stands in the table that is at the end of its hash's way.
    @inline(__always)
    static func find(
        _ key: Bytes, _ hash: UInt64, in table: UnsafeMutablePointer<Table>
    ) -> Position? {
        let tag = Table.tag(hash)
        var bucket = unsafe table.pointee.home(tag)
        while true {
            let line = unsafe table.pointee.words + bucket &* Table.bucketWords
            for place in 0..<Table.bucketWords {
                let word = unsafe line[place]
                if word &>> 48 == tag {
                    if word == 0 { return nil }
                    if Table.entry(word).key == key {
                        return unsafe Position(word: line + place, table: table)
                    }
                } else if word == 0 {
                    return nil
                }
            }
            bucket &+= 1
            if unsafe bucket == Int(table.pointee.bucketCount) { bucket = 0 }
        }
    }

    /// Where `key` stands, if it is there and has not expired. An expired key is removed on the
    /// way.
    @inline(__always)
    package mutating func lookUp(_ key: KeyReference) -> Position? {
        guard let position = find(key) else { return nil }
        if let deadline = position.entry.deadline, _slowPath(deadline <= now) {
            expire(key, position)
            return nil
        }
        return position
    }

    /// What type of value `key` has; nil where it is not there or has expired.
    package func type(of key: KeyReference) -> ValueType? {
        findEntry(key, at: now)?.type
    }

    /// What `key` has if it had not expired at `time`; it may be due by now.
    func findEntry(_ key: KeyReference, at time: Int64) -> Entry? {
        guard let entry = find(key)?.entry else { return nil }
        if let deadline = entry.deadline, deadline <= time { return nil }
        return entry
    }

    /// As ``lookUp(_:)``, counted as a hit or a miss.
    @inline(__always)
    package mutating func peek(_ key: KeyReference) -> Entry? {
        guard let position = lookUp(key) else {
            noteMiss(key)
            return nil
        }
        statistics.hits &+= 1
        return position.entry
    }

    /// As ``peek(_:)``, but nobody is told where the key is missing.
    package mutating func inspect(_ key: KeyReference) -> Entry? {
        guard let position = lookUp(key) else {
            statistics.misses &+= 1
            return nil
        }
        statistics.hits &+= 1
        return position.entry
    }

    /// As ``peek(_:)``; the key counts as used now.
    @inline(__always)
    package mutating func read(_ key: KeyReference) -> Entry? {
        guard let position = lookUp(key) else {
            noteMiss(key)
            return nil
        }
        noteRead(position.entry)
        return position.entry
    }

    /// Counts a miss and tells of it.
    @inline(__always)
    mutating func noteMiss(_ key: KeyReference) {
        statistics.misses &+= 1
        events.note(.keyMiss, "keymiss", key.bytes)
    }

    /// Counts a hit; the key counts as used now.
    @inline(__always)
    mutating func noteRead(_ entry: Entry) {
        statistics.hits &+= 1
        noteUse(entry)
    }

    @inline(never)
    mutating func expire(_ key: KeyReference, _ position: Position) {
        // Hidden, but still needed.
        if position.entry.isPinned { return }
        noteRemove(key, nextStamp(key))
        removeEntry(position, slot: key.slot)
        collapse(key.slot)
        statistics.expired += 1
        events.note(.expired, "expired", key.bytes)
    }
}

extension Table {
    /// Asks for the first cache line of the entry that a word names; nothing for an empty place.
    @inline(__always)
    static func prefetch(_ word: UInt64) {
        // The stamp may not be there, and is in the same line where it is.
        let address = UInt(word & 0xFFFF_FFFF_FFFF) &+ UInt(Entry.stampSize)
        unsafe gyre_prefetch(UnsafeRawPointer(bitPattern: address))
    }
}
