// From received bytes to requests that are run, sent on or made to wait.

import Base
import Engine
import Placement

extension Core {
    /// A client has sent bytes; they are read before the call returns, or copied.
    public mutating func received(_ id: ConnectionID, _ bytes: Bytes) {
        guard let connection = connections.find(id) else { return }
        statistics.bytesReceived &+= bytes.count
        statistics.receives &+= 1
        connection.state.lastActiveAt = now
        if connection.state.isClosing || connection.state.isEnding { return }
        if _slowPath(!connection.state.input.isEmpty || connection.state.stall != .none) {
            connection.state.input.append(bytes)
            serveInput(connection)
            return
        }
        let consumed = serve(connection, bytes)
        if _slowPath(consumed < bytes.count) {
            connection.state.input.append(bytes.slice(consumed, bytes.count))
            boundInput(connection)
        }
    }

    /// Runs what was received and kept, as far as it goes.
    mutating func serveInput(_ connection: ConnectionReference) {
        let isServable =
            connection.state.stall == .none && !connection.state.isClosing
            && !connection.state.input.isEmpty
            && connection.state.input.count >= connection.state.inputNeeded
        if isServable {
            connection.state.inputNeeded = 0
            serveKept(connection)
        }
        boundInput(connection)
    }

    private mutating func serveKept(_ connection: ConnectionReference) {
        // Serving one connection may wake another.
        var outer = connection.state.input.take()
        swap(&outer, &servedInput)
        let input = servedInput.bytes
        let consumed = serve(connection, input)
        if servedInput.isEmpty {
            // A request has been taken over, with its memory; that stays until the end of the turn.
            connection.state.input.append(input.slice(consumed, input.count))
        } else {
            servedInput.removeFirst(consumed)
            servedInput.shrink(over: 1 << 16)
            connection.state.input = servedInput.take()
        }
        swap(&outer, &servedInput)
    }

    /// Stops to receive from a client that sends more than is taken on, and goes on once that is
    /// worked off.
    private mutating func boundInput(_ connection: ConnectionReference) {
        if connection.state.isClosing {
            connection.state.input.removeAll()
            return
        }
        let held = connection.state.input.count
        if held > configuration.queryBufferMax {
            closeNow(connection)
            return
        }
        if held >= Self.reservedInputMin { reserveInput(connection) }
        if connection.state.isEnding { return }
        let isTooMuch = connection.state.stall != .none && held > Self.stalledInputMax
        if isTooMuch == connection.state.isReceiving {
            connection.state.isReceiving = !isTooMuch
            let id = connection.state.id
            outbox.append(isTooMuch ? .stopReceiving(id) : .receive(id))
        }
    }

    /// Makes room for all of a long request, of which a part has come: to grow by doubling would
    /// copy it again and again.
    private func reserveInput(_ connection: ConnectionReference) {
        let held = connection.state.input.count
        let wanted = min(connection.state.inputNeeded, held * Self.reservedInputFactor)
        if wanted <= connection.state.input.capacity { return }
        _ = unsafe connection.state.input.reserve(wanted - held)
    }

    /// From how many bytes on it is believed how long a request will be, and how many times what
    /// has come.
    private static var reservedInputMin: Int { 1 << 20 }
    private static var reservedInputFactor: Int { 32 }

    /// How much is kept of what a client sends while its requests wait, in bytes.
    static var stalledInputMax: Int { 1 << 16 }

    /// Runs the requests in `bytes`; returns how many bytes are done with. What is left is an
    /// incomplete request, or the connection is stalled.
    mutating func serve(_ connection: ConnectionReference, _ bytes: Bytes) -> Int {
        var offset = 0
        while offset < bytes.count {
            let isAuthenticated = connection.state.session.isAuthenticated
            let limits = RequestLimits(
                bulkLengthMax: configuration.bulkLengthMax, isAuthenticated: isAuthenticated)
            pipeline.removeAll()
            let outcome = engine.read(
                bytes, &offset, limits,
                countMax: isAuthenticated ? Pipeline.requestCountMax : 1,
                into: &pipeline, &connection.state.partial)
            engine.prefetchEntries(pipeline)
            let done = runPipeline(connection)
            if _slowPath(connection.state.isClosing) { return bytes.count }
            if _slowPath(connection.state.stall != .none) {
                connection.state.partial = nil
                return done < pipeline.requests.count ? pipeline.requests[done].start : offset
            }
            switch outcome {
            case .more: break
            case .incomplete(let total):
                connection.state.inputNeeded = total
                return offset
            case .invalid(let fault):
                refuse(connection, fault)
                return bytes.count
            }
        }
        return offset
    }

    /// Tells the client that its bytes are no requests, and closes.
    private mutating func refuse(_ connection: ConnectionReference, _ fault: ProtocolFault) {
        var reply = Reply()
        reply.error(fault)
        connection.state.output.append(reply.buffer.bytes)
        connection.state.isClosing = true
        markDirty(connection)
    }

    /// Runs the pipeline until the connection stalls or closes; returns the index of the first
    /// request that was not taken on.
    private mutating func runPipeline(_ connection: ConnectionReference) -> Int {
        let count = pipeline.requests.count
        if count == 0 { return 0 }
        swap(&engine.reply.buffer, &connection.state.output)
        engine.reply.version = connection.state.session.version
        let before = engine.reply.buffer.count
        engine.beginBatch(count)
        var index = 0
        while true {
            if _fastPath(isPlain(connection)) {
                index = engine.run(pipeline, from: index)
                if _slowPath(index < count), engine.takePostponed() {
                    beginWork(connection, index)
                    index += 1
                    break
                }
                if _slowPath(engine.hasNews()) {
                    seeToNews(behind: connection)
                    if index < count, !connection.state.isClosing { continue }
                }
            }
            if index == count || connection.state.isClosing { break }
            if !runUnusual(connection, index) { break }
            index += 1
            if _slowPath(engine.hasNews()) { seeToNews(behind: connection) }
            if connection.state.isClosing || connection.state.stall != .none { break }
        }
        if _slowPath(engine.endBatch(pipeline, 0..<index, repliesFrom: before)) {
            noteSlowCalls(of: connection)
        }
        swap(&engine.reply.buffer, &connection.state.output)
        if index > 0 { connection.state.lastCommand = pipeline.requests[index &- 1].command }
        markDirty(connection)
        return index
    }

    /// Tells of what a request of the connection has written, and serves who waited for it.
    private mutating func seeToNews(behind connection: ConnectionReference) {
        swap(&engine.reply.buffer, &connection.state.output)
        seeToNews(of: tracker(connection.state.id))
        swap(&engine.reply.buffer, &connection.state.output)
        engine.reply.version = connection.state.session.version
        // Offers hold keys: the requests behind this one have no pass for them.
        connection.state.mayPass = false
    }

    /// Whether requests for this core can be run as they come.
    @inline(__always)
    private func isPlain(_ connection: ConnectionReference) -> Bool {
        connection.state.session.isPlain && holds.isEmpty && duties.isEmpty
            && !(pipeline.hasConfinedRequest && connection.state.session.isRedirecting)
    }

    /// Runs a request that goes elsewhere, or whose connection is in a state that wants a look at
    /// each request.
    ///
    /// - Returns: false when the request must wait to be read again; the connection is then
    ///   stalled.
    private mutating func runUnusual(_ connection: ConnectionReference, _ index: Int) -> Bool {
        let request = pipeline.requests[index]
        let call = pipeline.invocation(index)
        let before = engine.reply.buffer.count
        let holesBefore = connection.state.holes.count
        let mode = connection.state.session.replyMode
        serving = connection.state.id
        defer { serving = nil }
        if !admit(connection, request, call, index) { return false }
        if _slowPath(connection.state.session.tracking.contains(.caching)) {
            endCaching(connection, behind: request)
        }
        if mode != .on { swallow(connection, call, before: before, holesBefore: holesBefore) }
        if !duties.isEmpty {
            // Other cores' replies stand where they are: nothing may be moved in front of them.
            let hasHoles = connection.state.holes.count > holesBefore
            fulfilDuties(replyStart: hasHoles ? nil : before)
        }
        if _slowPath(!heldPushes.isEmpty) { releaseHeldPushes() }
        return true
    }

    /// Sees to what a request that has been run leaves to do.
    ///
    /// - Parameter replyStart: where its reply begins, if it is the engine's.
    mutating func fulfilDuties(replyStart: Int?) {
        if duties.contains(.tellsEvents) { tellKeyEvents(replyStart: replyStart) }
    }

    /// Checks what any request must pass, then sends it on its way.
    private mutating func admit(
        _ connection: ConnectionReference, _ request: Request, _ call: Invocation, _ index: Int
    ) -> Bool {
        switch request.route {
        case .unknown, .arity, .unknownSubcommand:
            refuse(connection, request, call)
            return true
        case .core, .cores, .patterns, .blocking, .blockingCores, .node: break
        }
        let traits = engine.commands.traits(request.command)
        if !connection.state.session.isAuthenticated, !traits.has(.noAuth) {
            engine.reject(request.command)
            if request.command == .exec {
                refuseExec(connection, because: "\(CommandError.noAuthentication.text)")
            } else {
                engine.fail(.noAuthentication)
            }
            return true
        }
        if connection.state.session.isConfinedToChannels, !request.command.isOpenToSubscribers {
            refuseToSubscriber(connection, request.command)
            return true
        }
        if connection.state.session.isMonitor, traits.isClosedToMonitors {
            refuseToMonitor(connection)
            return true
        }
        if duties.contains(.loading), !traits.has(.loading) {
            refuseWhileLoading(connection, request.command)
            return true
        }
        if pause.isOn, pause.holdsBack(traits, request.command, now: now) {
            connection.state.stall = .paused
            return false
        }
        if connection.state.session.isRedirecting, redirect(connection, request) { return true }
        if request.command.namesShardChannels, connection.state.details.listener != .gateway,
            redirectShardChannels(connection, call)
        {
            return true
        }
        if connection.state.session.isInTransaction, request.command.isQueued {
            return queue(connection, request, call)
        }
        if !start(connection, request, call, index) { return false }
        // What has become an operation is shown when it has run.
        if duties.contains(.monitored), !connection.state.stall.isOperation {
            show(call, of: connection)
        }
        return true
    }

    /// Runs a request or sends it on its way.
    private mutating func start(
        _ connection: ConnectionReference, _ request: Request, _ call: Invocation, _ index: Int
    ) -> Bool {
        if request.command.sorts, isDenied(call, connection) { return true }
        switch request.route {
        case .core where request.core == self.index:
            return runHere(connection, request, index)
        case .core:
            return forward(connection, request)
        case .cores, .blockingCores:
            return beginTransaction(connection, request)
        case .patterns:
            return beginSort(connection, request)
        case .blocking:
            return beginBlocking(connection, request)
        default:
            connection.state.lastCommand = request.command
            return runTimed(connection, request, call)
        }
    }

    /// Answers a request that can be run nowhere.
    private mutating func refuse(
        _ connection: ConnectionReference, _ request: Request, _ call: Invocation
    ) {
        if request.route == .arity, request.command == .exec {
            engine.reject(.exec)
            let reason = "wrong number of arguments for 'exec' command"
            refuseExec(connection, because: reason)
            return
        }
        if request.route == .unknown, call[0].isStartOfHTTP {
            // A browser that was tricked into talking to this port must not get its body run.
            closeNow(connection)
            return
        }
        engine.refuse(request, call)
        connection.state.session.isTransactionBroken =
            connection.state.session.isInTransaction
    }

    /// Runs a request on this core unless one of its keys is held.
    private mutating func runHere(
        _ connection: ConnectionReference, _ request: Request, _ index: Int
    ) -> Bool {
        if !holds.isEmpty {
            if connection.state.mayPass {
                connection.state.mayPass = false
            } else if !isFree(request) {
                let keys = heldKeys(of: request, pipeline)
                if holds.conflicts(with: keys) {
                    holds.wait(Waiter(.connection(connection.state.id), keys))
                    connection.state.stall = .held
                    statistics.waits += 1
                    return false
                }
            }
        }
        engine.runTimed(request, pipeline)
        if connection.state.session.tracking.tracksReads {
            engine.remember(request, pipeline, tracker(connection.state.id))
        }
        if engine.takePostponed() { beginWork(connection, index) }
        return true
    }

    /// Whether a request has one key and nobody stands in its way: what most requests are asked
    /// while something is held.
    private func isFree(_ request: Request) -> Bool {
        let traits = engine.commands.traits(request.command)
        return traits.keyForm == .one
            && !holds.conflicts(withKey: request.hash, isRead: traits.has(.readOnly))
    }

    /// Copies a request into the mail for the core that owns its keys.
    private mutating func forward(_ connection: ConnectionReference, _ request: Request) -> Bool {
        if connection.state.holes.count >= Self.holeCountMax {
            connection.state.stall = .holes
            return false
        }
        let parcel = openParcel(for: request.core)
        var copy = request
        copy.version = connection.state.session.version
        copy.isTracked = connection.state.session.tracking.tracksReads
        if _slowPath(!servedInput.isEmpty), !parcel.content.requests.hasAdopted {
            parcel.content.requests.append(copy, from: pipeline, adopting: &servedInput)
        } else {
            parcel.content.requests.append(copy, from: pipeline)
        }
        parcel.content.items.append(
            ParcelItem(
                connection: connection.state.id, hole: connection.state.holes.nextNumber))
        connection.state.holes.append(
            Hole(offset: engine.reply.buffer.count, parcel: nil, isSwallowed: false))
        statistics.hopsOut &+= 1
        if parcel.content.requests.count >= Self.parcelRequestCountMax
            || parcel.content.requests.byteCount >= Self.parcelBytesMax
        {
            postParcel(for: request.core)
        }
        return true
    }

    /// How many replies of other cores a connection waits for before its next request has to.
    static var holeCountMax: Int { 1024 }
    static var parcelRequestCountMax: Int { 512 }
    static var parcelBytesMax: Int { 1 << 16 }

    /// Drops the reply of the request just run, as an earlier CLIENT REPLY asked for.
    private mutating func swallow(
        _ connection: ConnectionReference, _ call: Invocation, before: Int, holesBefore: Int
    ) {
        // CLIENT REPLY ON is answered.
        if connection.state.session.replyMode == .on { return }
        // One reply is skipped, unless this request asked for the next one to be.
        if connection.state.session.replyMode == .skip, call.command != .clientReply {
            connection.state.session.replyMode = .on
        }
        dropReply(connection, before: before, holesBefore: holesBefore)
    }

    /// Drops what has been replied since, and what other cores will still reply.
    mutating func dropReply(
        _ connection: ConnectionReference, before: Int, holesBefore: Int
    ) {
        engine.reply.buffer.truncate(to: before)
        for index in holesBefore..<connection.state.holes.count {
            connection.state.holes[index].isSwallowed = true
            connection.state.holes[index].offset = before
        }
    }
}

extension Bytes {
    /// The first word of an HTTP request, or of one of its headers.
    fileprivate var isStartOfHTTP: Bool {
        equalsIgnoringCase("post") || equalsIgnoringCase("host:")
    }
}
