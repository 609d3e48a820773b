import Base

/// Which keys somebody wants to know of when they are written: those that transactions watch, with
/// when each was last written, and those that blocked clients wait for.
///
/// WATCH asks for a mark, a count of all writes to watched keys so far; EXEC is refused when one of
/// its keys was written after its mark. No list of clients is kept, and a core without a watched or
/// awaited key pays one branch a write.
package struct WatchLedger: ~Copyable {
    struct Watched {
        var watchers = 0
        var lastWrite: UInt64 = 0
    }

    private var keys: [OwnedBytes: Watched] = [:]
    private var writes: UInt64 = 0
    private var awaitedKeys = AwaitedKeys()
    /// Somebody watches or waits: the one thing that a write looks at.
    private var isObserved = false

    package init() {}

    /// Whether nobody watches or waits for anything.
    @inline(__always)
    package var isEmpty: Bool { !isObserved }

    /// Changes what is awaited.
    package var awaited: AwaitedKeys {
        _read { yield awaitedKeys }
        _modify {
            yield &awaitedKeys
            noteObservers()
        }
    }

    private mutating func noteObservers() {
        isObserved = !keys.isEmpty || !awaitedKeys.isEmpty
    }

    /// Starts to watch a key; the mark is what ``isDirty(_:since:)`` compares with.
    package mutating func watch(_ key: Bytes) -> UInt64 {
        keys[OwnedBytes(key), default: Watched()].watchers += 1
        noteObservers()
        return writes
    }

    /// Ends one ``watch(_:)`` of the key.
    package mutating func unwatch(_ key: Bytes) {
        guard var watched = keys[OwnedBytes(key)] else {
            invariantFailed("a key that is unwatched was watched")
        }
        watched.watchers -= 1
        keys[OwnedBytes(key)] = watched.watchers == 0 ? nil : watched
        noteObservers()
    }

    /// Whether the key was written since the mark.
    package func isDirty(_ key: Bytes, since mark: UInt64) -> Bool {
        (keys[OwnedBytes(key)]?.lastWrite ?? 0) > mark
    }

    @inline(never)
    mutating func noteWrite(_ key: KeyReference) {
        if !awaitedKeys.isEmpty { awaitedKeys.note(key) }
        guard keys[OwnedBytes(key.bytes)] != nil else { return }
        writes += 1
        keys[OwnedBytes(key.bytes)]?.lastWrite = writes
    }

    /// Notes a removal of every key for which `exists` holds.
    mutating func noteFlush(_ exists: (Bytes) -> Bool) {
        writes += 1
        for key in keys.keys {
            if key.withBytes(exists) { keys[key]?.lastWrite = writes }
        }
    }
}
