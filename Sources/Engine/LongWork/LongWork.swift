// A command that goes on over several turns of the loop (docs/internals/long-work.md).
//
// Purpose. What would look at thousands of elements is done in parts, between which other clients
// are served. The owner begins it, lets it do a part a turn, and meanwhile holds its keys.
//
// Ownership. One thread. The call's arguments outlive the work. The engine's reply is the client's
// output during each part.
//
// Invariants.
// 1. Between the parts no other command changes the work's keys; entries may move, objects do not.
// 2. What the parts make is in a draft, which nobody sees, until the last one publishes it. Only a
//    work that is committed changes its key before its last part.

import Base

/// See the essay above.
package struct LongWork: ~Copyable {
    /// What the work is, and how far it has come.
    enum State: ~Copyable {
        case members(MemberReply)
        case algebra(SetAlgebraWork)
        case copy(CollectionCopy)
        case draw(MemberDraw)
        case pop(MemberPop)
    }

    private var state: State

    init(_ state: consuming State) {
        self.state = state
    }

    /// Does a part: looks at about `budget` elements.
    ///
    /// - Returns: true when all is done and answered.
    package mutating func step(_ engine: inout Engine, budget: Int) -> Bool {
        // What is in the state is taken out, changed and put back, which moves some words.
        switch consume state {
        case .members(var work):
            let isDone = work.step(&engine, budget: budget)
            self = LongWork(.members(work))
            return isDone
        case .algebra(var work):
            let isDone = work.step(&engine, budget: budget)
            self = LongWork(.algebra(work))
            return isDone
        case .copy(var work):
            let isDone = work.step(&engine, budget: budget)
            self = LongWork(.copy(work))
            return isDone
        case .draw(var work):
            let isDone = work.step(&engine, budget: budget)
            self = LongWork(.draw(work))
            return isDone
        case .pop(var work):
            let isDone = work.step(&engine, budget: budget)
            self = LongWork(.pop(work))
            return isDone
        }
    }

    /// Whether the work must be done to its end though nobody waits for the answer.
    package var isCommitted: Bool {
        switch state {
        case .pop: true
        default: false
        }
    }

    /// Ends the work before its time: nothing has happened.
    package consuming func giveUp(_ engine: inout Engine) {
        switch consume state {
        case .algebra(let work): work.giveUp(&engine)
        case .copy(let work): work.giveUp(&engine)
        default: break
        }
    }
}

/// What commands and the owner of works tell each other.
package struct PostponedCall: BitwiseCopyable {
    /// The owner can begin works: set before requests are run.
    package var isPossible = false
    /// The command just run has done nothing yet, and is to be begun as work.
    package var isWanted = false
}

extension Engine {
    /// Whether a command that will look at so many elements is to do nothing now and be begun as
    /// work. To be asked before anything is changed or answered.
    @inline(__always)
    mutating func postpones(_ cost: Int) -> Bool {
        if _fastPath(cost <= limits.atOnceMax) { return false }
        postponed.isWanted = postponed.isPossible
        return postponed.isWanted
    }

    /// Begins the work of a request that has been postponed, within the same step. The request and
    /// its arguments outlive the work.
    package mutating func beginWork(
        _ request: Request, _ pipeline: borrowing Pipeline
    ) -> LongWork {
        postponed.isWanted = false
        pinKeys(request, pipeline, true)
        let call = pipeline.invocation(request)
        switch call.command {
        case .smembers, .hgetall, .hkeys, .hvals: return LongWork(.members(MemberReply(call)))
        case .sinter where call.count == 2, .sunion where call.count == 2,
            .sdiff where call.count == 2:
            return LongWork(.members(MemberReply(call)))
        case .sinter, .sunion, .sdiff, .sintercard, .sinterstore, .sunionstore, .sdiffstore:
            return LongWork(.algebra(SetAlgebraWork(call, &self)))
        case .copy: return LongWork(.copy(CollectionCopy(call, &self)))
        case .srandmember: return LongWork(.draw(MemberDraw(call, &self)))
        case .spop: return LongWork(.pop(MemberPop(call, &self)))
        default: invariantFailed("only commands that ask are postponed")
        }
    }

    /// Keeps a work's keys from being removed for being due or for want of memory, or lets them go.
    package mutating func pinKeys(
        _ request: Request, _ pipeline: borrowing Pipeline, _ isPinned: Bool
    ) {
        var places = KeyArguments(commands.traits(request.command), request, pipeline.arguments)
        while let place = places.next() {
            let key = pipeline.arguments[Int(request.firstArgument) + place]
            keyspace.pin(reference(key), isPinned)
        }
    }

    /// The entry of a work's key, which is there as long as the work.
    func pinned(_ key: KeyReference) -> Entry {
        guard let entry = keyspace.find(key)?.entry else {
            invariantFailed("the key of a work is there")
        }
        return entry
    }
}
