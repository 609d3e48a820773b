import Base

/// The words between the key and the scores of ZADD.
struct AddOptions: OptionSet {
    let rawValue: UInt8

    static let ifAbsent = AddOptions(rawValue: 1)
    static let ifPresent = AddOptions(rawValue: 2)
    static let ifGreater = AddOptions(rawValue: 4)
    static let ifLess = AddOptions(rawValue: 8)
    static let increments = AddOptions(rawValue: 16)
    static let countsChanges = AddOptions(rawValue: 32)

    /// The option that a word names.
    init?(_ word: Bytes) {
        if word.count > 4 { return nil }
        if word.equalsIgnoringCase("nx") {
            self = .ifAbsent
        } else if word.equalsIgnoringCase("xx") {
            self = .ifPresent
        } else if word.equalsIgnoringCase("ch") {
            self = .countsChanges
        } else if word.equalsIgnoringCase("incr") {
            self = .increments
        } else if word.equalsIgnoringCase("gt") {
            self = .ifGreater
        } else if word.equalsIgnoringCase("lt") {
            self = .ifLess
        } else {
            return nil
        }
    }

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// What is wrong with the options for so many pairs.
    func error(pairs: Int) -> CommandError? {
        if contains([.ifAbsent, .ifPresent]) { return .addConditions }
        let isBounded = contains(.ifGreater) || contains(.ifLess)
        if contains(.ifAbsent) && isBounded || contains([.ifGreater, .ifLess]) {
            return .addBounds
        }
        return contains(.increments) && pairs > 1 ? .incrementPairs : nil
    }
}

/// What adding a member came to.
enum AddOutcome {
    case added
    case updated
    /// It has the score that it is to have.
    case same
    /// A condition was not met.
    case skipped
    case notNumber
}

extension Engine {
    /// ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member …],
    /// ZINCRBY key increment member
    @inline(never)
    mutating func addScores(_ call: Invocation, increments: Bool) {
        guard let options = readScores(call, increments: increments) else { return }
        addBatch(call.key, options)
    }

    /// Adds the members of the batch, or changes their scores, and answers.
    mutating func addBatch(_ key: KeyReference, _ options: AddOptions) {
        defer { endBatch() }
        guard let found = find(key, .sortedSet) else { return }
        if found.position == nil, options.contains(.ifPresent) {
            options.contains(.increments) ? reply.null() : reply.integer(0)
            return
        }
        // Without XX a key that is not there has its first member added, whatever else is asked.
        let position = found.position ?? keyspace.insertPack(key, .packedSortedSet)
        var (added, updated) = (0, 0)
        var score: Double?
        for index in 0..<memberBatch.count {
            guard case .bytes(let member) = memberBatch[index].element else { continue }
            score = memberBatch[index].score
            switch add(member, &score, options, key, position) {
            case .added: added += 1
            case .updated: updated += 1
            case .same, .skipped: break
            case .notNumber:
                fail(.scoreNotNumber)
                return
            }
        }
        if added + updated > 0 {
            if found.position != nil { keyspace.touch(key, position) }
            notify(
                .sortedSet, options.contains(.increments) ? "zincr" : "zadd", key.bytes)
        }
        if options.contains(.increments) {
            if let score { reply.double(score) } else { reply.null() }
        } else {
            reply.integer(options.contains(.countsChanges) ? added + updated : added)
        }
    }

    /// Reads options, and scores and members into the batch; nil after answering with an error,
    /// and where the command is postponed.
    private mutating func readScores(_ call: Invocation, increments: Bool) -> AddOptions? {
        var options: AddOptions = increments ? .increments : []
        var first = 2
        while first < call.count, let option = AddOptions(call[first]) {
            options.insert(option)
            first += 1
        }
        let pairs = (call.count - first) / 2
        if pairs == 0 || (call.count - first) % 2 != 0 {
            fail(.syntax)
            return nil
        }
        if let error = options.error(pairs: pairs) {
            fail(error)
            return nil
        }
        if _slowPath(pairs > Self.fewArguments), !options.contains(.increments),
            postponesArguments(call, from: first, width: 2, options)
        {
            return nil
        }
        for pair in 0..<pairs {
            guard let score = call[first + 2 * pair].score else {
                endBatch()
                fail(.notFloat)
                return nil
            }
            let member = call[first + 2 * pair + 1]
            memberBatch.append(WalkedMember(element: .bytes(member), score: score))
        }
        return options
    }

    /// Adds one member or changes its score. `score` becomes the one that it has then, or nil where
    /// a condition was not met.
    mutating func add(
        _ member: Bytes, _ score: inout Double?, _ options: AddOptions, _ key: KeyReference,
        _ position: Position
    ) -> AddOutcome {
        guard var wanted = score else { return .skipped }
        score = nil
        guard let place = keyspace.findScored(member, in: position.entry) else {
            if options.contains(.ifPresent) { return .skipped }
            score = wanted
            keyspace.addScored(member, wanted, key, position, limits.sortedSetPack)
            return .added
        }
        if options.contains(.ifAbsent) { return .skipped }
        if options.contains(.increments) {
            wanted += place.score
            if wanted.isNaN { return .notNumber }
        }
        if options.contains(.ifLess), wanted >= place.score { return .skipped }
        if options.contains(.ifGreater), wanted <= place.score { return .skipped }
        score = wanted
        if wanted == place.score { return .same }
        keyspace.changeScore(of: member, place, to: wanted, key, position)
        return .updated
    }

    /// Takes the members of some ranks, at least one, out, and tells so.
    mutating func take(
        _ ranks: Range<Int>, _ key: KeyReference, _ position: Position, _ event: StaticString
    ) {
        let left = keyspace.memberCount(of: position.entry) - ranks.count
        // What is removed with its key is freed in parts.
        if left > 0 { keyspace.removeRanks(ranks, key, position) }
        endRemoval(key, position, .sortedSet, event, left: left)
    }
}
