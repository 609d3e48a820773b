// From a blocking request to a wait, and from a wait to its end: what a client's core does. The
// protocol: docs/internals/blocking.md.

import Base
import Engine
import Placement

extension Core {
    // MARK: Beginning

    /// Runs a blocking request whose keys are all on one core; its client waits where it finds
    /// nothing.
    ///
    /// - Parameter place: of the request in ``pipeline``.
    /// - Returns: false when the request must be read again.
    mutating func beginBlocking(
        _ connection: ConnectionReference, _ request: Request, at place: Int
    ) -> Bool {
        if request.core != index { return beginAttempt(connection, request) }
        if mustWait(connection, for: keysIfHeld(of: request, pipeline)) { return false }
        let before = engine.reply.buffer.count
        guard let wanted = engine.attempt(request, pipeline) else {
            if engine.takePostponed() { beginWork(connection, place) }
            return true
        }
        engine.reply.buffer.truncate(to: before)
        let id = WaitID(home: index, number: operations.nextNumber())
        let wait = Wait(
            id, connection.state.id, isReplySwallowed: connection.state.session.replyMode != .on,
            deadline: deadline(wanted.timeout, from: now))
        wait.owners.append(index)
        register(RequestBox(request, from: pipeline), id, wanted.type)
        begin(wait, connection)
        return true
    }

    private func keysIfHeld(
        of request: Request, _ pipeline: borrowing Pipeline
    ) -> HeldKeys {
        holds.isEmpty ? HeldKeys() : heldKeys(of: request, pipeline)
    }

    /// Lets the core that owns the keys try.
    private mutating func beginAttempt(
        _ connection: ConnectionReference, _ request: Request
    ) -> Bool {
        guard let operation = begin(connection, request) else { return false }
        let parcel = parcels.take()
        var copy = request
        copy.version = connection.state.session.version
        parcel.content.operation = operation.id
        parcel.content.wait.id = WaitID(home: index, number: operation.id.number)
        parcel.content.requests.append(copy, from: pipeline)
        // Should it be done in parts: no reply is missing before it.
        parcel.content.items.append(
            ParcelItem(
                connection: connection.state.id, hole: connection.state.holes.nextNumber))
        mail(parcel, to: request.core, as: .attempt)
        return true
    }

    /// The owner has tried.
    mutating func attemptedArrived(_ parcel: ParcelReference) {
        let operation = operations.find(parcel.content.operation)
        let note = parcel.content.wait
        if let wanted = note.wanted {
            beginWait(operation, wanted, owners: [parcel.content.sender])
        }
        if let id = operation.connection, let connection = connections.find(id) {
            if !parcel.content.deferred.isEmpty {
                withReply(of: connection, isSwallowed: operation.isReplySwallowed) { core in
                    _ = core.addHole(connection)
                }
                connection.state.stall = .operation(operation.id)
            } else if note.wanted == nil {
                withReply(of: connection, isSwallowed: operation.isReplySwallowed) { core in
                    core.engine.reply.buffer.append(parcel.content.reply.bytes)
                }
            }
            if duties.contains(.monitored) {
                show(operation.requests.pipeline.invocation(0), of: connection)
            }
        }
        if !parcel.content.slowCalls.isEmpty { logSlowCalls(of: parcel) }
        parcels.giveBack(parcel)
        end(operation)
    }

    /// An operation has found nothing, so its client waits; it has been registered with the owners.
    mutating func beginWait(
        _ operation: Operation, _ wanted: WantedWait, owners: [CoreIndex]
    ) {
        let id = WaitID(home: index, number: operation.id.number)
        guard let name = operation.connection, let connection = connections.find(name) else {
            for owner in owners { forget(id, at: owner) }
            return
        }
        let wait = Wait(
            id, name, isReplySwallowed: operation.isReplySwallowed,
            deadline: deadline(wanted.timeout, from: operation.beganAt))
        wait.owners = owners
        begin(wait, connection)
    }

    private mutating func begin(_ wait: Wait, _ connection: ConnectionReference) {
        waits.insert(wait)
        connection.state.stall = .blocked(wait.id.number)
        if let deadline = wait.deadline { tickAtLatest(deadline) }
        // Nobody is left to wait for.
        if connection.state.isEnding || connection.state.isBroken { leaveWait(connection) }
    }

    /// When a wait of `timeout` milliseconds ends; nil for one without an end, and for one that
    /// ends after all time.
    private func deadline(_ timeout: Int64, from start: Int64) -> Int64? {
        if timeout == 0 { return nil }
        let (deadline, overflow) = start.addingReportingOverflow(timeout)
        return overflow ? nil : deadline
    }

    // MARK: Being served

    /// Gives a waiting client its answer. It is served again at the end of the turn: this may run
    /// behind somebody else's request.
    mutating func finish(
        _ wait: Wait, servedBy owner: CoreIndex?, _ write: (inout Core) -> Void
    ) {
        guard let connection = connections.find(wait.connection) else {
            invariantFailed("a client that is gone does not wait")
        }
        connection.state.stall = .none
        withReply(of: connection, isSwallowed: wait.isReplySwallowed) { core in write(&core) }
        end(wait, servedBy: owner)
        markDirty(connection)
    }

    /// Another core offers an element: the client takes it, or is not there any more.
    mutating func offerArrived(_ parcel: ParcelReference) {
        let wait = waits.find(parcel.content.wait.id.number)
        if let wait, wait.call == nil {
            parcel.content.wait.isTaken = true
            finish(wait, servedBy: parcel.content.sender) { core in
                if !parcel.content.deferred.isEmpty,
                    let connection = core.connections.find(wait.connection)
                {
                    parcel.content.items.append(core.addHole(connection))
                    return
                }
                core.engine.reply.buffer.append(parcel.content.reply.bytes)
            }
            if isLogging { notePart(in: parcel) }
            if plantedFault == .offerDeclinedThoughTaken { parcel.content.wait.isTaken = false }
        } else {
            parcel.content.wait.isTaken = plantedFault == .offerTakenThoughOver
        }
        send(parcel, to: parcel.content.sender, as: .offerAnswered)
    }

    /// The owner logs what the client takes, and its reply waits for that: it is a transaction, of
    /// which this core's part is empty.
    private mutating func notePart(in parcel: ParcelReference) {
        guard let number = log?.takeTransactionNumber() else { return }
        let owner = parcel.content.sender.rawValue
        let cores = (min(owner, index.rawValue), max(owner, index.rawValue))
        parcel.content.transaction = number
        parcel.content.loggers.append(cores.0)
        parcel.content.loggers.append(cores.1)
        engine.beginLogGroup()
        endPart(index, number, parcel.content.loggers)
    }

    // MARK: Being called

    /// Another core calls: the element is there, but not all of the keys.
    mutating func callArrived(_ parcel: ParcelReference) {
        guard let wait = waits.find(parcel.content.wait.id.number) else {
            answerCall(.parcel(parcel), parcel.content.wait.id, isOver: true)
            return
        }
        beginCall(wait, .parcel(parcel), parcel.content.requests.pipeline)
    }

    /// Begins an operation over all keys of a client that waits.
    mutating func beginCall(_ wait: Wait, _ call: Wait.Call, _ source: borrowing Pipeline) {
        guard let connection = connections.find(wait.connection) else {
            invariantFailed("a client that is gone does not wait")
        }
        wait.call = call
        let operation = operations.begin(wait.connection)
        operation.requests.append(source.requests[0], from: source)
        operation.isReplySwallowed = wait.isReplySwallowed
        operation.wait = wait
        connection.state.stall = .operation(operation.id)
        statistics.operations += 1
        beginHolding(operation)
    }

    /// The operation of a call is done.
    ///
    /// - Parameter isServed: it has moved an element or failed; the client has its answer.
    mutating func endCall(_ operation: Operation, _ wait: Wait, isServed: Bool) {
        guard let call = wait.call else { invariantFailed("a call that ends was made") }
        wait.call = nil
        answerCall(call, wait.id, isOver: isServed)
        let connection = connections.find(wait.connection)
        if isServed || connection == nil {
            operation.wait = nil
            end(wait, servedBy: nil)
        } else if let connection, connection.state.isEnding || connection.state.isBroken {
            operation.wait = nil
            connection.state.stall = .blocked(wait.id.number)
            leaveWait(connection)
        } else if let deadline = wait.deadline, deadline <= now {
            operation.wait = nil
            timeOut(wait)
        }
        serveReady()
    }

    private mutating func answerCall(_ call: Wait.Call, _ id: WaitID, isOver: Bool) {
        switch call {
        case .here:
            if let registration = waitQueues.find(id) { endService(registration, isOver: isOver) }
        case .parcel(let parcel):
            parcel.content.wait.isTaken = isOver
            mail(parcel, to: parcel.content.sender, as: .callAnswered)
        }
    }

    // MARK: Ending

    /// The wait is over: its registrations go, but for that of the core that knows.
    private mutating func end(_ wait: Wait, servedBy owner: CoreIndex?) {
        waits.remove(wait)
        for core in wait.owners where core != owner || core == index { forget(wait.id, at: core) }
    }

    /// Tells an owner that the wait is over.
    private mutating func forget(_ id: WaitID, at core: CoreIndex) {
        if core == index {
            if let registration = waitQueues.find(id) { remove(registration) }
            return
        }
        if plantedFault == .registrationKept { return }
        let parcel = parcels.take()
        parcel.content.wait.id = id
        mail(parcel, to: core, as: .forget)
    }

    /// Answers a wait that has found nothing in its time.
    private mutating func timeOut(_ wait: Wait) {
        finish(wait, servedBy: nil) { $0.engine.reply.nullArray() }
    }

    /// How many waits end in a turn for their time being over; the others do in the next.
    private static var timedOutMax: Int { 256 }

    /// Ends the waits whose time is over. Called by the tick.
    mutating func timeOutWaits() {
        var left = Self.timedOutMax
        while left > 0, let wait = waits.takeDue(now) {
            // A call that is under way looks at the deadline when it ends.
            if wait.call == nil { timeOut(wait) }
            left -= 1
        }
        if let deadline = waits.nextDeadline { tickAtLatest(deadline) }
    }

    /// The client of a wait is gone: nobody is answered.
    mutating func abandonWait(_ connection: ConnectionReference) {
        guard case .blocked(let number) = connection.state.stall,
            let wait = waits.find(number)
        else { return }
        connection.state.stall = .none
        end(wait, servedBy: nil)
    }

    /// The client of a wait sends nothing more, or is to send nothing more: it goes. What it sent
    /// behind its request is not run.
    mutating func leaveWait(_ connection: ConnectionReference) {
        abandonWait(connection)
        connection.state.input.removeAll()
        connection.state.isClosing = true
        markDirty(connection)
    }

    // MARK: CLIENT UNBLOCK

    /// CLIENT UNBLOCK id [TIMEOUT | ERROR]
    mutating func isSoundUnblock(_ call: Invocation) -> Bool {
        if call.count > 4 {
            engine.fail(
                """
                ERR unknown subcommand or wrong number of arguments for 'UNBLOCK'. \
                Try CLIENT HELP.
                """)
            return false
        }
        if call.count == 4, !call[3].equalsIgnoringCase("timeout"),
            !call[3].equalsIgnoringCase("error")
        {
            engine.fail("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
            return false
        }
        if call[2].canonicalInteger == nil {
            engine.fail(.notInteger)
            return false
        }
        return true
    }

    mutating func contributeUnblock(_ call: Invocation, into part: inout OutputBuffer) {
        let isError = call.count == 4 && call[3].equalsIgnoringCase("error")
        part.append(integer: unblock(call[2].canonicalInteger ?? 0, isError: isError))
    }

    /// How many of this core's clients of that number waited and do no longer, 0 or 1.
    private mutating func unblock(_ number: Int64, isError: Bool) -> Int64 {
        for place in 0..<connections.placeCount {
            guard let connection = connections.connection(at: place),
                connection.state.details.number == number
            else { continue }
            guard case .blocked(let wait) = connection.state.stall, let wait = waits.find(wait)
            else { return 0 }
            if isError {
                finish(wait, servedBy: nil) { $0.engine.fail(.unblocked) }
            } else {
                timeOut(wait)
            }
            return 1
        }
        return 0
    }
}
