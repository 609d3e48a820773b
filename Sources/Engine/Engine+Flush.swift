import Base

extension Engine {
    /// Removes every key (FLUSHALL); returns how many there were. Watchers of keys that were there
    /// learn of it. The memory comes back in parts, over the turns that follow.
    package mutating func removeAllKeys() -> Int {
        // The ledger asks the keyspace that it is a part of, so it steps out of it meanwhile.
        var ledger = WatchLedger()
        swap(&ledger, &keyspace.watches)
        ledger.noteFlush { keyspace.find(reference($0)) != nil }
        swap(&ledger, &keyspace.watches)
        return keyspace.removeAll()
    }
}
