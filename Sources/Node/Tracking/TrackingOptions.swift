import Base
import Engine

/// The arguments of CLIENT TRACKING, read from left to right up to the first error.
struct TrackingOptions {
    /// Nil where it is neither ON nor OFF.
    private(set) var isOn: Bool?
    private(set) var modes: TrackingModes = []
    /// 0 for none.
    private(set) var redirection: Int64 = 0
    private(set) var prefixes: [Bytes] = []
    /// What is wrong; the rest then means nothing.
    private(set) var error: String?

    /// - Parameter exists: whether there is a client of that number.
    init(_ call: Invocation, exists: (Int64) -> Bool) {
        if call[2].equalsIgnoringCase("on") { isOn = true }
        if call[2].equalsIgnoringCase("off") { isOn = false }
        var place = 3
        while place < call.count, error == nil {
            let word = call[place]
            let isLast = place + 1 == call.count
            if word.equalsIgnoringCase("redirect"), !isLast {
                place += 1
                readRedirection(call[place], exists)
            } else if word.equalsIgnoringCase("prefix"), !isLast {
                place += 1
                prefixes.append(call[place])
            } else if let mode = TrackingModes(word) {
                modes.insert(mode)
            } else {
                error = "\(CommandError.syntax.text)"
            }
            place += 1
        }
    }

    private mutating func readRedirection(_ word: Bytes, _ exists: (Int64) -> Bool) {
        if redirection != 0 {
            error = "ERR A client can only redirect to a single other client"
            return
        }
        guard let number = word.canonicalInteger else {
            error = "\(CommandError.notInteger.text)"
            return
        }
        redirection = number
        if !exists(number) { error = "ERR The client ID you want redirect to does not exist" }
    }

    /// What is wrong with the options, for a client as it is; nil where nothing is.
    func conflict(_ current: TrackingModes, _ known: [OwnedBytes]) -> String? {
        let isBroadcast = modes.contains(.broadcast)
        if !isBroadcast, !prefixes.isEmpty {
            return "ERR PREFIX option requires BCAST mode to be enabled"
        }
        if current.contains(.on), current.contains(.broadcast) != isBroadcast {
            return """
                ERR You can't switch BCAST mode on/off before disabling tracking for this client, \
                and then re-enabling it with a different mode.
                """
        }
        if isBroadcast, modes.contains(.optIn) || modes.contains(.optOut) {
            return "ERR OPTIN and OPTOUT are not compatible with BCAST"
        }
        if modes.contains(.optIn), modes.contains(.optOut) {
            return "ERR You can't specify both OPTIN mode and OPTOUT mode"
        }
        let isSwitched =
            modes.contains(.optIn) && current.contains(.optOut)
            || modes.contains(.optOut) && current.contains(.optIn)
        if isSwitched {
            return """
                ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, \
                and then re-enabling it with a different mode.
                """
        }
        return overlap(known)
    }

    /// Whether a prefix begins another one: a key would be told of twice.
    private func overlap(_ known: [OwnedBytes]) -> String? {
        let rule = "Prefixes for a single client must not overlap."
        for (place, prefix) in prefixes.enumerated() {
            for other in known where other.withBytes({ $0.overlaps(prefix) }) {
                return """
                    ERR Prefix '\(prefix.string)' overlaps with an existing prefix \
                    '\(other.string)'. \(rule)
                    """
            }
            for other in prefixes[(place + 1)...] where other.overlaps(prefix) {
                return """
                    ERR Prefix '\(prefix.string)' overlaps with another provided prefix \
                    '\(other.string)'. \(rule)
                    """
            }
        }
        return nil
    }
}

extension TrackingModes {
    /// The mode that a word of CLIENT TRACKING sets.
    fileprivate init?(_ word: Bytes) {
        if word.equalsIgnoringCase("bcast") {
            self = .broadcast
        } else if word.equalsIgnoringCase("optin") {
            self = .optIn
        } else if word.equalsIgnoringCase("optout") {
            self = .optOut
        } else if word.equalsIgnoringCase("noloop") {
            self = .noLoop
        } else {
            return nil
        }
    }
}

extension Bytes {
    /// Whether one of both begins with the other.
    fileprivate func overlaps(_ other: Bytes) -> Bool {
        let length = min(count, other.count)
        return slice(0, length) == other.slice(0, length)
    }
}
