import Base
import Log

/// The numbers of the kinds of messages (docs/internals/raft.md, "Messages").
enum MessageKind: UInt8, CaseIterable {
    case preVoteRequest = 1
    case preVoteReply = 2
    case voteRequest = 3
    case voteReply = 4
    case append = 5
    case appendReply = 6
    case appendRejection = 7
    case snapshotPart = 8
    case snapshotReply = 9
    case timeoutNow = 10

    /// Whether bit 0 of the flags may be set.
    var hasFlag: Bool {
        switch self {
        case .preVoteReply, .voteRequest, .voteReply: true
        default: false
        }
    }
}

extension Message {
    static let version: UInt8 = 1

    /// Appends the body's bytes; who sends it to whom is the frame's to say.
    public func encode(into output: inout OutputBuffer) {
        switch body {
        case .preVoteRequest(let last):
            putHead(.preVoteRequest, false, &output)
            output.put(last)
        case .preVoteReply(let granted): putHead(.preVoteReply, granted, &output)
        case .voteRequest(let last, let forced):
            putHead(.voteRequest, forced, &output)
            output.put(last)
        case .voteReply(let granted): putHead(.voteReply, granted, &output)
        case .append(let request):
            putHead(.append, false, &output)
            request.put(into: &output)
        case .appendReply(let matched, let received, let round):
            putHead(.appendReply, false, &output)
            output.put(matched.rawValue)
            output.put(received.rawValue)
            output.put(round.rawValue)
        case .appendRejection(let previous, let hint, let round):
            putHead(.appendRejection, false, &output)
            output.put(previous.rawValue)
            output.put(hint)
            output.put(round.rawValue)
        case .snapshotPart(let part):
            putHead(.snapshotPart, false, &output)
            part.put(into: &output)
        case .snapshotReply(let last, let received, let round):
            putHead(.snapshotReply, false, &output)
            output.put(last)
            output.put(received)
            output.put(round.rawValue)
        case .timeoutNow: putHead(.timeoutNow, false, &output)
        }
    }

    private func putHead(_ kind: MessageKind, _ flag: Bool, _ output: inout OutputBuffer) {
        output.append(Self.version)
        output.append(kind.rawValue)
        output.append(flag ? 1 : 0)
        output.append(0)
        output.put(term.rawValue)
    }

    /// Reads a body that `from` sent to `to`; refuses whatever ``encode(into:)`` does not write.
    public init(decoding bytes: Bytes, from: NodeBits, to: NodeBits) throws(DecodeRefusal) {
        var reader = BodyReader(bytes)
        guard try reader.integer(UInt8.self) == Self.version else { throw .version }
        guard let kind = MessageKind(rawValue: try reader.integer(UInt8.self)) else {
            throw .kind
        }
        let flags = try reader.integer(UInt8.self)
        if flags > (kind.hasFlag ? 1 : 0) { throw .flags }
        if try reader.integer(UInt8.self) != 0 { throw .flags }
        let term = try reader.term()
        // Only who was never asked for a vote has no term, and it refuses pre-votes at most.
        if term == .zero, kind != .preVoteReply || flags == 1 { throw .order }
        let body = try Self.decodeBody(kind, flags == 1, term, &reader)
        try reader.end()
        self.init(from: from, to: to, term: term, body)
    }

    private static func decodeBody(
        _ kind: MessageKind, _ flag: Bool, _ term: Term, _ reader: inout BodyReader
    ) throws(DecodeRefusal) -> MessageBody {
        switch kind {
        case .preVoteRequest: return .preVoteRequest(last: try lastEntry(&reader, before: term))
        case .preVoteReply: return .preVoteReply(granted: flag)
        case .voteRequest:
            return .voteRequest(last: try lastEntry(&reader, before: term), forced: flag)
        case .voteReply: return .voteReply(granted: flag)
        case .append: return .append(try AppendRequest(&reader, term))
        case .appendReply:
            let matched = try reader.index()
            let received = try reader.index()
            if matched > received { throw .order }
            return .appendReply(matched: matched, received: received, round: try reader.round())
        case .appendRejection:
            let previous = try reader.index()
            let hint = try reader.entryID()
            if hint.index >= previous { throw .order }
            return .appendRejection(previous: previous, hint: hint, round: try reader.round())
        case .snapshotPart: return .snapshotPart(try SnapshotPart(&reader, term))
        case .snapshotReply:
            let last = try reader.entryID()
            let received = try reader.integer(UInt64.self)
            return .snapshotReply(last: last, received: received, round: try reader.round())
        case .timeoutNow: return .timeoutNow
        }
    }

    /// The end of a candidate's log, which is older than the term that it asks for.
    private static func lastEntry(
        _ reader: inout BodyReader, before term: Term
    ) throws(DecodeRefusal) -> EntryID {
        let last = try reader.entryID()
        if last.term >= term { throw .order }
        return last
    }
}

extension AppendRequest {
    fileprivate func put(into output: inout OutputBuffer) {
        output.put(previous)
        output.put(commit.rawValue)
        output.put(round.rawValue)
        output.put(UInt32(entries.count))
        for entry in entries {
            output.put(entry.id.term.rawValue)
            output.put(entry.payload)
        }
    }

    fileprivate init(_ reader: inout BodyReader, _ term: Term) throws(DecodeRefusal) {
        let previous = try reader.entryID()
        let commit = try reader.index()
        let round = try reader.round()
        let count = Int(try reader.integer(UInt32.self))
        if previous.term > term { throw .order }
        // An entry takes 13 bytes at least, so a false count costs no memory.
        if count > reader.remaining / 13 { throw .length }
        var entries: [Entry] = []
        entries.reserveCapacity(count)
        var last = previous
        for _ in 0..<count {
            let id = EntryID(index: last.index.next, term: try reader.term())
            if id.term < last.term || id.term > term || id.term == .zero { throw .order }
            entries.append(Entry(id, try reader.payload()))
            last = id
        }
        self.init(previous: previous, commit: commit, round: round, entries: entries)
    }
}

extension SnapshotPart {
    fileprivate func put(into output: inout OutputBuffer) {
        output.put(last)
        output.put(totalSize)
        output.put(offset)
        output.put(round.rawValue)
        output.put(configuration)
        output.put(UInt32(bytes.count))
        output.put(bytes)
    }

    fileprivate init(_ reader: inout BodyReader, _ term: Term) throws(DecodeRefusal) {
        let last = try reader.entryID()
        if last.term > term || last == .zero { throw .order }
        let totalSize = try reader.integer(UInt64.self)
        let offset = try reader.integer(UInt64.self)
        let round = try reader.round()
        let configuration = try reader.configuration()
        let length = Int(try reader.integer(UInt32.self))
        let content = try reader.bytes(length)
        if offset > totalSize || UInt64(length) > totalSize - offset { throw .size }
        self.init(
            last: last, configuration: configuration, totalSize: totalSize, offset: offset,
            round: round, bytes: unsafe [UInt8](content.buffer))
    }
}
