// Walking over a collection's elements in the order in which they go into a payload, some at a
// time: of a hash fields and values in turn, of a sorted set members and scores in turn.
//
// A walk keeps a place, not the entry: between two steps entries may move, as long as nobody
// changes the collection.

import Base
import RDB

/// See the essay above.
struct ValueWalk {
    private enum Place {
        case start
        case element(ListWalker)
        case member(MemberCursor)
        /// So many ranks are still to come: a skip list is built fastest from its end.
        case ranks(Int)
        case end
    }

    private var place = Place.start

    /// Whether all elements have been met.
    var isAtEnd: Bool { if case .end = place { true } else { false } }

    /// Calls `body`, which must not change the keyspace, with the elements that come next.
    ///
    /// - Parameters:
    ///   - entry: of the collection's key.
    ///   - budget: lowered by the elements' number, and by one for each 256 bytes of them. What
    ///     lies in one block is met at once.
    @inline(__always)
    mutating func step(
        _ entry: Entry, _ engine: inout Engine, budget: inout Int,
        _ body: (inout Engine, PayloadElement) -> Void
    ) {
        if case .start = place { place = Self.first(of: entry, engine.keyspace) }
        switch place {
        case .start:
            Self.visitPack(entry, &engine, body)
            budget -= engine.keyspace.memberCount(of: entry)
            place = .end
        case .element(var walker):
            place = .end
            while let element = walker.next() {
                body(&engine, PayloadElement(element))
                budget -= Self.cost(element)
                if budget <= 0 {
                    place = .element(walker)
                    break
                }
            }
        case .member(var cursor):
            Self.visitMembers(entry, &cursor, &engine, &budget, body)
            place = cursor.isAtEnd ? .end : .member(cursor)
        case .ranks(let left):
            let part = min(left, max(budget, 1))
            let ranks = (left - part)..<left
            engine.forEachScored(of: entry, ranks, isReversed: true) { engine, member, score in
                body(&engine, PayloadElement(member))
                body(&engine, .score(score))
            }
            budget -= part
            place = part == left ? .end : .ranks(left - part)
        case .end: break
        }
    }

    /// Where a walk begins; ``Place/start`` for what lies in one block.
    private static func first(of entry: Entry, _ keyspace: borrowing Keyspace) -> Place {
        switch entry.form {
        case .packedList, .list: .element(ListWalker(entry, towards: .right))
        case .hash, .set: .member(MemberCursor())
        case .packedSortedSet, .sortedSet: .ranks(keyspace.memberCount(of: entry))
        case .packedHash, .packedSet, .integerSet: .start
        case .integer, .inline, .long, .compressed: invariantFailed("a string has no elements")
        }
    }

    private static func cost(_ element: PackElement) -> Int {
        if case .bytes(let bytes) = element { 1 + bytes.count >> 8 } else { 1 }
    }

    @inline(__always)
    private static func visitPack(
        _ entry: Entry, _ engine: inout Engine, _ body: (inout Engine, PayloadElement) -> Void
    ) {
        if entry.form == .integerSet {
            let set = IntegerSet(entry)
            for index in 0..<set.count { body(&engine, .integer(set[index])) }
            return
        }
        let pack = Pack(entry)
        var offset = pack.first
        while offset < pack.byteCount {
            body(&engine, PayloadElement(pack.element(at: offset)))
            offset = pack.next(offset)
        }
    }

    @inline(__always)
    private static func visitMembers(
        _ entry: Entry, _ cursor: inout MemberCursor, _ engine: inout Engine,
        _ budget: inout Int, _ body: (inout Engine, PayloadElement) -> Void
    ) {
        let isHash = entry.form == .hash
        while budget > 0, !cursor.isAtEnd {
            unsafe engine.keyspace.collectMembers(
                of: entry.members, from: &cursor, count: Engine.collectedAtOnce,
                into: &engine.members)
            budget -= engine.members.count
            for index in 0..<engine.members.count {
                let member = engine.members[index]
                body(&engine, .bytes(member.key))
                budget -= member.key.count >> 8
                if !isHash { continue }
                let value = PayloadElement(member.value)
                body(&engine, value)
                if case .bytes(let bytes) = value { budget -= bytes.count >> 8 }
            }
            engine.members.removeAll()
        }
    }
}

extension PayloadElement {
    /// What a pack or a list holds.
    @inline(__always)
    init(_ element: PackElement) {
        switch element {
        case .bytes(let bytes): self = .bytes(bytes)
        case .integer(let integer): self = .integer(integer)
        case .double(let double): self = .score(double)
        }
    }

    /// A string, or a hash's value.
    @inline(__always)
    init(_ value: StringValue) {
        switch value {
        case .bytes(let bytes): self = .bytes(bytes)
        case .integer(let integer): self = .integer(integer)
        }
    }
}

extension PackElement {
    /// What a payload holds.
    @inline(__always)
    init(_ element: PayloadElement) {
        switch element {
        case .bytes(let bytes): self = .bytes(bytes)
        case .integer(let integer): self = .integer(integer)
        case .score(let score): self = .double(score)
        }
    }
}
