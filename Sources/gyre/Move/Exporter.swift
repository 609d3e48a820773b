// Writes the keys of a server into an RDB file.
//
// The server is asked for some keys (SCAN), then for the deadline and the value of each, in one
// pipeline, and each value goes into the file as it arrives: memory holds the names of one batch
// and one value. A key may come twice, which no reader of RDB files accepts; so of each key that
// was written 128 bits of hash are kept.

import Base
import Foundation
import Glibc
import RDB

/// See the essay above.
struct Exporter: ~Copyable {
    private var connection: ServerConnection
    private let path: String
    /// Begun with the first value, which tells the version.
    private var writer: FileWriter?
    private var file: NewFile?
    private var output = OutputBuffer()
    private var keys = OutputBuffer()
    /// Where in ``keys`` each ends.
    private var ends = GrowableArray<Int>(capacity: 1024)
    private var written: Set<UInt128> = []
    private var countHint = 0
    /// The server tells when a key expires; an older one tells how long it has left.
    private var tellsTimes = true

    /// The file's.
    private(set) var version = emptyVersion
    private(set) var keyCount = 0
    private(set) var byteCount = 0

    /// Keys are asked for by so many, and in as many requests of so many bytes.
    private static let batchCount: Int64 = 512
    private static let batchBytes = 256 << 10
    private static let bufferBytes = 1 << 20
    /// The version of a file without keys.
    private static let emptyVersion: UInt16 = 9

    init(_ connection: consuming ServerConnection, _ path: String) {
        self.connection = connection
        self.path = path
    }

    /// - Throws: ``CommandFailure`` and ``FileError``; nothing is left under the file's name then.
    mutating func run() throws {
        file = try NewFile(path)
        countHint = Int(try connection.ask("DBSIZE"))
        tellsTimes = try hasExpireTimes()
        var cursor: [UInt8] = [UInt8(ascii: "0")]
        repeat {
            try scan(&cursor)
            try dumpKeys()
        } while cursor != [UInt8(ascii: "0")]
        if writer == nil { begin(Self.emptyVersion) }
        try flush()
        writer?.end(&output)
        try file?.write(output.bytes)
        byteCount += output.count
        try file?.publish()
    }

    /// Whether the server has PEXPIRETIME, as since Redis 7.0.
    private mutating func hasExpireTimes() throws(CommandFailure) -> Bool {
        ask("PEXPIRETIME", Bytes("0"))
        try connection.flush()
        if case .integer = try connection.receive() { return true }
        return false
    }

    // MARK: Keys

    /// Asks for the next keys; those that have not been written are put into ``keys``.
    private mutating func scan(_ cursor: inout [UInt8]) throws {
        keys.removeAll()
        ends.removeAll()
        connection.begin(4)
        connection.append("SCAN")
        OwnedBytes(cursor).withBytes { connection.append($0) }
        connection.append("COUNT")
        connection.append(Self.batchCount)
        try connection.flush()
        guard case .array(2) = try receive(), case .bulk(let next) = try receive() else {
            throw strange("SCAN")
        }
        cursor = unsafe [UInt8](next.buffer)
        guard case .array(let count) = try receive() else { throw strange("SCAN") }
        for _ in 0..<count {
            guard case .bulk(let key) = try receive() else { throw strange("SCAN") }
            if !written.insert(Self.fingerprint(key)).inserted { continue }
            keys.append(key)
            ends.append(keys.count)
        }
    }

    /// Two hashes with seeds of this process: that they meet by chance is out of the question.
    private static func fingerprint(_ key: Bytes) -> UInt128 {
        func hash(_ seed: Int) -> UInt128 {
            var hasher = Hasher()
            hasher.combine(seed)
            unsafe hasher.combine(bytes: key.buffer)
            return UInt128(UInt64(truncatingIfNeeded: hasher.finalize()))
        }
        return hash(1) << 64 | hash(2)
    }

    private func key(_ index: Int) -> Bytes {
        keys.bytes.slice(index == 0 ? 0 : ends[index - 1], ends[index])
    }

    // MARK: Values

    private mutating func dumpKeys() throws {
        var first = 0
        while first < ends.count {
            var next = first
            while next < ends.count, next == first || connection.gathered < Self.batchBytes {
                ask(tellsTimes ? "PEXPIRETIME" : "PTTL", key(next))
                ask("DUMP", key(next))
                next += 1
            }
            try connection.flush()
            for index in first..<next { try receiveKey(index) }
            first = next
        }
    }

    private mutating func ask(_ command: StaticString, _ key: Bytes) {
        connection.begin(2)
        connection.append(command)
        connection.append(key)
    }

    private mutating func receiveKey(_ index: Int) throws {
        let deadline = try receiveDeadline()
        switch try connection.receive() {
        case .bulk(let payload): try write(index, deadline, payload)
        // It has gone meanwhile.
        case .null: break
        case .error(let words):
            throw CommandFailure(
                "\(connection.address.text) refused to dump a key: \(words).", EX_UNAVAILABLE)
        default: throw strange("DUMP")
        }
    }

    /// When the key expires, in milliseconds since 1970; nil where it does not.
    private mutating func receiveDeadline() throws -> Int64? {
        switch try connection.receive() {
        case .integer(let time):
            if time < 0 { return nil }
            return tellsTimes ? time : time + Int64(Date().timeIntervalSince1970 * 1000)
        case .error(let words):
            throw CommandFailure.refused(connection.address, words)
        default: throw strange("PEXPIRETIME")
        }
    }

    private mutating func write(_ index: Int, _ deadline: Int64?, _ payload: Bytes) throws {
        do {
            if writer == nil { begin(try PayloadCheck(payload).version) }
            try writer?.append(key: key(index), deadline: deadline, payload: payload, &output)
        } catch {
            throw unsound()
        }
        keyCount += 1
        if output.count >= Self.bufferBytes { try flush() }
    }

    // MARK: The file

    private mutating func begin(_ version: UInt16) {
        writer = FileWriter(version: version)
        self.version = version
        let time = Int64(Date().timeIntervalSince1970)
        writer?.begin(time: time, countHint: countHint, &output)
    }

    private mutating func flush() throws {
        writer?.taken(output.bytes)
        try file?.write(output.bytes)
        byteCount += output.count
        output.removeAll()
        output.shrink(over: 4 * Self.bufferBytes)
    }

    // MARK: Failures

    private mutating func receive() throws -> ServerReply {
        let reply = try connection.receive()
        if case .error(let words) = reply {
            throw CommandFailure.refused(connection.address, words)
        }
        return reply
    }

    private func strange(_ command: String) -> CommandFailure {
        CommandFailure(
            "\(connection.address.text) has answered \(command) in a form that is not Redis's.",
            EX_PROTOCOL)
    }

    private func unsound() -> CommandFailure {
        CommandFailure(
            "\(connection.address.text) has sent a value that is not sound, or of an RDB version "
                + "above 11: nothing was written.", EX_PROTOCOL)
    }
}
