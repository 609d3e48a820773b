import TestSupport
import Testing

/// What a generated script is mostly about.
enum Profile: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case strings, lists, bits, hyperLogLogs, hashes, sets, keys, expiry, connection, server
    case sortedSets, sortedBytes, places, sorting, transactions, mixed

    var patterns: [CallPattern] {
        switch self {
        case .strings: CallPatterns.strings
        case .lists: CallPatterns.lists
        case .hashes: CallPatterns.hashes
        case .bits: CallPatterns.bits
        case .sets: CallPatterns.sets
        case .hyperLogLogs: CallPatterns.hyperLogLogs
        case .sortedSets: CallPatterns.sortedSets
        case .sortedBytes: CallPatterns.sortedBytes
        case .places: CallPatterns.places
        case .sorting: CallPatterns.sorting
        case .keys: CallPatterns.keys
        case .expiry: CallPatterns.expiry
        case .connection: CallPatterns.connection
        case .server: CallPatterns.server
        case .transactions: CallPatterns.transactions
        case .mixed:
            CallPatterns.strings + CallPatterns.lists + CallPatterns.hashes + CallPatterns.sets
                + CallPatterns.keys + CallPatterns.expiry + CallPatterns.bitsWatched
                + CallPatterns.hyperLogLogsWatched
                + CallPatterns.transactions + CallPatterns.transactions
        }
    }

    var connectionsMax: Int { self == .transactions ? 3 : 1 }

    var testDescription: String { rawValue }
}

/// Makes scripts: valid and invalid calls over few keys, so that they meet each other's effects.
struct CallGenerator {
    var dice: Dice
    let keys: [[UInt8]]
    private let profile: Profile
    private let patterns: [CallPattern]
    /// Connections that may be inside MULTI, where nothing may depend on the moment of execution.
    private var queueing: Set<Int> = []

    private init(profile: Profile, seed: UInt64) {
        self.profile = profile
        patterns = profile.patterns
        var dice = Dice(seed: seed)
        keys = (0..<5).map { _ in dice.pick(Self.keyNames) }
        self.dice = dice
    }

    /// The script of a seed.
    static func script(
        _ profile: Profile, seed: UInt64, protocolVersion: Int, isPipelined: Bool, length: Int = 50
    ) -> Script {
        var generator = CallGenerator(profile: profile, seed: seed)
        let connections = isPipelined ? 1 : profile.connectionsMax
        var steps: [Step] = []
        while steps.count < length {
            let connection = generator.dice.below(connections)
            steps.append(generator.step(connection, isPipelined: isPipelined))
        }
        return Script(
            steps: steps, protocolVersion: protocolVersion,
            pipelineSeed: isPipelined ? generator.dice.seed() : nil)
    }

    private mutating func step(_ connection: Int, isPipelined: Bool) -> Step {
        let mayDependOnTime = !isPipelined && !queueing.contains(connection)
        let usesKeys = profile != .connection && profile != .server
        if usesKeys, mayDependOnTime, dice.chance(5) { return shortLived(connection) }
        if usesKeys, mayDependOnTime, dice.chance(4) { return scan(connection) }
        if usesKeys, dice.chance(3) { return size(connection) }
        let pattern = dice.pick(patterns)
        var arguments = instance(of: pattern)
        if pattern.isAlterable, dice.chance(12) { alter(&arguments) }
        let call = Call(arguments)
        switch call.name {
        case "MEMORY":
            return .calls(connection: connection, [Self.lookAtEachKey, call], pauseMilliseconds: 0)
        case "MULTI": queueing.insert(connection)
        case "EXEC", "DISCARD", "RESET": queueing.remove(connection)
        default: break
        }
        return .call(connection, call)
    }

    /// A key that expires while nothing happens, so that the next call finds it expired on both
    /// sides.
    private mutating func shortLived(_ connection: Int) -> Step {
        let key = self.key()
        let call = dice.pick([
            Call([word("PEXPIRE"), key, word("1")]),
            Call([word("SET"), key, word("short-lived"), word("PX"), word("1")]),
            Call([word("PSETEX"), key, word("1"), word("7")]),
            Call([word("GETEX"), key, word("PX"), word("2")]),
        ])
        return .calls(connection: connection, [call], pauseMilliseconds: 10)
    }

    private func size(_ connection: Int) -> Step {
        .calls(
            connection: connection, [Self.lookAtEachKey, Call("DBSIZE")], pauseMilliseconds: 0)
    }

    /// DBSIZE and MEMORY USAGE count expired keys until something removes them: this does.
    private static let lookAtEachKey = Call([word("EXISTS")] + keyNames)

    private mutating func scan(_ connection: Int) -> Step {
        var options: [[UInt8]] = []
        if dice.chance(40) { options += [word("MATCH"), globPattern()] }
        if dice.chance(50) { options += [word("COUNT"), word("\(dice.pick([1, 2, 10, 1_000]))")] }
        let scanned: [[UInt8]] =
            switch profile {
            case .hashes: [word("HSCAN"), key()]
            case .sets: [word("SSCAN"), key()]
            case .sortedSets, .sortedBytes, .places: [word("ZSCAN"), key()]
            default: [word("SCAN")]
            }
        if scanned.count == 1, dice.chance(30) {
            options += [word("TYPE"), word(dice.pick(["string", "hash", "STRING"]))]
        }
        return .scan(connection: connection, of: scanned, options: options)
    }

    private mutating func instance(of pattern: CallPattern) -> [[UInt8]] {
        let oddCase = dice.chance(15)
        var tokens = pattern.head
        var options = pattern.options.filter { _ in dice.chance(30) }
        while !options.isEmpty {
            tokens += options.remove(at: dice.below(options.count))
        }
        return tokens.flatMap { token in
            switch token {
            case .word(let text): [word(oddCase ? dice.anyCase(text) : text)]
            case .argument(let kind): arguments(of: kind)
            case .arguments(let kind): (0...dice.below(4)).flatMap { _ in arguments(of: kind) }
            }
        }
    }

    /// Breaks a call: arity, order, a hostile argument, an unknown name.
    private mutating func alter(_ arguments: inout [[UInt8]]) {
        let index = dice.below(arguments.count)
        switch dice.below(6) {
        case 0 where arguments.count > 1: arguments.removeLast()
        case 1 where index > 0: arguments.remove(at: index)
        case 2: arguments.append(hostile())
        case 3 where index > 0: arguments.insert(arguments[index], at: index)
        case 4 where index > 0: arguments[index] = hostile()
        case 5 where dice.chance(20): arguments[0] += [0x78]
        default: arguments.append(word(dice.pick(["NX", "GET", "EX", "REPLACE", "nonsense"])))
        }
    }
}

/// The bytes of a text.
func word(_ text: String) -> [UInt8] { Array(text.utf8) }
