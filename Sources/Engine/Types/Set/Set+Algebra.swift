import Base

extension Engine {
    /// SINTER, SUNION, SDIFF, SINTERSTORE, SUNIONSTORE, SDIFFSTORE, SINTERCARD
    @inline(never)
    mutating func combineSets(_ call: Invocation) {
        guard let wanted = readAlgebraCall(call) else { return }
        guard let sources = readSources(call, wanted.sources) else { return }
        if case .reply = wanted.result, sources.count == 1 {
            replyMembers(sources[0].entry)
            return
        }
        var algebra = SetAlgebra(wanted.operation, sources)
        if postpones(algebra.cost) { return }
        switch wanted.result {
        case .reply: replyCombined(&algebra)
        case .count(let limit):
            algebra.sink = .nowhere
            algebra.countMax = limit
            algebra.finish(&self)
            reply.integer(algebra.count)
        case .store(let key, let event):
            let draft = beginDraft(&algebra, key)
            algebra.finish(&self)
            publish(draft, key, .set, event)
        }
    }

    private mutating func replyCombined(_ algebra: inout SetAlgebra) {
        if algebra.needsDraft {
            let draft = beginDraft(&algebra, .none)
            algebra.finish(&self)
            replyAllMembers(draft.entry)
            keyspace.discard(draft)
        } else {
            let start = reply.buffer.count
            algebra.finish(&self)
            reply.set(algebra.count, before: start)
        }
    }

    /// Looks up the sets that arguments name; nil where one of them is no set, which has then been
    /// answered with an error.
    private mutating func readSources(
        _ call: Invocation, _ arguments: Range<Int>
    ) -> GrowableArray<SetSource>? {
        var sources = GrowableArray<SetSource>(capacity: arguments.count)
        for index in arguments {
            let key = index == 1 ? call.key : reference(call[index])
            guard let found = read(key, .set) else { return nil }
            sources.append(SetSource(key, found.entry, keyspace))
        }
        return sources
    }

    /// Gives the operation an empty set for `key` to put its result into.
    mutating func beginDraft(_ algebra: inout SetAlgebra, _ key: KeyReference) -> Draft {
        let draft = keyspace.makeDraft(key, .emptyIntegerSet)
        algebra.sink = .draft(draft, key)
        return draft
    }
}

extension SetSource {
    init(_ key: KeyReference, _ entry: Entry?, _ keyspace: borrowing Keyspace) {
        self.init(
            key: key, entry: entry, count: entry.map { keyspace.memberCount(of: $0) } ?? 0)
    }
}

extension KeyReference {
    /// Of a draft that is never published.
    static var none: KeyReference { KeyReference(bytes: Bytes(), hash: 0, slot: 0) }
}
