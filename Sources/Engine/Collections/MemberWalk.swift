// Walking over the members of a hash, set or sorted set, whatever its form, some at a time.
//
// A walk keeps a place, not a pointer, so it may rest while other collections change. If its own
// collection changes, a walk over a table of members keeps the promises of
// ``Keyspace/collectMembers(of:from:count:into:)``; one over a pack or an integer set must be
// begun again.

import Base

/// A member as a walk meets it. The bytes are a view that the next write to the keyspace ends.
struct WalkedMember: BitwiseCopyable {
    /// The member, of a hash the field. Bytes from a table may spell an integer.
    var element: PackElement
    /// A sorted set's score; 0 for other types.
    var score: Double

    /// How many members are walked over at a time.
    static let batchCount = 64
}

/// A place in a collection on the way from its first member to its last.
struct MemberWalk: BitwiseCopyable {
    /// Where the next element of a pack begins, or the next integer's number.
    private var place = 0
    private var cursor = MemberCursor()
    /// All members have been met.
    private(set) var isAtEnd = false

    init() {}

    /// Goes on where SSCAN and its kin left off; a collection in one block begins anew.
    init(_ scanCursor: ScanCursor) {
        cursor = MemberCursor(scanCursor)
    }

    /// What SSCAN and its kin answer: zero at the end.
    var scanCursor: ScanCursor { isAtEnd ? ScanCursor(rawValue: 0) : cursor.scanCursor }

    /// Appends about `count` members, those that come next, to `found`.
    ///
    /// - Parameter entry: of the collection's key; a hash, set or sorted set.
    mutating func collect(
        _ count: Int, of entry: Entry, _ keyspace: borrowing Keyspace,
        into found: inout GrowableArray<WalkedMember>
    ) {
        switch entry.form {
        case .packedSet: collectPacked(count, Pack(entry), step: 1, into: &found)
        case .packedHash, .packedSortedSet:
            collectPacked(
                count, Pack(entry), step: 2, hasScores: entry.form == .packedSortedSet,
                into: &found)
        case .integerSet: collectIntegers(count, IntegerSet(entry), into: &found)
        case .hash, .set: collectEntries(count, entry, keyspace, hasScores: false, into: &found)
        case .sortedSet: collectEntries(count, entry, keyspace, hasScores: true, into: &found)
        case .integer, .inline, .long, .compressed, .packedList, .list:
            invariantFailed("only a hash, a set and a sorted set have members")
        }
    }

    private mutating func collectPacked(
        _ count: Int, _ pack: Pack, step: Int, hasScores: Bool = false,
        into found: inout GrowableArray<WalkedMember>
    ) {
        var offset = max(place, pack.first)
        var left = count
        while left > 0, offset < pack.byteCount {
            let element = pack.element(at: offset)
            offset = pack.next(offset)
            let score = hasScores ? pack.element(at: offset).number : 0
            if step == 2 { offset = pack.next(offset) }
            found.append(WalkedMember(element: element, score: score))
            left -= 1
        }
        place = offset
        isAtEnd = offset >= pack.byteCount
    }

    private mutating func collectIntegers(
        _ count: Int, _ set: IntegerSet, into found: inout GrowableArray<WalkedMember>
    ) {
        let all = set.count
        let end = place + min(count, all - place)
        while place < end {
            found.append(WalkedMember(element: .integer(set[place]), score: 0))
            place += 1
        }
        isAtEnd = end == all
    }

    private mutating func collectEntries(
        _ count: Int, _ entry: Entry, _ keyspace: borrowing Keyspace, hasScores: Bool,
        into found: inout GrowableArray<WalkedMember>
    ) {
        let root = unsafe entry.members
        unsafe keyspace.walkMembers(of: root, from: &cursor, count: count) { member in
            let score = hasScores ? Double(bitPattern: member.stamp.rawValue) : 0
            found.append(WalkedMember(element: .bytes(member.key), score: score))
        }
        isAtEnd = cursor.isAtEnd
    }
}

extension Keyspace {
    /// How many members a hash, set or sorted set has.
    @inline(__always)
    func memberCount(of entry: Entry) -> Int {
        switch entry.form {
        case .packedSet: Pack(entry).count
        case .packedHash, .packedSortedSet: Pack(entry).count &>> 1
        case .integerSet: IntegerSet(entry).count
        case .hash, .set, .sortedSet: unsafe Int(entry.members.pointee.count)
        case .integer, .inline, .long, .compressed, .packedList, .list:
            invariantFailed("only a hash, a set and a sorted set have members")
        }
    }
}

extension PackElement {
    /// The integer that the element is or whose canonical spelling it is.
    @inline(__always)
    var integer: Int64? {
        switch self {
        case .integer(let integer): integer
        case .bytes(let bytes): bytes.count <= decimalSizeMax ? bytes.canonicalInteger : nil
        case .double: nil
        }
    }
}
