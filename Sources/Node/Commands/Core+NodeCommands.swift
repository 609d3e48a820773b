// Commands that need the connection, other cores or the server's settings, and no key of this core
// alone.

import Base
import Engine

extension Core {
    /// Runs a command of the node's.
    ///
    /// - Returns: false when it must be read again; the connection is then stalled.
    mutating func runNodeCommand(
        _ connection: ConnectionReference, _ request: Request, _ call: Invocation
    ) -> Bool {
        switch call.command {
        case .watch: return watch(connection, request, call)
        case .exec: return exec(connection, request)
        case .configRewrite: return rewriteSettings(connection, request)
        case .debug where isSleep(call): return sleep(connection, request, call)
        case .publish, .spublish:
            if mustWaitToPublish(connection, call) { return false }
        case .subscribe, .psubscribe, .ssubscribe:
            var wanted = InterestPlaces()
            addPlaces(call, to: &wanted)
            if !isAnnounced(wanted, connection, request) { return false }
        case .clientTracking:
            if connection.state.holes.count >= Self.holeCountMax {
                connection.state.stall = .holes
                return false
            }
            var clients: [Int64] = []
            addRedirections(of: call, to: &clients)
            if !areClientsKnown(clients, connection, request) { return false }
        case .monitor:
            var wanted = InterestPlaces()
            wanted.places.append(.monitors)
            if !isAnnounced(wanted, connection, request) { return false }
        default: break
        }
        switch call.command.reach {
        case .session:
            runSessionCommand(connection, call)
            return true
        case .everyKey, .everyCore, .announced:
            if !isSound(call) { return true }
        }
        if call.command == .scan { return scan(connection, request, call) }
        if connection.state.session.isRedirecting, call.command.reach == .everyKey {
            // A core port is a node of its own, with its own keys.
            if call.command.isFlush { tellOthersOfFlush() }
            return beginGather(connection, request, call, .here)
        }
        let isListing = call.command == .keys && listsKeysInParts()
        if call.command.seesAllKeysAtOnce, coreCount > 1 || isListing {
            return beginTransaction(connection, request)
        }
        return beginGather(connection, request, call, targets(of: call))
    }

    /// Which cores take part in a command that is not this core's alone.
    private func targets(of call: Invocation) -> GatherTargets {
        switch call.command {
        case .clusterCountKeysInSlot, .clusterGetKeysInSlot:
            .owner(ofSlot: UInt16(call[2].canonicalInteger ?? 0))
        default: .all
        }
    }

    /// Whether a command over several cores can be sent to them; if not, answers with the error.
    mutating func isSound(_ call: Invocation) -> Bool {
        switch call.command {
        case .flushall, .flushdb: isSoundFlush(call)
        case .scan: isSoundScan(call)
        case .clusterCountKeysInSlot, .clusterGetKeysInSlot: isSoundSlotQuery(call)
        case .clientKill: isSoundKill(call)
        case .clientList: isSoundList(call)
        case .clientPause: isSoundPause(call)
        case .clientUnblock: isSoundUnblock(call)
        case .configSet: isSoundConfigSet(call)
        case .pubsubChannels, .pubsubShardChannels: isSoundChannelQuery(call)
        case .debug: isSoundDebug(call)
        case .slowlogGet: isSoundSlowLog(call)
        case .save, .bgsave, .bgrewriteaof, .lastsave, .waitaof: isSoundPersistence(call)
        default: true
        }
    }

    /// Runs a command that only concerns this connection or is answered from this core's own
    /// knowledge.
    mutating func runSessionCommand(_ connection: ConnectionReference, _ call: Invocation) {
        switch call.command.row.group {
        case .transactions: runTransactionCommand(connection, call)
        case .connection: runConnectionCommand(connection, call)
        case .cluster: runClusterCommand(connection, call)
        case .pubSub: runChannelCommand(connection, call)
        default: runServerCommand(connection, call)
        }
    }

    private mutating func runTransactionCommand(
        _ connection: ConnectionReference, _ call: Invocation
    ) {
        switch call.command {
        case .multi: multi(connection)
        case .discard: discard(connection)
        case .unwatch:
            unwatchAll(connection)
            engine.reply.ok()
        default: engine.reply.unknownCommand(call)
        }
    }

    private mutating func runChannelCommand(
        _ connection: ConnectionReference, _ call: Invocation
    ) {
        if let kind = call.command.topicKind {
            runSubscriptionCommand(connection, call, kind)
        } else if call.command.publishes {
            publish(connection, call)
        } else {
            help(.pubSub)
        }
    }

    private mutating func runServerCommand(
        _ connection: ConnectionReference, _ call: Invocation
    ) {
        switch call.command {
        case .command, .commandCount, .commandDocs, .commandGetKeys, .commandGetKeysAndFlags,
            .commandHelp, .commandInfo, .commandList:
            runCommandCommand(call)
        case .configGet: configGet(connection, call)
        case .configRewrite: refuseRewrite()
        case .configHelp: help(.config)
        case .memoryHelp: help(.memory)
        case .moduleList: engine.reply.array(0)
        case .moduleHelp: help(.module)
        case .monitor: beginMonitoring(connection)
        case .objectHelp: help(.object)
        case .latencyHelp: help(.latency)
        case .slowlogHelp: help(.slowlog)
        case .shutdown: shutDown(call)
        case .time: time()
        case .wait: wait(call)
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
        case .keys: contributeKeys(call, into: &part)
        case .randomkey: contributeRandomKey(into: &part)
        case .scan:
            contributeScan(call, from: ScanOptions(call).cursor, into: &part)
        case .clusterCountKeysInSlot: contributeKeyCount(call, into: &part)
        case .clusterGetKeysInSlot: contributeSlotKeys(call, into: &part)
        case .watch: contributeWatch(call, into: &part)
        case .unwatch: contributeUnwatch(call)
        case .info: contributeInfo(call, into: &part)
        case .memoryDoctor, .memoryMallocStats, .memoryStats: part.append(plain: makeReport())
        case .memoryPurge: purgeMemory()
        case .latencyDoctor, .latencyGraph, .latencyHistogram, .latencyHistory, .latencyLatest,
            .latencyReset:
            contributeLatency(call, into: &part)
        case .slowlogGet, .slowlogLen, .slowlogReset: contributeSlowLog(call, into: &part)
        case .clientList: contributeList(call, into: &part)
        case .clientKill: contributeKill(call, asker, into: &part)
        case .clientPause: pauseClients(call)
        case .clientUnblock: contributeUnblock(call, into: &part)
        case .clientUnpause: unpauseClients()
        case .configSet: applyConfigSet(call)
        case .configResetStatistics: resetStatistics()
        case .debug: contributeDebug(call)
        case .sort, .sortReadOnly: contributeSortKeys(call, into: &part)
        case .save, .bgsave, .bgrewriteaof, .lastsave, .waitaof:
            contributePersistence(call, into: &part)
        default: contributeToPubSub(call, into: &part)
        }
    }

    private func contributeToPubSub(_ call: Invocation, into part: inout OutputBuffer) {
        let pattern = call.count > 2 ? call[2] : nil
        switch call.command {
        case .pubsubChannels: contributeTopics(.channel, matching: pattern, into: &part)
        case .pubsubShardChannels:
            contributeTopics(.shardChannel, matching: pattern, into: &part)
        case .pubsubPatternCount: contributeTopics(.pattern, matching: nil, into: &part)
        case .pubsubSubscriberCount: contributeSubscriberCounts(.channel, call, into: &part)
        case .pubsubShardSubscriberCount:
            contributeSubscriberCounts(.shardChannel, call, into: &part)
        default: break
        }
    }

    /// Makes one reply of all cores' parts; this core's is the first.
    mutating func conclude(
        _ call: Invocation, _ connection: ConnectionReference, _ parts: [Bytes]
    ) {
        switch call.command {
        case .dbsize, .clusterCountKeysInSlot, .clientUnblock:
            engine.reply.integer(
                parts.reduce(0) { $1.isEmpty ? $0 : $0 + $1.integer(at: 0) })
        case .keys, .clusterGetKeysInSlot: concludeKeys(parts)
        case .randomkey: concludeRandomKey(parts)
        case .scan: concludeScan(parts)
        case .watch: concludeWatch(call, connection, parts)
        case .info: concludeInfo(call, connection, parts)
        case .memoryDoctor, .memoryMallocStats, .memoryPurge, .memoryStats:
            concludeMemory(call, parts)
        case .latencyDoctor, .latencyGraph, .latencyHistogram, .latencyHistory, .latencyLatest,
            .latencyReset:
            concludeLatency(call, parts)
        case .slowlogGet, .slowlogLen, .slowlogReset: concludeSlowLog(call, parts)
        case .save, .bgsave, .bgrewriteaof, .lastsave, .waitaof:
            concludePersistence(call, parts)
        case .clientList: concludeList(parts)
        case .clientKill: concludeKill(call, parts)
        case .pubsubChannels, .pubsubShardChannels: concludeTopics(parts)
        case .pubsubPatternCount: concludePatternCount(parts)
        case .pubsubSubscriberCount, .pubsubShardSubscriberCount:
            concludeSubscriberCounts(call, parts)
        default: engine.reply.ok()
        }
    }
}
