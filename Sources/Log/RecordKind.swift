/// What a record says (docs/internals/log-format.md, "Files of records").
public enum RecordKind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    // Of the log itself.
    case mark = 1
    case seal = 2
    case transaction = 3
    case slotEnd = 4
    case snapshotEnd = 5

    // Effects on a key or slot.
    case putString = 16
    case putInteger = 17
    case putList = 18
    case putHash = 19
    case putSet = 20
    case putSortedSet = 21
    case remove = 24
    case setDeadline = 25
    case flushSlot = 26
    case splice = 32
    case hashSet = 40
    case hashRemove = 41
    case setAdd = 44
    case setRemove = 45
    case sortedSetAdd = 48
    case sortedSetRemove = 49
    case listPushLeft = 56
    case listPushRight = 57
    case listSet = 58
    case listInsert = 59
    case listRemove = 60
    case listRemoveEqual = 61

    /// Whether it changes keys; the others are about the log.
    @inlinable
    public var isEffect: Bool { rawValue >= RecordKind.putString.rawValue }

    /// Whether a key follows the header.
    @inlinable
    public var hasKey: Bool { isEffect && self != .flushSlot }

    /// Whether it replaces whatever the key holds.
    @inlinable
    public var isPut: Bool {
        switch self {
        case .putString, .putInteger, .putList, .putHash, .putSet, .putSortedSet: true
        default: false
        }
    }

    /// How long the operand is at least, and whether it is exactly that, in bytes.
    var operand: (size: Int, isExact: Bool) {
        switch self {
        case .mark, .seal, .slotEnd, .snapshotEnd: (0, true)
        case .remove, .setDeadline, .flushSlot: (0, true)
        case .transaction: (4, false)
        case .putInteger: (8, true)
        case .listRemove: (16, true)
        case .splice, .listSet, .listInsert, .listRemoveEqual: (8, false)
        case .putString, .putList, .putHash, .putSet, .putSortedSet: (0, false)
        case .hashSet, .hashRemove, .setAdd, .setRemove: (0, false)
        case .sortedSetAdd, .sortedSetRemove, .listPushLeft, .listPushRight: (0, false)
        }
    }

    /// Whether the flag `has deadline` may stand on it.
    var mayHaveDeadline: Bool { isPut || self == .setDeadline }
}
