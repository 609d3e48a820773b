// Values under construction.
//
// A command that stores a collection builds it as an entry of its key that no table has yet: what
// changes entries in place changes this one as well, nobody sees it before it is whole, and the key
// it will replace may be one of those that it is made from.

import Base

/// An entry that no table has. Its owner publishes it or discards it.
@safe
struct Draft: BitwiseCopyable {
    /// Of a word of the draft's own. Its table means nothing.
    let position: Position

    var entry: Entry { position.entry }
}

extension Keyspace {
    /// The stamp of a key's last write; nil where it is not there.
    package func findStamp(_ key: KeyReference) -> UInt64? { find(key)?.entry.stamp.rawValue }

    private static let wordSize = MemoryLayout<UInt64>.size

    /// Begins a value for `key`, which keeps what it has meanwhile.
    mutating func makeDraft(
        _ key: KeyReference, _ value: NewValue, deadline: Int64? = nil
    ) -> Draft {
        let layout = EntryLayout(
            value, hasDeadline: deadline != nil, keyLength: key.bytes.count)
        let entry = unsafe Entry(memory.allocate(layout.size))
        write(key.bytes, value, layout, deadline, into: entry)
        entry.stamp = Stamp(rawValue: 0)
        entry.access = newAccess
        return adopt(entry, key)
    }

    /// Makes a draft of an entry that no table has.
    mutating func adopt(_ entry: Entry, _ key: KeyReference) -> Draft {
        let word = unsafe memory.allocate(Self.wordSize).bindMemory(to: UInt64.self, capacity: 1)
        unsafe word.initialize(to: Table.word(Table.tag(key.hash), entry))
        draftCount += 1
        return unsafe Draft(position: Position(word: word, table: tables))
    }

    /// Begins a large collection for `key` that is to become like another.
    mutating func makeEmptyDraft(_ key: KeyReference, like entry: Entry) -> Draft {
        makeEmptyDraft(key, entry.form, deadline: entry.deadline)
    }

    /// Begins a large collection for `key`.
    mutating func makeEmptyDraft(
        _ key: KeyReference, _ form: Entry.Form, deadline: Int64?
    ) -> Draft {
        let object: UnsafeMutableRawPointer
        switch form {
        case .list: unsafe object = ListObject(&memory).pointer
        case .sortedSet: unsafe object = makeSortedSet().pointer
        default: unsafe object = UnsafeMutableRawPointer(makeMembers())
        }
        let value = unsafe NewValue.object(object, form)
        return makeDraft(key, value, deadline: deadline)
    }

    /// Begins a string of so many bytes in a block of its own, which has none of them yet.
    mutating func makeLongDraft(
        _ key: KeyReference, _ length: Int, deadline: Int64? = nil
    ) -> Draft {
        let block = unsafe allocateLong(length)
        let draft = makeDraft(key, unsafe .object(block, .long), deadline: deadline)
        draft.entry.long = unsafe LongValue(start: block, length: 0, capacity: length)
        return draft
    }

    /// Appends a run of elements to a draft's list.
    mutating func append(_ run: ListRun, to list: ListObject) {
        list.append(run, &memory)
    }

    /// Appends an element to the list that a draft of `key` is.
    mutating func append(
        _ value: Bytes, to draft: Draft, _ key: KeyReference, _ limits: ListLimits
    ) {
        let element = ListElement(value)
        let position = draft.position
        if position.entry.form == .packedList {
            let end = position.entry.inlineLength
            if insertPacked(element, key, position, at: end) { return }
            unpackList(key, position, limits)
        }
        position.entry.list.push(element, .right, limits, &memory)
    }

    /// Gives the key its new value, with a stamp, in the place of what it has.
    ///
    /// - Parameter tells: of a key that was not there; false where that has been told.
    mutating func publish(_ draft: Draft, _ key: KeyReference, tells: Bool = true) {
        let entry = draft.entry
        // A pinned key may be due: hidden, but there.
        if let position = lookUp(key) ?? find(key) {
            drop(position, for: entry, key)
        } else {
            link(entry, key)
            if tells { events.note(.new, "new", key.bytes) }
        }
        entry.stamp = nextStamp(key)
        entry.access = newAccess
        if let deadline = entry.deadline {
            volatileCount += 1
            noteDeadline(key, deadline)
        }
        notePut(key, entry)
        forget(draft)
    }

    /// Gives back a draft that is not wanted.
    mutating func discard(_ draft: Draft) {
        let entry = draft.entry
        let size = entry.size
        releaseValue(entry)
        unsafe memory.deallocate(entry.pointer, size)
        forget(draft)
    }

    /// The entry has become a table's, or is gone.
    mutating func forget(_ draft: Draft) {
        unsafe memory.deallocate(draft.position.word, Self.wordSize)
        draftCount -= 1
    }
}
