import Base

/// The words behind the payload of RESTORE.
struct RestoreOptions {
    var replaces = false
    /// The time is one since 1970, not from now on.
    var isAbsolute = false
    /// How long the key counts as not used.
    var idleSeconds: Int64?
    /// What the counter of its uses begins with.
    var useCount: UInt8?

    /// Reads the words of RESTORE key ttl payload …; returns what is wrong with them.
    mutating func read(_ call: Invocation) -> CommandError? {
        var index = 4
        while index < call.count {
            let word = call[index]
            let hasArgument = index + 1 < call.count
            if word.equalsIgnoringCase("replace") {
                replaces = true
            } else if word.equalsIgnoringCase("absttl") {
                isAbsolute = true
            } else if word.equalsIgnoringCase("idletime"), hasArgument, useCount == nil {
                index += 1
                if let error = readIdleTime(call[index]) { return error }
            } else if word.equalsIgnoringCase("freq"), hasArgument, idleSeconds == nil {
                index += 1
                if let error = readUseCount(call[index]) { return error }
            } else {
                return .syntax
            }
            index += 1
        }
        return nil
    }

    private mutating func readIdleTime(_ word: Bytes) -> CommandError? {
        guard let seconds = word.canonicalInteger else { return .notInteger }
        if seconds < 0 { return .restoreIdleTime }
        idleSeconds = seconds
        return nil
    }

    private mutating func readUseCount(_ word: Bytes) -> CommandError? {
        guard let count = word.canonicalInteger else { return .notInteger }
        guard let count = UInt8(exactly: count) else { return .restoreFrequency }
        useCount = count
        return nil
    }
}
