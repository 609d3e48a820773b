import Base

/// A change of a key's state, as it is applied in recovery and by a replica.
///
/// The views live as long as the record. `elements` are encoded as in a pack
/// (docs/internals/collections.md), one behind the other, and not checked here.
public enum Effect: BitwiseCopyable {
    /// The key holds this string.
    case putString(Bytes)
    /// The key holds the decimal spelling of this integer.
    case putInteger(Int64)
    /// The key holds a list of these elements.
    case putList(elements: Bytes)
    /// The key holds a hash of these fields and values.
    case putHash(elements: Bytes)
    /// The key holds a set of these members.
    case putSet(elements: Bytes)
    /// The key holds a sorted set of these members and scores.
    case putSortedSet(elements: Bytes)
    /// The key is gone.
    case remove
    /// The key's deadline is the record's, or there is none.
    case setDeadline
    /// All keys of the slot are gone.
    case flushSlot
    /// The string has these bytes from the offset on.
    case splice(offset: UInt64, Bytes)
    /// The hash's fields have these values.
    case hashSet(elements: Bytes)
    /// The hash lacks these fields.
    case hashRemove(elements: Bytes)
    /// The set has these members.
    case setAdd(elements: Bytes)
    /// The set lacks these members.
    case setRemove(elements: Bytes)
    /// The sorted set's members have these scores.
    case sortedSetAdd(elements: Bytes)
    /// The sorted set lacks these members.
    case sortedSetRemove(elements: Bytes)
    /// The elements are pushed one after the other on the left.
    case listPushLeft(elements: Bytes)
    /// The elements are pushed one after the other on the right.
    case listPushRight(elements: Bytes)
    /// The element at the index is another one.
    case listSet(index: UInt64, element: Bytes)
    /// Elements come in, the first of them at the index.
    case listInsert(index: UInt64, elements: Bytes)
    /// So many elements from the index on leave.
    case listRemove(index: UInt64, count: UInt64)
    /// The elements equal to this one leave: so many of them from the left, from the right where
    /// the count is negative, or all where it is 0.
    case listRemoveEqual(count: Int64, element: Bytes)
}

extension Record {
    /// What the record of an effect says that is not compressed; nil for a record of the log
    /// itself.
    public var effect: Effect? {
        invariant(!isCompressed, "a compressed effect is read by an inflater")
        return effect(operand)
    }

    func effect(_ operand: Bytes) -> Effect? {
        switch kind {
        case .mark, .seal, .transaction, .slotEnd, .snapshotEnd: return nil
        case .remove: return .remove
        case .setDeadline: return .setDeadline
        case .flushSlot: return .flushSlot
        case .putString: return .putString(operand)
        case .putInteger: return .putInteger(operand.integer(at: 0, Int64.self))
        case .putList: return .putList(elements: operand)
        case .putHash: return .putHash(elements: operand)
        case .putSet: return .putSet(elements: operand)
        case .putSortedSet: return .putSortedSet(elements: operand)
        case .hashSet: return .hashSet(elements: operand)
        case .hashRemove: return .hashRemove(elements: operand)
        case .setAdd: return .setAdd(elements: operand)
        case .setRemove: return .setRemove(elements: operand)
        case .sortedSetAdd: return .sortedSetAdd(elements: operand)
        case .sortedSetRemove: return .sortedSetRemove(elements: operand)
        case .listPushLeft: return .listPushLeft(elements: operand)
        case .listPushRight: return .listPushRight(elements: operand)
        case .splice, .listSet, .listInsert, .listRemove, .listRemoveEqual:
            return numberedEffect(operand)
        }
    }

    /// Of the kinds whose operand begins with a number.
    private func numberedEffect(_ operand: Bytes) -> Effect {
        let first = operand.integer(at: 0, UInt64.self)
        let rest = operand.slice(8, operand.count)
        switch kind {
        case .splice: return .splice(offset: first, rest)
        case .listSet: return .listSet(index: first, element: rest)
        case .listInsert: return .listInsert(index: first, elements: rest)
        case .listRemove:
            return .listRemove(index: first, count: rest.integer(at: 0, UInt64.self))
        case .listRemoveEqual:
            return .listRemoveEqual(count: Int64(bitPattern: first), element: rest)
        default: invariantFailed("the other effects begin with no number")
        }
    }
}
