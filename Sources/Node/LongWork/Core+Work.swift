// Long work at the core that owns its keys: docs/internals/long-work.md.
//
// A work begins in the middle of a turn, when a request has been postponed, and goes on at the ends
// of turns, where no connection's output is the engine's reply. Its reply belongs into a hole of
// its connection's output, here or at another core, and is handed on piece by piece.

import Base
import Engine
import Log
import Placement

extension Core {
    /// How many elements a part looks at.
    static var partBudget: Int { 2048 }
    /// How much of a reply there may be that the client has not been sent, in bytes, before its
    /// work rests.
    static var unsentMax: Int { 1 << 18 }
    /// How many bytes of replies are handed on in a turn.
    private static var handedOnMax: Int { 1 << 20 }

    // MARK: Beginning

    /// Begins the work of a request of this core's keys that has just been postponed. None of its
    /// keys is held by somebody else.
    mutating func beginWork(_ box: RequestBox, _ home: CoreIndex, _ item: ParcelItem) {
        let keys = heldKeys(of: box.request, box.log.pipeline).withoutRepeats
        let isWrite = engine.commands.traits(box.request.command).has(.write)
        let task = engine.beginWork(box.request, box.log.pipeline)
        holds.hold(keys)
        works.append(
            Work(works.nextNumber(), box, keys, home, item, isWrite: isWrite, consume task))
        statistics.works += 1
        // It may be the end of the turn already.
        tickAtLatest(now)
    }

    /// Begins the work of a blocking request that is served for the one of its keys at `place`.
    ///
    /// - Parameter time: when that was found to have something; the key has been pinned since.
    mutating func beginService(
        _ box: RequestBox, at place: Int, _ home: CoreIndex, _ item: ParcelItem, since time: Int64
    ) {
        let now = engine.now
        engine.keyspace.now = time
        beginWork(RequestBox(box, servedAt: place), home, item)
        engine.keyspace.now = now
    }

    /// Begins the work of an EXEC's command, whose reply will be put where the output ends now,
    /// with those of the commands behind it.
    ///
    /// - Parameters:
    ///   - keys: all of the EXEC's; none is held by somebody else.
    ///   - records: what the commands before it did.
    mutating func beginWork(
        _ connection: ConnectionReference, _ rest: QueueAtRest, _ keys: HeldKeys,
        _ records: inout LogBuffer
    ) {
        let item = addHole(connection)
        let box = rest.box(connection.state.session.version)
        let task = engine.beginWork(box.request, box.log.pipeline)
        let work = Work(
            works.nextNumber(), box, keys, index, item, isWrite: isWriting(rest), consume task)
        work.rest = rest
        swap(&work.records, &records)
        holds.hold(keys)
        works.append(work)
        statistics.works += 1
        tickAtLatest(now)
    }

    /// Begins the work of an operation's command over keys of several cores: what is lent is here,
    /// and the reply will be put where the connection's output ends now.
    mutating func beginWork(_ connection: ConnectionReference, _ operation: Operation) {
        var request = operation.requests.pipeline.requests[0]
        request.version = connection.state.session.version
        let box = RequestBox(request, viewing: operation.requests.pipeline)
        let isWrite = engine.commands.traits(request.command).has(.write)
        let task = engine.beginWork(box.request, box.log.pipeline)
        beginWork(connection, operation, box, isWrite: isWrite, task)
    }

    /// As ``beginWork(_:_:)`` of a command of the operation's EXEC.
    mutating func beginWork(
        _ connection: ConnectionReference, _ operation: Operation, _ rest: QueueAtRest
    ) {
        let box = rest.box(connection.state.session.version)
        let task = engine.beginWork(box.request, box.log.pipeline)
        beginWork(connection, operation, box, isWrite: isWriting(rest), task).rest = rest
    }

    @discardableResult
    mutating func beginWork(
        _ connection: ConnectionReference, _ operation: Operation, _ box: RequestBox, isWrite: Bool,
        _ task: consuming LongWork
    ) -> Work {
        let stall = connection.state.stall
        let item = addHole(connection)
        // The connection goes on when the operation ends.
        connection.state.stall = stall
        let work = Work(
            works.nextNumber(), box, HeldKeys(), index, item, isWrite: isWrite, consume task)
        work.operation = operation
        work.inquiry = engine.takeSortInquiry()
        operation.isResting = true
        works.append(work)
        statistics.works += 1
        tickAtLatest(now)
        return work
    }

    private func isWriting(_ rest: QueueAtRest) -> Bool {
        (0..<rest.log.count).contains { place in
            engine.commands.traits(rest.log.pipeline.requests[place].command).has(.write)
        }
    }

    /// A hole where a connection's output, which is the engine's reply, ends now. What comes behind
    /// waits.
    mutating func addHole(_ connection: ConnectionReference) -> ParcelItem {
        let item = ParcelItem(
            connection: connection.state.id, hole: connection.state.holes.nextNumber)
        connection.state.holes.append(
            Hole(offset: engine.reply.buffer.count, parcel: nil, isSwallowed: false))
        connection.state.stall = .holes
        return item
    }

    /// Begins the work of a connection's request, whose reply will be put where the output ends
    /// now. The requests behind it wait until it is there.
    ///
    /// - Parameter index: of the request in ``pipeline``. The engine's reply is the connection's.
    mutating func beginWork(_ connection: ConnectionReference, _ index: Int) {
        var request = pipeline.requests[index]
        request.version = connection.state.session.version
        let box = RequestBox(request, from: pipeline, adopting: &servedInput)
        beginWork(box, self.index, addHole(connection))
    }

    // MARK: Going on

    /// The end of a turn: works take turns until as many elements have been looked at as a part
    /// has, and replies are handed on.
    @inline(never)
    mutating func doWork() {
        var budget = Self.partBudget
        if !passages.isIdle {
            let share = works.isEmpty ? budget : budget / 2
            var left = share
            travel(&left)
            budget -= share - left
        }
        var parts = works.count
        while budget > 0, parts > 0, let work = takeTurn() {
            doPart(work, &budget)
            parts -= 1
        }
        statistics.workElementsMax = max(statistics.workElementsMax, Self.partBudget - budget)
        let isAllHandedOn = handOnReplies()
        for place in 0..<works.count where !isAllHandedOn || canGoOn(works[place]) {
            // Another turn at once, in which other clients come first.
            tickAtLatest(now)
            break
        }
    }

    /// The next work that can go on; those behind it come before it is its turn again.
    private mutating func takeTurn() -> Work? {
        for distance in 0..<works.count {
            let work = works.inTurn(distance)
            if !canGoOn(work) { continue }
            works.passTurn(distance)
            return work
        }
        return nil
    }

    /// Whether the next part can be done: the client has been sent enough of the last ones, or
    /// somebody waits for the keys.
    private func canGoOn(_ work: Work) -> Bool {
        if work.task == nil || work.inquiry?.isWaiting == true { return false }
        // Nobody here knows who waits for keys of other cores.
        if work.isAbandoned || work.operation != nil { return true }
        // What a client has sent in one go would otherwise all be collected for it.
        if !work.isFirst { return holds.isAwaited(work.keys) }
        var unsent = work.waitingBytes
        if work.home == index {
            guard let connection = connections.find(work.item.connection) else { return true }
            unsent += connection.state.outputBytes
        }
        return unsent <= Self.unsentMax || holds.isAwaited(work.keys)
    }

    private mutating func doPart(_ work: Work, _ budget: inout Int) {
        if !work.isAbandoned, isClientGone(work) { work.isAbandoned = true }
        if let operation = work.operation { putIn(operation) }
        if work.isAbandoned, !work.isWrite {
            giveUp(work)
            return
        }
        guard var task = work.task.take() else { invariantFailed("a work that goes on has a task") }
        if isLogging { swapRecords(work) }
        let call = work.box.log.pipeline.invocation(work.box.request)
        swap(&engine.reply.buffer, &work.reply)
        engine.reply.version = work.box.request.version
        let start = engine.begin(call.command)
        let isDone = task.step(&engine, budget: &budget)
        work.nanoseconds &+= engine.elapsed(since: start)
        engine.suspend()
        swap(&engine.reply.buffer, &work.reply)
        work.endPart()
        if work.isAbandoned { work.dropReply() }
        if !isDone { work.task = consume task }
        if !duties.isEmpty { fulfilDuties(replyStart: nil) }
        if let inquiry = work.inquiry { ask(inquiry, for: work) }
        if isDone { finish(work, call) }
        if isLogging, work.task != nil { swapRecords(work) }
        if let operation = work.operation, work.task != nil { takeOut(operation) }
        if isOverLimit(work) { work.isAbandoned = true }
    }

    /// All is computed: the keys are let go.
    private mutating func finish(_ work: Work, _ call: Invocation) {
        if let operation = work.operation, !operation.isExec {
            engine.complete(call, operation.nanoseconds &+ work.nanoseconds)
        } else {
            engine.insight.completeWork(call, work.nanoseconds)
        }
        if engine.insight.hasSlowCalls {
            noteSlowCall(of: work)
        }
        if let rest = work.rest, runOn(work, rest) { return }
        if isLogging {
            swapRecords(work)
            // An operation's come with the other cores' parts.
            engine.appendLog(&work.records)
        }
        letGo(work)
    }

    /// Runs what an EXEC has behind the command that is done.
    ///
    /// - Returns: whether one more has been postponed.
    private mutating func runOn(_ work: Work, _ rest: QueueAtRest) -> Bool {
        unpin(work)
        let version = work.box.request.version
        var isPostponed = false
        engine.isAdmitted = true
        defer { engine.isAdmitted = false }
        swap(&engine.reply.buffer, &work.reply)
        engine.reply.version = version
        while !isPostponed, rest.advance() {
            engine.runTimed(rest.log.pipeline.requests[rest.place], rest.log.pipeline)
            isPostponed = engine.takePostponed()
            remember(rest, of: work)
            if duties.contains(.monitored),
                let connection = connections.find(work.item.connection)
            {
                show(rest.log.pipeline.invocation(rest.place), of: connection)
            }
            if engine.insight.hasSlowCalls { noteSlowCall(of: work) }
        }
        swap(&engine.reply.buffer, &work.reply)
        if work.isAbandoned { work.dropReply() }
        if !duties.isEmpty { fulfilDuties(replyStart: nil) }
        if !isPostponed { return false }
        let box = rest.box(version)
        statistics.works += 1
        work.goOn(box, engine.beginWork(box.request, box.log.pipeline))
        return true
    }

    /// Notes whom to tell of the next write to what a command of an EXEC has read.
    private mutating func remember(_ rest: QueueAtRest, of work: Work) {
        guard let connection = connections.find(work.item.connection),
            connection.state.session.tracking.tracksReads
        else { return }
        engine.remember(
            rest.log.pipeline.requests[rest.place], rest.log.pipeline,
            tracker(connection.state.id))
    }

    /// From now on the work's own records are noted, or no longer.
    private mutating func swapRecords(_ work: Work) {
        if let operation = work.operation {
            engine.swapLogRecords(&operation.records)
        } else {
            engine.swapLogRecords(&work.records)
        }
    }

    /// All is done, or given up: the keys are let go.
    private mutating func letGo(_ work: Work) {
        unpin(work)
        if let operation = work.operation {
            conclude(operation, hasRun: true)
            return
        }
        let writer = work.home == index ? tracker(work.item.connection) : .nobody
        if engine.hasNews() { seeToNews(of: writer) }
        release(work.keys)
        if engine.hasNews() { seeToNews(of: writer) }
    }

    /// Takes a work out; what a long request lies in is freed in parts.
    private mutating func remove(_ work: Work) {
        works.remove(work)
        if !work.box.log.hasAdopted { return }
        var buffer = work.box.takeAdopted()
        engine.keyspace.release(&buffer)
    }

    /// Lets the keys of a work be removed again, but for those that another one still reads.
    private mutating func unpin(_ work: Work) {
        engine.pinKeys(work.box.request, work.box.log.pipeline, false)
        for place in 0..<works.count {
            let other = works[place]
            if other === work || other.task == nil || !other.keys.sharesReading(work.keys) {
                continue
            }
            engine.pinKeys(other.box.request, other.box.log.pipeline, true)
        }
    }

    /// Ends a work that only answers, and whose client has gone.
    private mutating func giveUp(_ work: Work) {
        works.remove(work)
        if let task = work.task.take() { task.giveUp(&engine) }
        letGo(work)
    }

    /// Whether a client of this core has gone; that another core's has is told with its answer to
    /// a piece of the reply.
    private func isClientGone(_ work: Work) -> Bool {
        if work.home != index { return false }
        guard let connection = connections.find(work.item.connection) else { return true }
        return connection.state.isBroken
    }

    /// Whether what has been collected for a client, since somebody waits for the keys, is more
    /// than the client may leave unread; it is then ended.
    private mutating func isOverLimit(_ work: Work) -> Bool {
        if work.home != index { return isOverLimitThere(work) }
        guard let connection = connections.find(work.item.connection) else { return false }
        let unsent = work.waitingBytes + connection.state.outputBytes
        if unsent <= outputNoticeLimit || unsent <= outputLimits(of: connection).hard {
            return false
        }
        closeNow(connection)
        return true
    }

    /// As ``isOverLimit(_:)`` of a client of another core, which is told to end it.
    private mutating func isOverLimitThere(_ work: Work) -> Bool {
        if work.waitingBytes <= Self.unsentMax { return false }
        let client = work.item.connection
        let unsent = works.waitingBytes(for: work.home, client)
        if unsent <= configuration.outputLimit.hard { return false }
        works.abandonAll(of: work.home, client)
        let parcel = parcels.take()
        parcel.content.items.append(work.item)
        parcel.content.endsClient = true
        mail(parcel, to: work.home, as: .piece)
        return true
    }

    private mutating func noteSlowCall(of work: Work) {
        if work.home == index {
            if let connection = connections.find(work.item.connection) {
                noteSlowCalls(of: connection)
            } else {
                engine.insight.removeSlowCalls()
            }
            return
        }
        for place in 0..<engine.insight.slowCalls.count {
            sampleLatency(engine.insight.slowCalls[place])
        }
        engine.insight.removeSlowCalls()
        work.isSlow = true
    }

    // MARK: Handing on

    /// Hands on what there is of replies, as far as their clients take it.
    ///
    /// - Returns: false where there is more than a turn hands on.
    private mutating func handOnReplies() -> Bool {
        var left = Self.handedOnMax
        var place = 0
        while place < works.count {
            let work = works[place]
            if left <= 0 { return false }
            left -= work.home == index ? handOnHere(work) : handOnThere(work)
            let isOver =
                work.task == nil && (work.isAbandoned || work.isEnded) && !work.isPieceOut
            if isOver { remove(work) } else { place += 1 }
        }
        return true
    }

    /// Puts a piece of the reply into the output of a connection of this core.
    ///
    /// - Returns: how many bytes that were.
    private mutating func handOnHere(_ work: Work) -> Int {
        if work.isAbandoned { return 0 }
        guard let connection = connections.find(work.item.connection) else {
            work.isAbandoned = true
            return 0
        }
        var sum = 0
        while !work.isEnded {
            let room = Self.unsentMax - connection.state.outputBytes
            let piece = work.nextPiece(max(room, 0))
            let isLast = work.task == nil && work.waitingBytes == piece.count
            if !isLast, piece.isEmpty { break }
            if !fillHole(work.item.hole, piece, isLast: isLast, connection) { break }
            let count = piece.count
            work.advance(count)
            work.isEnded = isLast
            sum += count
        }
        return sum
    }

    /// Puts a piece of a reply into the first hole of a connection, which the last piece closes.
    ///
    /// - Returns: false where the hole is not the first one.
    mutating func fillHole(
        _ number: UInt32, _ piece: Bytes, isLast: Bool, _ connection: ConnectionReference
    ) -> Bool {
        if connection.state.holes.index(ofNumber: number) != 0 { return false }
        let hole = connection.state.holes[0]
        if hole.offset > 0 {
            let before = connection.state.output.bytes.slice(0, hole.offset)
            connection.state.released.append(before)
            connection.state.output.removeFirst(hole.offset)
            for place in 0..<connection.state.holes.count {
                connection.state.holes[place].offset -= hole.offset
            }
        }
        if !hole.isSwallowed { connection.state.released.append(piece) }
        if isLast {
            connection.state.holes.removeFirst(1)
            noteFirstHole(connection)
        }
        markDirty(connection)
        return true
    }

    /// Another hole has become the connection's first one, which may be a work's: what there is of
    /// its reply is handed on in another turn.
    @inline(__always)
    mutating func noteFirstHole(_ connection: ConnectionReference) {
        if _fastPath(works.isEmpty) || connection.state.holes.isEmpty { return }
        tickAtLatest(now)
    }

    /// Sends a piece of the reply to the core of its client, one at a time.
    ///
    /// - Returns: how many bytes it has.
    private mutating func handOnThere(_ work: Work) -> Int {
        if work.isAbandoned || work.isPieceOut || work.isEnded || !work.isFirst { return 0 }
        let isLast = work.task == nil && work.waitingBytes <= Self.unsentMax
        if !isLast, work.waitingBytes == 0 { return 0 }
        let parcel = parcels.take()
        var count = 0
        while count < Self.unsentMax, work.waitingBytes > 0 {
            let piece = work.nextPiece(Self.unsentMax - count)
            parcel.content.reply.append(piece)
            count += piece.count
            work.advance(piece.count)
        }
        parcel.content.operation = OperationID(number: work.number)
        parcel.content.items.append(work.item)
        parcel.content.isLastPiece = isLast
        if isLast, work.isSlow {
            work.box.move(into: &parcel.content.requests)
            parcel.content.slowCalls.append(
                ParcelSlowCall(place: 0, nanoseconds: work.nanoseconds))
        }
        work.isPieceOut = true
        work.isEnded = isLast
        mailWhenReleased(parcel, to: work.home, as: .piece)
        return count
    }

    /// The client's core has put a piece of a reply into the output, or has no such client.
    mutating func pieceTaken(_ parcel: ParcelReference) {
        let work = works.find(parcel.content.operation.number)
        let isTaken = parcel.content.wait.isTaken
        dropAdopted(parcel)
        parcels.giveBack(parcel)
        guard let work else { return }
        work.isPieceOut = false
        if !isTaken { works.abandonAll(of: work.home, work.item.connection) }
    }
}
