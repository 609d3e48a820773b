import Base

/// A command of one key and very many arguments, in parts: SADD, HSET, ZADD, RPUSH and their kin.
/// Nobody sees the middle, since the key is held; the end stamps the key and tells of the write.
struct ArgumentWork: BitwiseCopyable {
    private let call: Invocation
    /// Where what is added, removed or asked for begins, and how many arguments each has.
    private let first: Int
    private let width: Int
    /// The argument that comes next.
    private var place: Int
    /// What is counted: members that are new or were removed, or how many elements a list has.
    private var count = 0
    /// Of ZADD, members with another score.
    private var updated = 0
    /// The key was there when the work began.
    private let wasThere: Bool
    private var isBegun = false
    /// Of ZADD: the scores have been looked at.
    private var isSound = false
    private let options: AddOptions

    /// Of a command whose number of arguments is sound.
    ///
    /// - Parameter options: of ZADD, whose scores begin at `first`.
    init(
        _ call: Invocation, from first: Int = 2, width: Int = 1, _ options: AddOptions = [],
        _ engine: borrowing Engine
    ) {
        self.call = call
        self.first = first
        self.width = width
        self.options = options
        place = first
        wasThere = engine.keyspace.find(call.key) != nil
    }

    /// What an argument costs, in elements.
    static let cost = 2

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let units = max(budget / (Self.cost * width), 1)
        let end = min(call.count, place + units * width)
        budget -= Self.cost * (end - place)
        let before = count + updated
        let isOver = run(to: end, &engine)
        // Each part is a write of its own: its effects have its stamp.
        let isSet = call.command == .hset || call.command == .hmset
        if isSet || count + updated > before, wasThere || isBegun { touch(&engine) }
        place = end
        isBegun = true
        if call.command == .zadd, !isOver, !isSound {
            if place == call.count { beginAdding() }
            return false
        }
        if !isOver, place < call.count {
            // What has been made, or laid out anew, is needed.
            engine.keyspace.pin(call.key, true)
            return false
        }
        if !isOver || count > 0 { finish(&engine) }
        return true
    }

    /// Stamps the key, where what comes last does not.
    private func touch(_ engine: inout Engine) {
        switch call.command {
        case .sadd, .zadd, .hset, .hmset, .srem, .zrem, .hdel: break
        default: return
        }
        guard let position = engine.keyspace.find(call.key) else { return }
        engine.keyspace.touch(call.key, position)
    }

    /// Does the arguments up to `end`; true where those behind are not to be looked at.
    private mutating func run(to end: Int, _ engine: inout Engine) -> Bool {
        switch call.command {
        case .sadd: return addMembers(to: end, &engine)
        case .srem, .zrem, .hdel: return removeMembers(to: end, &engine)
        case .hset, .hmset: return setFields(to: end, &engine)
        case .lpush, .lpushx: return push(to: end, .left, &engine)
        case .rpush, .rpushx: return push(to: end, .right, &engine)
        case .zadd: return isSound ? addScores(to: end, &engine) : checkScores(to: end, &engine)
        case .pfadd: return raise(to: end, &engine)
        case .smismember, .hmget, .zmscore: return answer(to: end, &engine)
        default: invariantFailed("a command with many arguments can be done in parts")
        }
    }

    private mutating func finish(_ engine: inout Engine) {
        let key = call.key
        switch call.command {
        case .smismember, .hmget, .zmscore: return
        case .srem, .zrem, .hdel:
            engine.endRemoval(call, engine.pinnedPosition(key), count: count)
            return
        case .pfadd:
            if count > 0 { engine.registersChanged(key, engine.pinnedPosition(key)) }
            let hasChanged = count > 0 || !wasThere
            if hasChanged { engine.notify(.string, "pfadd", key.bytes) }
            engine.reply.integer(hasChanged ? 1 : 0)
            return
        case .lpush, .lpushx, .rpush, .rpushx:
            engine.reply.integer(count)
            let side: ListSide = call.command == .lpush || call.command == .lpushx ? .left : .right
            engine.notifyPush(side, key)
            return
        case .hset, .hmset:
            engine.notify(.hash, "hset", key.bytes)
            if call.command == .hmset { engine.reply.ok() } else { engine.reply.integer(count) }
            return
        case .sadd where count > 0:
            engine.notify(.set, "sadd", key.bytes)
        case .zadd where count + updated > 0:
            engine.notify(.sortedSet, "zadd", key.bytes)
        default: break
        }
        let all = options.contains(.countsChanges) ? count + updated : count
        engine.reply.integer(all)
    }

    // MARK: Sets, hashes, lists

    private mutating func addMembers(to end: Int, _ engine: inout Engine) -> Bool {
        let key = call.key
        let position =
            engine.keyspace.find(key)
            ?? engine.keyspace.insert(key, .emptySet(for: .bytes(call[2])))
        count += engine.addMembers(call, place..<end, position)
        return false
    }

    private mutating func removeMembers(to end: Int, _ engine: inout Engine) -> Bool {
        let position = engine.pinnedPosition(call.key)
        count += engine.takeMembers(call, place..<end, position)
        return engine.keyspace.memberCount(of: position.entry) == 0
    }

    private mutating func setFields(to end: Int, _ engine: inout Engine) -> Bool {
        let key = call.key
        let position = engine.keyspace.find(key) ?? engine.keyspace.insertPack(key, .packedHash)
        count += engine.setFields(call, place..<end, position)
        return false
    }

    private mutating func push(
        to end: Int, _ side: ListSide, _ engine: inout Engine
    ) -> Bool {
        let position = engine.keyspace.find(call.key)
        count = engine.keyspace.push(
            call.key, position, call.values(place..<end), side, engine.listLimits)
        return false
    }

    // MARK: Sorted sets

    /// Looks at scores, all of which must be sound before any is added.
    private func checkScores(to end: Int, _ engine: inout Engine) -> Bool {
        for index in stride(from: place, to: end, by: 2) where call[index].score == nil {
            engine.fail(.notFloat)
            return true
        }
        if end < call.count { return false }
        guard let found = engine.find(call.key, .sortedSet) else { return true }
        if found.position == nil, options.contains(.ifPresent) {
            engine.reply.integer(0)
            return true
        }
        return false
    }

    private mutating func beginAdding() {
        isSound = true
        place = first
    }

    private mutating func addScores(to end: Int, _ engine: inout Engine) -> Bool {
        let key = call.key
        let position =
            engine.keyspace.find(key) ?? engine.keyspace.insertPack(key, .packedSortedSet)
        for index in stride(from: place, to: end, by: 2) {
            var score = call[index].score
            switch engine.add(call[index + 1], &score, options, key, position) {
            case .added: count += 1
            case .updated: updated += 1
            case .same, .skipped, .notNumber: break
            }
        }
        return false
    }

    // MARK: HyperLogLogs, questions

    private mutating func raise(to end: Int, _ engine: inout Engine) -> Bool {
        let key = call.key
        let position: Position
        if isBegun {
            position = engine.pinnedPosition(key)
        } else {
            guard let opened = engine.openHyperLogLog(key) else { return true }
            position = opened.position
        }
        for index in place..<end {
            let register = HyperLogLog.register(of: call[index])
            switch engine.raise(key, position, register.index, register.value) {
            case .none: continue
            case .raised: count = 1
            case .corrupt:
                if count > 0 { engine.registersChanged(key, position) }
                count = 0
                engine.fail(.corruptHyperLogLog)
                return true
            }
        }
        return false
    }

    private func answer(to end: Int, _ engine: inout Engine) -> Bool {
        if !isBegun { engine.reply.array(call.count - 2) }
        let entry = wasThere ? engine.pinned(call.key) : nil
        for index in place..<end {
            switch call.command {
            case .smismember: engine.reply.integer(engine.isMember(call[index], of: entry) ? 1 : 0)
            case .hmget: engine.replyValue(of: call[index], in: entry)
            default: engine.replyScore(of: call[index], entry)
            }
        }
        return false
    }
}

extension CommandID {
    /// Whether the command does one key after the other, all alike.
    package var goesByKey: Bool {
        switch self {
        case .del, .unlink, .exists, .touch, .mset, .msetnx, .mget, .pfcount, .pfmerge: true
        default: false
        }
    }
}

/// A command over very many keys of a core, which it holds whole: DEL, EXISTS, TOUCH, MSET. MSET
/// and MSETNX of long strings are done so as well, which copies each in parts into a block of its
/// own.
struct KeysWork: BitwiseCopyable {
    private let call: Invocation
    private var place = 1
    private var count = 0
    /// Of MSETNX: no key is there.
    private var isChecked: Bool
    /// The long string that is being copied, and how much of it is.
    private var prepared: PreparedString?
    private var copied = 0

    init(_ call: Invocation) {
        self.call = call
        isChecked = call.command != .msetnx
    }

    /// What a key costs, in elements.
    static let cost = 4

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let isStoring = call.command == .mset || call.command == .msetnx
        if isStoring, isChecked { return store(&engine, &budget) }
        let width = isStoring ? 2 : 1
        let units = max(budget / Self.cost, 1)
        let end = min(call.count, place + units * width)
        budget -= Self.cost * units
        switch call.command {
        case .msetnx:
            if engine.hasKey(of: call, place..<end) {
                engine.reply.integer(0)
                return true
            }
        case .exists: count += engine.countExisting(call, place..<end)
        case .touch: count += engine.touchKeys(call, place..<end)
        default: count += engine.deleteKeys(call, place..<end)
        }
        place = end
        if place < call.count { return false }
        if isStoring {
            isChecked = true
            place = 1
            return false
        }
        engine.reply.integer(count)
        return true
    }

    /// Stores the next keys; true when all are.
    private mutating func store(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        while budget > 0 {
            if call[place + 1].count > Engine.preparedSizeMin, !prepare(&engine, &budget) {
                return false
            }
            // What is due is met as by any other command.
            if call.count <= Engine.pinnedKeysMax {
                engine.keyspace.pin(engine.reference(call[place]), false)
            }
            engine.keyspace.prepared = prepared.take()
            engine.storePairs(call, place..<(place + 2))
            budget -= Self.cost
            place += 2
            if place < call.count { continue }
            if call.command == .mset { engine.reply.ok() } else { engine.reply.integer(1) }
            return true
        }
        return false
    }

    /// Copies some of the next string; true when all of it is.
    private mutating func prepare(_ engine: inout Engine, _ budget: inout Int) -> Bool {
        let source = call[place + 1]
        let ready =
            prepared
            ?? PreparedString(source: source, block: engine.keyspace.makeLong(count: source.count))
        if prepared == nil { copied = 0 }
        prepared = ready
        ready.copy(&copied, &budget)
        return copied == source.count
    }
}
