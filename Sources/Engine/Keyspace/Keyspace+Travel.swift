// Values that travel between the cores of a node in parts, since one step is too short for them.
//
// Purpose. A lent value of many elements or bytes is read in parts where it lies, each part goes
// over as a piece of mail, and becomes a draft at the other core (Keyspace+Draft.swift). Once all
// pieces are there the draft is an entry like any other, but for not being in a table yet.
//
// Ownership. One thread. The key is held and pinned while it is read, so its object stays where it
// is.
//
// Layout of the pieces: the first begins with a ``TransferHeader`` and the key's bytes; its value
// length is that of a string. What follows is, of a list, for each chunk two u32, how many bytes
// and elements it has, and its elements; of any other collection in a table its elements, encoded
// as in a pack, none of which is split; of a long string its bytes; of all else the whole value.

import Base

/// How far the reading of a value that travels has come.
package struct TravelPlace: BitwiseCopyable {
    fileprivate enum Next: BitwiseCopyable {
        case start
        case member(MemberCursor)
        case rank(Int)
        /// Nil at the end.
        case chunk(ListChunk?)
        case byte(Int)
        case end
    }

    fileprivate var next = Next.start

    package init() {}
}

/// A key's entry that is in no table: it arrives in pieces, or is put aside between the parts of a
/// work. Its owner puts it into a table or discards it.
package struct TravellingEntry: BitwiseCopyable {
    let draft: Draft
}

extension Keyspace {
    /// What a piece costs at most where it is put together, in elements.
    package static let pieceCostMax = 1024
    /// How many bytes count as much as an element.
    private static let bytesPerElement = 256

    /// What it costs to lend or return the key's value at once, in elements; 0 where it is not
    /// there.
    package mutating func travelCost(of key: KeyReference) -> Int {
        guard let entry = lookUp(key)?.entry else { return 0 }
        switch entry.form {
        case .long: return 1 + entry.long.length / Self.bytesPerElement
        case .list, .hash, .set, .sortedSet: return Self.travelCost(entry) * elementCount(of: entry)
        default: return 1
        }
    }

    /// What an element costs where it is added.
    private static func travelCost(_ entry: Entry) -> Int {
        switch entry.form {
        case .hash, .set: 2
        case .sortedSet: 4
        default: 1
        }
    }

    /// The stamp of the key's last write, and when it was last used; nil where it is not there.
    package mutating func version(of key: KeyReference) -> (stamp: UInt64, access: UInt8)? {
        lookUp(key).map { ($0.entry.stamp.rawValue, $0.entry.access) }
    }

    /// Keeps a key that is lent in parts, or that clients who have waited for it are served from in
    /// several turns, or lets it go again.
    package mutating func pinLent(_ key: KeyReference, _ isPinned: Bool) { pin(key, isPinned) }

    // MARK: Reading

    /// Appends the next piece of a key's value, which is there.
    ///
    /// - Parameter cost: what putting it together costs, in elements; at most about
    ///   ``pieceCostMax``.
    /// - Returns: whether it was the last one.
    package mutating func readPiece(
        of key: KeyReference, _ place: inout TravelPlace, into output: inout OutputBuffer,
        _ cost: inout Int
    ) -> Bool {
        guard let entry = find(key)?.entry else { invariantFailed("a key that travels is there") }
        return readPiece(of: entry, key, &place, into: &output, &cost)
    }

    /// As ``readPiece(of:_:into:_:)`` of an entry that is in no table.
    package mutating func readPiece(
        of value: TravellingEntry, _ key: KeyReference, _ place: inout TravelPlace,
        into output: inout OutputBuffer, _ cost: inout Int
    ) -> Bool {
        readPiece(of: value.draft.entry, key, &place, into: &output, &cost)
    }

    private mutating func readPiece(
        of entry: Entry, _ key: KeyReference, _ place: inout TravelPlace,
        into output: inout OutputBuffer, _ cost: inout Int
    ) -> Bool {
        if case .start = place.next {
            appendHeader(of: entry, key, to: &output)
            place.next = Self.firstPlace(entry)
        }
        let start = output.count
        var left = Self.pieceCostMax / Self.travelCost(entry)
        let isDone: Bool
        switch place.next {
        case .member(var cursor):
            isDone = readMembers(entry, &cursor, &left, into: &output)
            place.next = .member(cursor)
        case .rank(var rank):
            isDone = readRanks(entry, &rank, &left, into: &output)
            place.next = .rank(rank)
        case .chunk(var chunk):
            isDone = readChunks(&chunk, into: &output)
            place.next = .chunk(chunk)
        case .byte(let offset):
            let bytes = entry.valueBytes
            let end = min(bytes.count, offset + Self.pieceCostMax * Self.bytesPerElement)
            output.append(bytes.slice(offset, end))
            place.next = .byte(end)
            isDone = end == bytes.count
        case .start, .end:
            appendSmall(entry, to: &output)
            isDone = true
        }
        let elements = Self.pieceCostMax - left * Self.travelCost(entry)
        cost = max(elements, (output.count - start) / Self.bytesPerElement)
        return isDone
    }

    private func appendHeader(
        of entry: Entry, _ key: KeyReference, to output: inout OutputBuffer
    ) {
        let length = entry.form == .long ? entry.long.length : 0
        let header = TransferHeader(
            valueLength: UInt64(length), hash: key.hash, stamp: entry.stamp.rawValue,
            deadline: entry.deadline ?? 0, keyLength: UInt32(key.bytes.count), slot: key.slot,
            formAndFlags: entry.formAndFlags, access: entry.access)
        unsafe output.reserve(TransferHeader.size).storeBytes(of: header, as: TransferHeader.self)
        output.advance(TransferHeader.size)
        output.append(key.bytes)
    }

    private static func firstPlace(_ entry: Entry) -> TravelPlace.Next {
        switch entry.form {
        case .hash, .set: .member(MemberCursor())
        case .sortedSet: .rank(0)
        case .list: .chunk(entry.list.first)
        case .long: .byte(0)
        default: .end
        }
    }

    /// The bytes of a piece after which nothing is added to it.
    private static var pieceBytesMax: Int { pieceCostMax * bytesPerElement }

    private func readMembers(
        _ entry: Entry, _ cursor: inout MemberCursor, _ left: inout Int,
        into output: inout OutputBuffer
    ) -> Bool {
        let hasValues = entry.form == .hash
        let bytesMax = output.count + Self.pieceBytesMax
        var seen = 0
        while seen < left, !cursor.isAtEnd, output.count < bytesMax {
            unsafe walkMembers(of: entry.members, from: &cursor, count: min(left - seen, 32)) {
                member in
                output.append(PackEncoding(member.key))
                if hasValues { output.append(PackEncoding(member.value)) }
                seen += 1
            }
        }
        left -= seen
        return cursor.isAtEnd
    }

    private func readRanks(
        _ entry: Entry, _ rank: inout Int, _ left: inout Int, into output: inout OutputBuffer
    ) -> Bool {
        let tree = unsafe entry.sortedSet.tree
        let count = unsafe tree.pointee.count
        if rank == count { return true }
        let bytesMax = output.count + Self.pieceBytesMax
        var cursor: RankTree.Cursor? = unsafe tree.pointee.cursor(at: rank)
        while left > 0, output.count < bytesMax, let place = cursor {
            output.append(PackEncoding(place.member.bytes))
            output.append(PackEncoding(place.member.score))
            cursor = place.next
            rank += 1
            left -= 1
        }
        return rank == count
    }

    private func readChunks(
        _ chunk: inout ListChunk?, into output: inout OutputBuffer
    ) -> Bool {
        let bytesMax = output.count + Self.pieceBytesMax / 2
        while output.count < bytesMax, let here = chunk {
            let run = ListRun(here)
            let head = unsafe output.reserve(8)
            unsafe head.storeBytes(of: UInt32(run.byteCount), as: UInt32.self)
            unsafe head.storeBytes(of: UInt32(run.count), toByteOffset: 4, as: UInt32.self)
            output.advance(8)
            output.append(unsafe Bytes(start: run.start, count: run.byteCount))
            chunk = here.next
        }
        return chunk == nil
    }

    private func appendSmall(_ entry: Entry, to output: inout OutputBuffer) {
        if entry.form == .integer {
            unsafe output.reserve(8).storeBytes(of: entry.integer, as: Int64.self)
            output.advance(8)
        } else {
            output.append(entry.valueBytes)
        }
    }

    // MARK: Putting together

    /// Adds a piece to what has come of a value; nil before its first piece.
    package mutating func addPiece(_ piece: Bytes, to value: inout TravellingEntry?) {
        if let value {
            addElements(piece, to: value.draft)
            return
        }
        invariant(piece.count >= TransferHeader.size, "a first piece has a header")
        let header = unsafe piece.start.loadUnaligned(as: TransferHeader.self)
        let keyEnd = TransferHeader.size + Int(header.keyLength)
        let key = KeyReference(
            bytes: piece.slice(TransferHeader.size, keyEnd), hash: header.hash, slot: header.slot)
        let rest = piece.slice(keyEnd, piece.count)
        let deadline: Int64? =
            header.formAndFlags & Entry.hasDeadline != 0 ? header.deadline : nil
        guard let form = Entry.Form(rawValue: header.formAndFlags & 0x0F) else {
            invariantFailed("a piece has a known form")
        }
        let draft: Draft
        switch form {
        case .list, .hash, .set, .sortedSet:
            draft = makeEmptyDraft(key, form, deadline: deadline)
            addElements(rest, to: draft)
        case .long:
            draft = makeLongDraft(key, Int(header.valueLength), deadline: deadline)
            addElements(rest, to: draft)
        case .integer:
            let integer = unsafe rest.start.loadUnaligned(as: Int64.self)
            draft = makeDraft(key, .integer(integer), deadline: deadline)
        case .inline: draft = makeDraft(key, .bytes(rest), deadline: deadline)
        case .packedList, .packedHash, .packedSet, .integerSet, .packedSortedSet, .compressed:
            draft = makeDraft(key, .packed(rest, form), deadline: deadline)
        }
        let entry = draft.entry
        entry.formAndFlags |= header.formAndFlags & Entry.isModified
        entry.stamp = Stamp(rawValue: header.stamp)
        entry.access = header.access
        value = TravellingEntry(draft: draft)
    }

    private mutating func addElements(_ elements: Bytes, to draft: Draft) {
        let entry = draft.entry
        switch entry.form {
        case .hash, .set:
            unsafe insertMembers(elements, hasValues: entry.form == .hash, in: entry.members)
        case .sortedSet: insertScored(elements, in: entry.sortedSet)
        case .list: addRuns(elements, to: entry.list)
        case .long:
            var long = entry.long
            invariant(long.length + elements.count <= long.capacity, "a piece has its place")
            unsafe (long.start + long.length)
                .copyMemory(from: elements.start, byteCount: elements.count)
            long.length += elements.count
            entry.long = long
        default: invariantFailed("what is small comes in one piece")
        }
    }

    private mutating func addRuns(_ elements: Bytes, to list: ListObject) {
        var offset = 0
        while offset < elements.count {
            let head = unsafe elements.start + offset
            let length = unsafe Int(head.loadUnaligned(as: UInt32.self))
            let count = unsafe Int(head.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            let run = elements.slice(offset + 8, offset + 8 + length)
            list.append(ListRun(run, count: count), &memory)
            offset += 8 + length
        }
    }

    // MARK: Into the tables and out again

    /// Puts an entry into its slot's table, where its key is not: nobody is told.
    package mutating func putIn(_ value: TravellingEntry, _ key: KeyReference) {
        invariant(find(key) == nil, "a key that is put in is not there")
        let entry = value.draft.entry
        link(entry, key)
        if let deadline = entry.deadline {
            volatileCount += 1
            noteDeadline(key, deadline)
        }
        raiseStamp(ofSlot: key.slot, to: entry.stamp)
        forget(value.draft)
    }

    /// Takes a key's entry out of its slot's table as it is, be it due or not; nil where it is not
    /// there. Nobody is told.
    package mutating func takeOut(_ key: KeyReference) -> TravellingEntry? {
        guard let position = find(key) else { return nil }
        let entry = position.entry
        if entry.deadline != nil { volatileCount -= 1 }
        unsafe unlink(position, key.hash, below: tables + Int(key.slot))
        count -= 1
        collapse(key.slot)
        return TravellingEntry(draft: adopt(entry, key))
    }

    /// Stores a value that has come back over what is there: a write, of which watchers learn, with
    /// the slot's next stamp at least (``putEntry(from:isReturned:)``). Whoever made it has told of
    /// it.
    package mutating func storeReturned(_ value: TravellingEntry, _ key: KeyReference) {
        let entry = value.draft.entry
        let (given, access) = (entry.stamp.rawValue, entry.access)
        let before = stamp(ofSlot: key.slot).rawValue
        let wasLogged = log.pause()
        publish(value.draft, key, tells: false)
        log.resume(wasLogged)
        let stamp = max(before + 1, given)
        entry.stamp = Stamp(rawValue: stamp)
        entry.access = access
        setStamp(ofSlot: key.slot, to: stamp)
        notePut(key, entry)
    }

    /// A lent key comes back as it was given.
    package mutating func takeBackUnchanged(_ key: KeyReference, access: UInt8) {
        find(key)?.entry.access = access
    }

    package mutating func discard(_ value: TravellingEntry) {
        discard(value.draft)
    }
}
