// Commands that need the connection, other cores or the server's settings, and no key of this core alone.

import Base
import Engine

extension CommandID {
    /// MULTI queues the command instead of running it.
    var isQueued: Bool {
        switch self {
        case .exec, .discard, .multi, .watch, .unwatch, .quit, .reset: false
        default: true
        }
    }

    /// The command ends a pause or looks at connections only.
    var isNeverPaused: Bool {
        switch self {
        case .clientUnpause, .clientPause, .clientList, .clientKill, .clientInfo, .clientID,
            .clientGetName, .clientSetName, .info, .quit, .shutdown:
            true
        default: false
        }
    }

    /// The command concerns every key of the node.
    var isOverAllKeys: Bool {
        switch self {
        case .dbsize, .flushall, .flushdb, .keys, .randomkey, .scan: true
        default: false
        }
    }

    var isFlush: Bool { self == .flushall || self == .flushdb }
}

extension Core {
    /// Runs a command of the node's.
    ///
    /// - Returns: false when it must be read again; the connection is then stalled.
    mutating func runNodeCommand(
        _ connection: ConnectionReference, _ request: Request, _ call: Invocation
    ) -> Bool {
        switch request.command {
        case .dbsize, .flushall, .flushdb, .keys, .randomkey:
            return beginGather(connection, request, call, .all)
        case .watch:
            return watch(connection, request, call)
        case .exec:
            return exec(connection, request)
        default:
            runSessionCommand(connection, call)
            return true
        }
    }

    /// Runs a command that only concerns this connection or is answered from this core's own knowledge.
    mutating func runSessionCommand(_ connection: ConnectionReference, _ call: Invocation) {
        switch call.command {
        case .ping:
            call.count > 2
                ? engine.reply.wrongArity("ping")
                : call.count == 2 ? engine.reply.bulk(call[1]) : engine.reply.simple("PONG")
        case .echo: engine.reply.bulk(call[1])
        case .quit:
            engine.reply.ok()
            connection.state.isClosing = true
        case .multi: multi(connection)
        case .discard: discard(connection)
        case .unwatch:
            unwatchAll(connection)
            engine.reply.ok()
        default: engine.reply.unknownCommand(call)
        }
    }

    // MARK: Parts of commands over several cores

    /// Appends this core's part of a command to `part`.
    ///
    /// - Parameter asker: the connection that sent the command, where it is this core's.
    mutating func contribute(
        _ call: Invocation, _ asker: ConnectionID?, into part: inout OutputBuffer
    ) {
        switch call.command {
        case .dbsize: part.append(integer: Int64(engine.keyspace.count))
        case .flushall, .flushdb: _ = engine.removeAllKeys()
        case .watch: contributeWatch(call, into: &part)
        case .unwatch: contributeUnwatch(call)
        default: break
        }
    }

    /// Makes one reply of all cores' parts; this core's is the first.
    mutating func conclude(
        _ call: Invocation, _ connection: ConnectionReference, _ parts: [Bytes]
    ) {
        switch call.command {
        case .dbsize: engine.reply.integer(parts.reduce(0) { $0 + $1.integer(at: 0) })
        case .watch: concludeWatch(call, connection, parts)
        default: engine.reply.ok()
        }
    }
}

extension OutputBuffer {
    /// Eight bytes, in the machine's order: parts never leave the process.
    mutating func append(integer: Int64) {
        unsafe reserve(8).storeBytes(of: integer, as: Int64.self)
        advance(8)
    }
}

extension Bytes {
    /// The integer that ``Base/OutputBuffer/append(integer:)`` put at `offset`.
    func integer(at offset: Int) -> Int64 {
        invariant(offset + 8 <= count, "an integer is inside of its part")
        return unsafe start.loadUnaligned(fromByteOffset: offset, as: Int64.self)
    }
}
