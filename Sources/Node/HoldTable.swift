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
// 1. A key is held by one operation or work, or by several that only read.
// 2. No waiter could be let through: each conflicts with what is held or with an earlier waiter.

import Base
import Engine
import Placement

/// The keys that one holder or waiter wants on this core.
struct HeldKeys {
    /// Hashes stand for keys: two keys of one hash merely wait for each other.
    var hashes: [UInt64] = []
    /// Those that are only read, which others may read as well.
    var shared: [UInt64] = []
    /// All keys of the core.
    var isEverything = false

    var isEmpty: Bool { hashes.isEmpty && shared.isEmpty && !isEverything }

    /// Whether there is a key that both only read.
    func sharesReading(_ other: HeldKeys) -> Bool {
        shared.contains { other.shared.contains($0) }
    }

    /// The same keys, each once.
    var withoutRepeats: HeldKeys {
        if hashes.count + shared.count < 2 { return self }
        var known = Set<UInt64>()
        let hashes = hashes.filter { known.insert($0).inserted }
        let shared = shared.filter { known.insert($0).inserted }
        return HeldKeys(hashes: hashes, shared: shared, isEverything: isEverything)
    }
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
    /// By how many each of the other keys is held that only read it.
    private var readers: [UInt64: Int] = [:]
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

    /// As ``conflicts(with:)`` for one key.
    func conflicts(withKey hash: UInt64, isRead: Bool) -> Bool {
        if isRead ? isWritten(hash) : isHeld(hash) { return true }
        if waiters.isEmpty { return false }
        let keys = isRead ? HeldKeys(shared: [hash]) : HeldKeys(hashes: [hash])
        return waiters.contains { Self.overlap($0.keys, keys) }
    }

    /// Whether a key is held, be it only to be read.
    func isHeld(_ hash: UInt64) -> Bool { isWritten(hash) || readers[hash] != nil }

    /// Whether a key is held by somebody who may change it.
    private func isWritten(_ hash: UInt64) -> Bool { isEverythingHeld || held.contains(hash) }

    /// Whether somebody waits for one of the keys that its holder has.
    func isAwaited(_ keys: HeldKeys) -> Bool {
        waiters.contains { Self.overlap($0.keys, keys) }
    }

    private func conflictsWithHeld(_ keys: HeldKeys) -> Bool {
        if isEverythingHeld { return !keys.isEmpty }
        if keys.isEverything { return held.count > 0 || !readers.isEmpty }
        return keys.hashes.contains { isHeld($0) } || keys.shared.contains { held.contains($0) }
    }

    private static func overlap(_ left: HeldKeys, _ right: HeldKeys) -> Bool {
        if left.isEverything { return !right.isEmpty }
        if right.isEverything { return !left.isEmpty }
        return left.hashes.contains { right.hashes.contains($0) || right.shared.contains($0) }
            || left.shared.contains { right.hashes.contains($0) }
    }

    /// Holds the keys, which conflict with nothing held.
    mutating func hold(_ keys: HeldKeys) {
        if plantedFault == .holdNotTaken { return }
        invariant(!conflictsWithHeld(keys), "a key has one holder")
        for hash in keys.hashes {
            invariant(held.insert(hash), "an operation names a key once")
        }
        for hash in keys.shared { readers[hash, default: 0] += 1 }
        if keys.isEverything { isEverythingHeld = true }
        countActivity()
    }

    /// Lets the keys go; the owner then asks for ``nextReady()`` until there is none.
    mutating func release(_ keys: HeldKeys) {
        if plantedFault == .holdNotTaken { return }
        for hash in keys.hashes {
            invariant(held.remove(hash), "a key that is let go was held")
        }
        for hash in keys.shared {
            guard let count = readers[hash] else {
                invariantFailed("a key that is let go was held")
            }
            readers[hash] = count == 1 ? nil : count - 1
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
        activity = held.count + readers.count + (isEverythingHeld ? 1 : 0) + waiters.count
    }

    /// Whoever waits, waits for somebody: without a holder there is no waiter.
    func checkInvariants() {
        let isHeld = isEverythingHeld || held.count > 0 || !readers.isEmpty
        invariant(isHeld || waiters.isEmpty, "nobody waits where nothing is held")
    }
}

extension Core {
    /// The keys of a request that are on this core.
    func heldKeys(of request: Request, _ pipeline: borrowing Pipeline) -> HeldKeys {
        let traits = engine.commands.traits(request.command)
        if Int(request.argumentCount) > Engine.pinnedKeysMax, request.command.goesByKey {
            return HeldKeys(isEverything: true)
        }
        // All keys are this core's, and the elements may name any.
        if coreCount == 1, request.command.sorts, namesKeys(request, pipeline.arguments) {
            return HeldKeys(isEverything: true)
        }
        let written = traits.has(.readOnly) ? .none : request.command.writtenKeys
        var keys = HeldKeys()
        var places = KeyArguments(traits, request, pipeline.arguments)
        var number = 0
        while let place = places.next() {
            let key = pipeline.arguments[Int(request.firstArgument) + place]
            let hash = engine.keyspace.hash(of: key)
            if written.contains(number) {
                keys.hashes.append(hash)
            } else {
                keys.shared.append(hash)
            }
            number += 1
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

/// Which of a command's keys it may change; the others it only reads.
enum WrittenKeys {
    case none
    case first
    case second
    case all

    /// Whether the key of that number, from 0, is one of them.
    func contains(_ number: Int) -> Bool {
        switch self {
        case .none: false
        case .first: number == 0
        case .second: number == 1
        case .all: true
        }
    }
}

extension CommandID {
    /// Of a command that writes, or of WATCH.
    fileprivate var writtenKeys: WrittenKeys {
        switch self {
        case .watch: .none
        case .copy: .second
        case .sinterstore, .sunionstore, .sdiffstore, .zinterstore, .zunionstore, .zdiffstore,
            .zrangestore, .geosearchstore, .bitop:
            .first
        default: .all
        }
    }
}
