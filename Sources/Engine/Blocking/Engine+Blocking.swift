import Base
import CIntrinsics

/// What the blocking commands of all types share. Such a command is written so:
///
///     guard let timeout = readTimeout(call[call.count - 1]) else { return }
///     var places = BlockingKeys(blocking, 1..<(call.count - 1))
///     while let place = places.next() {
///         let key = reference(call[place])
///         guard let found = find(key, .list) else { return }
///         guard let position = found.position else { continue }
///         …answer with what will be taken…
///         if blocking.isPeeking { return }
///         …take it: remove, touch, notify…
///         return
///     }
///     block(timeout, .list)
///     reply.nullArray()
///
/// No command needs to tell that a key became ready: every write does (AwaitedKeys.swift).
extension Engine {
    /// Reads a timeout in seconds, which may have a fraction, as milliseconds, rounded up; 0 is for
    /// ever. Nil after answering with an error.
    mutating func readTimeout(_ word: Bytes) -> Int64? {
        guard var seconds = word.decimal else {
            fail(.timeoutNotFloat)
            return nil
        }
        let milliseconds = unsafe gyre_decimal_thousandfold(&seconds)
        // As in Redis a number too large for an integer is a negative one.
        if milliseconds < 0 {
            fail(.negativeTimeout)
            return nil
        }
        return milliseconds
    }

    /// A blocking command has found nothing: the client wants to wait. The command still answers,
    /// as it does where it must not wait.
    ///
    /// - Parameter type: what one of its keys must hold.
    mutating func block(_ timeout: Int64, _ type: ValueType) {
        blocking.wanted = WantedWait(timeout: timeout, type: type)
    }

    /// Whether a key that somebody waits for has been written. A function that may change the
    /// engine, since reading the field from another module copies what it is in.
    package mutating func hasReadyKeys() -> Bool { keyspace.watches.hasReady }

    /// Runs a blocking command for a client that waits, for one of its keys that has become ready.
    ///
    /// - Parameters:
    ///   - place: of the key among the arguments.
    ///   - isPeeking: the reply is wanted, the change is not.
    ///   - mayRest: it may be postponed; what it is begun as must name that key alone.
    /// - Returns: whether the command has found something or failed. If not, what it replied is to
    ///   be dropped.
    package mutating func serve(
        _ request: Request, _ pipeline: borrowing Pipeline, place: Int, isPeeking: Bool,
        mayRest: Bool = false
    ) -> Bool {
        if mayRest, postponed.isPossible, postponed.delaysAll {
            postponed.isWanted = true
            return true
        }
        // A blocking command inside of a transaction may have left what nobody looked at.
        blocking = BlockingCall()
        blocking.onlyKey = place
        blocking.isPeeking = isPeeking
        let wasWatching = insight.isWatching
        // The call was counted when it came.
        insight.setWatching(true)
        insight.begin(request.command)
        // And let in: what memory is left does not matter any more.
        let wasPossible = postponed.isPossible
        postponed.isPossible = wasPossible && mayRest
        dispatch(pipeline.invocation(request))
        postponed.isPossible = wasPossible
        insight.endRunning()
        insight.setWatching(wasWatching)
        defer { blocking = BlockingCall() }
        return blocking.wanted == nil
    }

    /// Runs a blocking command that has just come. It may be postponed.
    ///
    /// - Returns: for what its client wants to wait; what the command replied is then to be
    ///   dropped. Nil where it has found something or failed.
    package mutating func attempt(
        _ request: Request, _ pipeline: borrowing Pipeline
    ) -> WantedWait? {
        blocking.wanted = nil
        // A delayed command could not wait any more.
        let delaysAll = postponed.delaysAll
        postponed.delaysAll = false
        runTimed(request, pipeline)
        postponed.delaysAll = delaysAll
        return blocking.wanted.take()
    }

    /// As ``attempt(_:_:)``, for any request; ``complete(_:_:)`` will count it.
    ///
    /// - Parameter mayRest: it may be postponed.
    package mutating func attemptUncounted(
        _ request: Request, _ pipeline: borrowing Pipeline, mayRest: Bool
    ) -> WantedWait? {
        blocking.wanted = nil
        let wasPossible = postponed.isPossible
        // A delayed command could not wait any more, nor ask for what is elsewhere.
        let canBeDelayed = !postponed.keysAreElsewhere && request.route != .blockingCores
        if mayRest, wasPossible, postponed.delaysAll, canBeDelayed {
            postponed.isWanted = true
            return nil
        }
        postponed.isPossible = wasPossible && mayRest
        runUncounted(request, pipeline)
        postponed.isPossible = wasPossible
        return blocking.wanted.take()
    }
}
