import Base
import BenchmarkSupport

/// The commands with a budget.
enum BudgetCommand: String, CaseIterable {
    case get
    case set
    case incr
    /// HGET of a field of ten.
    case hget
    /// HSET of a field of ten, over an old value.
    case hset
    case setbit
    case getbit
    case bitcount
    case pfadd
    case ping
    /// LPUSH to the one long list, and LPOP from it.
    case lpush, lpop
    /// SPOP and ZPOPMIN of a key that is not there.
    case spop, zpopmin

    /// Bytes of one reply: "$32", the value; "+OK"; ":100001"; "$15", the value; ":0"; ":118";
    /// "+PONG"; ":100001"; "$3", the element; "$-1"; "*0".
    var replyBytes: Int {
        switch self {
        case .get: 39
        case .set: 5
        case .incr, .lpush, .lpop: 9
        case .ping: 7
        case .spop: 5
        case .hget: 22
        case .hset, .setbit, .getbit, .pfadd, .zpopmin: 4
        case .bitcount: 6
        }
    }
}

/// One command, over and over, on a keyspace that holds all its keys.
struct Workload: ~Copyable {
    static let keyCount = 10_000
    /// Fields of each hash.
    static let fieldCount = 10
    /// Elements of the one list, a number of six digits for 900,000 pushes.
    static let elementCount = 100_000
    /// So many different turns are prepared and then repeated.
    private static let turnCount = 256

    private let command: BudgetCommand
    private let pipeline: Int
    private var requests = RequestText()
    /// Where each prepared turn begins in ``requests``, and where the last one ends.
    private var turnStarts = GrowableArray<Int>(capacity: Workload.turnCount + 1)
    private var core = PureCore(connectionCount: 1)
    /// What a planted allocation of the last request gave; kept so that none is optimised away.
    private var planted = OutputBuffer()

    /// Fills a core and prepares the requests, all before anything is counted.
    init(_ command: BudgetCommand, pipeline: Int) {
        self.command = command
        self.pipeline = pipeline
        fill(command)
        var random = SplitMix64(seed: 3)
        for _ in 0..<Self.turnCount {
            turnStarts.append(requests.count)
            for _ in 0..<pipeline {
                let key = Int(random.next() % UInt64(Self.keyCount))
                append(key, random.next())
            }
        }
        turnStarts.append(requests.count)
    }

    @inline(__always)
    private mutating func append(_ key: Int, _ number: UInt64) {
        switch command {
        case .get: requests.appendGet(key: key)
        case .set: requests.appendSet(key: key)
        case .incr: requests.appendIncrement(key: key)
        case .hget: requests.appendHashGet(key: key, field: Int(number % UInt64(Self.fieldCount)))
        case .hset: requests.appendHashSet(key: key, field: Int(number % UInt64(Self.fieldCount)))
        case .setbit: requests.appendSetBit(key: key, bit: number & 1 == 0)
        case .getbit: requests.appendGetBit(key: key)
        case .bitcount: requests.appendCountBits(key: key)
        case .pfadd: requests.appendAddElement(key: key, element: Int(number % 1_000))
        case .ping: requests.appendArray("*1\r\n$4\r\nPING\r\n")
        case .lpush: requests.appendPush()
        case .lpop: requests.appendArray("*2\r\n$4\r\nLPOP\r\n$6\r\nmylist\r\n")
        case .spop: requests.appendArray("*2\r\n$4\r\nSPOP\r\n$5\r\nmyset\r\n")
        case .zpopmin: requests.appendArray("*2\r\n$7\r\nZPOPMIN\r\n$6\r\nmyzset\r\n")
        }
    }

    private mutating func fill(_ command: BudgetCommand) {
        var text = RequestText()
        switch command {
        case .ping, .spop, .zpopmin: return
        case .lpush, .lpop:
            for _ in 0..<Self.elementCount {
                text.appendPush()
                core.receive(text.bytes(0, text.count), at: 0)
                core.endTurn()
                text.removeAll()
            }
            return
        default: break
        }
        for key in 0..<Self.keyCount {
            switch command {
            case .incr: text.appendSetCounter(key: key)
            case .pfadd: text.appendAddElement(key: key, element: 0)
            case .hget, .hset:
                for field in 0..<Self.fieldCount { text.appendHashSet(key: key, field: field) }
            default: text.appendSet(key: key)
            }
            core.receive(text.bytes(0, text.count), at: 0)
            core.endTurn()
            text.removeAll()
        }
        let expected =
            switch command {
            case .hget, .hset: 4 * Self.fieldCount
            case .pfadd: 4
            default: 5
            }
        invariant(core.replyBytes == expected * Self.keyCount, "every key is set")
    }

    /// Runs `operationCount` requests, rounded up to whole turns.
    ///
    /// - Parameter isPlanted: each request costs one allocation more, as a regression would.
    mutating func run(operationCount: Int, isPlanted: Bool) {
        let before = core.replyBytes
        let turns = (operationCount + pipeline - 1) / pipeline
        for turn in 0..<turns {
            let place = turn % Self.turnCount
            core.receive(requests.bytes(turnStarts[place], turnStarts[place + 1]), at: 0)
            core.endTurn()
            if isPlanted {
                for _ in 0..<pipeline { planted = OutputBuffer(capacity: 64) }
            }
        }
        let expected = turns * pipeline * command.replyBytes
        invariant(core.replyBytes - before == expected, "every request has its reply")
    }
}
