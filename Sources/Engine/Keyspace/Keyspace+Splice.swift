// Changing what lies inside an entry: a pack, or the integers of a small set.

import Base

extension Keyspace {
    /// Adds a key that is not there and returns where it stands.
    mutating func insert(_ key: KeyReference, _ value: NewValue) -> Position {
        insert(key, value, .clear)
        guard let position = find(key) else { invariantFailed("a key that was added is there") }
        return position
    }

    /// Adds a key with an empty pack.
    mutating func insertPack(_ key: KeyReference, _ form: Entry.Form) -> Position {
        insert(key, .packed(Bytes("\u{0}\u{0}"), form))
    }

    /// Takes `removed` bytes out of a value inside the entry at `offset`, and makes room for
    /// `inserted` bytes there, whose content is undefined. No stamp is taken: the caller takes one
    /// for the whole of its command (``touch(_:_:)``).
    ///
    /// - Parameters:
    ///   - offset: counted from the value's first byte.
    /// - Returns: where the value now begins, until the next write.
    @discardableResult
    mutating func splice(
        _ position: Position, _ hash: UInt64, at offset: Int, removing removed: Int,
        inserting inserted: Int
    ) -> UnsafeMutableRawPointer {
        let old = position.entry
        let length = old.inlineLength
        invariant(offset + removed <= length, "what is taken out of a value is inside of it")
        let newLength = length - removed + inserted
        invariant(newLength <= Int(UInt16.max), "a value inside an entry has a length of 16 bits")
        let oldSize = old.size
        let size = oldSize - removed + inserted
        let valueOffset = old.keyOffset + old.keyLength
        let from = unsafe old.pointer + valueOffset
        let tail = length - offset - removed
        if removed == inserted { return unsafe from }
        if Self.fitsSameBlock(oldSize, size) {
            unsafe (from + offset + inserted)
                .copyMemory(from: from + offset + removed, byteCount: tail)
            old.inlineLength = newLength
            return unsafe from
        }
        let entry = unsafe Entry(memory.allocate(size))
        unsafe entry.pointer.copyMemory(from: old.pointer, byteCount: valueOffset + offset)
        let to = unsafe entry.pointer + valueOffset
        unsafe (to + offset + inserted)
            .copyMemory(from: from + offset + removed, byteCount: tail)
        entry.inlineLength = newLength
        unsafe position.word.pointee = Table.word(Table.tag(hash), entry)
        unsafe memory.deallocate(old.pointer, oldSize)
        return unsafe to
    }

    /// Whether an entry of one size may take another without moving.
    static func fitsSameBlock(_ oldSize: Int, _ size: Int) -> Bool {
        if oldSize > SlabAllocator.blockSizeMax || size > SlabAllocator.blockSizeMax {
            return oldSize == size
        }
        return SlabAllocator.usableSize(for: oldSize) == SlabAllocator.usableSize(for: size)
    }

    /// Inserts one element into a pack, before the one that begins at `offset` or at its end.
    mutating func insertElement(
        _ element: PackEncoding, _ position: Position, _ hash: UInt64, at offset: Int
    ) {
        let start = unsafe splice(position, hash, at: offset, removing: 0, inserting: element.size)
        unsafe element.write(to: start + offset)
        Pack(position.entry).count += 1
    }

    /// Appends one element to a pack.
    mutating func appendElement(_ element: PackEncoding, _ position: Position, _ hash: UInt64) {
        insertElement(element, position, hash, at: position.entry.inlineLength)
    }

    /// Puts an element in the place of the one that begins at `offset`.
    mutating func replaceElement(
        _ element: PackEncoding, _ position: Position, _ hash: UInt64, at offset: Int
    ) {
        let old = Pack(position.entry).size(at: offset)
        let start = unsafe splice(
            position, hash, at: offset, removing: old, inserting: element.size)
        unsafe element.write(to: start + offset)
    }

    /// Takes `count` elements out of a pack, from the one that begins at `offset` on.
    mutating func removeElements(
        _ count: Int, _ position: Position, _ hash: UInt64, at offset: Int
    ) {
        let pack = Pack(position.entry)
        var end = offset
        for _ in 0..<count { end = pack.next(end) }
        unsafe splice(position, hash, at: offset, removing: end - offset, inserting: 0)
        Pack(position.entry).count -= count
    }

    /// The key's value was changed in place: takes a stamp for it, once for each command.
    @inline(__always)
    mutating func touch(_ key: KeyReference, _ position: Position) {
        let entry = position.entry
        entry.stamp = nextStamp(key)
        entry.access = access(after: entry.access)
    }
}
