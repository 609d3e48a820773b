// What a crash left of a node's file.
//
// Reads records in order, up to the first that is not valid, and tells whether what stands there
// never was durable, and goes, or was, and is damage (docs/internals/raft.md, "Reading").

import Base
import Log

/// What a file says.
public struct RaftFileScan {
    /// What the node remembers.
    public private(set) var state: RecoveredState
    /// Bytes up to the end of the last valid record.
    public private(set) var end: UInt64
    /// Whether something stood behind that, and was dropped.
    public private(set) var isTorn = false

    private let file: Bytes
    private let header: FileHeader
    private let name: String
    /// What marks claim to be durable, in bytes.
    private var claimed: UInt64 = 0

    /// Reads the file of `node` and `generation`.
    ///
    /// - Throws: ``LogFault`` where it is damaged: the node must not start with it, nor with an
    ///   older one.
    public init(_ file: Bytes, node: NodeBits, generation: UInt32) throws(LogFault) {
        self.file = file
        name = RaftFileName.final(generation)
        let identity = FileIdentity(node: node, layout: 0, core: 0, cores: 0)
        do throws(FaultReason) {
            header = try FileHeader(file, .consensus, identity, number: generation)
        } catch {
            throw LogFault(file: name, offset: 0, error)
        }
        state = .founding(Configuration())
        state.isFounding = false
        end = UInt64(FileHeader.size)
        try readFirst()
        try readOn()
    }

    /// The mark and the snapshot that every file begins with: it was whole when it got its name.
    private mutating func readFirst() throws(LogFault) {
        guard let mark = try next(), mark.kind == .mark else { throw fault(.lost) }
        claimed = mark.first
        end += UInt64(mark.span)
        guard let snapshot = try next(), snapshot.kind == .snapshot else { throw fault(.lost) }
        guard let parts = Self.snapshot(snapshot) else { throw fault(.form) }
        state.snapshot = parts.snapshot
        state.base = parts.base
        end += UInt64(snapshot.span)
    }

    private mutating func readOn() throws(LogFault) {
        var stopped: FaultReason?
        while stopped == nil {
            do throws(FaultReason) {
                guard
                    let record = try RaftRecord.read(file, at: Int(end), salt: header.salt)
                else { break }
                try take(record)
                end += UInt64(record.span)
            } catch {
                stopped = error
            }
        }
        // Right bytes that make no sense were not torn.
        if let stopped, [.newerFormat, .form, .order].contains(stopped) { throw fault(stopped) }
        findClaims()
        if claimed > end { throw fault(stopped ?? .lost) }
        if !state.isWhole { throw fault(.form) }
        isTorn = !isBlank
    }

    private var isBlank: Bool {
        for place in Int(end)..<file.count where file[place] != 0 { return false }
        return true
    }

    private func next() throws(LogFault) -> RaftRecord? {
        do throws(FaultReason) {
            return try RaftRecord.read(file, at: Int(end), salt: header.salt)
        } catch {
            throw fault(error)
        }
    }

    private mutating func take(_ record: RaftRecord) throws(FaultReason) {
        var reader = BodyReader(record.body)
        do throws(DecodeRefusal) {
            switch record.kind {
            case .mark: claimed = max(claimed, record.first)
            case .snapshot: throw .order
            case .hardState:
                let vote = record.body.isEmpty ? nil : try reader.node()
                let found = HardState(term: Term(record.first), vote: vote)
                if found.term < state.hardState.term { throw .order }
                state.hardState = found
            case .entry:
                let id = EntryID(index: LogIndex(record.first), term: Term(record.second))
                if !state.mayTake(id) { throw .order }
                state.replace(with: Entry(id, try reader.payload()))
            }
            try reader.end()
        } catch {
            throw error == .order ? .order : .form
        }
    }

    private static func snapshot(_ record: RaftRecord) -> (snapshot: Snapshot, base: EntryID)? {
        var reader = BodyReader(record.body)
        let last = EntryID(index: LogIndex(record.first), term: Term(record.second))
        do throws(DecodeRefusal) {
            let base = try reader.entryID()
            if record.first >= 1 << 62 || record.second >= 1 << 62 { return nil }
            if (last.index == .zero) != (last.term == .zero) { return nil }
            if base.index > last.index || base.term > last.term { return nil }
            let configuration = try reader.configuration()
            let state = try reader.bytes(reader.remaining)
            let snapshot = Snapshot(
                last: last, configuration: configuration, state: unsafe [UInt8](state.buffer))
            return (snapshot, base)
        } catch {
            return nil
        }
    }

    /// Looks for marks behind the end, at every place where a record may begin.
    private mutating func findClaims() {
        var place = RecordLayout.span(Int(end))
        while place + RaftRecordLayout.headerSize <= file.count {
            if looksLikeMark(place),
                let record = try? RaftRecord.read(file, at: place, salt: header.salt),
                record.kind == .mark
            {
                claimed = max(claimed, record.first)
            }
            place += RecordLayout.alignment
        }
    }

    /// Compared before the checksum is: few other bytes look like it, so the search is linear.
    private func looksLikeMark(_ place: Int) -> Bool {
        file[place + 8] == UInt8(RaftRecordLayout.headerSize) && file[place + 9] == 0
            && file[place + 10] == 0 && file[place + 11] == 0
            && file[place + 12] == RaftRecordKind.mark.rawValue
    }

    private func fault(_ reason: FaultReason) -> LogFault {
        LogFault(file: name, offset: end, reason)
    }
}
