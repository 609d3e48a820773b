// An entry: one key, its value and what the keyspace knows of them, in one allocation.
//
// Layout, in bytes from the start (docs/internals/keyspace.md):
//
//     0   stamp          u64   slot epoch (24 bits), sequence (40 bits) of the last write
//     8   key length     u32
//     12  value length   u16   of a value inside the entry
//     14  form           u8    ``Form`` in the low 4 bits, then the flags
//     15  access         u8    when the key was last used, in ticks of the access clock
//     16  deadline       i64   milliseconds since 1970; present only with the flag ``hasDeadline``
//     …   fixed part           8 bytes for an integer or an object's address, 24 for a long value
//                              (where, length, room)
//     …   key bytes
//     …   value bytes          of a value inside the entry: a string's or a pack's; of a compressed
//                              string a length, u32, and a block of LZ4
//
// The members of a hash, set or sorted set that is too large for a pack are entries as well, in a
// table of the collection's own: a hash's with the field as the key, a set's without a value, a
// sorted set's with the score in the stamp's place. The others' lack the stamp: their blocks begin
// at byte 8.
//
// All numbers are in the machine's byte order: entries never leave the process in this form.

import Base

/// A reference to an entry's memory. It owns nothing: the keyspace allocates and frees.
@safe
package struct Entry: BitwiseCopyable {
    @usableFromInline let pointer: UnsafeMutableRawPointer

    @inline(__always)
    init(_ pointer: UnsafeMutableRawPointer) {
        unsafe self.pointer = pointer
    }

    /// How the value is held. The numbers decide the size of the fixed part (``fixedSize(_:)``).
    package enum Form: UInt8, BitwiseCopyable {
        /// A 64-bit integer in the fixed part.
        case integer = 0
        /// Bytes inside the entry.
        case inline = 1
        /// Bytes in a block of their own, which can grow in place.
        case long = 2
        /// A ``Pack`` inside the entry: a list's elements.
        case packedList = 3
        /// A ``Pack`` inside the entry: fields and values in turn.
        case packedHash = 4
        /// A ``Pack`` inside the entry: members in no order.
        case packedSet = 5
        /// Integers of one width inside the entry, in ascending order.
        case integerSet = 6
        /// A ``Pack`` inside the entry: members and scores in turn, in the order of scores.
        case packedSortedSet = 7
        /// A collection in blocks of its own, whose address is in the fixed part.
        case list = 8
        case hash = 9
        case set = 10
        case sortedSet = 11
        /// A string inside the entry, compressed: see ``Keyspace/compressing(_:)``.
        case compressed = 12
    }

    static let headerSize = 16
    static let stampSize = 8
    static let longPartSize = 24
    /// A string whose entry would be larger than this gets a block of its own.
    static let inlineSizeMax = 4096
    static let hasDeadline: UInt8 = 0x10
    /// The value was last changed in place: what OBJECT ENCODING calls "raw", however short.
    static let isModified: UInt8 = 0x20
    /// Work over several turns needs the key: it is not removed for being due or cold.
    static let isPinned: UInt8 = 0x40

    @inline(__always)
    var stamp: Stamp {
        get { Stamp(rawValue: unsafe pointer.load(as: UInt64.self)) }
        nonmutating set { unsafe pointer.storeBytes(of: newValue.rawValue, as: UInt64.self) }
    }

    @inline(__always)
    var keyLength: Int {
        get { unsafe Int(pointer.load(fromByteOffset: 8, as: UInt32.self)) }
        nonmutating set {
            unsafe pointer.storeBytes(of: UInt32(newValue), toByteOffset: 8, as: UInt32.self)
        }
    }

    @inline(__always)
    var inlineLength: Int {
        get { unsafe Int(pointer.load(fromByteOffset: 12, as: UInt16.self)) }
        nonmutating set {
            unsafe pointer.storeBytes(
                of: UInt16(truncatingIfNeeded: newValue), toByteOffset: 12, as: UInt16.self)
        }
    }

    @inline(__always)
    var formAndFlags: UInt8 {
        get { unsafe pointer.load(fromByteOffset: 14, as: UInt8.self) }
        nonmutating set {
            unsafe pointer.storeBytes(of: newValue, toByteOffset: 14, as: UInt8.self)
        }
    }

    @inline(__always)
    var access: UInt8 {
        get { unsafe pointer.load(fromByteOffset: 15, as: UInt8.self) }
        nonmutating set {
            unsafe pointer.storeBytes(of: newValue, toByteOffset: 15, as: UInt8.self)
        }
    }

    @inline(__always)
    package var form: Form {
        guard let form = Form(rawValue: formAndFlags & 0x0F) else {
            invariantFailed("an entry has a known form")
        }
        return form
    }

    /// When the key expires, in milliseconds since 1970; nil for a key that stays.
    @inline(__always)
    package var deadline: Int64? {
        if formAndFlags & Self.hasDeadline == 0 { return nil }
        return unsafe pointer.load(fromByteOffset: 16, as: Int64.self)
    }

    @inline(__always)
    var fixedOffset: Int {
        Self.headerSize &+ (formAndFlags & Self.hasDeadline == 0 ? 0 : 8)
    }

    @inline(__always)
    var keyOffset: Int {
        fixedOffset &+ Self.fixedSize(formAndFlags)
    }

    @inline(__always)
    package var key: Bytes {
        unsafe Bytes(start: pointer + keyOffset, count: keyLength)
    }

    /// The bytes of the fixed part by form: a table of nibbles that count eights.
    @inline(__always)
    static func fixedSize(_ formAndFlags: UInt8) -> Int {
        let eights: UInt64 = 0x1110_1111_0000_0301
        return Int(truncatingIfNeeded: eights &>> (UInt64(formAndFlags & 0x0F) &* 4) & 0x0F) &* 8
    }

    @inline(__always)
    static func fixedSize(_ form: Form) -> Int {
        fixedSize(form.rawValue)
    }

    /// The bytes of memory the entry takes, not counting what its value has in other blocks.
    @inline(__always)
    var size: Int {
        keyOffset &+ keyLength &+ inlineLength
    }

    /// The integer of the form ``Form/integer``.
    @inline(__always)
    var integer: Int64 {
        get { unsafe pointer.load(fromByteOffset: fixedOffset, as: Int64.self) }
        nonmutating set {
            unsafe pointer.storeBytes(of: newValue, toByteOffset: fixedOffset, as: Int64.self)
        }
    }

    /// The block of the form ``Form/long``.
    var long: LongValue {
        get { unsafe pointer.loadUnaligned(fromByteOffset: fixedOffset, as: LongValue.self) }
        nonmutating set {
            unsafe pointer.storeBytes(of: newValue, toByteOffset: fixedOffset, as: LongValue.self)
        }
    }

    /// The address of a collection's object, for the forms that have one.
    @inline(__always)
    var object: UnsafeMutableRawPointer {
        get {
            unsafe pointer.loadUnaligned(
                fromByteOffset: fixedOffset, as: UnsafeMutableRawPointer.self)
        }
        nonmutating set {
            unsafe pointer.storeBytes(
                of: newValue, toByteOffset: fixedOffset, as: UnsafeMutableRawPointer.self)
        }
    }

    /// The value's bytes, for the forms that have any; a compressed string's as it is held.
    @inline(__always)
    var valueBytes: Bytes {
        if formAndFlags & 0x0F != Form.long.rawValue {
            return unsafe Bytes(start: pointer + keyOffset + keyLength, count: inlineLength)
        }
        let long = long
        return unsafe Bytes(start: long.start, count: long.length)
    }

    /// The value counts as changed in place from now on. A clean cache line stays clean.
    @inline(__always)
    func markModified() {
        if formAndFlags & Self.isModified == 0 { formAndFlags |= Self.isModified }
    }

    /// Whether work over several turns needs the key.
    @inline(__always)
    var isPinned: Bool { formAndFlags & Self.isPinned != 0 }

    /// A number that no other entry has while this one is there, its bits well mixed.
    var identity: UInt64 {
        unsafe UInt64(UInt(bitPattern: pointer)) &>> 4 &* 0x9E37_79B9_7F4A_7C15
    }

    /// Whether the value is held in this form.
    @inline(__always)
    func has(_ form: Form) -> Bool { formAndFlags & 0x0F == form.rawValue }

    /// Whether the key's value is of this type.
    @inline(__always)
    func has(_ type: ValueType) -> Bool { typeNumber == UInt64(type.rawValue) }

    /// The number of the value's type: a table of nibbles by form, as for the fixed part's size.
    @inline(__always)
    private var typeNumber: UInt64 {
        let types: UInt64 = 0x0000_3241_3224_1000
        return types &>> (UInt64(formAndFlags & 0x0F) &* 4) & 0x0F
    }

    /// What type of value the key has.
    @inline(__always)
    package var type: ValueType {
        guard let type = ValueType(rawValue: UInt8(truncatingIfNeeded: typeNumber)) else {
            invariantFailed("every form is one of a type")
        }
        return type
    }

    /// Whether the value is a string. With four added, and sixteen wrapping round to zero, the
    /// forms of strings are the lowest ones.
    @inline(__always)
    var isString: Bool { (formAndFlags &+ 4) & 0x0F <= Form.long.rawValue &+ 4 }

    /// Whether the value is no string, or one that does not lie inside the entry as it is.
    @inline(__always)
    var isLongOrNoString: Bool { formAndFlags & 0x0F >= Form.long.rawValue }

    /// The string value as a command reads it, where it is not compressed.
    @inline(__always)
    package var value: StringValue {
        assert(!isCompressed, "who reads a string that may be compressed asks the keyspace")
        if formAndFlags & 0x0F == Form.integer.rawValue { return .integer(integer) }
        return .bytes(valueBytes)
    }
}

/// Where a long value lies.
@safe
struct LongValue: BitwiseCopyable {
    var start: UnsafeMutableRawPointer
    var length: Int
    var capacity: Int
}

/// A block that has been filled for a command which will store what it was filled with.
struct PreparedString: BitwiseCopyable {
    let source: Bytes
    let block: LongValue
}

/// A string value as it is held; the bytes are a view that the next write to the keyspace ends.
package enum StringValue: BitwiseCopyable {
    case integer(Int64)
    case bytes(Bytes)
}

/// Version of a key: the slot's epoch (24 bits) and the sequence number (40 bits) of the key's last
/// write.
package struct Stamp: Equatable, BitwiseCopyable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
