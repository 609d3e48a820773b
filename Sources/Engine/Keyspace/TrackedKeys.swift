// Which of this core's keys clients hold in caches of their own (CLIENT TRACKING), and which were
// written since the node last told of it. The protocol: docs/internals/tracking.md.
//
// Invariants.
// 1. A key is in the table while at least one client is to be told of its next write.
// 2. `places` says where each key stands in `keys`, by the key's hash.

import Base

/// A client that is told of writes, as the node knows it.
package struct Tracker: Hashable, BitwiseCopyable {
    /// The core of its connection.
    package var core: UInt16
    /// The connection's place there, and how often that place was reused.
    package var index: UInt32
    package var generation: UInt32

    package init(core: UInt16, index: UInt32, generation: UInt32) {
        self.core = core
        self.index = index
        self.generation = generation
    }
}

/// The clients that are to be told of a key: mostly one.
package struct TrackerSet {
    private let first: Tracker
    private var others: Set<Tracker> = []

    fileprivate init(_ first: Tracker) {
        self.first = first
    }

    package var count: Int { 1 + others.count }

    /// Adds a client; false where it is a member.
    fileprivate mutating func insert(_ tracker: Tracker) -> Bool {
        tracker == first ? false : others.insert(tracker).inserted
    }

    /// Calls `body` with each client, in no order that means anything.
    package func forEach(_ body: (Tracker) -> Void) {
        body(first)
        for tracker in others { body(tracker) }
    }
}

/// A key that was written, and who is to be told.
package struct Invalidation {
    package let key: OwnedBytes
    package fileprivate(set) var trackers: TrackerSet
    fileprivate let hash: UInt64
}

/// See the essay above. An object, so that the keyspace stays small: its fields are copied where it
/// is borrowed.
final class TrackedKeys {
    private var keys: [Invalidation] = []
    private var places: [UInt64: Int32] = [:]
    /// Keys and clients, in pairs.
    private(set) var itemCount = 0
    /// Of the keys' names.
    private var nameBytes = 0
    /// Those that were written and are to be told of; told from ``nextWritten`` on.
    private var written: [Invalidation] = []
    private var nextWritten = 0
    /// Names of all keys that were written, where somebody is told by their beginnings.
    private var broadcast = GrowableArray<KeyReference>(capacity: 4)
    private var names = ByteArena(chunkSize: 512)
    private var nextBroadcast = 0

    /// What the table takes, about: of a key its name, its entry and its place; of further clients
    /// an element of a set each.
    var byteCount: Int {
        nameBytes + keys.count * Self.keyBytes + (itemCount - keys.count) * Self.clientBytes
    }

    private static var keyBytes: Int { MemoryLayout<Invalidation>.stride + 32 + 24 }
    private static var clientBytes: Int { 2 * MemoryLayout<Tracker>.stride }

    var count: Int { keys.count }
    var isEmpty: Bool { keys.isEmpty }

    /// The client is told of the key's next write.
    func remember(_ key: KeyReference, _ tracker: Tracker) {
        if let place = places[key.hash] {
            if keys[Int(place)].key.withBytes({ $0 == key.bytes }) {
                if keys[Int(place)].trackers.insert(tracker) { itemCount += 1 }
                return
            }
            // Another key of the same hash: one caches in vain, none is forgotten.
            _ = tell(key.hash)
        }
        places[key.hash] = Int32(keys.count)
        itemCount += 1
        nameBytes += key.bytes.count
        keys.append(
            Invalidation(
                key: OwnedBytes(key.bytes), trackers: TrackerSet(tracker), hash: key.hash))
    }

    /// A key was written: whoever has it in a cache is to be told, once.
    func note(_ key: KeyReference) -> Bool { tell(key.hash) }

    private func tell(_ hash: UInt64) -> Bool {
        guard let key = remove(hash) else { return false }
        written.append(key)
        return true
    }

    /// Takes a key out of the table; whether it was in it.
    func forget(_ key: KeyReference) -> Bool { remove(key.hash) != nil }

    /// Takes a key out of the table, as if it had been written.
    ///
    /// - Parameter lot: drawn at random; chooses the key.
    func evict(_ lot: UInt64) {
        if keys.isEmpty { return }
        _ = tell(keys[Int(lot % UInt64(keys.count))].hash)
    }

    private func remove(_ hash: UInt64) -> Invalidation? {
        guard let place = places.removeValue(forKey: hash) else { return nil }
        let key = keys[Int(place)]
        itemCount -= key.trackers.count
        nameBytes -= key.key.count
        let last = keys.removeLast()
        if Int(place) < keys.count {
            keys[Int(place)] = last
            places[last.hash] = place
        }
        return key
    }

    /// All keys are gone. Those who held them are told in another way.
    func removeAll() {
        keys = []
        places = [:]
        itemCount = 0
        nameBytes = 0
    }

    /// A written key to be told of; nil when all have been taken.
    func takeWritten() -> Invalidation? {
        if nextWritten == written.count {
            written.removeAll(keepingCapacity: written.count < 64)
            nextWritten = 0
            return nil
        }
        defer { nextWritten += 1 }
        return written[nextWritten]
    }

    // MARK: Broadcasts

    func noteBroadcast(_ key: KeyReference) {
        broadcast.append(
            KeyReference(bytes: names.append(key.bytes), hash: key.hash, slot: key.slot))
    }

    /// A key that was written, by the order of the writes; its bytes live until nil is returned.
    func takeBroadcast() -> KeyReference? {
        if nextBroadcast == broadcast.count {
            broadcast.removeAll()
            names.removeAll()
            nextBroadcast = 0
            return nil
        }
        defer { nextBroadcast += 1 }
        return broadcast[nextBroadcast]
    }

    func checkInvariants() {
        invariant(places.count == keys.count, "a tracked key is found by its hash")
        var items = 0
        for (place, key) in keys.enumerated() {
            invariant(Int(places[key.hash] ?? -1) == place, "a tracked key is where it is found")
            items += key.trackers.count
        }
        invariant(items == itemCount, "the table counts its keys' clients")
    }
}
