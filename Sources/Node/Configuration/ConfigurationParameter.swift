import Engine

/// A setting that CONFIG GET shows: its name, what values it takes and what it is at the start.
struct ConfigurationParameter {
    let name: StaticString
    let kind: ConfigurationKind
    let initial: String

    init(_ name: StaticString, _ kind: ConfigurationKind, _ initial: String) {
        self.name = name
        self.kind = kind
        self.initial = initial
    }
}

/// What values a setting takes.
enum ConfigurationKind {
    /// Cannot be changed while the server runs.
    case fixed
    case integer(ClosedRange<Int64>)
    /// As ``integer(_:)``, but what is outside becomes the nearest bound.
    case clamped(ClosedRange<Int64>)
    /// Bytes, also as "1kb" (1,024), "1k" (1,000), "1mb", "1gb".
    case memory(ClosedRange<Int64>)
    case flag
    case choice([String])
    case text
    /// Pairs of seconds and changes.
    case savePoints
    /// Groups of client class, hard limit, soft limit and soft seconds.
    case outputLimits
    /// Letters for classes of keyspace events.
    case events
    /// Numbers from 0 to 100.
    case percentiles
    /// An older name of another setting.
    case alias(StaticString)
}

/// What reading a new value came to.
enum ConfigurationValue {
    /// The value as CONFIG GET will show it.
    case sound(String)
    /// What is wrong with it, as the end of an error.
    case fault(String)
}

extension ConfigurationKind {
    /// Reads a value that somebody wants to set.
    ///
    /// - Parameter current: the value now, of which some kinds change a part.
    func read(_ text: String, current: String) -> ConfigurationValue {
        switch self {
        case .fixed: .fault("can't set immutable config")
        case .integer(let range): Self.readInteger(text, range)
        case .clamped(let range): Self.readClamped(text, range)
        case .memory(let range): Self.readMemory(text, range)
        case .flag: Self.readFlag(text)
        case .choice(let words): Self.readChoice(text, words)
        case .text, .alias: .sound(text)
        case .savePoints: Self.readSavePoints(text)
        case .outputLimits: OutputLimits.read(text, current: current)
        case .events: Self.readEvents(text)
        case .percentiles: Percentiles.read(text)
        }
    }

    private static func readInteger(
        _ text: String, _ range: ClosedRange<Int64>
    ) -> ConfigurationValue {
        guard let number = Int64(text) else {
            return .fault("argument couldn't be parsed into an integer")
        }
        if !range.contains(number) { return .fault(outside(range)) }
        return .sound(String(number))
    }

    private static func readClamped(
        _ text: String, _ range: ClosedRange<Int64>
    ) -> ConfigurationValue {
        guard let number = Int64(text) else {
            return .fault("argument couldn't be parsed into an integer")
        }
        return .sound(String(min(max(number, range.lowerBound), range.upperBound)))
    }

    private static func readMemory(
        _ text: String, _ range: ClosedRange<Int64>
    ) -> ConfigurationValue {
        guard let count = byteCount(text) else {
            return .fault("argument must be a memory value")
        }
        if !range.contains(count) { return .fault(outside(range)) }
        return .sound(String(count))
    }

    private static func outside(_ range: ClosedRange<Int64>) -> String {
        "argument must be between \(range.lowerBound) and \(range.upperBound) inclusive"
    }

    /// The bytes that "100", "1k", "1kb" and their like mean; nil where it is none of them.
    static func byteCount(_ text: String) -> Int64? {
        let units: [String: Int64] = [
            "": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 1_000_000, "mb": 1 << 20,
            "g": 1_000_000_000, "gb": 1 << 30,
        ]
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits),
            let unit = units[text.dropFirst(digits.count).lowercased()]
        else { return nil }
        let (count, isTooLarge) = number.multipliedReportingOverflow(by: unit)
        return isTooLarge ? nil : count
    }

    private static func readFlag(_ text: String) -> ConfigurationValue {
        let word = text.lowercased()
        return word == "yes" || word == "no"
            ? .sound(word) : .fault("argument must be 'yes' or 'no'")
    }

    private static func readChoice(_ text: String, _ words: [String]) -> ConfigurationValue {
        if words.contains(text.lowercased()) { return .sound(text.lowercased()) }
        return .fault(
            "argument(s) must be one of the following: " + words.joined(separator: ", "))
    }

    private static func readSavePoints(_ text: String) -> ConfigurationValue {
        let numbers = text.split(separator: " ").map { Int64($0) ?? -1 }
        let isSound =
            numbers.count % 2 == 0
            && numbers.enumerated().allSatisfy { $0.element >= ($0.offset % 2 == 0 ? 1 : 0) }
        return isSound
            ? .sound(numbers.map(String.init).joined(separator: " "))
            : .fault("Invalid save parameters")
    }

    private static func readEvents(_ text: String) -> ConfigurationValue {
        guard let classes = KeyEventClass(letters: text) else {
            return .fault("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
        }
        return .sound(classes.letters)
    }
}
