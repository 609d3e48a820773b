// Settings by their names in CONFIG.

import Base
import Engine

extension NodeConfiguration {
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
        case "client-query-buffer-limit": String(queryBufferMax)
        case "timeout": String(idleSecondsMax)
        case "maxmemory": String(memoryMax)
        case "notify-keyspace-events": keyEvents.shownLetters
        default: stored(parameter.name)
        }
    }

    /// Sets a value that ``ConfigurationKind/read(_:current:)`` found sound.
    mutating func set(_ parameter: ConfigurationParameter, to value: String) {
        switch "\(parameter.name)" {
        case "requirepass": password = value
        case "maxclients": clientCountMax = Int(value) ?? clientCountMax
        case "proto-max-bulk-len": bulkLengthMax = Int(value) ?? bulkLengthMax
        case "client-query-buffer-limit": queryBufferMax = Int(value) ?? queryBufferMax
        case "timeout": idleSecondsMax = Int(value) ?? idleSecondsMax
        case "maxmemory": memoryMax = Int(value) ?? memoryMax
        case "notify-keyspace-events": keyEvents = KeyEventClass(letters: value) ?? keyEvents
        case "client-output-buffer-limit":
            OutputLimits(value).apply(to: &self)
            others["\(parameter.name)"] = value
        default: others["\(parameter.name)"] = value
        }
    }
}
