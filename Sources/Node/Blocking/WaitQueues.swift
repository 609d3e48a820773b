// Who waits for the keys of a core: the owner's side of docs/internals/blocking.md.
//
// Invariants.
// 1. A registration is in the queue of each of its keys, once.
// 2. A key is served to one registration at a time, and a registration for one key.

import Base
import Engine
import Placement

/// A wait as an owner of its keys knows it.
final class Registration {
    let id: WaitID
    let request: RequestBox
    /// What a key must hold to be of use.
    let type: ValueType
    /// The awaited keys that this core owns.
    fileprivate(set) var keys: [AwaitedKey] = []
    /// The key for which it is being served: an offer or a call is under way.
    fileprivate(set) var servedKey: AwaitedKey?
    /// Nobody waits by it any more; it may still stand in queues.
    fileprivate(set) var isOver = false

    init(_ id: WaitID, _ type: ValueType, _ request: RequestBox) {
        self.id = id
        self.type = type
        self.request = request
    }
}

/// A request that lives as long as the object.
final class RequestBox {
    let request: Request
    private(set) var log = RequestLog(capacity: 1, chunkSize: 128)

    init(_ request: Request, from pipeline: borrowing Pipeline) {
        log.append(request, from: pipeline)
        self.request = log.pipeline.requests[0]
    }

    /// A request whose arguments outlive the box.
    init(_ request: Request, viewing pipeline: borrowing Pipeline) {
        log.append(request, viewing: pipeline)
        self.request = log.pipeline.requests[0]
    }

    /// As ``init(_:from:)``; a long request stays in `buffer`, which is taken over.
    init(
        _ request: Request, from pipeline: borrowing Pipeline, adopting buffer: inout OutputBuffer
    ) {
        log.append(request, from: pipeline, adopting: &buffer)
        self.request = log.pipeline.requests[0]
    }

    /// As ``init(_:from:)``; what a long request lies in is moved here.
    init(_ request: Request, movedFrom other: inout RequestLog) {
        log.append(request, movedFrom: &other)
        self.request = log.pipeline.requests[0]
    }

    /// A BLMPOP or BZMPOP that is served for the one of its keys at `place`.
    init(_ other: RequestBox, servedAt place: Int) {
        log.append(other.request, from: other.log.pipeline, keepingKeyAt: place)
        self.request = log.pipeline.requests[0]
    }

    /// Hands the request to another log, with what it lies in.
    func move(into other: inout RequestLog) {
        other.append(request, movedFrom: &log)
    }

    /// Hands out what a long request lies in, once nobody needs it.
    func takeAdopted() -> OutputBuffer { log.takeAdopted() }
}

/// A registration in a key's queue.
struct QueuePlace {
    let registration: Registration
    /// Which argument of the request the key is.
    let place: Int
}

/// A key that somebody waits for, and who.
final class AwaitedKey {
    let name: OwnedBytes
    let hash: UInt64
    let slot: UInt16
    /// To whom it is being served.
    fileprivate(set) var served: Registration?
    /// Oldest first; those before ``head`` and those that are over do not count.
    private var queue: [QueuePlace] = []
    private var head = 0
    /// How many count.
    private(set) var waiterCount = 0

    fileprivate init(_ key: KeyReference) {
        name = OwnedBytes(key.bytes)
        hash = key.hash
        slot = key.slot
    }

    func withReference<Result>(_ body: (KeyReference) -> Result) -> Result {
        name.withBytes { body(KeyReference(bytes: $0, hash: hash, slot: slot)) }
    }

    fileprivate func append(_ place: QueuePlace) {
        queue.append(place)
        waiterCount += 1
    }

    /// One of those who waited is over.
    fileprivate func noteOver() {
        waiterCount -= 1
        // What is over is left where it is until that is most of the queue.
        if queue.count - head <= 2 * waiterCount + 16 { return }
        queue.removeAll { $0.registration.isOver }
        head = 0
    }

    /// The oldest registration for a type that is not being served for another key.
    func first(_ type: ValueType) -> QueuePlace? {
        while head < queue.count, queue[head].registration.isOver { head += 1 }
        for place in head..<queue.count {
            let registration = queue[place].registration
            if !registration.isOver, registration.type == type, registration.servedKey == nil {
                return queue[place]
            }
        }
        return nil
    }

    fileprivate func count(of registration: Registration) -> Int {
        queue.count { $0.registration === registration }
    }
}

/// See the essay above.
struct WaitQueues: ~Copyable {
    private var registrations: [WaitID: Registration] = [:]
    /// By hash; nearly always one.
    private var keys: [UInt64: [AwaitedKey]] = [:]

    var isEmpty: Bool { registrations.isEmpty }

    func find(_ id: WaitID) -> Registration? { registrations[id] }

    func find(_ key: KeyReference) -> AwaitedKey? {
        keys[key.hash]?.first { known in known.name.withBytes { $0 == key.bytes } }
    }

    mutating func insert(_ registration: Registration) {
        registrations[registration.id] = registration
    }

    /// Appends a registration to the queue of a key, the first time that the key is named.
    ///
    /// - Parameter place: which argument of the request the key is.
    /// - Returns: whether nobody waited for the key before.
    mutating func append(
        _ registration: Registration, _ key: KeyReference, place: Int
    ) -> Bool {
        let known = find(key)
        let awaited = known ?? AwaitedKey(key)
        if registration.keys.contains(where: { $0 === awaited }) { return false }
        if known == nil { keys[key.hash, default: []].append(awaited) }
        registration.keys.append(awaited)
        awaited.append(QueuePlace(registration: registration, place: place))
        return known == nil
    }

    /// Ends a registration.
    ///
    /// - Parameter onVacant: called with the hash of each key that nobody waits for any more.
    mutating func remove(_ registration: Registration, _ onVacant: (UInt64) -> Void) {
        endService(registration)
        registration.isOver = true
        registrations[registration.id] = nil
        for key in registration.keys {
            key.noteOver()
            if key.waiterCount > 0 { continue }
            keys[key.hash]?.removeAll { $0 === key }
            if keys[key.hash]?.isEmpty == true { keys[key.hash] = nil }
            onVacant(key.hash)
        }
    }

    /// The key is being served to a registration in its queue.
    func beginService(_ registration: Registration, _ key: AwaitedKey) {
        invariant(key.served == nil, "a key is served to one at a time")
        invariant(registration.servedKey == nil, "one key is served to a client at a time")
        registration.servedKey = key
        key.served = registration
    }

    func endService(_ registration: Registration) {
        registration.servedKey?.served = nil
        registration.servedKey = nil
    }

    /// Calls `body` with the awaited keys among those that were held and are let go.
    func forEach(of released: HeldKeys, _ body: (AwaitedKey) -> Void) {
        if released.isEverything {
            forEachKey(body)
            return
        }
        for hash in released.hashes { keys[hash]?.forEach(body) }
        for hash in released.shared { keys[hash]?.forEach(body) }
    }

    func forEachKey(_ body: (AwaitedKey) -> Void) {
        for chain in keys.values { chain.forEach(body) }
    }

    func checkInvariants() {
        for (id, registration) in registrations {
            invariant(id == registration.id, "a registration is found by its id")
            invariant(!registration.isOver, "a registration that is over is gone")
            invariant(!registration.keys.isEmpty, "a registration waits for a key")
            for key in registration.keys {
                let count = key.count(of: registration)
                invariant(count == 1, "a registration is in the queue of each of its keys, once")
            }
        }
        forEachKey { key in
            invariant(key.waiterCount > 0, "a key that nobody waits for has no queue")
            if let served = key.served {
                invariant(served.servedKey === key, "the key that is served is the client's")
            }
        }
    }
}
