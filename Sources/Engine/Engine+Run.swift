// From routed requests to replies.

import Base
import Placement

extension Engine {
    /// Asks for the buckets and then for the entries that the requests for this core will read.
    /// Their tables have been asked for while the requests were read.
    ///
    /// It changes nothing, nor do others here that are `mutating`: without that they would copy the
    /// engine's fields first, 50 to 80 instructions a call.
    package mutating func prefetchEntries(_ pipeline: borrowing Pipeline) {
        let count = pipeline.requests.count
        if count < 2 { return }
        var last = UInt64(0)
        for index in 0..<count {
            let request = pipeline.requests[index]
            // Two keys of one hash are one key in nearly all cases.
            if request.hash != last, request.route == .core, request.core == core {
                keyspace.prefetchBucket(request.slot, request.hash)
                last = request.hash
            }
        }
        last = 0
        for index in 0..<count {
            let request = pipeline.requests[index]
            if request.hash != last, request.route == .core, request.core == core {
                keyspace.prefetchEntry(request.slot, request.hash)
                last = request.hash
            }
        }
    }

    /// As ``prefetchEntries(_:)`` for requests that another core has read: buckets, then entries.
    package mutating func prefetch(_ pipeline: borrowing Pipeline, _ range: Range<Int>) {
        for index in range {
            let request = pipeline.requests[index]
            keyspace.prefetchBucket(request.slot, request.hash)
        }
        for index in range {
            let request = pipeline.requests[index]
            keyspace.prefetchEntry(request.slot, request.hash)
        }
    }

    /// Runs the requests from `index` on that this core can run by itself, in order, appending
    /// their replies.
    ///
    /// - Returns: the index of the first request that needs the node, which is also one that has
    ///   been postponed, or the count when all were run. Behind a request that made an awaited key
    ///   ready, the waiters come first.
    package mutating func run(_ pipeline: borrowing Pipeline, from index: Int) -> Int {
        if insight.isWatching { return runWatched(pipeline, from: index) }
        let count = pipeline.requests.count
        let isAwaited = keyspace.watches.isAwaited
        var index = index
        while index < count {
            let request = pipeline.requests[index]
            if request.route != .core || request.core != core {
                if !answersPing(request, pipeline) { break }
                index &+= 1
                continue
            }
            run(request, pipeline)
            if _slowPath(postponed.isWanted) { break }
            index &+= 1
            if _slowPath(isAwaited), keyspace.watches.hasReady { break }
        }
        return index
    }

    /// Answers a PING of a connection in its usual state, which is what ``run(_:from:)`` is for:
    /// the one command of the node's that clients send over and over.
    ///
    /// - Returns: false for any other request, and for a PING that is an error.
    @inline(__always)
    mutating func answersPing(_ request: Request, _ pipeline: borrowing Pipeline) -> Bool {
        if !request.isPing { return false }
        insight.count(.ping)
        if request.argumentCount == 1 {
            reply.pong()
        } else {
            reply.bulk(pipeline.invocation(request)[1])
        }
        return true
    }

    /// Runs one request on this core's keyspace.
    @inline(__always)
    package mutating func run(_ request: Request, _ pipeline: borrowing Pipeline) {
        insight.count(request.command)
        dispatch(request, pipeline)
    }

    @inline(__always)
    mutating func dispatch(_ request: Request, _ pipeline: borrowing Pipeline) {
        if _slowPath(keyspace.mustAsk), !isAdmitted, !makeRoom(for: request) { return }
        let firstKey = request.command.hasKeyFirst ? 1 : 2
        dispatch(unsafe Invocation(request, pipeline.arguments.start, firstKey: firstKey))
    }

    /// Brings the memory below its limit before a request; false when the request would take more
    /// and has been refused.
    @inline(never)
    private mutating func makeRoom(for request: Request) -> Bool {
        if isRefused(request.command) {
            failRefused()
            return false
        }
        if !keyspace.isOverLimit { return true }
        if keyspace.makeRoom() { return true }
        if !commands.traits(request.command).has(.denyOutOfMemory) { return true }
        fail(.outOfMemory)
        return false
    }

    /// Whether the memory is below its limit, or can be brought there.
    package mutating func hasRoom() -> Bool { !keyspace.isOverLimit || keyspace.makeRoom() }

    /// Answers a request that can be run nowhere.
    package mutating func refuse(_ request: Request, _ call: Invocation) {
        reject(request.route == .arity ? request.command : nil)
        let start = reply.buffer.count
        switch request.route {
        case .unknown: reply.unknownCommand(call)
        case .arity: reply.wrongArity(call.name)
        case .unknownSubcommand: reply.unknownSubcommand(call.name, call[1])
        case .core, .cores, .patterns, .blocking, .blockingCores, .node:
            invariantFailed("only a request without a route is refused")
        }
        noteError(from: start)
    }
}

extension Request {
    /// A PING that can be answered by itself.
    @inline(__always)
    var isPing: Bool { route == .node && command == .ping && argumentCount <= 2 }
}

extension CommandID {
    /// Whether the first key follows the command's name; after a container's, or after a word that
    /// says what to do, it is one further.
    @inline(__always)
    var hasKeyFirst: Bool {
        switch self {
        case .objectEncoding, .objectFreq, .objectIdleTime, .objectReferenceCount, .memoryUsage,
            .bitop, .pfdebug:
            false
        default: true
        }
    }
}
