// Keys held by operations over several cores.
//
// Purpose. A command or transaction whose keys are on several cores runs as if it were alone with
// them: each of its keys is held by its owner from before it is read until its new value is back. A
// command on one core pays one branch: is anything held here at all?
//
// Order. An operation takes its cores one after the other, in the order of their numbers, and on
// each core all its keys at once or none. So whoever waits holds keys of lower cores only, every
// chain of waiting leads to a higher core, and no circle can close: deadlock is impossible by
// construction.
//
// Fairness. What waits is served in the order of arrival: a newcomer waits also for keys that
// somebody before it waits for.
//
// Invariants.
// 1. A key is held by at most one operation.
// 2. No waiter could be let through: each conflicts with what is held or with an earlier waiter.

import Base
import Engine
import Placement

/// The keys that one holder or waiter wants on this core.
struct HeldKeys {
    /// Hashes stand for keys: two keys of one hash merely wait for each other.
    var hashes: [UInt64] = []
    /// All keys of the core.
    var isEverything = false

    var isEmpty: Bool { hashes.isEmpty && !isEverything }
}

/// Somebody who waits for keys.
struct Waiter {
    enum Kind {
        /// A connection's next request.
        case connection(ConnectionID)
        /// The next request of a parcel.
        case parcel(ParcelReference, from: CoreIndex)
        /// An operation of another core that wants to hold.
        case hold(ParcelReference)
        /// This core's part of another core's WATCH.
        case part(ParcelReference)
        /// This core's part of a WATCH of its own.
        case ownPart(OperationID)
        /// An operation of this core that wants to hold.
        case operation(OperationID)
        /// Another core's client that wants an element, or to wait for one.
        case attempt(ParcelReference)
    }

    let kind: Kind
    let keys: HeldKeys

    init(_ kind: Kind, _ keys: HeldKeys) {
        self.kind = kind
        self.keys = keys
    }
}

/// See the essay above.
struct HoldTable: ~Copyable {
    private var held = HashSet64()
    private var isEverythingHeld = false
    private var waiters: [Waiter] = []
    /// Held or waited for: how many. The one number that the request path looks at.
    private var activity = 0
    var plantedFault: PlantedFault?

    @inline(__always)
    var isEmpty: Bool { activity == 0 }

    /// Whether `keys` must wait for a holder or for somebody who waits already.
    func conflicts(with keys: HeldKeys) -> Bool {
        if conflictsWithHeld(keys) { return true }
        return waiters.contains { Self.overlap($0.keys, keys) }
    }

    /// Whether a key is held.
    func isHeld(_ hash: UInt64) -> Bool { isEverythingHeld || held.contains(hash) }

    private func conflictsWithHeld(_ keys: HeldKeys) -> Bool {
        if isEverythingHeld { return !keys.isEmpty }
        if keys.isEverything { return held.count > 0 }
        return keys.hashes.contains { held.contains($0) }
    }

    private static func overlap(_ left: HeldKeys, _ right: HeldKeys) -> Bool {
        if left.isEverything { return !right.isEmpty }
        if right.isEverything { return !left.isEmpty }
        return left.hashes.contains { right.hashes.contains($0) }
    }

    /// Holds the keys, which conflict with nothing held.
    mutating func hold(_ keys: HeldKeys) {
        if plantedFault == .holdNotTaken { return }
        invariant(!conflictsWithHeld(keys), "a key has one holder")
        for hash in keys.hashes {
            invariant(held.insert(hash), "an operation names a key once")
        }
        if keys.isEverything { isEverythingHeld = true }
        countActivity()
    }

    /// Lets the keys go; the owner then asks for ``nextReady()`` until there is none.
    mutating func release(_ keys: HeldKeys) {
        if plantedFault == .holdNotTaken { return }
        for hash in keys.hashes {
            invariant(held.remove(hash), "a key that is let go was held")
        }
        if keys.isEverything { isEverythingHeld = false }
        countActivity()
    }

    mutating func wait(_ waiter: Waiter) {
        waiters.insert(waiter, at: place(for: waiter))
        countActivity()
    }

    /// Last in general. A parcel that must wait once more stays before later ones of its sender,
    /// which wait for it.
    private func place(for waiter: Waiter) -> Int {
        guard case .parcel(_, let from) = waiter.kind, !waiter.keys.isEmpty else {
            return waiters.count
        }
        let later = waiters.firstIndex {
            if case .parcel(_, from) = $0.kind { true } else { false }
        }
        return later ?? waiters.count
    }

    /// Takes out the first waiter that nothing stands in the way of.
    mutating func nextReady() -> Waiter? {
        for index in waiters.indices where isReady(index) {
            let waiter = waiters.remove(at: index)
            countActivity()
            return waiter
        }
        return nil
    }

    private func isReady(_ index: Int) -> Bool {
        let waiter = waiters[index]
        if conflictsWithHeld(waiter.keys) { return false }
        for earlier in waiters[..<index] {
            if Self.overlap(earlier.keys, waiter.keys) { return false }
            if case .parcel(_, let from) = waiter.kind, case .parcel(_, from) = earlier.kind {
                return false
            }
        }
        return true
    }

    /// Whether requests of that core wait here.
    func isWaitingParcel(from core: CoreIndex) -> Bool {
        waiters.contains {
            if case .parcel(_, core) = $0.kind { true } else { false }
        }
    }

    /// A connection that waits has gone.
    mutating func forget(_ id: ConnectionID) {
        if activity == 0 { return }
        waiters.removeAll {
            if case .connection(id) = $0.kind { true } else { false }
        }
        countActivity()
    }

    private mutating func countActivity() {
        activity = held.count + (isEverythingHeld ? 1 : 0) + waiters.count
    }

    /// Whoever waits, waits for somebody: without a holder there is no waiter.
    func checkInvariants() {
        let isHeld = isEverythingHeld || held.count > 0
        invariant(isHeld || waiters.isEmpty, "nobody waits where nothing is held")
    }
}

extension Core {
    /// The keys of a request that are on this core.
    func heldKeys(of request: Request, _ pipeline: borrowing Pipeline) -> HeldKeys {
        var keys = HeldKeys()
        var places = KeyArguments(
            engine.commands.traits(request.command), request, pipeline.arguments)
        while let place = places.next() {
            let key = pipeline.arguments[Int(request.firstArgument) + place]
            keys.hashes.append(engine.keyspace.hash(of: key))
        }
        return keys
    }

    /// Lets go of keys and serves those who waited for what they hold, then those who waited to
    /// hold them, in order.
    mutating func release(_ keys: HeldKeys) {
        holds.release(keys)
        serveReleased(keys)
        if plantedFault != .wakeForgotten { wakeWaiters() }
    }

    private mutating func wakeWaiters() {
        // Who is woken may let keys go in turn: the loop goes on with those that waited for them,
        // so that a long queue does not become a deep stack.
        if isWaking { return }
        isWaking = true
        defer { isWaking = false }
        while let waiter = holds.nextReady() {
            switch waiter.kind {
            case .connection(let id): wake(id)
            case .parcel(let parcel, _):
                // A parcel without keys of its own only waited behind another one.
                runParcel(parcel, mayPass: !waiter.keys.isEmpty)
            case .hold(let parcel): grant(parcel, waiter.keys)
            case .part(let parcel): contribute(to: parcel)
            case .ownPart(let id): ownPartGranted(id)
            case .operation(let id): localHoldGranted(id, waiter.keys)
            case .attempt(let parcel): attempt(parcel)
            }
        }
    }

    /// Runs the request of a connection that has waited for its keys.
    private mutating func wake(_ id: ConnectionID) {
        guard let connection = connections.find(id) else { return }
        connection.state.stall = .none
        connection.state.mayPass = true
        markDirty(connection)
        serveInput(connection)
        // Only the request that waited may pass: it ran first, perhaps after the last key was let
        // go.
        if plantedFault != .passKept { connection.state.mayPass = false }
    }
}
