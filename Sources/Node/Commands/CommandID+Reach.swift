import Engine

/// How far a command of the node's reaches, and so how it is run.
enum CommandReach {
    /// This connection and this core's own knowledge are enough.
    case session
    /// It concerns every key of the node: inside of a transaction all of them are held.
    case everyKey
    /// Each core has a part of the answer.
    case everyCore
    /// Each core does something; the answer is this core's alone.
    case announced
}

extension CommandID {
    var reach: CommandReach {
        switch self {
        case .dbsize, .flushall, .flushdb, .keys, .randomkey, .scan, .clusterCountKeysInSlot,
            .clusterGetKeysInSlot:
            .everyKey
        case .info, .clientKill, .clientList, .clientUnblock, .memoryDoctor, .memoryMallocStats,
            .memoryPurge, .memoryStats, .pubsubChannels, .pubsubPatternCount,
            .pubsubShardChannels, .pubsubShardSubscriberCount, .pubsubSubscriberCount,
            .latencyDoctor, .latencyGraph, .latencyHistogram, .latencyHistory, .latencyLatest,
            .latencyReset, .slowlogGet, .slowlogLen, .slowlogReset, .save, .bgsave,
            .bgrewriteaof, .lastsave, .waitaof:
            .everyCore
        case .clientPause, .clientUnpause, .configSet, .configResetStatistics, .debug:
            .announced
        default: .session
        }
    }

    /// Inside of a transaction every core gives its part when its keys are held.
    var isShared: Bool { reach == .everyKey || reach == .everyCore }

    /// The command must not run between the parts that a transaction has on several cores: it
    /// would see, or flush, half of it.
    var seesAllKeysAtOnce: Bool {
        switch self {
        case .dbsize, .flushall, .flushdb, .keys: true
        default: false
        }
    }

    /// A core gives its part once something has come about on its disk.
    var answersLate: Bool { self == .save || self == .waitaof }

    var isFlush: Bool { self == .flushall || self == .flushdb }

    /// MULTI queues the command instead of running it.
    var isQueued: Bool {
        switch self {
        case .exec, .discard, .multi, .watch, .quit, .reset: false
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
}
