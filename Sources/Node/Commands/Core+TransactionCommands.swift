// MULTI, EXEC, DISCARD, WATCH, UNWATCH.

import Base
import Engine
import Log
import Placement

extension Core {
    mutating func multi(_ connection: ConnectionReference) {
        if connection.state.session.isInTransaction {
            engine.fail(.nestedMulti)
            return
        }
        connection.state.session.isInTransaction = true
        connection.state.session.isTransactionBroken = false
        connection.state.details.queue = RequestLog(capacity: 4, chunkSize: 1024)
        engine.reply.ok()
    }

    mutating func discard(_ connection: ConnectionReference) {
        if !connection.state.session.isInTransaction {
            engine.fail(.discardWithoutMulti)
            return
        }
        endTransaction(connection)
        unwatchAll(connection)
        engine.reply.ok()
    }

    /// Leaves MULTI; what was queued is dropped.
    mutating func endTransaction(_ connection: ConnectionReference) {
        connection.state.session.isInTransaction = false
        connection.state.session.isTransactionBroken = false
        connection.state.details.queue = nil
        connection.state.details.queuedCount = 0
        connection.state.details.queueTakesMemory = false
        connection.state.details.tracking.found = [:]
    }

    /// Queues a request of a transaction.
    mutating func queue(
        _ connection: ConnectionReference, _ request: Request, _ call: Invocation
    ) -> Bool {
        if engine.commands.traits(request.command).has(.noMulti) {
            engine.reject(request.command)
            engine.fail("ERR Command not allowed inside a transaction")
            connection.state.session.isTransactionBroken = true
            return true
        }
        if engine.isRefused(request.command) {
            engine.reject(request.command)
            engine.failRefused()
            connection.state.session.isTransactionBroken = true
            return true
        }
        if !engine.hasRoom() {
            // As in Redis, whatever the command.
            engine.reject(request.command)
            engine.fail(.outOfMemory)
            connection.state.session.isTransactionBroken = true
            return true
        }
        // Inside of a transaction nobody waits.
        var queued = request
        queued.route = request.route.withoutBlocking
        connection.state.details.queue?.append(queued, from: pipeline)
        connection.state.details.queuedCount += 1
        if engine.commands.traits(request.command).has(.denyOutOfMemory) {
            connection.state.details.queueTakesMemory = true
        }
        engine.reply.simple("QUEUED")
        return true
    }

    /// EXEC: at once where all keys are this core's and free, else as an operation.
    mutating func exec(_ connection: ConnectionReference, _ request: Request) -> Bool {
        if !connection.state.session.isInTransaction {
            engine.fail(.execWithoutMulti)
            return true
        }
        let details = connection.state.details
        if details.queueTakesMemory, !engine.hasRoom() {
            engine.reject(.exec)
            refuseExec(connection, because: "\(CommandError.outOfMemory.text)")
            return true
        }
        if connection.state.session.isTransactionBroken {
            endTransaction(connection)
            unwatchAll(connection)
            engine.fail(.execAborted)
            return true
        }
        guard let queue = details.queue.take() else { invariantFailed("MULTI made a queue") }
        if !isReadyForChannels(connection, request, queue) {
            details.queue = consume queue
            return false
        }
        let isLocal = isLocal(queue, details)
        let mustWait =
            isLocal ? mustWait(connection, queue) : !beginExec(connection, request, queue)
        if mustWait {
            details.queue = consume queue
            return false
        }
        if isLocal {
            execHere(connection, consume queue)
        } else {
            // The watches end where their keys are held.
            details.watched.removeAll()
            details.executing = consume queue
        }
        return true
    }

    /// Whether nothing stands in the way of the queued commands about channels: other cores know
    /// what is subscribed to, and what is published comes behind earlier requests.
    ///
    /// - Returns: false when EXEC must be read again.
    private mutating func isReadyForChannels(
        _ connection: ConnectionReference, _ request: Request, _ queue: borrowing RequestLog
    ) -> Bool {
        if coreCount == 1 { return true }
        var wanted = InterestPlaces()
        var clients: [Int64] = []
        for place in 0..<queue.count {
            let call = queue.pipeline.invocation(place)
            if call.command.publishes, mustWaitToPublish(connection, call) { return false }
            addPlaces(call, to: &wanted)
            addRedirections(of: call, to: &clients)
        }
        if !areClientsKnown(clients, connection, request) { return false }
        return isAnnounced(wanted, connection, request)
    }

    /// An EXEC that cannot be run at all: the transaction is over.
    mutating func refuseExec(_ connection: ConnectionReference, because reason: String) {
        endTransaction(connection)
        unwatchAll(connection)
        engine.fail("EXECABORT Transaction discarded because of: \(reason)")
    }

    /// Whether no other core has a part in the transaction.
    private func isLocal(_ queue: borrowing RequestLog, _ details: ConnectionDetails) -> Bool {
        if coreCount == 1 { return true }
        for place in 0..<queue.count {
            let request = queue.pipeline.requests[place]
            switch request.route {
            case .core where request.core == index: continue
            case .node where !request.command.isShared: continue
            default: return false
            }
        }
        return details.watched.allSatisfy { $0.core == index.rawValue }
    }

    /// Whether a key of a transaction of this core is held; the connection then waits.
    private mutating func mustWait(
        _ connection: ConnectionReference, _ queue: borrowing RequestLog
    ) -> Bool {
        if holds.isEmpty { return false }
        return mustWait(connection, for: heldKeys(of: queue, connection.state.details))
    }

    /// Whether one of these keys is held; the connection then waits.
    mutating func mustWait(_ connection: ConnectionReference, for keys: HeldKeys) -> Bool {
        if holds.isEmpty { return false }
        if connection.state.mayPass {
            connection.state.mayPass = false
            return false
        }
        if !holds.conflicts(with: keys) { return false }
        holds.wait(Waiter(.connection(connection.state.id), keys))
        connection.state.stall = .held
        statistics.waits += 1
        return true
    }

    /// Runs a transaction of this core's keys, none of which is held.
    private mutating func execHere(
        _ connection: ConnectionReference, _ queue: consuming RequestLog
    ) {
        let details = connection.state.details
        var isDirty = false
        for watched in details.watched {
            watched.key.withBytes { bytes in
                _ = engine.keyspace.lookUp(engine.reference(bytes))
                if engine.keyspace.watches.isDirty(bytes, since: watched.mark) { isDirty = true }
            }
        }
        let keys = canRest(queue) ? heldKeys(of: queue, details).withoutRepeats : nil
        unwatchAll(connection)
        if isDirty {
            engine.reply.nullArray()
        } else {
            // What is done before a command that is done in parts is logged with it.
            var records = LogBuffer(capacity: 0)
            if isLogging { engine.swapLogRecords(&records) }
            let place = runQueued(connection, queue, nil, mayRest: keys != nil)
            if isLogging { engine.swapLogRecords(&records) }
            if let place, let keys {
                beginWork(connection, QueueAtRest(consume queue, place), keys, &records)
            } else if isLogging {
                engine.appendLog(&records)
            }
        }
        endTransaction(connection)
    }

    /// Whether the queue can rest where a command of it is done in parts: all are about keys.
    private func canRest(_ queue: borrowing RequestLog) -> Bool {
        for place in 0..<queue.count {
            switch queue.pipeline.requests[place].route {
            case .core, .cores: continue
            default: return false
            }
        }
        return true
    }

    private func heldKeys(
        of queue: borrowing RequestLog, _ details: ConnectionDetails
    ) -> HeldKeys {
        var keys = HeldKeys()
        for place in 0..<queue.count {
            let request = queue.pipeline.requests[place]
            if request.route == .node {
                keys.isEverything = keys.isEverything || request.command.isShared
            } else {
                let own = heldKeys(of: request, queue.pipeline)
                keys.isEverything = keys.isEverything || own.isEverything
                keys.hashes += own.hashes
                keys.shared += own.shared
            }
        }
        for watched in details.watched {
            keys.shared.append(watched.key.withBytes { engine.keyspace.hash(of: $0) })
        }
        return keys
    }

    /// Runs the queue of an operation whose keys are all here.
    mutating func runQueue(_ connection: ConnectionReference, _ operation: Operation) {
        let details = connection.state.details
        guard let queue = details.executing.take() else {
            invariantFailed("an EXEC that holds its keys has its queue")
        }
        if operation.isDirty {
            engine.reply.nullArray()
        } else {
            // What it logs is one group.
            let mayRest = canRest(queue) && operation.canRest
            if let place = runQueued(connection, queue, operation, mayRest: mayRest) {
                beginWork(connection, operation, QueueAtRest(consume queue, place))
            }
        }
        endTransaction(connection)
        connection.state.session.tracking.remove(.caching)
    }

    /// Runs queued requests one after the other, as one array of replies.
    ///
    /// - Parameter mayRest: a command may be postponed.
    /// - Returns: the place of a command that has been.
    private mutating func runQueued(
        _ connection: ConnectionReference, _ queue: borrowing RequestLog, _ operation: Operation?,
        mayRest: Bool
    ) -> Int? {
        engine.reply.array(queue.count)
        engine.isAdmitted = true
        defer { engine.isAdmitted = false }
        var sharedReads = 0
        for place in 0..<queue.count {
            let request = queue.pipeline.requests[place]
            let before = engine.reply.buffer.count
            let holesBefore = connection.state.holes.count
            let isSilent = connection.state.session.replyMode == .off
            switch request.route {
            case .core, .cores, .patterns:
                if isDenied(queue.pipeline.invocation(place), connection) { break }
                if mayRest {
                    engine.runTimed(request, queue.pipeline)
                } else {
                    engine.runTimedAtOnce(request, queue.pipeline)
                }
                if connection.state.session.tracking.tracksReads {
                    engine.remember(request, queue.pipeline, tracker(connection.state.id))
                }
                if engine.takePostponed() {
                    if duties.contains(.monitored) {
                        show(queue.pipeline.invocation(request), of: connection)
                    }
                    return place
                }
            case .node:
                let start = engine.begin(request.command)
                runQueuedNodeCommand(connection, request, queue.pipeline, operation, &sharedReads)
                complete(queue.pipeline.invocation(request), since: start)
            case .blocking, .blockingCores, .unknown, .arity, .unknownSubcommand:
                invariantFailed("only what can be run is queued")
            }
            if engine.insight.hasSlowCalls { noteSlowCalls(of: connection) }
            if isSilent, connection.state.session.replyMode == .off {
                dropReply(connection, before: before, holesBefore: holesBefore)
            }
            if duties.contains(.monitored) {
                show(queue.pipeline.invocation(request), of: connection)
            }
            if !duties.isEmpty {
                let hasHoles = connection.state.holes.count > holesBefore
                fulfilDuties(replyStart: hasHoles ? nil : before)
            }
        }
        return nil
    }

    private mutating func runQueuedNodeCommand(
        _ connection: ConnectionReference, _ request: Request, _ queue: borrowing Pipeline,
        _ operation: Operation?, _ sharedReads: inout Int
    ) {
        let call = queue.invocation(request)
        switch request.command.reach {
        case .session where request.command == .ssubscribe:
            engine.fail("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")
        case .session where request.command == .monitor:
            engine.fail("ERR MONITOR isn't allowed for DENY BLOCKING client")
        case .session: runSessionCommand(connection, call)
        case .everyKey, .everyCore: runShared(connection, call, operation, &sharedReads)
        case .announced:
            if !isSound(call) { return }
            announce(request, queue, .all)
            conclude(call, connection, [])
        }
    }

    /// A command over all cores inside of a transaction: the other cores' parts came when their
    /// keys were held.
    mutating func runShared(
        _ connection: ConnectionReference, _ call: Invocation, _ operation: Operation?,
        _ sharedReads: inout Int
    ) {
        let isSound = isSound(call)
        var own = OutputBuffer()
        if isSound { contribute(call, connection.state.id, into: &own) }
        var parts = [own.bytes]
        if call.command.isFlush {
            if isSound { operation?.isFlushed = true }
        } else if let operation {
            let isFlushed = operation.isFlushed && call.command.reach == .everyKey
            if !isFlushed { operation.appendParts(ofSharedRead: sharedReads, to: &parts) }
            sharedReads += 1
        }
        if isSound { conclude(call, connection, parts) }
    }

    // MARK: WATCH

    mutating func watch(
        _ connection: ConnectionReference, _ request: Request, _ call: Invocation
    ) -> Bool {
        if connection.state.session.isInTransaction {
            engine.fail(.watchInMulti)
            return true
        }
        return beginGather(connection, request, call, .ownersOfKeys)
    }

    private func isOwned(_ key: Bytes) -> Bool { owner(ofKey: key) == index }

    /// Watches those of the keys that are this core's: for each, its place among the arguments and
    /// its mark.
    mutating func contributeWatch(_ call: Invocation, into part: inout OutputBuffer) {
        for place in 1..<call.count where isOwned(call[place]) {
            // An expired key counts as absent from the start.
            _ = engine.keyspace.lookUp(engine.reference(call[place]))
            part.append(integer: Int64(place))
            part.append(integer: Int64(bitPattern: engine.keyspace.watches.watch(call[place])))
        }
    }

    mutating func concludeWatch(
        _ call: Invocation, _ connection: ConnectionReference, _ parts: [Bytes]
    ) {
        for part in parts {
            for offset in stride(from: 0, to: part.count, by: 16) {
                let key = call[Int(part.integer(at: offset))]
                let watched = WatchedKey(
                    key: OwnedBytes(key), core: owner(ofKey: key).rawValue,
                    mark: UInt64(bitPattern: part.integer(at: offset + 8)))
                let details = connection.state.details
                if details.watched.contains(where: { $0.key == watched.key }) {
                    // The first mark stands: what was written since must not be forgotten.
                    endWatch(watched)
                } else {
                    details.watched.append(watched)
                }
            }
        }
        engine.reply.ok()
    }

    /// Ends all watches of a connection, here and at other cores.
    mutating func unwatchAll(_ connection: ConnectionReference) {
        let watched = connection.state.details.watched
        if watched.isEmpty { return }
        connection.state.details.watched.removeAll()
        for key in watched { endWatch(key) }
    }

    private mutating func endWatch(_ watched: WatchedKey) {
        watched.key.withBytes { bytes in
            if watched.core == index.rawValue {
                engine.keyspace.watches.unwatch(bytes)
            } else {
                var remote = Pipeline()
                announceUnwatch(bytes, &remote)
            }
        }
    }

    /// Ends the watches that a WATCH has begun whose connection went in the meantime.
    mutating func endWatchesOfNobody(_ operation: Operation) {
        guard let id = operation.connection, connections.find(id) == nil else { return }
        var request = operation.requests.pipeline.requests[0]
        if request.command != .watch { return }
        request.command = .unwatch
        announce(request, operation.requests.pipeline, .ownersOfKeys)
    }

    /// Tells a key's owner that it is watched once less.
    private mutating func announceUnwatch(_ key: Bytes, _ pipeline: inout Pipeline) {
        pipeline.removeAll()
        pipeline.arguments.append(Bytes("unwatch"))
        pipeline.arguments.append(key)
        var request = Request(firstArgument: 0, argumentCount: 2)
        request.command = .unwatch
        request.route = .node
        announce(request, pipeline, .ownersOfKeys)
    }

    mutating func contributeUnwatch(_ call: Invocation) {
        for place in 1..<call.count where isOwned(call[place]) {
            engine.keyspace.watches.unwatch(call[place])
        }
    }
}
