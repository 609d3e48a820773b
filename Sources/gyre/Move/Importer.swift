// Sends the keys of an RDB file to a server.
//
// A value goes as it stands in the file, with a version and a checksum behind it, in a RESTORE.
// Requests leave in batches, and while the server works on one the next is made, so memory holds
// two batches at most. A large collection would have to be held whole by the server besides: it
// goes in many small commands, after its key has been looked for.

import Base
import RDB
import Uring

/// See the essay above.
struct Importer: ~Copyable {
    private var connection: ServerConnection
    private let replaces: Bool
    /// The one database that is imported; nil for all.
    private let database: UInt64?
    /// In milliseconds since 1970.
    private let now: Int64
    private let crc = CRC64()
    private(set) var report = ImportReport()
    private var payload = OutputBuffer()
    /// The keys of the batch that is made, and of the one that the server works on.
    private var batch: [PayloadType] = []
    private var sent: [PayloadType] = []

    /// A batch of so many requests, or of more bytes than these, is sent.
    private static let batchCount = 512
    private static let batchBytes = 256 << 10
    /// Collections of more bytes than this go in parts.
    static let wholeBytesMax = 8 << 20

    init(
        _ connection: consuming ServerConnection, replaces: Bool, database: UInt64?, now: Int64
    ) {
        self.connection = connection
        self.replaces = replaces
        self.database = database
        self.now = now
    }

    /// Imports a file that has been scanned and found sound.
    ///
    /// - Throws: ``CommandFailure``.
    mutating func run(_ file: borrowing MappedFile) throws {
        var reader = try FileReader(file.bytes)
        reader.checksEnd = false
        while let entry = try reader.next(crc) {
            try take(entry, &reader)
            if batch.count >= Self.batchCount || connection.gathered >= Self.batchBytes {
                try sendBatch()
            }
        }
        try drain()
    }

    private mutating func take(_ entry: FileEntry, _ reader: inout FileReader) throws {
        guard database == nil || entry.database == database else {
            _ = try reader.takeValue()
            return
        }
        if let deadline = entry.deadline, deadline <= now {
            report.expired += 1
            _ = try reader.takeValue()
            return
        }
        guard let type = PayloadType(byte: entry.type) else {
            report.skipped.count(ForeignType(byte: entry.type))
            _ = try reader.takeValue()
            return
        }
        try entry.key.withBytes { key in
            let value = try reader.takeValue()
            if type == .string || value.count <= Self.wholeBytesMax {
                restore(key, entry, value, version: reader.version)
                batch.append(type)
            } else {
                try drain()
                var parts = PartsImport(replaces: replaces)
                try parts.run(key, entry, value, &connection, &report)
            }
        }
    }

    /// Appends a RESTORE to the batch.
    private mutating func restore(
        _ key: Bytes, _ entry: FileEntry, _ value: Bytes, version: UInt16
    ) {
        let hasUse = entry.idleSeconds != nil || entry.useCount != nil
        connection.begin(
            4 + (replaces ? 1 : 0) + (entry.deadline != nil ? 1 : 0) + (hasUse ? 2 : 0))
        connection.append("RESTORE")
        connection.append(key)
        connection.append(entry.deadline ?? 0)
        payload.removeAll()
        payload.append(entry.type)
        payload.append(value)
        PayloadWriter(version: version).end(crc, &payload)
        connection.append(payload.bytes)
        if replaces { connection.append("REPLACE") }
        if entry.deadline != nil { connection.append("ABSTTL") }
        if let seconds = entry.idleSeconds {
            connection.append("IDLETIME")
            connection.append(Int64(clamping: seconds))
        } else if let count = entry.useCount {
            connection.append("FREQ")
            connection.append(Int64(count))
        }
    }

    // MARK: Batches

    /// Sends the batch, then receives the replies to the one before it.
    private mutating func sendBatch() throws {
        try connection.flush()
        try receiveReplies()
        swap(&batch, &sent)
    }

    private mutating func drain() throws {
        try sendBatch()
        try receiveReplies()
    }

    private mutating func receiveReplies() throws {
        for type in sent {
            switch try connection.receive() {
            case .error(let words): report.noteRefusal(words)
            default: report.imported.count(type)
            }
        }
        sent.removeAll(keepingCapacity: true)
    }
}

extension ImportReport {
    /// Counts a key that the server has not taken.
    mutating func noteRefusal(_ words: String) {
        if words.hasPrefix("BUSYKEY") {
            taken += 1
            return
        }
        refused += 1
        if firstRefusal.isEmpty { firstRefusal = words }
    }
}

extension PayloadElement {
    /// Calls `body` with the bytes of a string, which live as long as the call.
    func withBytes<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result {
        switch self {
        case .bytes(let bytes): return try body(bytes)
        case .integer(let integer):
            var digits = OutputBuffer()
            digits.append(decimal: integer)
            return try body(digits.bytes)
        case .score: invariantFailed("a score is no string")
        }
    }
}
