import Base

extension SetAlgebra {
    /// Goes on until it is done.
    mutating func finish(_ engine: inout Engine) {
        var budget = Int.max
        step(&engine, budget: &budget)
    }

    /// Goes on until about `budget` members have been looked at or for, or until it is done.
    mutating func step(_ engine: inout Engine, budget: inout Int) {
        findSources(engine.keyspace)
        while !isDone, budget > 0 {
            guard let entry = sources[walking].entry, !walk.isAtEnd else {
                advance()
                continue
            }
            walk.collect(batchCount(budget), of: entry, engine.keyspace, into: &engine.memberBatch)
            for index in 0..<engine.memberBatch.count where !isDone {
                take(engine.memberBatch[index].element, &engine)
            }
            budget -= engine.memberBatch.count * probesPerMember
            engine.endBatch()
        }
    }

    private mutating func findSources(_ keyspace: borrowing Keyspace) {
        for index in 0..<sources.count where sources[index].entry != nil {
            sources[index].entry = keyspace.find(sources[index].key)?.entry
        }
    }

    /// How many look-ups a member may cost.
    private var probesPerMember: Int {
        // Adding counts for two.
        needsDraft ? 2 : sources.count
    }

    private func batchCount(_ budget: Int) -> Int {
        min(WalkedMember.batchCount, max(1, budget / probesPerMember))
    }

    /// The source is at its end: goes on to the next one.
    private mutating func advance() {
        walking += 1
        walk = MemberWalk()
        let isEmptied = method == .taking && count == 0
        isDone = walking == sources.count || !needsDraft || isEmptied
    }

    private mutating func take(_ member: PackElement, _ engine: inout Engine) {
        switch method {
        case .sharing:
            if isInAllOthers(member, engine.keyspace) { keep(member, &engine) }
        case .excluding:
            if !isInAnother(member, engine.keyspace) { keep(member, &engine) }
        case .adding: keep(member, &engine)
        case .taking:
            if walking == 0 {
                keep(member, &engine)
            } else if case .draft(let draft, let key) = sink {
                let isTaken = engine.keyspace.takeMember(member, key, draft.position)
                if isTaken { count -= 1 }
            }
        }
    }

    private func isInAllOthers(_ member: PackElement, _ keyspace: borrowing Keyspace) -> Bool {
        for index in 1..<max(sources.count, 1) {
            guard let entry = sources[index].entry, keyspace.isMember(member, of: entry) else {
                return false
            }
        }
        return true
    }

    private func isInAnother(_ member: PackElement, _ keyspace: borrowing Keyspace) -> Bool {
        for index in 1..<max(sources.count, 1) {
            if let entry = sources[index].entry, keyspace.isMember(member, of: entry) {
                return true
            }
        }
        return false
    }

    private mutating func keep(_ member: PackElement, _ engine: inout Engine) {
        switch sink {
        case .reply:
            engine.reply.bulk(member)
            count += 1
        case .nowhere: count += 1
        case .draft(let draft, let key):
            let isNew = engine.keyspace.addMember(member, key, draft.position, engine.limits.set)
            if isNew { count += 1 }
        }
        isDone = count >= countMax
    }
}
