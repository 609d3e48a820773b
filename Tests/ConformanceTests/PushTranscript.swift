import Foundation
import TestSupport

/// A script over several connections on which messages come up that nobody asked for.
///
/// A line is a step: `n> call ;; call` sends calls on connection n as one pipeline, `@m@` in it
/// being the number of connection m as CLIENT ID tells it; `!close n` ends a connection. After each
/// step everything that has come on every connection is read.
struct PushScript {
    enum Step {
        case calls(connection: Int, String)
        case close(Int)
    }

    let steps: [Step]
    let connectionCount: Int

    init(_ lines: [String]) {
        steps = lines.map { line in
            if line.hasPrefix("!close ") { return .close(Int(line.dropFirst(7)) ?? 0) }
            let parts = line.split(separator: "> ", maxSplits: 1)
            return .calls(connection: Int(parts[0]) ?? 0, String(parts[1]))
        }
        let numbers = steps.map { step in
            switch step {
            case .calls(let number, _), .close(let number): number
            }
        }
        let named = lines.joined().split(separator: "@").compactMap { Int($0) }
        connectionCount = ((numbers + named).max() ?? 0) + 1
    }

    /// Splits at spaces; `"…"` is one word, with `\xHH`, `\r`, `\n`, `\t`, `\a`, `\b` and any other
    /// byte behind a backslash for itself.
    static func words(_ text: String) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var word: [UInt8]?
        var isQuoted = false
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                isQuoted.toggle()
                word = word ?? []
            case UInt8(ascii: "\\") where isQuoted: word?.append(escaped(&rest))
            case UInt8(ascii: " ") where !isQuoted:
                if let word { words.append(word) }
                word = nil
            default: word = (word ?? []) + [byte]
            }
        }
        return words + (word.map { [$0] } ?? [])
    }

    private static func escaped(_ rest: inout ArraySlice<UInt8>) -> UInt8 {
        guard let byte = rest.popFirst() else { return UInt8(ascii: "\\") }
        switch byte {
        case UInt8(ascii: "x"):
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            rest = rest.dropFirst(2)
            return UInt8(digits, radix: 16) ?? 0
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "a"): return 7
        case UInt8(ascii: "b"): return 8
        default: return byte
        }
    }
}

/// One server's side of a script: its connections and their numbers.
final class PushSession {
    private static let mark = "between-the-steps"
    private let control: RespConnection
    private var connections: [RespConnection?] = []
    private var numbers: [Int64] = []

    init(_ server: ServerProcess, _ count: Int, protocolVersion: Int) throws {
        control = try server.connect()
        try control.call("FLUSHALL")
        try control.call("CONFIG", "SET", "notify-keyspace-events", "")
        for _ in 0..<count {
            let connection = try server.connect()
            let number = try connection.call("CLIENT", "ID").integer ?? 0
            numbers.append(number)
            if protocolVersion == 3 { try connection.call("HELLO", "3") }
            connections.append(connection)
        }
    }

    deinit { connections.forEach { $0?.close() } }

    /// Sees to it that the numbers of connections are no numbers that replies count to.
    static func raiseNumbers(_ server: ServerProcess) throws {
        while try server.connect().call("CLIENT", "ID").integer ?? 0 < 1000 {}
    }

    func perform(_ step: PushScript.Step) throws {
        switch step {
        case .close(let number):
            connections[number]?.close()
            connections[number] = nil
            // The server is to learn of it before the next step.
            let address = "id=\(numbers[number]) "
            _ = try Deadline.wait(seconds: 5) {
                !(try control.call("CLIENT", "LIST").text ?? "").contains(address)
            }
        case .calls(let number, let text):
            var bytes: [UInt8] = []
            for call in text.components(separatedBy: " ;; ") {
                var words = call
                for (place, id) in numbers.enumerated() {
                    words = words.replacing("@\(place)@", with: "\(id)")
                }
                bytes += Call(PushScript.words(words)).encoded
            }
            try connections[number]?.send(bytes)
        }
    }

    /// What has come on each connection. Where `wanted` is given, waits until there is as much.
    func received(wanted: [[String]]?) throws -> [[String]] {
        // The reference has done with a step when it has answered twice to somebody else.
        for _ in 0..<3 { try control.call("ECHO", Self.mark) }
        var all: [[String]] = connections.map { _ in [] }
        for place in connections.indices {
            let count = wanted?[place].count ?? 0
            let deadline = Deadline(seconds: 2)
            while let connection = connections[place] {
                let isEnough = all[place].count >= count
                let wait = isEnough ? 0.001 : 0.05
                do {
                    if let next = try connection.receive(within: wait) {
                        let text = shown(next.reply)
                        // A monitor sees what is asked between the steps as well.
                        if !text.contains(Self.mark) { all[place].append(text) }
                        continue
                    }
                } catch ConnectionError.closed {
                    all[place].append("closed")
                    connections[place] = nil
                }
                if isEnough || deadline.hasPassed { break }
            }
        }
        return all
    }

    /// A reply with the numbers of the script's connections, addresses and times made alike.
    private func shown(_ reply: Reply) -> String {
        if case .simple(let bytes) = reply, bytes.first?.isDigit == true {
            // A line of MONITOR: time, database and address.
            let text = "\(reply)"
            return String(text.drop { $0 != "]" })
        }
        var text = "\(reply)"
        for (place, number) in numbers.enumerated() {
            text = text.replacing(
                ":\(number)", with: "<connection \(place)>")
        }
        return text
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= 48 && self <= 57 }
}

extension ServerPair {
    /// Plays scripts with messages on both servers; returns every difference.
    ///
    /// On one core everything must come in the same order. On several, messages may come sooner or
    /// later among the replies to one step.
    ///
    /// - Parameter isOrdered: false where messages of one step have no order even in Redis.
    func pushDifferences(
        _ scripts: [[String]], protocols: [Int] = [2, 3], isOrdered: Bool = true
    ) throws -> [String] {
        var found: [String] = []
        for server in [reference, subject] { try PushSession.raiseNumbers(server) }
        for lines in scripts {
            for version in protocols {
                if let difference = try pushDifference(lines, version, isOrdered) {
                    let text = lines.map { "  \($0)" }.joined(separator: "\n")
                    found.append("RESP\(version):\n\(text)\n\(difference)\n")
                }
            }
        }
        return found
    }

    private func pushDifference(
        _ lines: [String], _ version: Int, _ isOrdered: Bool
    ) throws -> String? {
        let script = PushScript(lines)
        let count = script.connectionCount
        let reference = try PushSession(reference, count, protocolVersion: version)
        let subject = try PushSession(subject, count, protocolVersion: version)
        let isInOrder = isOrdered && self.subject.options.cores == 1
        for (line, step) in zip(lines, script.steps) {
            try reference.perform(step)
            try subject.perform(step)
            let expected = try reference.received(wanted: nil)
            let actual = try subject.received(wanted: expected)
            for place in 0..<count
            where !Self.isAlike(expected[place], actual[place], isInOrder) {
                return """
                    at:        \(line), connection \(place)
                    reference: \(expected[place].joined(separator: "\n           "))
                    subject:   \(actual[place].joined(separator: "\n           "))
                    """
            }
        }
        return nil
    }

    private static func isAlike(
        _ expected: [String], _ actual: [String], _ isInOrder: Bool
    ) -> Bool {
        if expected == actual { return true }
        if isInOrder { return false }
        let (left, right) = (parted(expected), parted(actual))
        return left.replies == right.replies && left.messages == right.messages
    }

    /// The replies in order, and the messages sorted.
    private static func parted(
        _ received: [String]
    ) -> (replies: [String], messages: [String]) {
        let kinds = ["\"message\"", "\"pmessage\"", "\"smessage\""]
        let isMessage = { (text: String) in
            text.hasPrefix(">") || text.hasPrefix("] ")
                || kinds.contains { text.hasPrefix("[\($0)") }
        }
        return (received.filter { !isMessage($0) }, received.filter(isMessage).sorted())
    }
}
