import Base

/// What the node asks of the keys that clients hold in caches of their own.
extension WatchLedger {
    /// How many keys somebody is to be told of.
    package var trackedKeyCount: Int { tracked.count }
    /// How many keys and clients there are, in pairs.
    package var trackedItemCount: Int { tracked.itemCount }

    /// What the table of tracked keys takes, about.
    package var trackedBytes: Int { tracked.byteCount }

    /// The client is told of the key's next write.
    package mutating func remember(_ key: KeyReference, _ tracker: Tracker) {
        tracked.remember(key, tracker)
        noteObservers()
    }

    /// Takes a key out of the table, and nobody is told; whether it was in it.
    package mutating func forgetTracked(_ key: KeyReference) -> Bool {
        if tracked.isEmpty { return false }
        defer { noteObservers() }
        return tracked.forget(key)
    }

    /// Takes keys out of the table until it is within its limit, and has who held them told.
    ///
    /// - Parameter budget: how many at most.
    package mutating func boundTracked(_ budget: Int, _ random: inout SplitMix64) {
        var left = budget
        while left > 0, isTrackedOverLimit {
            tracked.evict(random.next())
            noteNews()
            left -= 1
        }
        noteObservers()
    }

    private var isTrackedOverLimit: Bool {
        if tracked.count > trackedKeyCountMax { return true }
        // One key that ever new clients read must not take ever more memory.
        return tracked.itemCount / Self.itemsPerKeyMax > trackedKeyCountMax
    }

    /// How many clients a key has on average, at most, in a table that is full.
    private static var itemsPerKeyMax: Int { 16 }

    /// Sets whether writes to all keys are noted, for those who are told by keys' beginnings.
    package mutating func setBroadcasting(_ isOn: Bool) {
        isBroadcasting = isOn
        noteObservers()
    }

    /// A written key, and who is to be told; nil when all have been taken.
    package mutating func takeInvalidation() -> Invalidation? {
        guard let invalidation = tracked.takeWritten() else {
            hasInvalidations = false
            return nil
        }
        return invalidation
    }

    /// A key that was written while all are noted; its bytes live until nil is returned.
    package mutating func takeBroadcast() -> KeyReference? { tracked.takeBroadcast() }

    /// Whether all keys went since the last time.
    package mutating func takeFlush() -> Bool {
        defer { isFlushed = false }
        return isFlushed
    }

    package func checkTracking() {
        tracked.checkInvariants()
    }
}
