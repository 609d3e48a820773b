import Base

/// Which keys blocked clients wait for, and which of them were written since somebody looked.
///
/// Every write marks its key as ready where it is awaited, whatever the command: what the key holds
/// now is looked at when the waiters are served. The keyspace marks within the same branch by which
/// it tells watchers, so it costs nothing while nobody waits.
package struct AwaitedKeys: ~Copyable {
    /// How many wait, by the keys' hashes: two keys of one hash are merely looked at together.
    private var counts: [UInt64: Int] = [:]
    private var ready = GrowableArray<KeyReference>(capacity: 4)
    private var names = ByteArena(chunkSize: 512)
    /// The first of ``ready`` that was not taken.
    private var next = 0

    /// Whether nobody waits for anything.
    package var isEmpty: Bool { counts.isEmpty }

    /// Somebody begins to wait for a key.
    package mutating func add(_ hash: UInt64) {
        counts[hash, default: 0] += 1
    }

    /// Somebody waits no longer.
    package mutating func remove(_ hash: UInt64) {
        guard let count = counts[hash] else {
            invariantFailed("a key that is no longer awaited was awaited")
        }
        counts[hash] = count == 1 ? nil : count - 1
    }

    /// Whether ``takeReady()`` has a key.
    @inline(__always)
    package var hasReady: Bool { next < ready.count }

    /// The key that was marked first; its bytes live until nil is returned.
    package mutating func takeReady() -> KeyReference? {
        if next == ready.count {
            ready.removeAll()
            names.removeAll()
            next = 0
            return nil
        }
        defer { next += 1 }
        return ready[next]
    }

    /// Marks a key as ready if it is awaited.
    @inline(never)
    package mutating func note(_ key: KeyReference) {
        if counts[key.hash] == nil { return }
        for place in next..<ready.count where ready[place].hash == key.hash { return }
        ready.append(
            KeyReference(bytes: names.append(key.bytes), hash: key.hash, slot: key.slot))
    }
}
