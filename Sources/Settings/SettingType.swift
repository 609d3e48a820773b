/// What the value of a setting is; decides how its text is read and what an error asks for.
public enum SettingType: Sendable, Equatable {
    /// Numeric addresses with commas between them.
    case addresses
    /// A TCP port.
    case port
    /// A TCP port or the word `off`.
    case portOrOff
    /// A whole number within bounds, both included.
    case count(ClosedRange<Int>)
    /// CPU numbers and ranges of them with commas between.
    case cpuList
    /// A secret; no message ever repeats it.
    case password
    /// `yes` or `no`.
    case yesNo
    /// One of these words.
    case choice([String])
    /// A ``LogLevel``.
    case logLevel
    /// The path of a file.
    case path

    /// The longest password, in bytes of UTF-8: the bound that Redis has.
    public static let passwordBytesMax = 512

    /// One word for the reference: `port`.
    public var name: String {
        switch self {
        case .addresses: "addresses"
        case .port: "port"
        case .portOrOff: "port or off"
        case .count: "number"
        case .cpuList: "CPU list"
        case .password: "password"
        case .yesNo: "yes or no"
        case .choice: "word"
        case .logLevel: "level"
        case .path: "path"
        }
    }

    /// The allowed values, to be read after the word "give".
    public var range: String {
        switch self {
        case .addresses:
            "numeric addresses such as 127.0.0.1,::1, or localhost, or * for all, each once"
        case .port: "a port from 1 to 65535"
        case .portOrOff: "a port from 1 to 65535, or off"
        case .count(let bounds): "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
        case .cpuList: "CPU numbers such as 0,2-5, each once"
        case .password: "1 to \(Self.passwordBytesMax) bytes"
        case .yesNo: "yes or no"
        case .choice(let words): words.joined(separator: ", ")
        case .logLevel: LogLevel.allCases.map(\.rawValue).joined(separator: ", ")
        case .path: "the path of a file"
        }
    }

    /// Whether messages and listings must hide the value.
    public var isSecret: Bool { self == .password }
}

extension SettingType {
    /// A whole number in plain decimal digits within `bounds`, or nil: no sign, no blank.
    static func parseCount(_ text: String, in bounds: ClosedRange<Int>) -> Int? {
        guard !text.isEmpty else { return nil }
        guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return nil
        }
        guard let count = Int(text), bounds.contains(count) else { return nil }
        return count
    }

    static func parsePort(_ text: String) -> UInt16? {
        parseCount(text, in: 1...65_535).map { UInt16($0) }
    }

    /// The outer optional is nil when the text is neither a port nor `off`.
    static func parsePortOrOff(_ text: String) -> UInt16?? {
        if text == "off" { return .some(nil) }
        guard let port = parsePort(text) else { return nil }
        return .some(port)
    }

    static func parsePassword(_ text: String) -> String? {
        1...passwordBytesMax ~= text.utf8.count ? text : nil
    }

    static func parseYesNo(_ text: String) -> Bool? {
        switch text {
        case "yes", "true": true
        case "no", "false": false
        default: nil
        }
    }
}
