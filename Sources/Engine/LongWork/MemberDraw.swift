import Base

/// SRANDMEMBER of many members, in parts.
struct MemberDraw: ~Copyable {
    private let key: KeyReference
    private let method: Engine.DrawMethod
    private let count: Int
    /// How many are still to be answered with.
    private var left: Int
    /// Of a walk: how many members are still to come, and from where on.
    private var membersLeft: Int
    private var cursor = MemberCursor()
    /// Which have been drawn, where all must be different.
    private var drawn: HashSet64

    /// Of a command that has been postponed just now.
    init(_ call: Invocation, _ engine: inout Engine) {
        key = call.key
        let size = engine.keyspace.memberCount(of: engine.pinned(key))
        let number = call[2].canonicalInteger ?? 0
        method = Engine.DrawMethod(number, of: size)
        count = number < 0 ? Int(number.magnitude) : min(Int(number), size)
        left = count
        membersLeft = size
        drawn = HashSet64(capacity: method == .drawing ? count : 0)
    }

    mutating func step(_ engine: inout Engine, budget: Int) -> Bool {
        if left == count { engine.reply.array(count) }
        let entry = engine.pinned(key)
        switch method {
        case .repeating: drawAnew(entry, &engine, budget)
        case .drawing: drawOthers(entry, &engine, budget)
        case .walking: walk(entry, &engine, budget)
        }
        return left == 0
    }

    private mutating func drawAnew(_ entry: Entry, _ engine: inout Engine, _ budget: Int) {
        let now = min(left, max(budget, 1))
        for _ in 0..<now { engine.replyRandomMember(of: entry) }
        left -= now
    }

    private mutating func drawOthers(_ entry: Entry, _ engine: inout Engine, _ budget: Int) {
        for _ in 0..<max(budget, 1) where left > 0 {
            if engine.replyRandomMember(of: entry, notIn: &drawn) { left -= 1 }
        }
    }

    private mutating func walk(_ entry: Entry, _ engine: inout Engine, _ budget: Int) {
        var budget = budget
        while budget > 0, left > 0 {
            unsafe engine.keyspace.collectMembers(
                of: entry.members, from: &cursor, count: min(budget, Engine.collectedAtOnce),
                into: &engine.members)
            budget -= engine.members.count
            for index in 0..<engine.members.count {
                if Int.random(in: 0..<membersLeft, using: &engine.random) < left {
                    engine.reply.bulk(engine.members[index].key)
                    left -= 1
                }
                membersLeft -= 1
            }
            engine.members.removeAll()
        }
    }
}
