// The hash table of one slot.
//
// Purpose. Growth is a small local event: no table is ever rehashed whole beyond a few hundred
// entries, and a slot can be scanned, dropped or moved alone.
//
// Layout. A table is a run of buckets, each one cache line of eight words. A word is an entry's
// address (48 bits) under 16 bits of the key's hash, the tag; zero is an empty place. The home
// bucket is the tag scaled to the number of buckets, so buckets are in the order of tags whatever
// their number: a table grows by an eighth at a time without reading a key, and a scan keeps its
// place while it does.
//
// A table that is full at 64 buckets, 432 entries, becomes a directory: sixteen tables told apart
// by the next four bits of the hash, from the top. Each grows, and divides, on its own. A slot's
// first table does so at 49 to 64 buckets, depending on the slot, so that not all do at once.
//
// A table of a hash's or a set's members holds entries without a stamp: their blocks begin where
// the stamp would end, eight bytes behind the address in the word.
//
// Ownership. Memory belongs to the keyspace's allocator; one thread.
//
// Invariants.
// 1. Words of a bucket are packed to the left: the first empty place ends it.
// 2. Every bucket from an entry's home to the bucket before its own is full.
// 3. A table that is not at ``Table/levelMax`` has at most 432 entries and its buckets hold at most
//    27/32 of their places, so a search meets an empty place.
// 4. `earliest` is no later than any deadline in the table.

import Base

/// A slot's hash table, or one of the sixteen that a directory holds. 32 bytes.
@safe
struct Table: BitwiseCopyable {
    /// The buckets; of a directory, its sixteen tables.
    var words: UnsafeMutablePointer<UInt64>
    /// Entries, those below a directory included.
    var count: UInt32
    var bucketCount: UInt16
    /// How many times four bits of the hash were used up on the way here.
    var level: UInt8
    private var flags: UInt8
    /// Stamp of the slot's last write. Meaningful in the slot's own table only.
    var stamp: UInt64
    /// No key here expires before this time, in milliseconds since 1970.
    var earliest: Int64

    static let bucketWords = 8
    static let bucketSize = 64
    static let bucketCountMax = 64
    static let fanOut = 16
    static let levelMax: UInt8 = 12
    static let never = Int64.max

    private static let directoryFlag: UInt8 = 1
    private static let stamplessFlag: UInt8 = 2

    /// The words are those of sixteen tables.
    @inline(__always)
    var isDirectory: Bool {
        get { flags & Self.directoryFlag != 0 }
        set { flags = newValue ? flags | Self.directoryFlag : flags & ~Self.directoryFlag }
    }

    /// The entries have no stamp.
    @inline(__always)
    var isStampless: Bool { flags & Self.stamplessFlag != 0 }

    /// How many bytes the entries lack at their beginning.
    @inline(__always)
    var entryTrim: Int { isStampless ? Entry.stampSize : 0 }

    /// How many entries `bucketCount` buckets hold before the table grows: 27 of 32 places.
    @inline(__always)
    static func limit(_ bucketCount: Int) -> Int {
        (bucketCount &* 27) &>> 2
    }

    /// The fewest buckets whose ``limit(_:)`` is at least `count`.
    static func bucketCount(for count: Int) -> Int {
        (count &* 4 &+ 26) / 27
    }

    @inline(__always)
    static func tag(_ hash: UInt64) -> UInt64 {
        hash & 0xFFFF
    }

    @inline(__always)
    func home(_ tag: UInt64) -> Int {
        Int(truncatingIfNeeded: (tag &* UInt64(bucketCount)) &>> 16)
    }

    /// Which of a directory's tables a hash belongs to.
    @inline(__always)
    func child(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash &>> UInt64(60 &- 4 &* Int(level))) & 15
    }

    /// A directory's tables.
    @inline(__always)
    var children: UnsafeMutablePointer<Table> {
        unsafe UnsafeMutableRawPointer(words).assumingMemoryBound(to: Table.self)
    }

    @inline(__always)
    static func entry(_ word: UInt64) -> Entry {
        unsafe Entry(
            UnsafeMutableRawPointer(bitPattern: UInt(word & 0xFFFF_FFFF_FFFF)).unsafelyUnwrapped)
    }

    @inline(__always)
    static func word(_ tag: UInt64, _ entry: Entry) -> UInt64 {
        unsafe tag &<< 48 | UInt64(UInt(bitPattern: entry.pointer))
    }

    /// A table of no buckets: a search in it reads one shared empty bucket.
    static func empty(
        level: UInt8, stamp: UInt64, isStampless: Bool = false,
        _ nothing: UnsafeMutablePointer<UInt64>
    ) -> Table {
        unsafe Table(
            words: nothing, count: 0, bucketCount: 0, level: level,
            flags: isStampless ? stamplessFlag : 0, stamp: stamp, earliest: never)
    }
}

/// A key with what is known of it: computed once per command.
package struct KeyReference: BitwiseCopyable {
    package let bytes: Bytes
    package let hash: UInt64
    package let slot: UInt16

    @inlinable
    package init(bytes: Bytes, hash: UInt64, slot: UInt16) {
        self.bytes = bytes
        self.hash = hash
        self.slot = slot
    }
}

/// Where an entry's word stands. Any insertion or removal ends its validity.
@safe
package struct Position: BitwiseCopyable {
    let word: UnsafeMutablePointer<UInt64>
    let table: UnsafeMutablePointer<Table>

    @inline(__always)
    package var entry: Entry { unsafe Table.entry(word.pointee) }
}
