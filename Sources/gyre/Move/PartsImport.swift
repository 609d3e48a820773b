import Base
import Glibc
import RDB

/// Imports one large collection in many small commands. Until the last of them it is there in part.
struct PartsImport: ~Copyable {
    private let replaces: Bool
    /// Commands whose replies are still to come.
    private var pending = 0
    private var refusal: String?

    /// Elements in a command, and commands that are sent before their replies are received.
    private static let elementsPerCommand = 256
    private static let commandsInFlight = 64

    init(replaces: Bool) {
        self.replaces = replaces
    }

    /// - Parameters:
    ///   - value: as it stands in the file.
    ///   - connection: with no reply still to come.
    mutating func run(
        _ key: Bytes, _ entry: FileEntry, _ value: Bytes, _ connection: inout ServerConnection,
        _ report: inout ImportReport
    ) throws {
        let reader = try PayloadReader(type: entry.type, value: value)
        let type = reader.type
        if try isTaken(key, &connection) {
            report.taken += 1
            return
        }
        do {
            try send(reader, key, &connection)
        } catch is PayloadError {
            refusal = "what is in its packed form is damaged"
        }
        if let deadline = entry.deadline {
            connection.begin(3)
            connection.append("PEXPIREAT")
            connection.append(key)
            connection.append(deadline)
            pending += 1
        }
        try receiveReplies(&connection)
        if let refusal {
            report.noteRefusal(refusal)
        } else {
            report.imported.count(type)
        }
    }

    /// Whether the key is there, and may not be replaced; where it may, it is gone.
    private func isTaken(
        _ key: Bytes, _ connection: inout ServerConnection
    ) throws(CommandFailure) -> Bool {
        connection.begin(2)
        connection.append(replaces ? "UNLINK" : "EXISTS")
        connection.append(key)
        try connection.flush()
        switch try connection.receive() {
        case .error(let words): throw .refused(connection.address, words)
        case .integer(let count): return !replaces && count > 0
        default: return false
        }
    }

    private mutating func send(
        _ opened: consuming PayloadReader, _ key: Bytes, _ connection: inout ServerConnection
    ) throws {
        var reader = opened
        let type = reader.type
        // Words on their way into a command, which begins with their number.
        var words = OutputBuffer()
        var ends = GrowableArray<Int>(capacity: 2 * Self.elementsPerCommand)
        while let element = try reader.next() {
            Self.append(element, &words)
            ends.append(words.count)
            let isPaired = type == .hash || type == .sortedSet
            if isPaired {
                guard let other = try reader.next() else { throw PayloadError.badFormat }
                Self.append(other, &words)
                ends.append(words.count)
            }
            if ends.count < Self.elementsPerCommand, words.count < 1 << 16 { continue }
            try sendCommand(type, key, words, ends, &connection)
            words.removeAll()
            ends.removeAll()
        }
        if !ends.isEmpty { try sendCommand(type, key, words, ends, &connection) }
    }

    private static func append(_ element: PayloadElement, _ words: inout OutputBuffer) {
        switch element {
        case .bytes(let bytes): words.append(bytes)
        case .integer(let integer): words.append(decimal: integer)
        case .score(let score):
            // The shortest digits that are read back as the same number.
            OwnedBytes("\(score)").withBytes { words.append($0) }
        }
    }

    private mutating func sendCommand(
        _ type: PayloadType, _ key: Bytes, _ words: borrowing OutputBuffer,
        _ ends: borrowing GrowableArray<Int>, _ connection: inout ServerConnection
    ) throws(CommandFailure) {
        connection.begin(2 + ends.count)
        switch type {
        case .list: connection.append("RPUSH")
        case .set: connection.append("SADD")
        case .hash: connection.append("HSET")
        case .sortedSet: connection.append("ZADD")
        case .string: invariantFailed("a string is sent whole")
        }
        connection.append(key)
        var index = 0
        while index < ends.count {
            // A sorted set's scores come before its members.
            let place = type == .sortedSet ? index ^ 1 : index
            let start = place == 0 ? 0 : ends[place - 1]
            connection.append(words.bytes.slice(start, ends[place]))
            index += 1
        }
        pending += 1
        if pending == Self.commandsInFlight { try receiveReplies(&connection) }
    }

    private mutating func receiveReplies(
        _ connection: inout ServerConnection
    ) throws(CommandFailure) {
        try connection.flush()
        for _ in 0..<pending {
            if case .error(let words) = try connection.receive() { refusal = refusal ?? words }
        }
        pending = 0
    }
}
