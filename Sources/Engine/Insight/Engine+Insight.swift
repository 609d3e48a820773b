// Where commands are counted and timed; CommandInsight.swift says which are.

import Base

extension Engine {
    // MARK: Batches

    /// Requests of one pipeline will be run one after the other; see ``CommandInsight``.
    package mutating func beginBatch(_ count: Int) {
        insight.beginBatch(count)
    }

    /// The batch ends, of which the requests in `range` were begun.
    ///
    /// - Parameter start: where their replies begin.
    /// - Returns: whether there are calls in ``CommandInsight/slowCalls``.
    package mutating func endBatch(
        _ pipeline: borrowing Pipeline, _ range: Range<Int>, repliesFrom start: Int
    ) -> Bool {
        var only: CommandID?
        if range.count == 1 {
            let request = pipeline.requests[range.lowerBound]
            let isHere = request.route == .core && request.core == core
            if isHere || request.isPing { only = request.command }
        }
        let nanoseconds = insight.endBatch(only)
        if _slowPath(nanoseconds >= insight.batchLimit) {
            blameHeaviest(pipeline, range, start, nanoseconds)
        }
        return insight.hasSlowCalls
    }

    /// Takes the call that read and wrote the most bytes for the one that made its batch slow.
    @inline(never)
    private mutating func blameHeaviest(
        _ pipeline: borrowing Pipeline, _ range: Range<Int>, _ start: Int, _ nanoseconds: UInt64
    ) {
        var heaviest: Int?
        var mostBytes = -1
        var offset = start
        for index in range {
            let request = pipeline.requests[index]
            let isHere = request.route == .core && request.core == core
            // A request for another core has no reply here yet.
            if request.route == .core, !isHere { continue }
            let length = reply.buffer.bytes.replyLength(at: offset) ?? 0
            offset += length
            if !isHere || commands.isTimedAlone(request.command) { continue }
            var bytes = length
            let first = Int(request.firstArgument)
            for place in first..<(first + Int(request.argumentCount)) {
                bytes += pipeline.arguments[place].count
            }
            if bytes > mostBytes {
                mostBytes = bytes
                heaviest = index
            }
        }
        if let heaviest {
            insight.addSlowCall(pipeline.invocation(heaviest), nanoseconds)
        }
    }

    /// As ``run(_:from:)``, each call timed.
    @inline(never)
    mutating func runWatched(_ pipeline: borrowing Pipeline, from index: Int) -> Int {
        let count = pipeline.requests.count
        var index = index
        var start = insight.stopwatch.read()
        while index < count {
            let request = pipeline.requests[index]
            if request.route != .core || request.core != core {
                if !answersPing(request, pipeline) { break }
            } else {
                run(request, pipeline)
            }
            if postponed.isWanted { break }
            let end = insight.stopwatch.read()
            insight.recordWatched(
                pipeline.invocation(request), end &- start,
                isTimedAlone: commands.isTimedAlone(request.command))
            start = end
            index &+= 1
            if keyspace.watches.hasReady { break }
        }
        return index
    }

    /// Runs one request of a batch.
    package mutating func runInBatch(_ request: Request, _ pipeline: borrowing Pipeline) {
        if _slowPath(postponed.delaysAll), delay(request) { return }
        if !insight.isWatching {
            run(request, pipeline)
            return
        }
        let start = insight.stopwatch.read()
        run(request, pipeline)
        if postponed.isWanted { return }
        insight.recordWatched(
            pipeline.invocation(request), insight.stopwatch.read() &- start,
            isTimedAlone: commands.isTimedAlone(request.command))
    }

    /// Postpones a request in a simulation; false where it cannot be.
    private mutating func delay(_ request: Request) -> Bool {
        if !postponed.isPossible || commands.traits(request.command).keyForm == .none {
            return false
        }
        insight.count(request.command)
        insight.endRunning()
        postponed.isWanted = true
        return true
    }

    // MARK: Single calls

    /// Runs one request on this core's keyspace and times it.
    package mutating func runTimed(_ request: Request, _ pipeline: borrowing Pipeline) {
        if _slowPath(postponed.delaysAll), delay(request) { return }
        let wasWatching = insight.isWatching
        // What it runs is not to be timed twice.
        insight.setWatching(true)
        let start = insight.stopwatch.read()
        run(request, pipeline)
        let nanoseconds = insight.stopwatch.read() &- start
        if !postponed.isWanted { insight.record(pipeline.invocation(request), nanoseconds) }
        insight.setWatching(wasWatching)
        insight.exclude(nanoseconds)
    }

    /// As ``runTimed(_:_:)`` for what cannot be postponed.
    package mutating func runTimedAtOnce(_ request: Request, _ pipeline: borrowing Pipeline) {
        let wasPossible = postponed.isPossible
        postponed.isPossible = false
        runTimed(request, pipeline)
        postponed.isPossible = wasPossible
    }

    /// Runs one request on this core's keyspace that ``complete(_:_:)`` will count.
    package mutating func runUncounted(_ request: Request, _ pipeline: borrowing Pipeline) {
        let wasWatching = insight.isWatching
        insight.setWatching(true)
        insight.begin(request.command)
        dispatch(request, pipeline)
        insight.setWatching(wasWatching)
    }

    /// Runs a command whose cost has no bound of its own, and times it.
    @inline(never)
    mutating func dispatchTimed(_ call: Invocation) {
        let start = insight.stopwatch.read()
        dispatchUntimed(call)
        let nanoseconds = insight.stopwatch.read() &- start
        if !postponed.isWanted { insight.record(call, nanoseconds) }
        insight.exclude(nanoseconds)
    }

    // MARK: Commands of the node's

    /// A command of the node's begins; the time, for ``elapsed(since:)``.
    package mutating func begin(_ command: CommandID) -> UInt64 {
        insight.begin(command)
        return insight.stopwatch.read()
    }

    /// How long ago that was, in nanoseconds. The time is not the current batch's.
    package mutating func elapsed(since start: UInt64) -> UInt64 {
        let nanoseconds = insight.stopwatch.read() &- start
        insight.exclude(nanoseconds)
        return nanoseconds
    }

    /// Counts a command of the node's that has been answered.
    package mutating func complete(_ call: Invocation, _ nanoseconds: UInt64) {
        insight.count(call.command)
        insight.endRunning()
        insight.record(call, nanoseconds)
    }

    /// The command of the node's goes on later, or is begun again.
    package mutating func suspend() {
        insight.endRunning()
    }

    /// The request that follows is refused before it runs: an error is no failure of a command's.
    package mutating func reject(_ command: CommandID?) {
        insight.endRunning()
        if let command { insight.noteRejection(command) }
    }
}
