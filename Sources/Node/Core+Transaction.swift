// Commands and transactions whose keys are on several cores.
//
// 1. Hold: the keys are held core by core, in the order of the cores (HoldTable.swift says why that
//    cannot deadlock). Each owner answers with the entries.
// 2. Run: the entries are put into this core's keyspace, under slots that it does not own, so
//    nothing can collide; the commands run as if all keys had always been here, in one step that
//    nobody sees the middle of.
// 3. Settle: the entries travel back as they are now; each owner stores what changed and lets its
//    keys go.
//
// The reply does not wait for the settling: whoever asks for such a key before waits at its owner.

import Base
import Engine
import Placement

extension Core {
    /// Runs a command whose keys are on several cores.
    ///
    /// - Returns: false when the request must be read again once earlier replies are in.
    mutating func beginTransaction(_ connection: ConnectionReference, _ request: Request) -> Bool {
        guard let operation = begin(connection, request) else { return false }
        addKeys(of: request, pipeline, to: operation)
        startHolding(operation)
        return true
    }

    /// Runs the connection's queued commands as one.
    ///
    /// - Returns: false when EXEC must be read again once earlier replies are in.
    mutating func beginExec(
        _ connection: ConnectionReference, _ request: Request, _ queue: borrowing RequestLog
    ) -> Bool {
        guard let operation = begin(connection, request) else { return false }
        operation.isExec = true
        for index in 0..<queue.count {
            addKeys(of: queue.pipeline.requests[index], queue.pipeline, to: operation)
            // The elements may be those that an earlier command of the queue puts there.
            let request = queue.pipeline.requests[index]
            if request.route == .patterns {
                lendPatterns(queue.pipeline.invocation(request), to: operation)
            }
        }
        for watched in connection.state.details.watched {
            watched.key.withBytes { bytes in
                operation.note(engine.reference(bytes), CoreIndex(watched.core), watched.mark)
            }
        }
        startHolding(operation)
        return true
    }

    /// Notes the keys of one request with their owners; a command over all cores holds all of each.
    func addKeys(
        of request: Request, _ pipeline: borrowing Pipeline, to operation: Operation
    ) {
        if request.route == .node {
            if !request.command.isShared { return }
            operation.holdEverything(coreCount)
            if !request.command.isFlush { operation.sharedReads.append(request, from: pipeline) }
            return
        }
        let traits = engine.commands.traits(request.command)
        var places = KeyArguments(traits, request, pipeline.arguments)
        while let place = places.next() {
            let key = pipeline.arguments[Int(request.firstArgument) + place]
            operation.note(engine.reference(key), owner(ofKey: key), nil)
        }
    }

    /// Begins to hold the keys of the operation's one request.
    mutating func beginHolding(_ operation: Operation) {
        addKeys(
            of: operation.requests.pipeline.requests[0], operation.requests.pipeline,
            to: operation)
        startHolding(operation)
    }

    mutating func startHolding(_ operation: Operation) {
        operation.participants.sort { $0.core < $1.core }
        if plantedFault == .coresUnordered, operation.id.number % 2 == UInt64(index.rawValue % 2) {
            operation.participants.reverse()
        }
        holdNext(operation)
    }

    /// Asks the next core to hold its keys; when all do, runs.
    private mutating func holdNext(_ operation: Operation) {
        guard operation.nextParticipant < operation.participants.count else {
            runHeld(operation)
            return
        }
        let participant = operation.participants[operation.nextParticipant]
        if participant.core == index {
            let keys = participant.heldKeys
            if holds.conflicts(with: keys) {
                statistics.waits += 1
                holds.wait(Waiter(.operation(operation.id), keys))
            } else {
                localHoldGranted(operation.id, keys)
            }
            return
        }
        let parcel = parcels.take()
        parcel.content.operation = operation.id
        parcel.content.keys = participant.keys
        parcel.content.isEverything = participant.isEverything
        parcel.content.lentPatterns = operation.lentPatterns
        for place in 0..<operation.sharedReads.count {
            parcel.content.requests.append(
                operation.sharedReads.pipeline.requests[place],
                from: operation.sharedReads.pipeline)
        }
        mail(parcel, to: participant.core, as: .hold)
    }

    /// This core's own keys are free for one of its operations.
    mutating func localHoldGranted(_ id: OperationID, _ keys: HeldKeys) {
        let operation = operations.find(id)
        holds.hold(keys)
        let next = operation.nextParticipant
        for place in operation.participants[next].keys.indices {
            checkWatch(&operation.participants[next].keys[place])
        }
        operation.nextParticipant += 1
        holdNext(operation)
    }

    /// Reads and ends the watch of an EXEC's key.
    private mutating func checkWatch(_ key: inout BorrowedKey) {
        guard let mark = key.watchMark else { return }
        let owned = key.key
        key.isDirty = owned.withBytes { bytes in
            // A key that expired since it was watched has changed, met or not.
            _ = engine.keyspace.lookUp(engine.reference(bytes))
            defer { engine.keyspace.watches.unwatch(bytes) }
            if plantedFault == .watchIgnored { return false }
            return engine.keyspace.watches.isDirty(bytes, since: mark)
        }
    }

    // MARK: At the keys' owner

    /// Another core's operation wants to hold keys of this one.
    mutating func holdArrived(_ parcel: ParcelReference) {
        let keys = parcel.content.heldKeys
        if holds.conflicts(with: keys) {
            statistics.waits += 1
            holds.wait(Waiter(.hold(parcel), keys))
        } else {
            grant(parcel, keys)
        }
    }

    /// Holds the keys for another core and lends it their entries.
    mutating func grant(_ parcel: ParcelReference, _ keys: HeldKeys) {
        holds.hold(keys)
        if !parcel.content.lentPatterns.isEmpty { addLentKeys(to: parcel) }
        var left = Self.travelledAtOnceMax
        for place in parcel.content.keys.indices {
            checkWatch(&parcel.content.keys[place])
            parcel.content.keys[place].slotStamp =
                engine.keyspace.stamp(ofSlot: parcel.content.keys[place].slot).rawValue
            if parcel.content.keys[place].isBorrowed { lend(place, of: parcel, &left) }
        }
        if plantedFault == .holdReleasedEarly { holds.release(keys) }
        if listsKeysInParts(for: parcel) {
            passages.begin(KeysPart(parcel))
            tickAtLatest(now)
            return
        }
        contributeToExec(parcel)
        send(parcel, to: parcel.content.home, as: .granted)
    }

    /// This core's part of the commands over all keys that an EXEC contains, without the keys that
    /// are lent: those are in the borrower's own part.
    private mutating func contributeToExec(_ parcel: ParcelReference) {
        let count = parcel.content.requests.count
        if count == 0 { return }
        for place in parcel.content.keys.indices where parcel.content.keys[place].isPresent {
            takeOut(place, of: parcel)
        }
        for place in 0..<count {
            let call = parcel.content.requests.pipeline.invocation(place)
            contribute(call, nil, into: &parcel.content.parts)
            parcel.content.replyEnds.append(parcel.content.parts.count)
        }
        putIn(parcel)
    }

    /// The entries come back: what changed is stored, and the keys are let go.
    mutating func settleArrived(_ parcel: ParcelReference) {
        collectArrived(parcel, isReturned: true)
        let keys = parcel.content.heldKeys
        let isLogged = isLogging && parcel.content.transaction > 0
        if isLogged { engine.beginLogGroup() }
        if parcel.content.isFlushed { _ = engine.removeAllKeys() }
        takeBack(parcel)
        if isLogged {
            endPart(parcel.content.home, parcel.content.transaction, parcel.content.loggers)
        }
        for key in parcel.content.keys where key.isTracked {
            key.withReference { engine.keyspace.watches.remember($0, parcel.content.client) }
        }
        if _slowPath(engine.hasNews()) {
            tellInvalidations(writer: parcel.content.client)
        }
        if let wanted = parcel.content.wait.wanted {
            let log = RequestBox(
                parcel.content.requests.pipeline.requests[0],
                from: parcel.content.requests.pipeline)
            register(log, parcel.content.wait.id, wanted.type)
        }
        if plantedFault != .holdReleasedEarly { release(keys) }
        mail(parcel, to: parcel.content.home, as: .spent)
    }

    // MARK: At the operation's core

    mutating func grantArrived(_ parcel: ParcelReference) {
        collectArrived(parcel, isReturned: false)
        let operation = operations.find(parcel.content.operation)
        operation.participants[operation.nextParticipant].parcel = parcel
        operation.participants[operation.nextParticipant].keys = parcel.content.keys
        operation.nextParticipant += 1
        holdNext(operation)
    }

    /// All keys are held: borrows, runs, gives back.
    private mutating func runHeld(_ operation: Operation) {
        for participant in operation.participants {
            if let parcel = participant.parcel { borrow(parcel) }
        }
        if operation.sortKeys != nil, !holdsSortKeys(operation) {
            startAgain(operation)
            return
        }
        var hasRun = false
        if isLogging { engine.swapLogRecords(&operation.records) }
        answer(operation) { core, connection in
            hasRun = true
            if operation.isExec {
                core.runQueue(connection, operation)
            } else {
                core.runHeldRequest(connection, operation)
            }
        }
        if isLogging { engine.swapLogRecords(&operation.records) }
        if operation.isResting {
            takeOut(operation)
        } else {
            conclude(operation, hasRun: hasRun)
        }
    }

    /// All that an operation does is done: gives everything back.
    ///
    /// - Parameter hasRun: its client has an answer, or will have it.
    mutating func conclude(_ operation: Operation, hasRun: Bool) {
        if isLogging { endParts(of: operation) }
        if _slowPath(engine.hasNews()) {
            tellInvalidations(writer: client(of: operation))
        }
        // A call's client is registered already.
        let call = operation.wait
        let wanted = call == nil ? operation.wanted : nil
        for participant in operation.participants {
            if let parcel = participant.parcel { settle(parcel, operation, wanted) }
        }
        if let wanted { beginWait(operation, wanted) }
        for participant in operation.participants where participant.core == index {
            release(participant.heldKeys)
        }
        if let call { endCall(operation, call, isServed: hasRun && operation.wanted == nil) }
        end(operation)
    }

    /// Lets the client of an operation over several cores wait; other cores learn of it as they get
    /// their keys back.
    private mutating func beginWait(_ operation: Operation, _ wanted: WantedWait) {
        let request = operation.requests.pipeline.requests[0]
        var owners: [CoreIndex] = []
        for participant in operation.participants where request.isAwaited(at: participant.core) {
            owners.append(participant.core)
            if participant.core == index {
                let id = WaitID(home: index, number: operation.id.number)
                let box = RequestBox(request, from: operation.requests.pipeline)
                register(box, id, wanted.type)
            }
        }
        beginWait(operation, wanted, owners: owners)
    }

    /// Runs the one request of an operation that is no EXEC.
    private mutating func runHeldRequest(
        _ connection: ConnectionReference, _ operation: Operation
    ) {
        let request = operation.requests.pipeline.requests[0]
        if request.command == .keys, listsKeysInParts(operation) {
            beginListing(connection, operation)
        } else if request.route == .node {
            var sharedReads = 0
            runShared(
                connection, operation.requests.pipeline.invocation(0), operation, &sharedReads)
        } else {
            let before = engine.reply.buffer.count
            let looksUp = operation.sortKeys?.looksUp == true
            engine.postponed.keysAreElsewhere = looksUp
            operation.wanted = engine.attemptUncounted(
                request, operation.requests.pipeline,
                mayRest: looksUp || operation.wait == nil && operation.canRest
                    && (request.route == .cores || request.route == .blockingCores))
            defer { engine.postponed.keysAreElsewhere = false }
            if operation.tracksReads {
                engine.remember(
                    request, operation.requests.pipeline, tracker(connection.state.id))
            }
            if engine.takePostponed() {
                beginWork(connection, operation)
                return
            }
            if operation.wanted != nil { engine.reply.buffer.truncate(to: before) }
            if !duties.isEmpty { fulfilDuties(replyStart: before) }
        }
    }

    func client(of operation: Operation) -> Tracker {
        operation.connection.map { tracker($0) } ?? .nobody
    }

    /// Takes borrowed entries out again and sends them home.
    ///
    /// - Parameter wanted: set where the client is to be registered there.
    mutating func settle(
        _ parcel: ParcelReference, _ operation: Operation, _ wanted: WantedWait?
    ) {
        parcel.content.reply.removeAll()
        var left = Self.travelledAtOnceMax
        for place in parcel.content.keys.indices {
            let key = parcel.content.keys[place]
            if !key.isBorrowed { continue }
            giveBack(place, of: parcel, &left)
            // Who has read it is known here so far.
            parcel.content.keys[place].isTracked = key.withReference {
                engine.keyspace.watches.forgetTracked($0)
            }
        }
        parcel.content.isFlushed = operation.isFlushed
        parcel.content.client = client(of: operation)
        let request = operation.requests.pipeline.requests[0]
        if wanted != nil, request.isAwaited(at: parcel.content.sender) {
            parcel.content.wait.id = WaitID(home: index, number: operation.id.number)
            parcel.content.wait.wanted = wanted
            parcel.content.requests.append(request, from: operation.requests.pipeline)
        }
        send(parcel, to: parcel.content.sender, as: .settle)
    }
}

extension Parcel {
    var heldKeys: HeldKeys {
        isEverything ? HeldKeys(isEverything: true) : HeldKeys(hashes: keys.map(\.hash))
    }
}

extension BorrowedKey {
    func withReference<Result>(_ body: (KeyReference) -> Result) -> Result {
        key.withBytes { body(KeyReference(bytes: $0, hash: hash, slot: slot)) }
    }
}

extension Operation {
    /// Notes a key of the core that owns it, once.
    ///
    /// - Parameter watchMark: given for a key that is watched; nil for one that a command names.
    func note(_ key: KeyReference, _ core: CoreIndex, _ watchMark: UInt64?) {
        let place = place(of: core)
        guard let found = participants[place].noteKey(key.hash) else {
            participants[place].keys.append(
                BorrowedKey(
                    key: OwnedBytes(key.bytes), hash: key.hash, slot: key.slot,
                    watchMark: watchMark, isBorrowed: watchMark == nil))
            return
        }
        if let watchMark {
            participants[place].keys[found].watchMark = watchMark
        } else {
            participants[place].keys[found].isBorrowed = true
        }
    }

    func place(of core: CoreIndex) -> Int {
        if let place = participants.firstIndex(where: { $0.core == core }) { return place }
        participants.append(Participant(core: core))
        return participants.count - 1
    }

    func holdEverything(_ coreCount: Int) {
        for number in 0..<coreCount {
            participants[place(of: CoreIndex(UInt16(number)))].isEverything = true
        }
    }

    /// Adds the other cores' parts of the EXEC's shared read of that number.
    func appendParts(ofSharedRead number: Int, to parts: inout [Bytes]) {
        for participant in participants {
            guard let parcel = participant.parcel else { continue }
            let end = parcel.content.replyEnds[number]
            let start = number == 0 ? 0 : parcel.content.replyEnds[number - 1]
            parts.append(parcel.content.parts.bytes.slice(start, end))
        }
    }

    /// A watched key was written, so EXEC does nothing.
    var isDirty: Bool {
        participants.contains { $0.keys.contains(where: \.isDirty) }
    }
}
