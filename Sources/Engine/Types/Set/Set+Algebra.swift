import Base

extension Engine {
    /// SINTER key [key …], SUNION, SDIFF
    @inline(never)
    mutating func combineSets(_ call: Invocation, _ operation: SetOperation) {
        guard let sources = readSources(call, 1..<call.count) else { return }
        if sources.count == 1 {
            replyMembers(sources[0].entry)
            return
        }
        var algebra = SetAlgebra(operation, sources)
        if algebra.needsDraft {
            let draft = beginDraft(&algebra, KeyReference.none)
            algebra.step(&self, budget: .max)
            replyMembers(draft.entry)
            keyspace.discard(draft)
        } else {
            let start = reply.buffer.count
            algebra.step(&self, budget: .max)
            reply.set(algebra.count, before: start)
        }
    }

    /// SINTERCARD numkeys key [key …] [LIMIT limit]
    @inline(never)
    mutating func countSharedMembers(_ call: Invocation) {
        guard let (keyCount, limit) = readSharedCountOptions(call) else { return }
        guard let sources = readSources(call, 2..<(2 + keyCount)) else { return }
        var algebra = SetAlgebra(.intersection, sources)
        algebra.sink = .nowhere
        algebra.countMax = limit == 0 ? .max : limit
        algebra.step(&self, budget: .max)
        reply.integer(algebra.count)
    }

    private mutating func readSharedCountOptions(_ call: Invocation) -> (keys: Int, limit: Int)? {
        guard let keyCount = call[1].canonicalInteger, keyCount > 0 else {
            fail(.keyCountNotPositive)
            return nil
        }
        if keyCount > call.count - 2 {
            fail(.keyCountTooLarge)
            return nil
        }
        var limit = 0
        var index = 2 + Int(keyCount)
        while index < call.count {
            guard call[index].equalsIgnoringCase("limit"), index + 1 < call.count else {
                fail(.syntax)
                return nil
            }
            guard let number = call[index + 1].canonicalInteger, number >= 0 else {
                fail(.negativeLimit)
                return nil
            }
            limit = Int(number)
            index += 2
        }
        return (Int(keyCount), limit)
    }

    /// SINTERSTORE destination key [key …], SUNIONSTORE, SDIFFSTORE
    @inline(never)
    mutating func storeCombinedSets(
        _ call: Invocation, _ operation: SetOperation, _ event: StaticString
    ) {
        guard let sources = readSources(call, 2..<call.count) else { return }
        let target = call.key
        var algebra = SetAlgebra(operation, sources)
        let draft = beginDraft(&algebra, target)
        algebra.step(&self, budget: .max)
        publish(draft, target, event)
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
            let count = found.entry.map { keyspace.memberCount(of: $0) } ?? 0
            sources.append(SetSource(key: key, entry: found.entry, count: count))
        }
        return sources
    }

    /// Gives the operation an empty set for `key` to put its result into.
    private mutating func beginDraft(_ algebra: inout SetAlgebra, _ key: KeyReference) -> Draft {
        let draft = keyspace.makeDraft(key, .emptyIntegerSet)
        algebra.sink = .draft(draft, key)
        return draft
    }

    /// Gives `key` the set that was made for it; an empty one removes what is there.
    private mutating func publish(_ draft: Draft, _ key: KeyReference, _ event: StaticString) {
        let count = keyspace.memberCount(of: draft.entry)
        if count > 0 {
            keyspace.publish(draft, key)
            notify(.set, event, key.bytes)
        } else {
            keyspace.discard(draft)
            if let position = keyspace.lookUp(key) {
                keyspace.remove(key, position)
                notify(.generic, "del", key.bytes)
            }
        }
        reply.integer(count)
    }
}

extension KeyReference {
    /// Of a draft that is never published.
    fileprivate static var none: KeyReference { KeyReference(bytes: Bytes(), hash: 0, slot: 0) }
}
