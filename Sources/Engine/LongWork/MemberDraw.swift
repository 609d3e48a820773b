import Base

/// How drawn members are answered with.
struct DrawnForm: BitwiseCopyable {
    /// Of a hash: each field is followed by its value.
    var hasValues = false
    /// Each field is an array with its value.
    var isPaired = false

    /// How many replies a member is in an array of them.
    var width: Int { hasValues && !isPaired ? 2 : 1 }
}

/// SRANDMEMBER and HRANDFIELD of many members of a large collection, in parts.
struct MemberDraw: ~Copyable {
    private let key: KeyReference
    private let method: Engine.DrawMethod
    private let form: DrawnForm
    private let count: Int
    /// How many are still to be answered with.
    private var left: Int
    /// Of a walk: how many members are still to come, and from where on.
    private var membersLeft: Int
    private var cursor = MemberCursor()
    /// Which have been drawn, where all must be different.
    private var drawn: HashSet64
    private var isBegun = false

    /// - Parameters:
    ///   - number: how many members; negative where they may come again.
    ///   - size: how many there are.
    init(_ key: KeyReference, _ number: Int64, of size: Int, _ form: DrawnForm) {
        self.key = key
        self.form = form
        method = Engine.DrawMethod(number, of: size)
        count = number < 0 ? Int(number.magnitude) : min(Int(clamping: number), size)
        left = count
        membersLeft = size
        drawn = HashSet64(capacity: method == .drawing ? count : 0)
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        if !isBegun { engine.reply.array(count * form.width) }
        isBegun = true
        let entry = engine.pinned(key)
        switch method {
        case .repeating: drawAnew(entry, &engine, &budget)
        case .drawing: drawOthers(entry, &engine, &budget)
        case .walking: walk(entry, &engine, &budget)
        }
        return left == 0
    }

    private mutating func drawAnew(_ entry: Entry, _ engine: inout Engine, _ budget: inout Int) {
        // A draw counts for four: it goes down a tree of tables.
        let now = min(left, max(budget / 4, 1))
        for _ in 0..<now {
            let member = unsafe engine.keyspace.randomMember(of: entry.members, &engine.random)
            engine.replyDrawn(member, form)
        }
        left -= now
        budget -= 4 * now
    }

    private mutating func drawOthers(_ entry: Entry, _ engine: inout Engine, _ budget: inout Int) {
        var now = max(budget / 4, 1)
        while now > 0, left > 0 {
            let member = unsafe engine.keyspace.randomMember(of: entry.members, &engine.random)
            if drawn.insert(member.identity) {
                engine.replyDrawn(member, form)
                left -= 1
            }
            now -= 1
            budget -= 4
        }
    }

    private mutating func walk(_ entry: Entry, _ engine: inout Engine, _ budget: inout Int) {
        while budget > 0, left > 0 {
            unsafe engine.keyspace.collectMembers(
                of: entry.members, from: &cursor, count: min(budget, Engine.collectedAtOnce),
                into: &engine.members)
            budget -= engine.members.count
            for index in 0..<engine.members.count {
                if Int.random(in: 0..<membersLeft, using: &engine.random) < left {
                    engine.replyDrawn(engine.members[index], form)
                    left -= 1
                }
                membersLeft -= 1
            }
            engine.members.removeAll()
        }
    }
}

extension Engine {
    fileprivate mutating func replyDrawn(_ member: Entry, _ form: DrawnForm) {
        if form.isPaired { reply.array(2) }
        replyField(member, form.hasValues ? .both : .fields)
    }
}
