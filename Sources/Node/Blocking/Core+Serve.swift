// From a key that has become ready to the clients that wait for it: what the key's core does. The
// protocol: docs/internals/blocking.md.

import Base
import Engine
import Placement

/// What a parcel says of a wait.
struct WaitNote: BitwiseCopyable {
    var id = WaitID.none
    /// An attempt found nothing and was registered, or the parcel that gives keys back asks for
    /// that.
    var wanted: WantedWait?
    /// The answer to an offer or a call: the client has been served, or of a call is gone.
    var isTaken = false
    /// When an offer was made, in milliseconds since 1970.
    var offeredAt: Int64 = 0
}

/// How many clients that have waited were served in a turn, and the keys that have more for others.
struct RestingService {
    var servedCount = 0
    /// Each is held.
    var keys: [AwaitedKey] = []
    /// How many of them are from turns before this one.
    var earlierCount = 0

    @inline(__always)
    var isInUse: Bool { servedCount > 0 || !keys.isEmpty }
}

extension Core {
    // MARK: Registering

    /// Registers a wait for those of its keys that this core owns.
    mutating func register(_ box: RequestBox, _ id: WaitID, _ type: ValueType) {
        let registration = Registration(id, type, box)
        waitQueues.insert(registration)
        var places = KeyArguments(
            engine.commands.traits(box.request.command), box.request, box.log.pipeline.arguments)
        while let place = places.next() {
            let bytes = box.log.pipeline.arguments[Int(box.request.firstArgument) + place]
            if owner(ofKey: bytes) == index {
                let key = engine.reference(bytes)
                if waitQueues.append(registration, key, place: place) {
                    engine.keyspace.watches.await(key.hash)
                }
            }
            if box.request.command.awaitsFirstKeyOnly { break }
        }
    }

    /// Ends a registration; its keys may have somebody else to serve.
    mutating func remove(_ registration: Registration) {
        waitQueues.remove(registration) { hash in engine.keyspace.watches.endAwait(hash) }
    }

    /// A wait is over, or has begun and found nothing.
    mutating func forgetArrived(_ parcel: ParcelReference) {
        // One that is being served goes when that is answered.
        if let registration = waitQueues.find(parcel.content.wait.id),
            registration.servedKey == nil
        {
            remove(registration)
        }
        mail(parcel, to: parcel.content.home, as: .spent)
    }

    /// Another core's client wants an element, or to wait for one.
    mutating func attemptArrived(_ parcel: ParcelReference) {
        let request = parcel.content.requests.pipeline.requests[0]
        if !holds.isEmpty {
            let keys = heldKeys(of: request, parcel.content.requests.pipeline)
            if holds.conflicts(with: keys) {
                statistics.waits += 1
                holds.wait(Waiter(.attempt(parcel), keys))
                return
            }
        }
        attempt(parcel)
    }

    /// Runs an attempt whose keys are free.
    mutating func attempt(_ parcel: ParcelReference) {
        let request = parcel.content.requests.pipeline.requests[0]
        swap(&engine.reply.buffer, &parcel.content.reply)
        engine.reply.version = request.version
        let wanted = engine.attempt(request, parcel.content.requests.pipeline)
        if wanted != nil { engine.reply.buffer.removeAll() }
        if engine.takePostponed() {
            parcel.content.deferred.append(0)
            let box = RequestBox(request, from: parcel.content.requests.pipeline)
            beginWork(box, parcel.content.home, parcel.content.items[0])
        }
        if !duties.isEmpty { fulfilDuties(replyStart: nil) }
        swap(&engine.reply.buffer, &parcel.content.reply)
        if _slowPath(engine.hasInvalidations()) {
            let client = parcel.content.items[0].connection
            tellInvalidations(writer: Tracker(parcel.content.home, client))
        }
        if engine.insight.hasSlowCalls { noteSlowCalls(of: parcel) }
        if let wanted {
            let box = RequestBox(request, from: parcel.content.requests.pipeline)
            register(box, parcel.content.wait.id, wanted.type)
        }
        parcel.content.wait.wanted = wanted
        mailWhenReleased(parcel, to: parcel.content.home, as: .attempted)
        serveReady()
    }

    // MARK: Serving

    /// Serves those who wait for keys that have been written. No connection's output is the
    /// engine's reply at the moment.
    mutating func serveReady() {
        if !engine.hasReadyKeys() { return }
        // Serving may write keys, which come behind.
        while let key = engine.keyspace.watches.takeReady() {
            if plantedFault == .readyForgotten { continue }
            if let awaited = waitQueues.find(key) { serve(awaited) }
        }
    }

    /// Serves those who wait for a key, while it has anything.
    private mutating func serve(_ key: AwaitedKey) {
        while key.served == nil, !holds.isHeld(key.hash) {
            let type = key.withReference { engine.keyspace.type(of: $0) }
            guard let type, let place = key.first(type) else { return }
            if resting.servedCount >= servedMax {
                rest(key)
                return
            }
            resting.servedCount += 1
            serve(place, key)
        }
    }

    /// How many clients are served in a turn; the others are from the next turn on.
    private var servedMax: Int { travelsAllInParts ? 1 : 256 }

    /// Holds a key for those who still wait for it, so that nobody comes before them.
    private mutating func rest(_ key: AwaitedKey) {
        holds.hold(HeldKeys(hashes: [key.hash]))
        key.withReference { engine.keyspace.pinLent($0, true) }
        resting.keys.append(key)
        tickAtLatest(now)
    }

    /// Goes on with the keys for which not all could be served in the turns before. Called at the
    /// end of a turn.
    @inline(never)
    mutating func serveResting() {
        resting.servedCount = 0
        let keys = resting.keys.prefix(resting.earlierCount)
        resting.keys.removeFirst(resting.earlierCount)
        for key in keys {
            key.withReference { engine.keyspace.pinLent($0, false) }
            release(HeldKeys(hashes: [key.hash]))
        }
        if engine.hasNews() { seeToNews(of: .nobody) }
        resting.earlierCount = resting.keys.count
        if !resting.keys.isEmpty { tickAtLatest(now) }
    }

    /// Serves a registration for its key, or begins to.
    private mutating func serve(_ place: QueuePlace, _ key: AwaitedKey) {
        let registration = place.registration
        let isHere = registration.id.home == index
        if let keys = freeKeys(registration.request, key) {
            if isHere {
                serveHere(place)
            } else {
                offer(place, key, keys)
            }
            return
        }
        waitQueues.beginService(registration, key)
        if isHere {
            beginCall(wait(of: registration), .here, registration.request.log.pipeline)
            return
        }
        let parcel = parcels.take()
        parcel.content.wait.id = registration.id
        parcel.content.requests.append(
            registration.request.request, from: registration.request.log.pipeline)
        mail(parcel, to: registration.id.home, as: .call)
    }

    /// The keys that serving the request needs, if all are this core's and none is held.
    private func freeKeys(_ box: RequestBox, _ key: AwaitedKey) -> HeldKeys? {
        if !box.request.command.awaitsFirstKeyOnly { return HeldKeys(hashes: [key.hash]) }
        let target = box.log.pipeline.arguments[Int(box.request.firstArgument) + 2]
        if owner(ofKey: target) != index { return nil }
        let hash = engine.keyspace.hash(of: target)
        if hash == key.hash { return HeldKeys(hashes: [hash]) }
        return holds.isHeld(hash) ? nil : HeldKeys(hashes: [key.hash, hash])
    }

    private func wait(of registration: Registration) -> Wait {
        guard let wait = waits.find(registration.id.number) else {
            invariantFailed("a wait has ended with its registration here")
        }
        return wait
    }

    /// Serves a client of this core.
    private mutating func serveHere(_ place: QueuePlace) {
        let box = place.registration.request
        finish(wait(of: place.registration), servedBy: nil) { core in
            let before = core.engine.reply.buffer.count
            let isServed = core.engine.serve(
                box.request, box.log.pipeline, place: place.place, isPeeking: false,
                mayRest: box.request.command.popsMany)
            if core.engine.takePostponed() {
                core.serveInParts(place)
                return
            }
            invariant(isServed, "a key of the type that is waited for has something")
            if !core.duties.isEmpty { core.fulfilDuties(replyStart: before) }
        }
    }

    /// Serves a client of this core in parts; the engine's reply is its connection's output.
    private mutating func serveInParts(_ place: QueuePlace) {
        let number = place.registration.id.number
        guard let wait = waits.find(number), let connection = connections.find(wait.connection)
        else { invariantFailed("a client that is served waits") }
        let item = addHole(connection)
        beginService(place.registration.request, at: place.place, index, item, since: now)
    }

    /// Offers what the key has to another core's client; the keys are held until it has answered.
    private mutating func offer(_ place: QueuePlace, _ key: AwaitedKey, _ keys: HeldKeys) {
        let box = place.registration.request
        let parcel = parcels.take()
        swap(&engine.reply.buffer, &parcel.content.reply)
        engine.reply.version = box.request.version
        let isServed = engine.serve(
            box.request, box.log.pipeline, place: place.place, isPeeking: true,
            mayRest: box.request.command.popsMany)
        swap(&engine.reply.buffer, &parcel.content.reply)
        if engine.takePostponed() {
            // The answer will come in parts, once the client has taken the offer.
            parcel.content.deferred.append(0)
            key.withReference { engine.keyspace.pinLent($0, true) }
        }
        parcel.content.wait.offeredAt = now
        invariant(isServed, "a key of the type that is waited for has something")
        waitQueues.beginService(place.registration, key)
        holds.hold(keys)
        parcel.content.wait.id = place.registration.id
        parcel.content.offered = keys
        parcel.content.replyEnds.append(place.place)
        mailWhenReleased(parcel, to: place.registration.id.home, as: .offer)
    }

    /// The home has taken what it was offered, or declined.
    mutating func offerAnswered(_ parcel: ParcelReference) {
        guard let registration = waitQueues.find(parcel.content.wait.id) else {
            invariantFailed("who is being served is registered")
        }
        let isInParts = !parcel.content.deferred.isEmpty
        if isInParts, let key = registration.servedKey {
            key.withReference { engine.keyspace.pinLent($0, false) }
        }
        if isInParts, parcel.content.wait.isTaken {
            offerTakenInParts(parcel, registration)
            return
        }
        if parcel.content.wait.isTaken {
            let box = registration.request
            let isLogged = isLogging && parcel.content.transaction > 0
            parcel.content.reply.removeAll()
            swap(&engine.reply.buffer, &parcel.content.reply)
            if isLogged { engine.beginLogGroup() }
            _ = engine.serve(
                box.request, box.log.pipeline, place: parcel.content.replyEnds[0],
                isPeeking: false)
            if isLogged {
                endPart(
                    parcel.content.sender, parcel.content.transaction, parcel.content.loggers)
            }
            if !duties.isEmpty { fulfilDuties(replyStart: nil) }
            swap(&engine.reply.buffer, &parcel.content.reply)
        }
        let keys = parcel.content.offered
        remove(registration)
        parcels.giveBack(parcel)
        release(keys)
    }

    /// As ``offerAnswered(_:)`` of an offer whose answer comes in parts.
    private mutating func offerTakenInParts(
        _ parcel: ParcelReference, _ registration: Registration
    ) {
        holds.release(parcel.content.offered)
        beginService(
            registration.request, at: parcel.content.replyEnds[0], parcel.content.sender,
            parcel.content.items[0], since: parcel.content.wait.offeredAt)
        remove(registration)
        parcels.giveBack(parcel)
    }

    /// A call is answered: the client is served or gone, or goes on waiting.
    mutating func callAnswered(_ parcel: ParcelReference) {
        guard let registration = waitQueues.find(parcel.content.wait.id) else {
            invariantFailed("who is being served is registered")
        }
        endService(registration, isOver: parcel.content.wait.isTaken)
        parcels.giveBack(parcel)
        serveReady()
    }

    /// A call has ended; what its key still has is for the next, or once more for the same client.
    mutating func endService(_ registration: Registration, isOver: Bool) {
        guard let key = registration.servedKey else {
            invariantFailed("a call was made for a key")
        }
        if isOver {
            remove(registration)
        } else {
            waitQueues.endService(registration)
        }
        key.withReference { engine.keyspace.watches.noteReady($0) }
    }

    /// Keys have been let go: who waits for what they hold comes before who waits to hold them.
    mutating func serveReleased(_ keys: HeldKeys) {
        if waitQueues.isEmpty { return }
        waitQueues.forEach(of: keys) { key in
            key.withReference { engine.keyspace.watches.noteReady($0) }
        }
        serveReady()
    }

    /// Ends the process if somebody waits for a key that has something for him.
    func checkWaits() {
        waitQueues.checkInvariants()
        if engine.keyspace.watches.hasReady { return }
        waitQueues.forEachKey { key in
            if key.served != nil || holds.isHeld(key.hash) { return }
            let type = key.withReference { engine.keyspace.type(of: $0) }
            guard let type else { return }
            invariant(key.first(type) == nil, "nobody waits for what is there")
        }
    }
}

extension Request {
    /// Whether a core that owns keys of a blocking request owns one that is waited for.
    func isAwaited(at core: CoreIndex) -> Bool {
        !command.awaitsFirstKeyOnly || core == self.core
    }
}

extension CommandID {
    /// It may take many elements.
    fileprivate var popsMany: Bool { self == .blmpop || self == .bzmpop }

    /// The second key is written, not waited for.
    var awaitsFirstKeyOnly: Bool { self == .blmove || self == .brpoplpush }
}
