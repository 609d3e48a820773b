// Settings by their names in CONFIG.

import Base
import Engine

extension NodeConfiguration {
    /// The setting appendfsync.
    var syncPolicy: SyncPolicy { SyncPolicy(rawValue: stored("appendfsync")) ?? .everySecond }

    /// Puts the setting save into `rules`.
    func readSaveRules(into rules: inout [SaveRule]) {
        let numbers = stored("save").split(separator: " ").compactMap { Int64($0) }
        rules = stride(from: 0, to: numbers.count - 1, by: 2).map {
            SaveRule(seconds: numbers[$0], changes: Int(numbers[$0 + 1]))
        }
    }

    /// By how many hundredths log and snapshot outgrow the last snapshot before the next one; 0:
    /// none is begun for their size (auto-aof-rewrite-percentage).
    var logGrowthPercentage: Int { Int(stored("auto-aof-rewrite-percentage")) ?? 100 }

    /// Below so many bytes on all cores together none is begun for their size
    /// (auto-aof-rewrite-min-size).
    var logSizeMin: Int { Int(stored("auto-aof-rewrite-min-size")) ?? 64 << 20 }

    /// The value of a setting that is only read back.
    func stored(_ name: StaticString) -> String {
        others["\(name)"] ?? ConfigurationTable.find(Bytes(name))?.initial ?? ""
    }

    /// The value as CONFIG GET shows it.
    func value(of parameter: ConfigurationParameter) -> String {
        switch "\(parameter.name)" {
        case "requirepass": password
        case "maxclients": String(clientCountMax)
        case "proto-max-bulk-len": String(bulkLengthMax)
        case "hll-sparse-max-bytes": String(hyperLogLogSparseSizeMax)
        case "client-query-buffer-limit": String(queryBufferMax)
        case "timeout": String(idleSecondsMax)
        case "maxmemory": String(memoryMax)
        case "notify-keyspace-events": keyEvents.shownLetters
        case "slowlog-log-slower-than": String(slowLogMicroseconds)
        case "slowlog-max-len": String(slowLogLengthMax)
        case "latency-monitor-threshold": String(latencyMilliseconds)
        case "latency-tracking": isTrackingLatency ? "yes" : "no"
        case "key-load-delay": String(keyLoadDelayMicroseconds)
        default: stored(parameter.name)
        }
    }

    /// Sets a value that ``ConfigurationKind/read(_:current:)`` found sound.
    mutating func set(_ parameter: ConfigurationParameter, to value: String) {
        switch "\(parameter.name)" {
        case "requirepass": password = value
        case "maxclients": clientCountMax = Int(value) ?? clientCountMax
        case "proto-max-bulk-len": bulkLengthMax = Int(value) ?? bulkLengthMax
        case "hll-sparse-max-bytes":
            hyperLogLogSparseSizeMax = Int(value) ?? hyperLogLogSparseSizeMax
        case "client-query-buffer-limit": queryBufferMax = Int(value) ?? queryBufferMax
        case "timeout": idleSecondsMax = Int(value) ?? idleSecondsMax
        case "maxmemory": memoryMax = Int(value) ?? memoryMax
        case "notify-keyspace-events": keyEvents = KeyEventClass(letters: value) ?? keyEvents
        case "slowlog-log-slower-than":
            slowLogMicroseconds = Int(value) ?? slowLogMicroseconds
        case "slowlog-max-len": slowLogLengthMax = Int(value) ?? slowLogLengthMax
        case "latency-monitor-threshold":
            latencyMilliseconds = Int(value) ?? latencyMilliseconds
        case "latency-tracking": isTrackingLatency = value == "yes"
        case "key-load-delay":
            keyLoadDelayMicroseconds = Int(value) ?? keyLoadDelayMicroseconds
        case "client-output-buffer-limit":
            OutputLimits(value).apply(to: &self)
            others["\(parameter.name)"] = value
        default: others["\(parameter.name)"] = value
        }
    }
}
