import Base
import Glibc

extension Keyspace {
    /// The value's bytes at a new length, for changing in place: what was there stays, what is
    /// added is zero. The value counts as modified in place from now on. The pointer lives until
    /// the next write.
    ///
    /// A value that grows past ``Entry/inlineSizeMax`` gets a block with room to spare, so
    /// appending byte by byte costs amortised O(1).
    package mutating func resizeString(
        _ key: KeyReference, _ position: Position, to length: Int
    ) -> UnsafeMutableRawPointer {
        let bytes = unsafe openString(key, position, length)
        touch(key, position)
        return unsafe bytes
    }

    /// As ``resizeString(_:_:to:)`` for a command that may find nothing to change: it takes no
    /// stamp. Who changes a byte or the length calls ``touch(_:_:)``.
    mutating func openString(
        _ key: KeyReference, _ position: Position, _ length: Int
    ) -> UnsafeMutableRawPointer {
        if position.entry.form == .integer { spellInteger(key, position) }
        if _slowPath(position.entry.isCompressed) { inflate(key, position) }
        let entry = position.entry
        let bytes: UnsafeMutableRawPointer =
            if entry.form == .long {
                unsafe resizeLong(entry, to: length)
            } else if length <= Entry.inlineSizeMax {
                unsafe resizeInline(key, position, to: length)
            } else {
                unsafe moveOut(key, position, length)
            }
        position.entry.markModified()
        noteUse(position.entry)
        return unsafe bytes
    }

    /// Puts another integer in the place of one.
    @inline(__always)
    mutating func setInteger(_ key: KeyReference, _ position: Position, _ value: Int64) {
        let entry = position.entry
        entry.integer = value
        entry.stamp = nextStamp(key)
        entry.access = access(after: entry.access)
        notePut(key, entry)
    }

    /// Adds a key with a string of zero bytes, 1…, which counts as modified in place. The pointer
    /// lives until the next write. The caller fills it, and has it logged (``notePut(_:)``).
    mutating func insertZeros(_ key: KeyReference, count: Int) -> UnsafeMutableRawPointer {
        let wasLogged = log.pause()
        insert(key, .bytes(Bytes()), .clear)
        log.resume(wasLogged)
        guard let position = find(key) else { invariantFailed("a key that was added is there") }
        // One write takes one stamp, so the empty string's is the one to keep.
        let bytes: UnsafeMutableRawPointer =
            if count <= Entry.inlineSizeMax {
                unsafe resizeInline(key, position, to: count)
            } else {
                unsafe moveOut(key, position, count)
            }
        position.entry.formAndFlags |= Entry.isModified
        return unsafe bytes
    }

    /// Replaces an integer by its decimal digits, which are the same value and so no write.
    private mutating func spellInteger(_ key: KeyReference, _ position: Position) {
        let integer = position.entry.integer
        unsafe withUnsafeTemporaryAllocation(byteCount: decimalSizeMax, alignment: 8) { digits in
            let start = unsafe digits.baseAddress.unsafelyUnwrapped
            let length = unsafe writeDecimal(integer, to: start)
            let bytes = unsafe Bytes(start: start, count: length)
            convert(key, position, to: .bytes(bytes))
        }
    }

    /// Gives a string that has a block one that it can grow in up to `length` bytes.
    mutating func reserveString(_ position: Position, _ length: Int) {
        if position.entry.form != .long || position.entry.long.capacity >= length { return }
        var long = position.entry.long
        longBytes += length - long.capacity
        unsafe long.start = checkOutOfMemory(realloc(long.start, length))
        long.capacity = length
        position.entry.long = long
    }

    /// Whether a string that grows is copied into fresh pages: that costs less than zeroing what
    /// comes.
    func growsInFreshPages(_ length: Int, by growth: Int) -> Bool {
        growth >= Self.freshSizeMin && growth >= length
    }

    private mutating func resizeLong(
        _ entry: Entry, to length: Int
    ) -> UnsafeMutableRawPointer {
        var long = entry.long
        let added = length - long.length
        if length > long.capacity {
            let capacity = length + min(length, Self.spareSizeMax)
            if growsInFreshPages(long.length, by: added) {
                let block = unsafe allocateZeros(capacity)
                unsafe block.copyMemory(from: long.start, byteCount: long.length)
                releaseValue(entry)
                entry.long = unsafe LongValue(start: block, length: length, capacity: capacity)
                return unsafe block
            }
            longBytes += capacity - long.capacity
            unsafe long.start = checkOutOfMemory(realloc(long.start, capacity))
            long.capacity = capacity
        }
        if added > 0 {
            unsafe (long.start + long.length).initializeMemory(
                as: UInt8.self, repeating: 0, count: added)
        }
        long.length = length
        entry.long = long
        return unsafe long.start
    }

    private mutating func resizeInline(
        _ key: KeyReference, _ position: Position, to length: Int
    ) -> UnsafeMutableRawPointer {
        let old = position.entry
        let oldLength = old.inlineLength
        let oldSize = old.size
        let size = oldSize - oldLength + length
        let isSameBlock =
            oldSize <= SlabAllocator.blockSizeMax
            && SlabAllocator.usableSize(for: oldSize) == SlabAllocator.usableSize(for: size)
        if !isSameBlock {
            let entry = unsafe Entry(memory.allocate(size))
            unsafe entry.pointer.copyMemory(
                from: old.pointer, byteCount: min(oldSize, size))
            unsafe position.word.pointee = Table.word(Table.tag(key.hash), entry)
            unsafe memory.deallocate(old.pointer, oldSize)
        }
        let entry = position.entry
        entry.inlineLength = length
        let bytes = unsafe entry.pointer + entry.keyOffset + entry.keyLength
        if length > oldLength {
            unsafe (bytes + oldLength).initializeMemory(
                as: UInt8.self, repeating: 0, count: length - oldLength)
        }
        return unsafe bytes
    }

    /// Moves an inline value into a block of its own, with room for `length` bytes and as many
    /// again.
    private mutating func moveOut(
        _ key: KeyReference, _ position: Position, _ length: Int
    ) -> UnsafeMutableRawPointer {
        let value = position.entry.valueBytes
        let capacity = length + min(length, Self.spareSizeMax)
        let block: UnsafeMutableRawPointer
        if length >= Self.freshSizeMin {
            unsafe block = allocateZeros(capacity)
        } else {
            unsafe block = allocateLong(capacity)
            unsafe (block + value.count).initializeMemory(
                as: UInt8.self, repeating: 0, count: length - value.count)
        }
        unsafe block.copyMemory(from: value.start, byteCount: value.count)
        hang(unsafe LongValue(start: block, length: length, capacity: capacity), key, position)
        return unsafe block
    }

    /// Puts a block in the place of an inline value.
    private mutating func hang(_ block: LongValue, _ key: KeyReference, _ position: Position) {
        let old = position.entry
        let oldSize = old.size
        let entry = unsafe Entry(
            memory.allocate(oldSize - old.inlineLength + Entry.longPartSize))
        unsafe entry.pointer.copyMemory(from: old.pointer, byteCount: old.fixedOffset)
        entry.formAndFlags = old.formAndFlags & 0xF0 | Entry.Form.long.rawValue
        entry.inlineLength = 0
        unsafe (entry.pointer + entry.keyOffset)
            .copyMemory(from: old.key.start, byteCount: old.keyLength)
        entry.long = block
        unsafe position.word.pointee = Table.word(Table.tag(key.hash), entry)
        unsafe memory.deallocate(old.pointer, oldSize)
    }

    // MARK: Values computed elsewhere

    /// Sets `key`, there or not, to a copy of `bytes` which counts as modified in place.
    mutating func storeModified(
        _ key: KeyReference, _ position: Position?, _ bytes: Bytes, _ deadline: DeadlineChange
    ) {
        store(key, position, .bytes(bytes), deadline)
        guard let position = find(key) else { invariantFailed("a key that was stored is there") }
        position.entry.formAndFlags |= Entry.isModified
    }

    /// Sets `key`, there or not, to the string in a block from ``allocateLong(_:)``, which the
    /// keyspace owns from now on. The value counts as modified in place.
    mutating func adopt(
        _ block: LongValue, _ key: KeyReference, _ position: Position?, _ deadline: DeadlineChange
    ) {
        let wasLogged = log.pause()
        store(key, position, .bytes(Bytes()), deadline)
        log.resume(wasLogged)
        guard let position = find(key) else { invariantFailed("a key that was stored is there") }
        hang(block, key, position)
        position.entry.formAndFlags |= Entry.isModified
        notePut(key, position.entry)
    }

    /// The block of a value that is replaced by `length` bytes, for writing those into it; nil
    /// where it has none, or one that does not fit. What is written is the value once
    /// ``overwriteCompleted(_:_:_:)`` says so.
    func blockToOverwrite(_ position: Position, _ length: Int) -> UnsafeMutableRawPointer? {
        if position.entry.form != .long { return nil }
        let long = position.entry.long
        let spareMax = min(length, Self.spareSizeMax)
        return unsafe long.capacity < length || long.capacity > length + spareMax ? nil : long.start
    }

    /// The first `length` bytes of a value's block are its new value, without a deadline: one
    /// write.
    mutating func overwriteCompleted(_ key: KeyReference, _ position: Position, _ length: Int) {
        var long = position.entry.long
        long.length = length
        position.entry.long = long
        position.entry.formAndFlags |= Entry.isModified
        if position.entry.deadline != nil {
            relayout(key, position, hasDeadline: false)
            volatileCount -= 1
        }
        touch(key, position)
        notePut(key, position.entry)
    }

    // MARK: Memory

    /// The most bytes of room to spare in a block that grows.
    private static let spareSizeMax = 1 << 20
    /// Blocks of so many bytes come from fresh pages, which the kernel zeroes as they are touched.
    private static let freshSizeMin = 1 << 20

    private mutating func allocateZeros(_ capacity: Int) -> UnsafeMutableRawPointer {
        longBytes += capacity
        return unsafe checkOutOfMemory(calloc(1, capacity))
    }
}
