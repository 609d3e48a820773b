// Sorted sets at their keys: a pack of members and scores in turn while they are small, from then
// on a table that finds members and a rank tree that orders them, over the same blocks.
//
// Positions. What changes a sorted set in its entry leaves the word where it is and may move the
// entry, so a position stays valid over these calls, and its entry is asked for anew.

import Base
import Log

/// The object of a large sorted set: its table of members, then its tree.
@safe
struct SortedSetObject: BitwiseCopyable {
    let pointer: UnsafeMutableRawPointer

    static let size = MemoryLayout<Table>.stride + MemoryLayout<RankTree>.stride

    init(_ pointer: UnsafeMutableRawPointer) {
        unsafe self.pointer = pointer
    }

    @inline(__always)
    var root: UnsafeMutablePointer<Table> {
        unsafe pointer.assumingMemoryBound(to: Table.self)
    }

    @inline(__always)
    var tree: UnsafeMutablePointer<RankTree> {
        unsafe (pointer + MemoryLayout<Table>.stride).assumingMemoryBound(to: RankTree.self)
    }

    /// The bytes of the object and the tree's nodes.
    var ownBytes: Int {
        unsafe SlabAllocator.usableSize(for: Self.size) + tree.pointee.usedBytes
    }
}

extension Entry {
    /// The object of the form ``Form/sortedSet``.
    @inline(__always)
    var sortedSet: SortedSetObject { unsafe SortedSetObject(object) }
}

/// Where a member of a sorted set is, and its score.
struct ScoredPlace {
    /// Where the member begins in the pack; of a table its place there.
    enum Place {
        case packed(Int)
        case table(Position)
    }

    let place: Place
    let score: Double
}

extension Keyspace {
    // MARK: Objects

    mutating func makeSortedSet() -> SortedSetObject {
        let set = unsafe SortedSetObject(memory.allocate(SortedSetObject.size))
        unsafe set.root.initialize(to: .empty(level: 0, stamp: 0, nothing))
        unsafe set.tree.initialize(to: RankTree())
        return set
    }

    /// Adds a member that is not there.
    mutating func insertMember(_ bytes: Bytes, _ score: Double, in set: SortedSetObject) {
        let entry = unsafe insertMember(bytes, .bytes(Bytes()), in: set.root)
        let member = ScoredMember(entry)
        member.score = score
        unsafe set.tree.pointee.insert(member, &memory)
    }

    /// A sorted set of the members and scores in turn that `elements` are.
    mutating func makeSortedSet(from elements: Bytes) -> SortedSetObject {
        let set = makeSortedSet()
        insertScored(elements, in: set)
        return set
    }

    /// Adds members and scores in turn, of members that are not there.
    mutating func insertScored(_ elements: Bytes, in set: SortedSetObject) {
        var rest = ElementRow(elements)
        while let member = rest.next() {
            guard let score = rest.next() else {
                invariantFailed("a member is followed by its score")
            }
            member.withBytes { insertMember($0, score.number, in: set) }
        }
    }

    mutating func copySortedSet(_ set: SortedSetObject) -> SortedSetObject {
        let copy = makeSortedSet()
        var cursor = unsafe set.tree.pointee.firstCursor
        while let place = cursor {
            insertMember(place.member.bytes, place.member.score, in: copy)
            cursor = place.next
        }
        return copy
    }

    /// Appends members and scores in turn, in their order.
    func appendElements(of set: SortedSetObject, to output: inout OutputBuffer) {
        var cursor = unsafe set.tree.pointee.firstCursor
        while let place = cursor {
            output.append(PackEncoding(place.member.bytes))
            output.append(PackEncoding(place.member.score))
            cursor = place.next
        }
    }

    /// Frees a sorted set; false when the budget ran out before its end.
    mutating func freeSortedSet(_ set: SortedSetObject, _ budget: inout Int) -> Bool {
        let tree = unsafe set.tree
        if unsafe !tree.pointee.isEmpty {
            let count = unsafe tree.pointee.count
            let part = min(count, budget)
            let removed = unsafe tree.pointee.removeRange(0..<part, budget: part, &memory) {
                _, _ in
            }
            budget -= removed / 4
            if removed < count { return false }
        }
        if unsafe !freeMembers(set.root, &budget) { return false }
        unsafe memory.deallocate(set.pointer, SortedSetObject.size)
        return true
    }

    // MARK: Finding

    /// Where a member is; nil where the sorted set has no such one.
    @inline(__always)
    func findScored(_ member: Bytes, in entry: Entry) -> ScoredPlace? {
        if entry.has(.packedSortedSet) {
            let pack = Pack(entry)
            guard let offset = pack.find(member, step: 2) else { return nil }
            let score = pack.element(at: pack.next(offset)).number
            return ScoredPlace(place: .packed(offset), score: score)
        }
        guard let position = unsafe findMember(member, in: entry.members) else { return nil }
        let score = ScoredMember(position.entry).score
        return ScoredPlace(place: .table(position), score: score)
    }

    // MARK: Changing

    /// Adds a member that is not there to the sorted set at `position`, converting it where it
    /// outgrows its pack. No stamp is taken.
    mutating func addScored(
        _ member: Bytes, _ score: Double, _ key: KeyReference, _ position: Position,
        _ limits: PackLimits
    ) {
        note(.sortedSetAdd, key, position, PackEncoding(member), PackEncoding(score))
        if position.entry.has(.packedSortedSet) {
            let pack = Pack(position.entry)
            let element = PackEncoding(member)
            let number = PackEncoding(packed: score)
            let size = element.size + number.size
            let fits =
                pack.count &>> 1 < limits.entries && member.count <= limits.valueLength
                && pack.byteCount + size <= Pack.byteCountMax
            if fits {
                insertPacked(element, number, pack.place(for: score, member), key, position)
                return
            }
            let bytes = position.entry.valueBytes
            let set = makeSortedSet(from: bytes.slice(Pack.headerSize, bytes.count))
            unsafe convert(key, position, to: .object(set.pointer, .sortedSet))
        }
        insertMember(member, score, in: position.entry.sortedSet)
    }

    private mutating func insertPacked(
        _ member: PackEncoding, _ score: PackEncoding, _ offset: Int, _ key: KeyReference,
        _ position: Position
    ) {
        let start = unsafe splice(
            position, key.hash, at: offset, removing: 0, inserting: member.size + score.size)
        unsafe member.write(to: start + offset)
        unsafe score.write(to: start + offset + member.size)
        Pack(position.entry).count += 2
    }

    /// Gives a member another score. No stamp is taken.
    ///
    /// - Parameter member: bytes that do not lie in the entry.
    mutating func changeScore(
        of member: Bytes, _ place: ScoredPlace, to score: Double, _ key: KeyReference,
        _ position: Position
    ) {
        note(.sortedSetAdd, key, position, PackEncoding(member), PackEncoding(score))
        switch place.place {
        case .packed(let offset):
            removeElements(2, position, key.hash, at: offset)
            let target = Pack(position.entry).place(for: score, member)
            insertPacked(PackEncoding(member), PackEncoding(packed: score), target, key, position)
        case .table(let there):
            let set = position.entry.sortedSet
            let scored = ScoredMember(there.entry)
            unsafe set.tree.pointee.changeScore(of: scored, to: score, &memory)
        }
    }

    /// Takes a member out. The last one leaves a set without members, which the caller removes. No
    /// stamp is taken.
    mutating func removeScored(
        _ place: ScoredPlace, _ key: KeyReference, _ position: Position
    ) {
        switch place.place {
        case .packed(let offset):
            let member = Pack(position.entry).element(at: offset)
            note(.sortedSetRemove, key, position, PackEncoding(member))
            removeElements(2, position, key.hash, at: offset)
        case .table(let there):
            note(.sortedSetRemove, key, position, PackEncoding(there.entry.key))
            let set = position.entry.sortedSet
            unsafe set.tree.pointee.remove(ScoredMember(there.entry), &memory)
            unsafe removeMember(there, in: set.root)
        }
    }

    /// Takes the members of some ranks out, not all that there are. No stamp is taken.
    mutating func removeRanks(_ ranks: Range<Int>, _ key: KeyReference, _ position: Position) {
        if ranks.isEmpty { return }
        let entry = position.entry
        if entry.has(.packedSortedSet) {
            let offset = Pack(entry).offset(ofElement: 2 * ranks.lowerBound)
            if log.isOn { noteRemoval(ranks.count, at: offset, key, position) }
            removeElements(2 * ranks.count, position, key.hash, at: offset)
            return
        }
        let set = entry.sortedSet
        var left = ranks.count
        var removed = GrowableArray<ScoredMember>(capacity: min(left, Self.removedAtOnce))
        while left > 0 {
            let part = min(left, Self.removedAtOnce)
            let first = ranks.lowerBound
            let count = unsafe set.tree.pointee.removeRange(
                first..<(first + part), budget: part, &memory
            ) { member, _ in removed.append(member) }
            invariant(count == part, "what is within the budget is removed")
            for index in 0..<removed.count {
                note(.sortedSetRemove, key, position, PackEncoding(removed[index].bytes))
                forget(removed[index], set)
            }
            removed.removeAll()
            left -= part
        }
    }

    private static var removedAtOnce: Int { 256 }

    /// Members of a packed sorted set are about to be removed, from `offset` on.
    private mutating func noteRemoval(
        _ count: Int, at offset: Int, _ key: KeyReference, _ position: Position
    ) {
        let pack = Pack(position.entry)
        var here = offset
        for _ in 0..<count {
            note(.sortedSetRemove, key, position, PackEncoding(pack.element(at: here)))
            here = pack.next(pack.next(here))
        }
    }

    /// Takes a member that the tree does not have any more out of the table, and frees it.
    private mutating func forget(_ member: ScoredMember, _ set: SortedSetObject) {
        guard let place = unsafe findMember(member.bytes, in: set.root) else {
            invariantFailed("a member of the tree is in the table")
        }
        unsafe removeMember(place, in: set.root)
    }

    // MARK: Ranks

    /// How many members stand before this one.
    func rank(of member: ScoredPlace, in entry: Entry) -> Int {
        switch member.place {
        case .packed(let offset): Pack(entry).elementNumber(at: offset) &>> 1
        case .table(let position):
            unsafe entry.sortedSet.tree.pointee.rank(of: ScoredMember(position.entry))
        }
    }

    /// How many members are below a bound.
    func rank(of bound: RankTree.Bound, in entry: Entry) -> Int {
        if entry.has(.packedSortedSet) { return Pack(entry).rank(of: bound) }
        return unsafe entry.sortedSet.tree.pointee.rank(of: bound)
    }

    /// The score of the first member.
    func firstScore(in entry: Entry) -> Double {
        if entry.has(.packedSortedSet) {
            let pack = Pack(entry)
            return pack.element(at: pack.next(pack.first)).number
        }
        return unsafe entry.sortedSet.tree.pointee.member(at: 0).score
    }
}

extension Pack {
    /// Where in a sorted set's pack a member with this score belongs.
    func place(for score: Double, _ member: Bytes) -> Int {
        let bound = RankTree.Bound.before(score, member)
        var offset = first
        while offset < byteCount {
            let scoreOffset = next(offset)
            if !bound.isAbove(element(at: offset), element(at: scoreOffset).number) { break }
            offset = next(scoreOffset)
        }
        return offset
    }

    /// How many of a sorted set's members are below a bound.
    func rank(of bound: RankTree.Bound) -> Int {
        var offset = first
        var rank = 0
        while offset < byteCount {
            let scoreOffset = next(offset)
            if !bound.isAbove(element(at: offset), element(at: scoreOffset).number) { break }
            offset = next(scoreOffset)
            rank += 1
        }
        return rank
    }

    /// The number of the element that begins at `offset`.
    func elementNumber(at offset: Int) -> Int {
        var number = 0
        var here = first
        while here < offset {
            here = next(here)
            number += 1
        }
        return number
    }

    /// Ends the process unless members rise by score, then by bytes.
    func checkScoreOrder() {
        var offset = first
        var last: (element: PackElement, score: Double)?
        while offset < byteCount {
            let member = element(at: offset)
            let scoreOffset = next(offset)
            let score = element(at: scoreOffset).number
            if let last {
                let isRising = member.withBytes { bytes in
                    RankTree.Bound.before(score, bytes).isAbove(last.element, last.score)
                }
                invariant(isRising, "members rise by score, then by bytes")
            }
            last = (member, score)
            offset = next(scoreOffset)
        }
        invariant(count % 2 == 0, "every member has a score")
    }
}

extension PackEncoding {
    /// Of a score in a pack, where -0 becomes 0, as in Redis.
    init(packed score: Double) {
        self.init(score + 0)
    }
}

extension RankTree.Bound {
    /// Whether a member is below the bound.
    @inline(__always)
    func isAbove(_ member: PackElement, _ score: Double) -> Bool {
        if score != self.score { return score < self.score }
        if !comparesBytes { return isAfter }
        let order = member.withBytes { $0.compare(bytes) }
        return order < 0 || (order == 0 && isAfter)
    }
}
