import Base
import Engine

/// What COMMAND tells of a command beyond its row: derived from the row's flags, group and keys.
extension Command {
    /// "config" of "config|get"; nil for a command that is no subcommand.
    var container: String? {
        let bytes = Bytes(name)
        for index in 0..<bytes.count where bytes[index] == UInt8(ascii: "|") {
            return bytes.slice(0, index).string
        }
        return nil
    }

    /// COMMAND asks for each pair of rows.
    func isSubcommand(of other: Command) -> Bool {
        if !other.flags.contains(.container) { return false }
        let (own, theirs) = (Bytes(name), Bytes(other.name))
        return own.count > theirs.count && own[theirs.count] == UInt8(ascii: "|")
            && own.slice(0, theirs.count) == theirs
    }

    /// What its row has as keys are names of shard channels: they have slots, but are no keys.
    var namesShardChannels: Bool {
        switch id {
        case .spublish, .ssubscribe, .sunsubscribe: true
        default: false
        }
    }

    /// Places of the first and last key, and the step from key to key; zeros for none.
    var keyRange: (first: Int, last: Int, step: Int) {
        switch keys {
        case .none, .counted: (0, 0, 0)
        case .targetAndCounted, .firstAndStore, .firstAndSorted: (1, 1, 1)
        case .range(let first, let last, let step): (first, last, step)
        }
    }

    /// The first key is written from those that follow it.
    var hasTargetFirst: Bool {
        switch id {
        case .bitop, .pfmerge, .sinterstore, .sunionstore, .sdiffstore, .zrangestore,
            .geosearchstore:
            true
        default: false
        }
    }
}

/// A list of words made for one reply.
struct WordList {
    private(set) var words: [String] = []

    mutating func add(_ word: String, if condition: Bool = true) {
        if condition { words.append(word) }
    }
}

extension WordList {
    /// The flags of a command, named and ordered as COMMAND INFO names and orders them.
    init(flagsOf command: Command) {
        let names: KeyValuePairs<String, CommandFlags> = [
            "write": .write, "readonly": .readOnly, "denyoom": .denyOutOfMemory,
            "admin": .admin, "pubsub": .pubSub, "noscript": .noScript,
            "blocking": .blocking, "loading": .loading, "stale": .stale,
            "skip_monitor": .skipMonitor, "skip_slowlog": .skipSlowlog, "fast": .fast,
            "no_auth": .noAuth, "no_async_loading": .noAsyncLoading, "no_multi": .noMulti,
            "movablekeys": .movableKeys, "allow_busy": .allowBusy,
        ]
        for (name, flag) in names { add(name, if: command.flags.contains(flag)) }
    }

    /// The ACL categories that a command is in.
    init(categoriesOf command: Command) {
        let flags = command.flags
        let isContainer = flags.contains(.container)
        add("@keyspace", if: command.isOverKeys && !isContainer)
        add("@read", if: flags.contains(.readOnly))
        add("@write", if: flags.contains(.write))
        if let category = command.group.category, !isContainer { add(category) }
        for category in ["@set", "@sortedset", "@list"] { add(category, if: command.id.sorts) }
        add("@pubsub", if: flags.contains(.pubSub))
        add("@admin", if: flags.contains(.admin))
        add(flags.contains(.fast) ? "@fast" : "@slow")
        add("@blocking", if: flags.contains(.blocking))
        add("@dangerous", if: flags.contains(.admin) || command.isDangerous)
        add("@connection", if: command.group == .connection && !isContainer || command.isProbe)
        add("@transaction", if: command.group == .transactions)
        add("@scripting", if: command.group == .scripting && !isContainer)
    }

    /// How a command uses its key at a place, as key specifications say it.
    init(usageOf command: Command, key: Int) {
        switch command.id {
        case .exists, .touch, .type, .strlen, .objectEncoding, .objectFreq, .objectIdleTime,
            .objectReferenceCount, .memoryUsage, .hexists, .hlen, .hstrlen,
            .scard, .sismember, .zcard:
            words = ["RO"]
        case .del, .unlink: words = ["RM", "delete"]
        case .set: words = ["RW", "access", "update", "variable_flags"]
        case .mset, .setex, .psetex, .restore: words = ["OW", "update"]
        case .msetnx, .setnx: words = ["OW", "insert"]
        case .append, .sadd: words = ["RW", "insert"]
        case .srem: words = ["RW", "delete"]
        case .spop, .zmpop, .zpopmax, .zpopmin, .bzmpop, .bzpopmax, .bzpopmin:
            words = ["RW", "access", "delete"]
        case .smove: words = key == 0 ? ["RW", "access", "delete"] : ["RW", "insert"]
        case .sinterstore: words = key == 0 ? ["RW", "update"] : ["RO", "access"]
        case .sunionstore, .sdiffstore: words = key == 0 ? ["OW", "update"] : ["RO", "access"]
        case .getdel: words = ["RW", "access", "delete"]
        case .hsetnx: words = ["RW", "insert"]
        case .hdel, .zrem, .zremrangebylex, .zremrangebyrank, .zremrangebyscore:
            words = ["RW", "delete"]
        case .getset, .getex, .incr, .decr, .incrby, .decrby, .incrbyfloat, .hincrby,
            .hincrbyfloat, .setbit, .zincrby:
            words = ["RW", "access", "update"]
        case .bitfield: words = ["RW", "access", "update", "variable_flags"]
        case .bitop, .zdiffstore, .zinterstore, .zunionstore, .zrangestore, .geosearchstore:
            words = key == 0 ? ["OW", "update"] : ["RO", "access"]
        case .georadius, .georadiusbymember:
            words = key == 0 ? ["RO", "access"] : ["OW", "update"]
        case .sort: words = key == 0 ? ["RO", "access"] : ["OW", "update"]
        case .spublish, .ssubscribe, .sunsubscribe: words = ["not_key"]
        case .pfadd: words = ["RW", "insert"]
        case .pfcount, .pfdebug: words = ["RW", "access"]
        case .pfmerge: words = key == 0 ? ["RW", "access", "insert"] : ["RO", "access"]
        case .copy: words = key == 0 ? ["RO", "access"] : ["OW", "update"]
        case .rename: words = key == 0 ? ["RW", "access", "delete"] : ["OW", "update"]
        case .renamenx: words = key == 0 ? ["RW", "access", "delete"] : ["OW", "insert"]
        default:
            let isWrite = command.flags.contains(.write)
            words = isWrite ? ["RW", "update"] : ["RO", "access"]
        }
    }
}

extension Command {
    fileprivate var isOverKeys: Bool {
        switch id {
        case .wait, .objectHelp, .sort, .sortReadOnly: false
        case .dbsize, .flushall, .flushdb: true
        default: group == .generic
        }
    }

    fileprivate var isDangerous: Bool {
        switch id {
        case .keys, .flushall, .flushdb, .info, .restore, .sort, .sortReadOnly: true
        default: false
        }
    }

    /// A command of another group that concerns the connection.
    fileprivate var isProbe: Bool {
        switch id {
        case .command, .commandCount, .commandDocs, .commandGetKeys, .commandGetKeysAndFlags,
            .commandHelp, .commandInfo, .commandList, .readonly, .readwrite, .asking, .wait:
            true
        default: false
        }
    }
}

extension CommandGroup {
    /// The ACL category of a data type's commands.
    fileprivate var category: String? {
        switch self {
        case .set: "@set"
        case .sortedSet: "@sortedset"
        case .list: "@list"
        case .hash: "@hash"
        case .string: "@string"
        case .bitmap: "@bitmap"
        case .hyperLogLog: "@hyperloglog"
        case .geo: "@geo"
        case .stream: "@stream"
        case .generic, .pubSub, .transactions, .connection, .server, .scripting, .cluster: nil
        }
    }
}
