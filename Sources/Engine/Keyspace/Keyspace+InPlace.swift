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
        // Spelling an integer out is itself a write; the change takes one stamp in all.
        let stamp: Stamp
        if position.entry.form == .integer {
            spellInteger(key, position)
            stamp = position.entry.stamp
        } else {
            stamp = nextStamp(key)
        }
        let entry = position.entry
        let bytes: UnsafeMutableRawPointer =
            if entry.form == .long {
                unsafe resizeLong(entry, to: length)
            } else if length <= Entry.inlineSizeMax {
                unsafe resizeInline(key, position, to: length)
            } else {
                unsafe moveOut(key, position, length)
            }
        position.entry.stamp = stamp
        position.entry.access = access(after: position.entry.access)
        position.entry.formAndFlags |= Entry.isModified
        return unsafe bytes
    }

    /// Puts another integer in the place of one.
    @inline(__always)
    mutating func setInteger(_ key: KeyReference, _ position: Position, _ value: Int64) {
        let entry = position.entry
        entry.integer = value
        entry.stamp = nextStamp(key)
        entry.access = access(after: entry.access)
    }

    /// Adds a key with a string of zero bytes, 1…, which counts as modified in place. The pointer
    /// lives until the next write.
    mutating func insertZeros(_ key: KeyReference, count: Int) -> UnsafeMutableRawPointer {
        insert(key, .bytes(Bytes()), .clear)
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

    /// Replaces an integer by its decimal digits.
    private mutating func spellInteger(_ key: KeyReference, _ position: Position) {
        let integer = position.entry.integer
        unsafe withUnsafeTemporaryAllocation(byteCount: decimalSizeMax, alignment: 8) { digits in
            let start = unsafe digits.baseAddress.unsafelyUnwrapped
            let length = unsafe writeDecimal(integer, to: start)
            replace(key, position, unsafe .bytes(Bytes(start: start, count: length)), .keep)
        }
    }

    private mutating func resizeLong(
        _ entry: Entry, to length: Int
    ) -> UnsafeMutableRawPointer {
        var long = entry.long
        if length > long.capacity {
            let spare = min(length, 1 << 20)
            longBytes += length + spare - long.capacity
            unsafe long.start = checkOutOfMemory(realloc(long.start, length + spare))
            long.capacity = length + spare
        }
        if length > long.length {
            unsafe (long.start + long.length).initializeMemory(
                as: UInt8.self, repeating: 0, count: length - long.length)
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
        let old = position.entry
        let value = old.valueBytes
        let capacity = length + min(length, 1 << 20)
        let block = unsafe allocateLong(capacity)
        unsafe block.copyMemory(from: value.start, byteCount: value.count)
        unsafe (block + value.count).initializeMemory(
            as: UInt8.self, repeating: 0, count: length - value.count)
        let oldSize = old.size
        let entry = unsafe Entry(
            memory.allocate(oldSize - value.count + Entry.longPartSize))
        unsafe entry.pointer.copyMemory(from: old.pointer, byteCount: old.fixedOffset)
        entry.formAndFlags = old.formAndFlags & 0xF0 | Entry.Form.long.rawValue
        entry.inlineLength = 0
        unsafe (entry.pointer + entry.keyOffset)
            .copyMemory(from: old.key.start, byteCount: old.keyLength)
        entry.long = unsafe LongValue(start: block, length: length, capacity: capacity)
        unsafe position.word.pointee = Table.word(Table.tag(key.hash), entry)
        unsafe memory.deallocate(old.pointer, oldSize)
        return unsafe block
    }
}
