import Base

/// An intersection, union or difference of large sets, in parts: the sets are gone through, then
/// the result is stored, counted or answered with.
struct SetAlgebraWork: ~Copyable {
    private var algebra: SetAlgebra
    private let result: SetAlgebraCall.Result
    /// Where the result is collected; nil where members are only counted.
    private let draft: Draft?
    /// Answers with the result, once it is there.
    private var answer: MemberReply?

    /// Of a command that has been postponed just now: nothing about it can fail.
    init(_ call: Invocation, _ engine: inout Engine) {
        guard let wanted = engine.readAlgebraCall(call) else {
            invariantFailed("a call that was postponed is sound")
        }
        var sources = GrowableArray<SetSource>(capacity: wanted.sources.count)
        for index in wanted.sources {
            let key = engine.reference(call[index])
            let entry = engine.keyspace.find(key)?.entry
            sources.append(SetSource(key, entry, engine.keyspace))
        }
        algebra = SetAlgebra(wanted.operation, sources)
        result = wanted.result
        switch result {
        case .reply: draft = engine.beginDraft(&algebra, .none)
        case .store(let key, _): draft = engine.beginDraft(&algebra, key)
        case .count(let limit):
            algebra.sink = .nowhere
            algebra.countMax = limit
            draft = nil
        }
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        if !algebra.isDone {
            algebra.step(&engine, budget: &budget)
            return algebra.isDone && finish(&engine)
        }
        return reply(&engine, &budget)
    }

    /// Everything has been gone through; false where the answer is still to be given.
    private mutating func finish(_ engine: inout Engine) -> Bool {
        guard let draft else {
            engine.reply.integer(algebra.count)
            return true
        }
        if case .store(let key, let event) = result {
            engine.publish(draft, key, .set, event)
            return true
        }
        if draft.entry.form == .set {
            answer = MemberReply(draft)
            return false
        }
        engine.replyAllMembers(draft.entry)
        engine.keyspace.discard(draft)
        return true
    }

    private mutating func reply(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        guard let draft, answer?.step(&engine, budget: &budget) == true else { return false }
        engine.keyspace.discard(draft)
        return true
    }

    consuming func giveUp(_ engine: inout Engine) {
        if let draft { engine.keyspace.discard(draft) }
    }
}
