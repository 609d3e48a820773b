import Base

/// Which keys somebody wants to know of when they are written: those that transactions watch, with
/// when each was last written, and those that blocked clients wait for.
///
/// WATCH asks for a mark, a count of all writes to watched keys so far; EXEC is refused when one of
/// its keys was written after its mark. No list of clients is kept, and a core without a watched or
/// awaited key pays one branch a write. By the same branch the node learns of writes to keys that
/// clients hold in caches of their own (WatchLedger+Tracking.swift).
package struct WatchLedger: ~Copyable {
    struct Watched {
        var watchers = 0
        var lastWrite: UInt64 = 0
    }

    private var keys: [OwnedBytes: Watched] = [:]
    private var writes: UInt64 = 0
    private let awaited = AwaitedKeys()
    let tracked = TrackedKeys()
    /// How many keys may be tracked.
    package var trackedKeyCountMax = Int.max
    /// Writes to all keys are noted.
    var isBroadcasting = false
    /// Some client of this core is told of writes, and so of the loss of all keys.
    package var hasTrackers = false
    /// All keys went.
    var isFlushed = false
    /// Somebody watches, waits or tracks: the one thing that a write looks at.
    private var isObserved = false
    /// Whether somebody waits for a key.
    package private(set) var isAwaited = false
    /// Whether ``takeReady()`` may have a key.
    package private(set) var hasReady = false { didSet { weighNews() } }
    /// Whether somebody is to be told of a write.
    package var hasInvalidations = false { didSet { weighNews() } }
    /// One of the two: there is something to see to.
    package private(set) var hasNews = false

    package init() {}

    /// Whether nobody watches, waits for or tracks anything.
    @inline(__always)
    package var isEmpty: Bool { !isObserved }

    mutating func noteObservers() {
        isAwaited = !awaited.isEmpty
        isObserved = isAwaited || !keys.isEmpty || !tracked.isEmpty || isBroadcasting
    }

    private mutating func weighNews() { hasNews = hasReady || hasInvalidations }

    mutating func noteNews() { hasInvalidations = true }

    // MARK: Waiting

    /// Somebody begins to wait for a key.
    package mutating func await(_ hash: UInt64) {
        awaited.add(hash)
        noteObservers()
    }

    /// Ends one ``await(_:)`` of a key.
    package mutating func endAwait(_ hash: UInt64) {
        awaited.remove(hash)
        noteObservers()
    }

    /// Marks a key as ready as a write does, if somebody waits for it.
    package mutating func noteReady(_ key: KeyReference) {
        if awaited.note(key) { hasReady = true }
    }

    /// The awaited key that was first written; nil when all have been taken. Its bytes live until
    /// then.
    package mutating func takeReady() -> KeyReference? {
        guard let key = awaited.takeReady() else {
            hasReady = false
            return nil
        }
        return key
    }

    // MARK: Watching

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
        if isAwaited { noteReady(key) }
        if isBroadcasting {
            tracked.noteBroadcast(key)
            noteNews()
        }
        if !tracked.isEmpty, tracked.note(key) {
            noteNews()
            noteObservers()
        }
        if keys.isEmpty { return }
        guard keys[OwnedBytes(key.bytes)] != nil else { return }
        writes += 1
        keys[OwnedBytes(key.bytes)]?.lastWrite = writes
    }

    /// Notes a removal of every key for which `exists` holds.
    mutating func noteFlush(_ exists: (Bytes) -> Bool) {
        writes += 1
        tracked.removeAll()
        noteObservers()
        if hasTrackers {
            isFlushed = true
            noteNews()
        }
        for key in keys.keys {
            if key.withBytes(exists) { keys[key]?.lastWrite = writes }
        }
    }
}
