import Base

/// COPY of a large collection, in parts.
struct CollectionCopy {
    /// What of the source comes next.
    private enum Place {
        case member(MemberCursor)
        case rank(Int)
        /// Nil at the end.
        case chunk(ListChunk?)
    }

    private let source: KeyReference
    private let target: KeyReference
    private let draft: Draft
    private var place: Place

    /// Of a command that has been postponed just now: the source is there, and the target's key may
    /// be taken.
    init(_ call: Invocation, _ engine: inout Engine) {
        source = call.key
        target = engine.reference(call[2])
        let entry = engine.pinned(source)
        draft = engine.keyspace.makeEmptyDraft(target, like: entry)
        switch entry.form {
        case .list: place = .chunk(entry.list.first)
        case .sortedSet: place = .rank(0)
        default: place = .member(MemberCursor())
        }
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let isDone: Bool
        switch place {
        case .member(var cursor):
            isDone = copyMembers(&cursor, &engine, &budget)
            place = .member(cursor)
        case .rank(var rank):
            isDone = copyRanks(&rank, &engine, &budget)
            place = .rank(rank)
        case .chunk(var chunk):
            isDone = copyChunks(&chunk, &engine, &budget)
            place = .chunk(chunk)
        }
        if isDone { finish(&engine) }
        return isDone
    }

    private func copyMembers(
        _ cursor: inout MemberCursor, _ engine: inout Engine, _ budget: inout Int
    ) -> Bool {
        let from = unsafe engine.pinned(source).members
        let to = unsafe draft.entry.members
        while budget > 0, !cursor.isAtEnd {
            unsafe engine.keyspace.collectMembers(
                of: from, from: &cursor, count: min(budget, Engine.collectedAtOnce),
                into: &engine.members)
            // An insertion counts for two.
            budget -= 2 * engine.members.count
            for index in 0..<engine.members.count {
                unsafe engine.keyspace.insertCopy(of: engine.members[index], in: to)
            }
            engine.members.removeAll()
        }
        return cursor.isAtEnd
    }

    private func copyRanks(
        _ rank: inout Int, _ engine: inout Engine, _ budget: inout Int
    ) -> Bool {
        let entry = engine.pinned(source)
        let count = engine.keyspace.memberCount(of: entry)
        // An insertion into table and tree counts for four.
        let end = min(count, rank + max(budget / 4, 1))
        let copy = draft.entry.sortedSet
        engine.forEachScored(of: entry, rank..<end) { engine, member, score in
            member.withBytes { engine.keyspace.insertMember($0, score, in: copy) }
        }
        budget -= 4 * (end - rank)
        rank = end
        return rank == count
    }

    private func copyChunks(
        _ chunk: inout ListChunk?, _ engine: inout Engine, _ budget: inout Int
    ) -> Bool {
        let copy = draft.entry.list
        while budget > 0, let here = chunk {
            engine.keyspace.append(ListRun(here), to: copy)
            budget -= 64
            chunk = here.next
        }
        return chunk == nil
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
