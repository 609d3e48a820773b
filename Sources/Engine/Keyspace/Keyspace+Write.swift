import Base
import Glibc

/// A value on its way into the keyspace. Bytes are copied.
@safe
package enum NewValue {
    /// A string.
    case integer(Int64)
    /// A string.
    case bytes(Bytes)
    /// What lies inside the entry of a collection, at most 65,535 bytes.
    case packed(Bytes, Entry.Form)
    /// A collection's object, which changes hands.
    case object(UnsafeMutableRawPointer, Entry.Form)

    /// As Redis holds it: what is the canonical decimal form of a 64-bit integer becomes one.
    @inline(__always)
    package static func encoding(_ bytes: Bytes) -> NewValue {
        if bytes.count <= 20, let integer = bytes.canonicalInteger { return .integer(integer) }
        return .bytes(bytes)
    }
}

/// What a write does to the key's deadline.
package enum DeadlineChange {
    case clear
    case keep
    case set(Int64)
}

/// The shape of an entry: what its size and offsets follow from.
struct EntryLayout {
    var form: Entry.Form
    var hasDeadline: Bool
    var keyLength: Int
    var valueLength: Int

    @inline(__always)
    init(_ value: NewValue, hasDeadline: Bool, keyLength: Int) {
        self.hasDeadline = hasDeadline
        self.keyLength = keyLength
        switch value {
        case .integer:
            form = .integer
            valueLength = 8
        case .bytes(let bytes):
            valueLength = bytes.count
            form = bytes.count <= Entry.inlineSizeMax ? .inline : .long
        case .packed(let bytes, let packedForm):
            valueLength = bytes.count
            form = packedForm
        case .object(_, let objectForm):
            valueLength = 8
            form = objectForm
        }
    }

    /// How much of the value lies behind the key.
    @inline(__always)
    var inlineLength: Int {
        Entry.fixedSize(form) == 0 ? valueLength : 0
    }

    @inline(__always)
    var keyOffset: Int {
        Entry.headerSize &+ (hasDeadline ? 8 : 0) &+ Entry.fixedSize(form)
    }

    @inline(__always)
    var size: Int {
        keyOffset &+ keyLength &+ inlineLength
    }
}

extension Keyspace {
    /// Sets `key` to `value`, there or not. The caller has already met what expired
    /// (``lookUp(_:)``).
    @inline(__always)
    package mutating func store(
        _ key: KeyReference, _ position: Position?, _ value: NewValue, _ deadline: DeadlineChange
    ) {
        if let position {
            replace(key, position, value, deadline)
        } else {
            insert(key, value, deadline)
        }
    }

    /// Adds a key that is not there, and tells of it.
    package mutating func insert(
        _ key: KeyReference, _ value: NewValue, _ deadline: DeadlineChange
    ) {
        add(key, value, deadline)
        events.note(.new, "new", key.bytes)
    }

    /// Adds a key that is not there.
    mutating func add(_ key: KeyReference, _ value: NewValue, _ deadline: DeadlineChange) {
        let due: Int64? = if case .set(let time) = deadline { time } else { nil }
        let layout = EntryLayout(
            value, hasDeadline: due != nil, keyLength: key.bytes.count)
        let entry = unsafe Entry(memory.allocate(layout.size))
        write(key.bytes, value, layout, due, into: entry)
        entry.access = newAccess
        entry.stamp = nextStamp(key)
        link(entry, key)
        if let due {
            volatileCount += 1
            noteDeadline(key, due)
        }
        notePut(key, entry)
    }

    /// Gives a new entry its word in the slot's table.
    @inline(__always)
    mutating func link(_ entry: Entry, _ key: KeyReference) {
        unsafe link(entry, key.hash, below: tables + Int(key.slot))
        count &+= 1
    }

    /// Gives an entry its word in the table that its hash leads to from `root`.
    @inline(__always)
    mutating func link(
        _ entry: Entry, _ hash: UInt64, below root: UnsafeMutablePointer<Table>
    ) {
        var table = unsafe Self.leaf(root, hash)
        if unsafe Int(table.pointee.count) >= Table.limit(Int(table.pointee.bucketCount)) {
            unsafe table = unsafe grow(table, hash)
        }
        _ = unsafe Self.place(Table.word(Table.tag(hash), entry), table)
        unsafe Self.countEntries(root, hash, 1)
    }

    /// Gives a key that is there a new value, in its own memory where that fits.
    package mutating func replace(
        _ key: KeyReference, _ position: Position, _ value: NewValue, _ deadline: DeadlineChange
    ) {
        let old = position.entry
        let oldDeadline = old.deadline
        let due: Int64? =
            switch deadline {
            case .clear: nil
            case .keep: oldDeadline
            case .set(let time): time
            }
        let stamp = nextStamp(key)
        let access = access(after: old.access)
        let entry = rewrite(position, key.bytes, key.hash, value, due)
        entry.stamp = stamp
        entry.access = access
        volatileCount += (due == nil ? 0 : 1) - (oldDeadline == nil ? 0 : 1)
        if let due { noteDeadline(key, due) }
        notePut(key, entry)
    }

    /// Puts another value in the place of what the entry at `position` has; returns the entry,
    /// whose stamp and access are the caller's to set. `key` lies outside of it.
    ///
    /// - Parameter trim: how many bytes the entry lacks at its beginning.
    @inline(__always)
    mutating func rewrite(
        _ position: Position, _ key: Bytes, _ hash: UInt64, _ value: NewValue, _ due: Int64?,
        trim: Int = 0
    ) -> Entry {
        let old = position.entry
        let layout = EntryLayout(value, hasDeadline: due != nil, keyLength: key.count)
        let oldSize = old.size
        if SlabAllocator.usableSize(for: oldSize &- trim)
            == SlabAllocator.usableSize(for: layout.size &- trim),
            oldSize &- trim <= SlabAllocator.blockSizeMax
        {
            releaseValue(old)
            write(key, value, layout, due, into: old)
            return old
        }
        let entry = allocateEntry(layout.size, trim: trim)
        write(key, value, layout, due, into: entry)
        unsafe position.word.pointee = Table.word(Table.tag(hash), entry)
        releaseValue(old)
        deallocateEntry(old, oldSize, trim: trim)
        return entry
    }

    /// Memory for an entry of `size` bytes that lacks the first `trim` of them.
    @inline(__always)
    mutating func allocateEntry(_ size: Int, trim: Int) -> Entry {
        unsafe Entry(memory.allocate(size &- trim) - trim)
    }

    /// Gives back what ``allocateEntry(_:trim:)`` gave.
    @inline(__always)
    mutating func deallocateEntry(_ entry: Entry, _ size: Int, trim: Int) {
        unsafe memory.deallocate(entry.pointer + trim, size &- trim)
    }

    /// Fills an entry's memory, all but its stamp and access. `key` lies outside of it.
    @inline(__always)
    mutating func write(
        _ key: Bytes, _ value: NewValue, _ layout: EntryLayout, _ due: Int64?, into entry: Entry
    ) {
        let at = unsafe entry.pointer
        entry.keyLength = key.count
        entry.formAndFlags = layout.form.rawValue | (due == nil ? 0 : Entry.hasDeadline)
        entry.inlineLength = layout.inlineLength
        if let due { unsafe at.storeBytes(of: due, toByteOffset: 16, as: Int64.self) }
        let keyOffset = layout.keyOffset
        unsafe (at + keyOffset).copyMemory(from: key.start, byteCount: key.count)
        switch value {
        case .integer(let integer):
            entry.integer = integer
        case .object(let object, _):
            unsafe entry.object = object
        case .packed(let bytes, _):
            invariant(bytes.count <= Int(UInt16.max), "a value in an entry has a 16-bit length")
            unsafe (at + keyOffset + key.count)
                .copyMemory(from: bytes.start, byteCount: bytes.count)
        case .bytes(let bytes):
            if layout.form == .inline {
                unsafe (at + keyOffset + key.count)
                    .copyMemory(from: bytes.start, byteCount: bytes.count)
            } else {
                entry.long = makeLong(bytes)
            }
        }
    }

    /// Removes the entry at `position`: a delete, as far as the keyspace is concerned.
    package mutating func remove(_ key: KeyReference, _ position: Position) {
        noteRemove(key, nextStamp(key))
        removeEntry(position, slot: key.slot)
        collapse(key.slot)
    }

    /// Gives the key a deadline or takes it away. The value stays.
    package mutating func setDeadline(
        _ key: KeyReference, _ position: Position, _ deadline: Int64?
    ) {
        let entry = position.entry
        let old = entry.deadline
        let stamp = nextStamp(key)
        if (old == nil) != (deadline == nil) {
            relayout(key, position, hasDeadline: deadline != nil)
            volatileCount += deadline == nil ? -1 : 1
        }
        position.entry.stamp = stamp
        if let deadline {
            unsafe position.entry.pointer.storeBytes(
                of: deadline, toByteOffset: 16, as: Int64.self)
            noteDeadline(key, deadline)
        }
        noteDeadlineSet(key, position.entry)
    }

    /// Copies the entry into a block with or without room for a deadline.
    mutating func relayout(
        _ key: KeyReference, _ position: Position, hasDeadline: Bool
    ) {
        let old = position.entry
        let oldSize = old.size
        let size = oldSize + (hasDeadline ? 8 : -8)
        let entry = unsafe Entry(memory.allocate(size))
        unsafe entry.pointer.copyMemory(from: old.pointer, byteCount: Entry.headerSize)
        let from = old.fixedOffset
        entry.formAndFlags =
            hasDeadline
            ? old.formAndFlags | Entry.hasDeadline : old.formAndFlags & ~Entry.hasDeadline
        unsafe (entry.pointer + entry.fixedOffset)
            .copyMemory(from: old.pointer + from, byteCount: oldSize - from)
        unsafe position.word.pointee = Table.word(Table.tag(key.hash), entry)
        unsafe memory.deallocate(old.pointer, oldSize)
    }

    // MARK: Long values

    func checkOutOfMemory(_ block: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer {
        guard let block = unsafe block else { invariantFailed("out of memory for a value") }
        return unsafe block
    }

    mutating func allocateLong(_ capacity: Int) -> UnsafeMutableRawPointer {
        longBytes += capacity
        return unsafe checkOutOfMemory(malloc(capacity))
    }

    /// A block with a copy of `bytes`: the one that has been prepared, if they are what it was
    /// prepared of.
    @inline(never)
    private mutating func makeLong(_ bytes: Bytes) -> LongValue {
        if let ready = prepared, unsafe ready.source.start == bytes.start,
            ready.source.count == bytes.count
        {
            prepared = nil
            return ready.block
        }
        let block = makeLong(count: bytes.count)
        unsafe block.start.copyMemory(from: bytes.start, byteCount: bytes.count)
        return block
    }

    /// A block for a string of so many bytes, which is to be filled.
    mutating func makeLong(count: Int) -> LongValue {
        unsafe LongValue(start: allocateLong(count), length: count, capacity: count)
    }

    /// Gives back what a value holds outside its entry.
    @inline(__always)
    mutating func releaseValue(_ entry: Entry) {
        if _slowPath(entry.formAndFlags & 0x0F >= Entry.Form.long.rawValue) {
            releaseParts(entry)
        }
    }

    @inline(never)
    private mutating func releaseParts(_ entry: Entry) {
        switch entry.form {
        case .long:
            releaseLong(entry.long)
        case .list, .hash, .set, .sortedSet:
            unsafe releaseObject(entry.form, entry.object)
        case .integer, .inline, .packedList, .packedHash, .packedSet, .integerSet,
            .packedSortedSet, .compressed:
            break
        }
    }

    /// Gives a string's block back, at once where it is small, else in parts
    /// (``reclaim(budget:)``): the system takes it back page by page.
    mutating func releaseLong(_ long: LongValue) {
        if long.capacity > Self.longFreedAtOnceMax {
            longRemains.append(long)
            return
        }
        longBytes -= long.capacity
        unsafe free(long.start)
    }

    /// Frees a buffer as a string's block is freed.
    package mutating func release(_ buffer: inout OutputBuffer) {
        let capacity = buffer.capacity
        guard let start = unsafe buffer.takeBlock() else { return }
        longBytes += capacity
        releaseLong(unsafe LongValue(start: start, length: 0, capacity: capacity))
    }

    /// Blocks of up to so many bytes are freed at once.
    static var longFreedAtOnceMax: Int { 4 << 20 }

    /// Frees the end of a string's block that is not needed any more, or what is left of it; false
    /// when the budget ran out before its end.
    mutating func freeLong(_ long: inout LongValue, _ left: inout Int) -> Bool {
        while long.capacity > Self.longFreedAtOnceMax {
            if left <= 0 { return false }
            let capacity = long.capacity - Self.longFreedAtOnceMax / 4
            // A block of pages of its own is shortened where it lies.
            unsafe long.start = checkOutOfMemory(realloc(long.start, capacity))
            longBytes -= long.capacity - capacity
            left -= (long.capacity - capacity) / Self.pageSize
            long.capacity = capacity
        }
        longBytes -= long.capacity
        unsafe free(long.start)
        left -= long.capacity / Self.pageSize
        return true
    }

    static func freeLongValues(_ table: UnsafeMutablePointer<Table>) {
        if unsafe table.pointee.isDirectory {
            for child in 0..<Table.fanOut {
                unsafe freeLongValues(table.pointee.children + child)
            }
            return
        }
        for place in 0..<(unsafe Int(table.pointee.bucketCount) * Table.bucketWords) {
            let word = unsafe table.pointee.words[place]
            if word == 0 { continue }
            let entry = Table.entry(word)
            switch entry.form {
            case .long: unsafe free(entry.long.start)
            case .hash: unsafe freeLongValues(entry.members)
            case .list: entry.list.freeLargeChunks()
            default: break
            }
        }
    }
}
