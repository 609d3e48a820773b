import Base

/// One row of the command table: all that dispatch, routing, COMMAND and its documentation know of
/// a command.
package struct Command: Sendable {
    package let id: CommandID
    /// Lower case; of a subcommand "container|name".
    package let name: StaticString
    /// How many arguments, the name included; negative: at least so many.
    package let arity: Int
    package let flags: CommandFlags
    package let keys: KeyPositions
    package let scope: CommandScope
    package let group: CommandGroup
    /// The Redis version that brought the command.
    package let since: StaticString
    package let complexity: StaticString
    package let summary: StaticString

    package init(
        _ id: CommandID, _ name: StaticString, arity: Int, flags: CommandFlags,
        keys: KeyPositions = .none, scope: CommandScope, group: CommandGroup,
        since: StaticString, complexity: StaticString, summary: StaticString
    ) {
        self.id = id
        self.name = name
        self.arity = arity
        self.flags = flags
        self.keys = keys
        self.scope = scope
        self.group = group
        self.since = since
        self.complexity = complexity
        self.summary = summary
    }
}

/// Who runs a command.
package enum CommandScope: UInt8, Sendable, BitwiseCopyable {
    /// The engine, on the core that owns the keys.
    case keys
    /// The node, on the connection's core: it needs the session, other cores or the server's
    /// settings.
    case node
}

/// What COMMAND INFO reports and the node obeys.
package struct CommandFlags: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package static let write = CommandFlags(rawValue: 1 << 0)
    package static let readOnly = CommandFlags(rawValue: 1 << 1)
    package static let denyOutOfMemory = CommandFlags(rawValue: 1 << 2)
    package static let admin = CommandFlags(rawValue: 1 << 3)
    package static let pubSub = CommandFlags(rawValue: 1 << 4)
    package static let noScript = CommandFlags(rawValue: 1 << 5)
    package static let blocking = CommandFlags(rawValue: 1 << 6)
    package static let loading = CommandFlags(rawValue: 1 << 7)
    package static let stale = CommandFlags(rawValue: 1 << 8)
    package static let skipMonitor = CommandFlags(rawValue: 1 << 9)
    package static let skipSlowlog = CommandFlags(rawValue: 1 << 10)
    package static let fast = CommandFlags(rawValue: 1 << 11)
    package static let noAuth = CommandFlags(rawValue: 1 << 12)
    package static let mayReplicate = CommandFlags(rawValue: 1 << 13)
    package static let noMulti = CommandFlags(rawValue: 1 << 14)
    package static let movableKeys = CommandFlags(rawValue: 1 << 15)
    package static let allowBusy = CommandFlags(rawValue: 1 << 16)
    package static let noAsyncLoading = CommandFlags(rawValue: 1 << 17)
    package static let sentinel = CommandFlags(rawValue: 1 << 18)
    /// Not a flag of Redis's: the command takes subcommands.
    package static let container = CommandFlags(rawValue: 1 << 31)
}

/// Groups of COMMAND DOCS.
package enum CommandGroup: String, Sendable {
    case generic
    case string
    case list
    case set
    case sortedSet = "sorted-set"
    case hash
    case pubSub = "pubsub"
    case transactions
    case connection
    case server
    case scripting
    case hyperLogLog = "hyperloglog"
    case cluster
    case geo
    case stream
    case bitmap
}

/// Which arguments are keys.
package enum KeyPositions: Sendable {
    case none
    /// From `first` to `last`, each `step`-th; a negative `last` counts from the end.
    case range(first: Int, last: Int, step: Int)
    /// An argument says how many keys follow it.
    case counted(at: Int, first: Int)
    /// The first argument, then as many as the second one says, from the third one on.
    case targetAndCounted
    /// The first argument, and the one behind the last STORE or STOREDIST among those from `from`
    /// on.
    case firstAndStore(from: Int)
    /// The first argument, and the one behind SORT's last STORE.
    case firstAndSorted

    package static let first = KeyPositions.range(first: 1, last: 1, step: 1)
    package static let all = KeyPositions.range(first: 1, last: -1, step: 1)
}
