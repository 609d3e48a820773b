import Base
import Log

/// What a record of a node's file says (docs/internals/raft.md, "On disk").
enum RaftRecordKind: UInt8, CaseIterable {
    case mark = 1
    case hardState = 2
    case snapshot = 3
    case entry = 4
}

/// Where a record's fields are: as in a core's log, but for what follows the kind.
enum RaftRecordLayout {
    static let headerSize = RecordLayout.headerSize
}

/// Records on their way to a file.
struct RaftRecordWriter: ~Copyable {
    private let salt: UInt64
    /// Where the output's first byte stands in the file.
    private let start: UInt64
    private(set) var output = OutputBuffer()

    /// Behind `start` bytes of a file.
    init(salt: UInt64, start: UInt64) {
        self.salt = salt
        self.start = start
    }

    mutating func mark(synced: UInt64) {
        append(.mark, synced, 0, OutputBuffer())
    }

    mutating func hardState(_ state: HardState) {
        var body = OutputBuffer()
        if let vote = state.vote { body.put(vote) }
        append(.hardState, state.term.rawValue, 0, body)
    }

    mutating func snapshot(_ snapshot: Snapshot, base: EntryID) {
        var body = OutputBuffer()
        body.put(base)
        body.put(snapshot.configuration)
        body.put(snapshot.state)
        append(.snapshot, snapshot.last.index.rawValue, snapshot.last.term.rawValue, body)
    }

    mutating func entry(_ entry: Entry) {
        var body = OutputBuffer()
        body.put(entry.payload)
        append(.entry, entry.id.index.rawValue, entry.id.term.rawValue, body)
    }

    private mutating func append(
        _ kind: RaftRecordKind, _ first: UInt64, _ second: UInt64, _ body: consuming OutputBuffer
    ) {
        let length = RaftRecordLayout.headerSize + body.count
        invariant(length <= RecordLayout.lengthMax, "a record has a length of 31 bits")
        var record = OutputBuffer(capacity: RecordLayout.span(length))
        record.put(UInt32(length))
        record.append(kind.rawValue)
        for _ in 0..<3 { record.append(0) }
        record.put(first)
        record.put(second)
        record.append(body.bytes)
        while record.count + 8 < RecordLayout.span(length) { record.append(0) }
        output.put(Checksum.of(record.bytes) &+ salt &+ (start + UInt64(output.count)))
        output.append(record.bytes)
    }

    /// Ends with the bytes.
    consuming func finish() -> OutputBuffer { output }
}

/// A record of a file, whose checksum and outer form are right.
struct RaftRecord {
    let kind: RaftRecordKind
    let first: UInt64
    let second: UInt64
    let body: Bytes
    /// With padding.
    let span: Int

    /// What stands at `offset` of a file: a record, nil where none was written, or why it is none.
    static func read(
        _ file: Bytes, at offset: Int, salt: UInt64
    ) throws(FaultReason) -> RaftRecord? {
        let left = file.count - offset
        if left < RaftRecordLayout.headerSize { return nil }
        var reader = BodyReader(file.slice(offset, file.count))
        do throws(DecodeRefusal) {
            let sum = try reader.integer(UInt64.self)
            let length = Int(try reader.integer(UInt32.self))
            if length == 0 { return nil }
            return try read(&reader, file, offset, sum &- salt, length)
        } catch {
            throw error == .kind ? .newerFormat : error == .length ? .length : .checksum
        }
    }

    private static func read(
        _ reader: inout BodyReader, _ file: Bytes, _ offset: Int, _ sum: UInt64, _ length: Int
    ) throws(DecodeRefusal) -> RaftRecord {
        let span = RecordLayout.span(length)
        if length < RaftRecordLayout.headerSize { throw .length }
        if span > file.count - offset { throw .length }
        let covered = file.slice(offset + 8, offset + span)
        if Checksum.of(covered) &+ UInt64(offset) != sum { throw .order }
        guard let kind = RaftRecordKind(rawValue: try reader.integer(UInt8.self)) else {
            throw .kind
        }
        for _ in 0..<3 where try reader.integer(UInt8.self) != 0 { throw .kind }
        let first = try reader.integer(UInt64.self)
        let second = try reader.integer(UInt64.self)
        let body = file.slice(offset + RaftRecordLayout.headerSize, offset + length)
        return RaftRecord(kind: kind, first: first, second: second, body: body, span: span)
    }
}
