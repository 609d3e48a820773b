/// What is wrong with bytes on disk.
public enum FaultReason: UInt8, Error, Sendable, BitwiseCopyable, CaseIterable {
    case fileMissing, headerMissing, headerChecksum, newerFormat, otherIdentity, otherNumber
    case length, checksum, form, order
    case lost, missingSegment, missingSuccessor, lostTransaction
    case snapshotSize, snapshotEnd
    case line, lineChecksum
    case unreadable

    /// For an operator, behind the file's name and the offset.
    public var sentence: String {
        switch self {
        case .fileMissing: "the file is missing or cannot be read"
        case .headerMissing: "there is no header of such a file"
        case .headerChecksum: "the header's checksum is wrong"
        case .newerFormat: "a newer version of Gyre wrote this"
        case .otherIdentity: "the file belongs to another node, layout or core"
        case .otherNumber: "the header has another number than the file's name"
        case .length: "there is a record whose length cannot be"
        case .checksum: "the record's checksum is wrong"
        case .form: "the record is not in the form of its kind"
        case .order: "the record may not stand here"
        case .lost: "what was synced from here on is gone"
        case .missingSegment: "the segment is missing"
        case .missingSuccessor: "the segment that follows is missing"
        case .lostTransaction: "a transaction that was complete lacks another core's part"
        case .snapshotSize: "the snapshot has another size than the manifest says"
        case .snapshotEnd: "the snapshot has no end, or not the end of what it holds"
        case .line: "the line is not what belongs there"
        case .lineChecksum: "the checksum in the last line is wrong"
        case .unreadable: "the file cannot be read"
        }
    }
}

/// Damage, or what else keeps a file from being read: where and what.
public struct LogFault: Error, Equatable, Sendable {
    /// The file, from the data directory on.
    public var file: String
    /// In bytes; for a file of lines the line, from 1.
    public var offset: UInt64
    /// What is wrong there.
    public var reason: FaultReason

    /// A fault at `offset` of `file`.
    public init(file: String, offset: UInt64, _ reason: FaultReason) {
        self.file = file
        self.offset = offset
        self.reason = reason
    }
}

extension LogFault: CustomStringConvertible {
    public var description: String { "\(file) at \(offset): \(reason.sentence)" }
}
