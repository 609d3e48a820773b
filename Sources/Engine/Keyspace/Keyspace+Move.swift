import Base

extension Keyspace {
    /// Gives the entry of `source` the key `target`, with its value, deadline and flags; what was
    /// at `target` is gone. A long value's block changes hands and is not copied.
    ///
    /// `source` is there, the keys differ, and expired entries have been met (``lookUp(_:)``).
    package mutating func move(_ source: KeyReference, to target: KeyReference) {
        guard let from = find(source) else { invariantFailed("a key that is moved is there") }
        // Who is told of both is told of the source first.
        noteRemove(source, nextStamp(source))
        let old = from.entry
        let entry = copy(old, to: target.bytes)
        if let position = find(target) {
            drop(position, for: entry, target)
        } else {
            link(entry, target)
        }
        entry.stamp = nextStamp(target)
        entry.access = newAccess
        if let deadline = entry.deadline {
            volatileCount += 1
            noteDeadline(target, deadline)
        }
        notePut(target, entry)
        // Linking may have laid the table out anew.
        guard let left = find(source) else { invariantFailed("a key that is moved is still there") }
        removeEntry(left, slot: source.slot, keepsValue: true)
        collapse(source.slot)
    }

    /// An entry like `old` but for its key, in memory of its own, sharing a long value's block.
    private mutating func copy(_ old: Entry, to key: Bytes) -> Entry {
        let entry = unsafe Entry(memory.allocate(old.size - old.keyLength + key.count))
        let keyOffset = old.keyOffset
        unsafe entry.pointer.copyMemory(from: old.pointer, byteCount: keyOffset)
        entry.keyLength = key.count
        unsafe (entry.pointer + keyOffset).copyMemory(from: key.start, byteCount: key.count)
        unsafe (entry.pointer + keyOffset + key.count)
            .copyMemory(
                from: old.pointer + keyOffset + old.keyLength, byteCount: old.inlineLength)
        return entry
    }

    /// Frees the entry at `position` and puts another of the same key in its place.
    mutating func drop(_ position: Position, for entry: Entry, _ key: KeyReference) {
        let old = position.entry
        if old.deadline != nil { volatileCount -= 1 }
        let size = old.size
        releaseValue(old)
        unsafe position.word.pointee = Table.word(Table.tag(key.hash), entry)
        unsafe memory.deallocate(old.pointer, size)
    }

    /// Copies the entry at `source` to `target`: value, deadline and how the value counts as
    /// encoded.
    package mutating func copyValue(
        of source: Entry, to target: KeyReference, _ position: Position?
    ) {
        let deadline: DeadlineChange =
            if let time = source.deadline { .set(time) } else { .clear }
        let value: NewValue
        switch source.form {
        case .integer: value = .integer(source.integer)
        case .inline, .long: value = .bytes(source.valueBytes)
        case .packedList, .packedHash, .packedSet, .integerSet, .packedSortedSet, .compressed:
            value = .packed(source.valueBytes, source.form)
        case .list, .hash, .set, .sortedSet:
            value = unsafe .object(copyObject(source.form, source.object), source.form)
        }
        let isModified = source.formAndFlags & Entry.isModified
        store(target, position, value, deadline)
        guard let copied = find(target) else { invariantFailed("a key that was stored is there") }
        copied.entry.formAndFlags |= isModified
    }
}
