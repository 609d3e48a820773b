import Base

/// Where a record's fields are (docs/internals/log-format.md, "Files of records").
public enum RecordLayout {
    /// In bytes; a key or operand follows.
    public static let headerSize = 32
    /// Of a record without its padding, in bytes.
    public static let lengthMax = Int(Int32.max) - 7
    /// Records begin at multiples of it.
    public static let alignment = 8

    /// The next record belongs to the same group.
    public static let more: UInt8 = 1
    /// There is a deadline.
    public static let hasDeadline: UInt8 = 2
    /// The operand is its length in four bytes, then an LZ4 block.
    public static let compressed: UInt8 = 4

    /// A record's length with its padding.
    @inlinable
    public static func span(_ length: Int) -> Int { (length &+ 7) & ~7 }
}

/// A view of one record, padding included, whose form was checked
/// (``check(_:)``): its fields can be read without further ado.
///
/// Lives as long as the bytes it was read from.
public struct Record: BitwiseCopyable {
    /// All of its bytes.
    public let bytes: Bytes

    init(checked bytes: Bytes) {
        self.bytes = bytes
    }

    var length: Int { Int(bytes.integer(at: 8, UInt32.self)) }
    private var flags: UInt8 { bytes[13] }

    /// What it says.
    public var kind: RecordKind {
        guard let kind = RecordKind(rawValue: bytes[12]) else {
            invariantFailed("a checked record has a known kind")
        }
        return kind
    }

    /// Whether the next record belongs to the same group.
    public var hasMore: Bool { flags & RecordLayout.more != 0 }
    /// The slot of an effect or of the end of a slot.
    public var slot: UInt16 { bytes.integer(at: 14, UInt16.self) }
    /// The stamp, or what else the kind has in its place.
    public var stamp: UInt64 { bytes.integer(at: 16, UInt64.self) }
    /// Milliseconds since 1970 in the upper 48 bits, a counter in the lower 16.
    public var time: UInt64 { bytes.integer(at: 24, UInt64.self) }

    private var keyEnd: Int {
        kind.hasKey
            ? RecordLayout.headerSize + 4 + Int(bytes.integer(at: 32, UInt32.self))
            : RecordLayout.headerSize
    }

    /// The key of an effect; empty where there is none.
    public var key: Bytes {
        kind.hasKey ? bytes.slice(RecordLayout.headerSize + 4, keyEnd) : Bytes()
    }

    /// In milliseconds since 1970.
    public var deadline: Int64? {
        flags & RecordLayout.hasDeadline == 0 ? nil : bytes.integer(at: keyEnd, Int64.self)
    }

    /// Whether the operand is compressed: ``Inflater`` reads the effect.
    public var isCompressed: Bool { flags & RecordLayout.compressed != 0 }

    /// What follows the key and the deadline, as it stands in the file.
    public var operand: Bytes {
        bytes.slice(keyEnd + (flags & RecordLayout.hasDeadline == 0 ? 0 : 8), length)
    }

    /// A record whose checksum is right: says what its form breaks, if anything. Its bytes are as
    /// they were written, so a breach means another version, or an error of ours.
    static func check(_ bytes: Bytes) -> FaultReason? {
        guard let kind = RecordKind(rawValue: bytes[12]) else { return .newerFormat }
        let flags = bytes[13]
        let known = RecordLayout.more | RecordLayout.hasDeadline | RecordLayout.compressed
        if flags & ~known != 0 { return .newerFormat }
        let hasDeadline = flags & RecordLayout.hasDeadline != 0
        if hasDeadline, !kind.mayHaveDeadline { return .form }
        if bytes.integer(at: 14, UInt16.self) >= 1 << 14 { return .form }
        let length = Int(bytes.integer(at: 8, UInt32.self))
        var end = RecordLayout.headerSize
        if kind.hasKey {
            if length < end + 4 { return .form }
            end += 4 + Int(bytes.integer(at: 32, UInt32.self))
        }
        if hasDeadline { end += 8 }
        let (size, isExact) = kind.operand
        if flags & RecordLayout.compressed != 0 {
            return isExact || size > 0 ? .form : checkBlock(bytes, end, length)
        }
        if length < end + size { return .form }
        if isExact, length != end + size { return .form }
        if kind == .transaction { return checkTransaction(bytes, length) }
        return nil
    }

    /// The length in front of a block must be one that the block can have.
    private static func checkBlock(_ bytes: Bytes, _ start: Int, _ length: Int) -> FaultReason? {
        if length < start + 5 { return .form }
        let count = Int(bytes.integer(at: start, UInt32.self))
        if count > RecordLayout.lengthMax { return .form }
        // LZ4 makes at most 255 bytes of one.
        return count <= 255 * (length - start - 4) ? nil : .form
    }

    private static func checkTransaction(_ bytes: Bytes, _ length: Int) -> FaultReason? {
        let count = Int(bytes.integer(at: 34, UInt16.self))
        return length == RecordLayout.headerSize + 4 + 2 * count ? nil : .form
    }
}

/// Which transaction over several cores a group belongs to.
public struct TransactionNote: BitwiseCopyable {
    /// The core that ran it and numbered it.
    public let home: UInt16
    /// Rises for each home core: the count of starts in the upper 24 bits, a counter below.
    public let number: UInt64
    private let cores: Bytes

    /// Of a record of the kind `transaction`.
    init(_ record: Record) {
        invariant(record.kind == .transaction, "a note is read from a record that has one")
        home = record.operand.integer(at: 0, UInt16.self)
        number = record.stamp
        cores = record.operand.slice(4, record.operand.count)
    }

    /// How many cores logged a part of it.
    public var participantCount: Int { cores.count / 2 }

    /// The core of the participant at `index`; they ascend.
    public func participant(_ index: Int) -> UInt16 {
        cores.integer(at: 2 * index, UInt16.self)
    }
}
