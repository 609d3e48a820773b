// Walking over keys while they change.
//
// A table's buckets are in the order of tags and a directory's tables in the order of the hash's
// next bits, so (slot, path, tag) orders all keys, whatever the tables' sizes. A cursor is a place
// in that order: everything before it was visited. Growing, shrinking and dividing tables never
// moves a key to before a cursor that it was behind:
//
// - A table of another size has the same tags before and behind a given tag.
// - A table that divides has the visited keys spread over sixteen; those of the first are skipped
//   by their tags, those of the others come again. A key may come twice, none is missed.
// - A directory becomes a table again only when it is empty, so no key was in it all along.
//
// A path has 32 bits, eight levels of four; tables below the eighth level are visited together. A
// slot would need more than 10^9 keys to have any.

import Base
import Placement

/// A place in the order of all keys: slot (14 bits), path (32 bits), tag (16 bits). Zero is the
/// beginning, and, returned, the end. It fits a signed 64-bit integer, for clients that read it as
/// one.
package struct ScanCursor: Equatable, BitwiseCopyable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The first key of a slot, 0…16,384; the last stands for the end of all slots, which is 0
    /// again.
    package init(slot: Int) {
        rawValue = UInt64(slot) << 48 & ScanCursor.mask
    }

    init(slot: UInt16, path: UInt64, tag: UInt64) {
        rawValue = UInt64(slot) << 48 | (path >> 32) << 16 | tag
    }

    /// Bits that a cursor can have; others are ignored.
    static let mask: UInt64 = 1 << 62 - 1
    static let levelMax: UInt8 = 8

    package var slot: UInt16 { UInt16(rawValue >> 48 & 0x3FFF) }
    /// The path as the top bits of a hash.
    var path: UInt64 { (rawValue >> 16) << 32 }
    var tag: UInt64 { rawValue & 0xFFFF }
    package var isStart: Bool { rawValue == 0 }
}

/// A place between two tables on a walk over all keys.
struct KeyWalk: BitwiseCopyable {
    fileprivate(set) var slot = 0
    fileprivate(set) var path: UInt64 = 0

    var isAtEnd: Bool { slot == SlotIndex.count }
}

extension Keyspace {
    /// Visits about `count` entries from `cursor` on, none expired, and stops behind slot `last` at
    /// the latest.
    ///
    /// What is present from the first call to the last is visited at least once. `visit` must not
    /// change the keyspace. The work is bounded by `count`, by the slots and by one bucket's
    /// entries.
    ///
    /// - Parameters:
    ///   - last: the last slot of a contiguous range that holds the cursor's slot.
    ///   - withDue: expired ones are visited as well.
    /// - Returns: where to go on: the start of the slot behind `last` when the range is done.
    package func scan(
        from cursor: ScanCursor, through last: UInt16, count: Int, withDue: Bool = false,
        visit: (Entry) -> Void
    ) -> ScanCursor {
        invariant(cursor.slot <= last, "a scan begins inside of its range")
        var left = max(count, 1)
        var slot = cursor.slot
        var path = cursor.path
        var tag = cursor.tag
        while true {
            let root = unsafe tables + Int(slot)
            if unsafe root.pointee.count > 0 {
                let end = unsafe scanSlot(root, &path, &tag, &left) {
                    if withDue || !isDue($0) { visit($0) }
                }
                if !end { return ScanCursor(slot: slot, path: path, tag: tag) }
            }
            path = 0
            tag = 0
            if slot == last || left <= 0 { return ScanCursor(slot: Int(slot) + 1) }
            slot += 1
        }
    }

    /// Visits the keys of the next table, none expired, and passes on behind it. As a table is
    /// visited whole, no key comes twice.
    ///
    /// - Parameter left: lowered by the entries there are, and for each table.
    func walk(_ walk: inout KeyWalk, _ left: inout Int, _ visit: (Entry) -> Void) {
        var table = unsafe tables + walk.slot
        while unsafe table.pointee.isDirectory, unsafe table.pointee.level < ScanCursor.levelMax {
            unsafe table = table.pointee.children + table.pointee.child(walk.path)
        }
        unsafe visitAll(table, &left) { if !isDue($0) { visit($0) } }
        left -= 1
        let level = UInt64(unsafe table.pointee.level)
        if level > 0 {
            let step: UInt64 = 1 << (64 - 4 * level)
            let (next, isEnd) = (walk.path & ~(step &- 1)).addingReportingOverflow(step)
            walk.path = next
            if !isEnd { return }
        }
        walk.path = 0
        walk.slot += 1
    }

    /// Goes on in one slot, expired entries included; true at its end, false when `left` ran out
    /// before.
    func scanSlot(
        _ root: UnsafeMutablePointer<Table>, _ path: inout UInt64, _ tag: inout UInt64,
        _ left: inout Int, _ visit: (Entry) -> Void
    ) -> Bool {
        while true {
            var table = unsafe root
            while unsafe table.pointee.isDirectory,
                unsafe table.pointee.level < ScanCursor.levelMax
            {
                unsafe table = table.pointee.children + table.pointee.child(path)
            }
            let level = UInt64(unsafe table.pointee.level)
            if unsafe table.pointee.isDirectory {
                unsafe visitAll(table, &left, visit)
            } else if unsafe !scanTable(table, &tag, &left, visit) {
                return false
            }
            tag = 0
            if level == 0 { return true }
            let step: UInt64 = 1 << (64 - 4 * level)
            let (next, isEnd) = (path & ~(step &- 1)).addingReportingOverflow(step)
            if isEnd { return true }
            path = next
            if left <= 0 { return false }
        }
    }

    /// Visits the home buckets from that of `tag` on; true at the table's end.
    private func scanTable(
        _ table: UnsafeMutablePointer<Table>, _ tag: inout UInt64, _ left: inout Int,
        _ visit: (Entry) -> Void
    ) -> Bool {
        let buckets = unsafe UInt64(table.pointee.bucketCount)
        if buckets == 0 { return true }
        var bucket = unsafe table.pointee.home(tag)
        while bucket < buckets {
            if left <= 0 { return false }
            unsafe visitHome(table, bucket, from: tag, &left, visit)
            bucket += 1
            // The smallest tag whose home is the next bucket.
            tag = (UInt64(bucket) << 16 + buckets - 1) / buckets
        }
        return true
    }

    /// Visits what has its home in one bucket, also where it stands in one behind.
    private func visitHome(
        _ table: UnsafeMutablePointer<Table>, _ home: Int, from tag: UInt64, _ left: inout Int,
        _ visit: (Entry) -> Void
    ) {
        let buckets = unsafe Int(table.pointee.bucketCount)
        var bucket = home
        while true {
            let line = unsafe table.pointee.words + bucket * Table.bucketWords
            for place in 0..<Table.bucketWords {
                let word = unsafe line[place]
                if word == 0 { return }
                let itsTag = word >> 48
                if unsafe itsTag < tag || table.pointee.home(itsTag) != home { continue }
                left -= 1
                visit(Table.entry(word))
            }
            bucket = bucket + 1 == buckets ? 0 : bucket + 1
            if bucket == home { return }
        }
    }

    /// Visits every entry of a table or of all below a directory, expired ones as well.
    func visitAll(
        _ table: UnsafeMutablePointer<Table>, _ left: inout Int, _ visit: (Entry) -> Void
    ) {
        if unsafe table.pointee.isDirectory {
            for child in 0..<Table.fanOut {
                unsafe visitAll(table.pointee.children + child, &left, visit)
            }
            return
        }
        for place in 0..<(unsafe Int(table.pointee.bucketCount) * Table.bucketWords) {
            let word = unsafe table.pointee.words[place]
            if word == 0 { continue }
            left -= 1
            visit(Table.entry(word))
        }
    }

    @inline(__always)
    func isDue(_ entry: Entry) -> Bool {
        if let deadline = entry.deadline { deadline <= now } else { false }
    }

    /// Visits every key of a slot that has not expired. `visit` must not change the keyspace.
    package func forEachEntry(inSlot slot: UInt16, _ visit: (Entry) -> Void) {
        var left = Int.max
        unsafe visitAll(tables + Int(slot), &left) { if !isDue($0) { visit($0) } }
    }

    /// Visits every key that has not expired. `visit` must not change the keyspace.
    package func forEachEntry(_ visit: (Entry) -> Void) {
        if count == 0 { return }
        for slot in 0..<SlotIndex.count {
            forEachEntry(inSlot: UInt16(slot), visit)
        }
    }
}
