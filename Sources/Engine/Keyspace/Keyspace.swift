import Base
import CIntrinsics
import CXXHash
import Placement

/// The keys that one core owns: a hash table per slot, the entries' memory and the time by which
/// keys expire.
///
/// One thread. `now` is set by the owner at the start of a step; the keyspace reads no clock. Every
/// write gives its key the slot's next stamp.
@safe
package struct Keyspace: ~Copyable {
    var memory = SlabAllocator()
    let tables: UnsafeMutablePointer<Table>
    /// The shared empty bucket that tables without memory search.
    let nothing: UnsafeMutablePointer<UInt64>
    /// Seeds the keys' hashes, so that a client cannot aim at one bucket.
    let seed: UInt64

    /// The time of the current step, in milliseconds since 1970.
    package var now: Int64 = 0 {
        didSet { if _slowPath(now >= accessClock.nextTickAt) { accessClock.advance(now: now) } }
    }
    var accessClock = AccessClock()
    package var eviction = Eviction()
    var compaction = Compaction()
    /// How many keys there are, expired ones that nobody met yet included.
    package internal(set) var count = 0
    /// How many of them have a deadline.
    package internal(set) var volatileCount = 0
    /// Bytes in blocks of long values.
    var longBytes: Int {
        get { memory.outsideBytes }
        set { memory.outsideBytes = newValue }
    }
    /// Bytes in all tables' buckets and directories, as allocated.
    package internal(set) var tableBytes = 0
    package var statistics = KeyspaceStatistics()
    package var watches = WatchLedger()
    /// What happened to keys and is still to be told.
    package var events = KeyEventLog()
    /// What writes did, for the log.
    package var log = EffectLog()
    /// Objects of collections whose keys are gone.
    var remains = GrowableArray<Remains>(capacity: 4)
    /// Blocks of removed strings that are still to be freed.
    var longRemains = GrowableArray<LongValue>(capacity: 4)
    /// The tables of keys that are gone.
    var flushed = GrowableArray<FlushedTables>(capacity: 2)
    /// Values under construction.
    var draftCount = 0
    /// What the command that is run will store, filled already.
    var prepared: PreparedString?
    /// A pack, or what is compressed, is written here before it becomes a value; and what is not
    /// compressed any more before it is read.
    var packScratch = OutputBuffer()
    /// Strings of up to so many bytes are stored at once and as they are, whoever stores them.
    private(set) var plainStringMax = Keyspace.storedAtOnceMax
    /// No key expires before this time; a sweep of all slots makes it exact.
    var earliestDeadline = Table.never
    /// Where the next sweep for expired keys goes on.
    var sweepSlot = 0
    /// Expired keys are hidden but kept: what DEBUG SET-ACTIVE-EXPIRE 0 leaves to look-ups alone.
    package var isActiveExpiryOn = true

    package init(seed: UInt64) {
        self.seed = seed
        unsafe nothing = .allocate(capacity: Table.bucketWords)
        unsafe nothing.initialize(repeating: 0, count: Table.bucketWords)
        unsafe tables = .allocate(capacity: SlotIndex.count)
        unsafe tables.initialize(
            repeating: .empty(level: 0, stamp: 0, nothing), count: SlotIndex.count)
    }

    deinit {
        // Blocks of long values are not the allocator's.
        for slot in 0..<SlotIndex.count {
            unsafe Self.freeLongValues(tables + slot)
        }
        freeRemainsOutside()
        unsafe tables.deallocate()
        unsafe nothing.deallocate()
    }

    /// Strings of up to so many bytes are stored at once, whatever else the turn has done.
    static let storedAtOnceMax = 1 << 16

    /// From now on strings of more than so many bytes are compressed; 0: none are.
    package mutating func compressStrings(over bytes: Int) {
        plainStringMax = bytes == 0 ? Self.storedAtOnceMax : min(bytes, Self.storedAtOnceMax)
    }

    /// The hash under which a key is kept.
    @inline(__always)
    package func hash(of key: Bytes) -> UInt64 {
        unsafe gyre_xxh3(key.start, key.count, seed)
    }

    /// Bytes of the entries, tables and values, as allocated.
    package var usedBytes: Int { memory.usedBytes + longBytes }

    /// How many keys a slot has.
    package func count(inSlot slot: SlotIndex) -> Int {
        unsafe Int(tables[Int(slot.rawValue)].count)
    }

    /// The stamp that the slot's next write will exceed.
    package func stamp(ofSlot slot: UInt16) -> Stamp {
        Stamp(rawValue: unsafe tables[Int(slot)].stamp)
    }

    /// Takes the slot's next stamp for a write to `key`.
    @inline(__always)
    mutating func nextStamp(_ key: KeyReference) -> Stamp {
        let stamp = unsafe tables[Int(key.slot)].stamp &+ 1
        unsafe tables[Int(key.slot)].stamp = stamp
        if _slowPath(!watches.isEmpty) { watches.noteWrite(key) }
        return Stamp(rawValue: stamp)
    }
}

/// What INFO says of a core's keyspace.
package struct KeyspaceStatistics: BitwiseCopyable {
    package var hits = 0
    package var misses = 0
    package var expired = 0
    /// Keys removed to make room.
    package var evicted = 0

    package init() {}
}
