import Base
import Engine

/// A line of MONITOR: time, database, client, and the arguments in quotes.
struct MonitorLine: ~Copyable {
    private var text = OutputBuffer()

    /// The line without its mark and its end, until the next one is made.
    var bytes: Bytes { text.bytes }

    /// - Parameters:
    ///   - now: milliseconds since 1970; the line has microseconds, as Redis's has.
    ///   - source: the client's address.
    mutating func begin(now: Int64, source: String) {
        text.removeAll()
        text.shrink(over: 1 << 16)
        text.append(decimal: now / 1000)
        text.append(".")
        let fraction = now % 1000
        if fraction < 100 { text.append("0") }
        if fraction < 10 { text.append("0") }
        text.append(decimal: fraction)
        text.append("000 [0 ")
        for byte in source.utf8 { text.append(byte) }
        text.append("]")
    }

    /// A request, its name first. Passwords are not shown.
    mutating func append(_ call: Invocation) {
        var secrets = SecretArguments(call)
        for place in 0..<call.count {
            text.append(" ")
            if secrets.contains(place) {
                text.append("\"(redacted)\"")
            } else {
                appendQuoted(call[place])
            }
        }
    }

    private mutating func appendQuoted(_ word: Bytes) {
        text.append("\"")
        for index in 0..<word.count {
            let byte = word[index]
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""):
                text.append(UInt8(ascii: "\\"))
                text.append(byte)
            case UInt8(ascii: "\n"): text.append("\\n")
            case UInt8(ascii: "\r"): text.append("\\r")
            case UInt8(ascii: "\t"): text.append("\\t")
            case 0x07: text.append("\\a")
            case 0x08: text.append("\\b")
            case 0x20...0x7E: text.append(byte)
            default:
                text.append("\\x")
                appendDigit(byte >> 4)
                appendDigit(byte & 15)
            }
        }
        text.append("\"")
    }

    private mutating func appendDigit(_ digit: UInt8) {
        text.append(digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a"))
    }
}

/// Which arguments of a request are passwords or go with one: those of AUTH, and the two behind
/// HELLO's word AUTH. They are hidden in refused requests as well.
private struct SecretArguments {
    private let isAuthentication: Bool
    private let isGreeting: Bool
    private let call: Invocation
    /// Arguments up to here follow a word AUTH.
    private var hiddenUpTo = 0

    init(_ call: Invocation) {
        self.call = call
        isAuthentication = call.command == .auth
        isGreeting = call.command == .hello
    }

    /// To be asked for each place in order.
    mutating func contains(_ place: Int) -> Bool {
        if isAuthentication { return place > 0 }
        if !isGreeting { return false }
        if place < 2 { return false }
        if place <= hiddenUpTo { return true }
        let isWord = call[place].equalsIgnoringCase("auth")
        if isWord, place + 2 < call.count { hiddenUpTo = place + 2 }
        return false
    }
}
