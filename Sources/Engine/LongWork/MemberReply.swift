import Base

/// Answers with all members of a large set or hash: SMEMBERS, HGETALL, HKEYS, HVALS, and what has
/// been collected in a draft.
struct MemberReply: BitwiseCopyable {
    private enum Source: BitwiseCopyable {
        case key(KeyReference)
        case draft(Draft)
    }

    private let source: Source
    /// What is answered of each member: of a set's the field, as there is no value.
    private let parts: FieldParts
    private var cursor = MemberCursor()
    private var isBegun = false

    init(_ call: Invocation) {
        source = .key(call.key)
        switch call.command {
        case .hgetall: parts = .both
        case .hvals: parts = .values
        default: parts = .fields
        }
    }

    /// Of a set.
    init(_ key: KeyReference) {
        source = .key(key)
        parts = .fields
    }

    /// Of a set in a table of members.
    init(_ draft: Draft) {
        source = .draft(draft)
        parts = .fields
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let entry = entry(engine)
        if !isBegun { begin(entry, &engine) }
        while budget > 0, !cursor.isAtEnd {
            unsafe engine.keyspace.collectMembers(
                of: entry.members, from: &cursor, count: min(budget, Engine.collectedAtOnce),
                into: &engine.members)
            budget -= engine.members.count
            for index in 0..<engine.members.count {
                engine.replyField(engine.members[index], parts)
            }
            engine.members.removeAll()
        }
        return cursor.isAtEnd
    }

    private func entry(_ engine: borrowing Engine) -> Entry {
        switch source {
        case .key(let key): engine.pinned(key)
        case .draft(let draft): draft.entry
        }
    }

    private mutating func begin(_ entry: Entry, _ engine: inout Engine) {
        isBegun = true
        let count = engine.keyspace.memberCount(of: entry)
        if entry.form == .set {
            engine.reply.set(count)
        } else if parts == .both {
            engine.reply.map(count)
        } else {
            engine.reply.array(count)
        }
    }
}
