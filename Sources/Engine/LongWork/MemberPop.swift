import Base

/// SPOP of many members, in parts. What it has popped is gone for good, so it is done to its end.
struct MemberPop {
    private enum Phase {
        /// All are answered with; then the key goes.
        case all(MemberReply)
        /// So many are still to be drawn and removed.
        case drawing(left: Int)
        /// So many are still to be moved to the draft, which is what stays.
        case keeping(left: Int, Draft)
        /// Those that do not stay are answered with; then the draft takes their place.
        case others(MemberReply, Draft)
    }

    private let key: KeyReference
    private let count: Int
    private var phase: Phase
    private var isBegun = false

    /// Of a command that has been postponed just now: its set is larger than what it pops.
    init(_ call: Invocation, _ engine: inout Engine) {
        key = call.key
        let entry = engine.pinned(key)
        let size = engine.keyspace.memberCount(of: entry)
        count = min(Int(clamping: call[2].canonicalInteger ?? 0), size)
        switch Engine.PopMethod(count, of: size) {
        case .all: phase = .all(MemberReply(key))
        case .drawing: phase = .drawing(left: count)
        case .keeping:
            let draft = engine.keyspace.makeDraft(key, .emptyIntegerSet, deadline: entry.deadline)
            phase = .keeping(left: size - count, draft)
        }
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        switch phase {
        case .all(var reply):
            let isDone = reply.step(&engine, budget: &budget)
            phase = .all(reply)
            if isDone { engine.endRemoval(key, position(engine), .set, "spop", left: 0) }
            return isDone
        case .drawing(let left): return draw(left, &engine, &budget)
        case .keeping(let left, let draft):
            keep(left, draft, &engine, &budget)
            return false
        case .others(var reply, let draft):
            let isDone = reply.step(&engine, budget: &budget)
            phase = .others(reply, draft)
            if !isDone { return false }
            engine.keyspace.publish(draft, key)
            engine.notify(.set, "spop", key.bytes)
            return true
        }
    }

    private func position(_ engine: borrowing Engine) -> Position {
        guard let position = engine.keyspace.find(key) else {
            invariantFailed("the key of a work is there")
        }
        return position
    }

    private mutating func draw(_ left: Int, _ engine: inout Engine, _ budget: inout Int) -> Bool {
        if !isBegun { engine.reply.set(count) }
        isBegun = true
        let position = position(engine)
        // Drawing and removing count for six.
        let now = min(left, max(budget / 6, 1))
        budget -= 6 * now
        for _ in 0..<now { engine.popMember(key, position) }
        phase = .drawing(left: left - now)
        if left > now { return false }
        let rest = engine.keyspace.memberCount(of: position.entry)
        engine.endRemoval(key, position, .set, "spop", left: rest)
        return true
    }

    private mutating func keep(
        _ left: Int, _ draft: Draft, _ engine: inout Engine, _ budget: inout Int
    ) {
        let position = position(engine)
        // Drawing, adding and removing count for eight.
        let now = min(left, max(budget / 8, 1))
        budget -= 8 * now
        for _ in 0..<now { engine.moveRandomMember(from: position, key, to: draft) }
        phase =
            left > now ? .keeping(left: left - now, draft) : .others(MemberReply(key), draft)
    }
}
