import Base

/// COPY of a large hash or set, in parts.
struct CollectionCopy {
    private let source: KeyReference
    private let target: KeyReference
    private let draft: Draft
    private var cursor = MemberCursor()

    /// Of a command that has been postponed just now: the source is there, and the target's key may
    /// be taken.
    init(_ call: Invocation, _ engine: inout Engine) {
        source = call.key
        target = engine.reference(call[2])
        let entry = engine.pinned(source)
        draft = engine.keyspace.makeEmptyDraft(target, like: entry)
    }

    mutating func step(_ engine: inout Engine, budget: Int) -> Bool {
        let from = unsafe engine.pinned(source).members
        let to = unsafe draft.entry.members
        // An insertion counts for two.
        var left = budget / 2
        while left > 0, !cursor.isAtEnd {
            unsafe engine.keyspace.collectMembers(
                of: from, from: &cursor, count: min(left, Engine.collectedAtOnce),
                into: &engine.members)
            left -= engine.members.count
            for index in 0..<engine.members.count {
                unsafe engine.keyspace.insertCopy(of: engine.members[index], in: to)
            }
            engine.members.removeAll()
        }
        if cursor.isAtEnd { finish(&engine) }
        return cursor.isAtEnd
    }

    private func finish(_ engine: inout Engine) {
        let isReplaced = engine.keyspace.find(target) != nil
        engine.keyspace.publish(draft, target)
        engine.noteCopy(to: target, isReplaced: isReplaced)
        engine.reply.integer(1)
    }

    func giveUp(_ engine: inout Engine) {
        engine.keyspace.discard(draft)
    }
}
