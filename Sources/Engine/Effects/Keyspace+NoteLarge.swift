// A large value as records: a put with its first elements, then rows of the others; all at once for
// the log, in parts for a snapshot.

import Base
import Log

/// How far a large value has come into records.
struct LargeNote: BitwiseCopyable {
    enum Next: BitwiseCopyable {
        case start
        case member(MemberCursor)
        /// Members of a sorted set that are written.
        case rank(Int)
        /// Nil at the end; elements of it that are written.
        case chunk(ListChunk?, Int)
        /// Bytes of a string that are written.
        case byte(Int)
    }

    var next = Next.start
    /// Elements of a list that are written.
    var writtenCount = 0
    /// Bytes of elements in the put.
    fileprivate var putLength = 0
    /// The put takes more elements.
    fileprivate var isPutOpen = true

    /// Bytes of elements in a put; what is more comes in records behind it.
    fileprivate static var putLengthMax: Int { 1 << 16 }

    /// The record is closed: what follows stands in another one.
    mutating func interrupt() { isPutOpen = false }
}

extension Keyspace {
    /// What the budget of a step counts an element of so many bytes for.
    @inline(__always)
    static func noteCost(_ bytes: Int) -> Int { 1 &+ bytes &>> 8 }

    /// Notes the next elements or bytes of a large value: the first as a put.
    ///
    /// - Parameter budget: lowered by one for each element and each 256 bytes.
    /// - Returns: whether the value is written to its end, or not to be written here.
    mutating func noteLarge(
        _ key: KeyReference, _ entry: Entry, _ note: inout LargeNote, _ budget: inout Int
    ) -> Bool {
        if case .start = note.next, !beginLarge(key, entry, &note) { return true }
        switch note.next {
        case .start: invariantFailed("a large value is begun before it goes on")
        case .member(var cursor):
            noteMembers(key, entry, &cursor, &note, &budget)
            note.next = .member(cursor)
            return cursor.isAtEnd
        case .rank: return noteRanks(key, entry, &note, &budget)
        case .chunk: return noteChunks(key, entry, &note, &budget)
        case .byte(let offset): return noteBytes(key, entry, offset, &note, &budget)
        }
    }

    /// False where the key is not this core's to log.
    private mutating func beginLarge(
        _ key: KeyReference, _ entry: Entry, _ note: inout LargeNote
    ) -> Bool {
        note = LargeNote()
        switch entry.form {
        case .list: note.next = .chunk(entry.list.first, 0)
        case .sortedSet: note.next = .rank(0)
        case .long:
            note.next = .byte(0)
            return true
        default: note.next = .member(MemberCursor())
        }
        return log.openRow(
            Self.putKind(entry), key, entry.stamp.rawValue, entry.deadline, now: now)
    }

    /// Makes room for the next element, of so many bytes, in a record.
    private mutating func openElement(
        _ key: KeyReference, _ entry: Entry, _ size: Int, _ note: inout LargeNote,
        _ budget: inout Int
    ) {
        budget -= Self.noteCost(size)
        let isFirst = note.putLength == 0
        note.putLength += size
        if note.isPutOpen, isFirst || note.putLength <= LargeNote.putLengthMax { return }
        note.isPutOpen = false
        let isOpen = log.openRow(
            Self.addKind(entry), key, entry.stamp.rawValue, nil, now: now)
        invariant(isOpen, "who logs a key's first elements logs them all")
    }

    private mutating func noteMembers(
        _ key: KeyReference, _ entry: Entry, _ cursor: inout MemberCursor,
        _ note: inout LargeNote, _ budget: inout Int
    ) {
        var found = GrowableArray<Entry>(capacity: 64)
        while budget > 0, !cursor.isAtEnd {
            found.removeAll()
            unsafe collectMembers(
                of: entry.members, from: &cursor, count: min(budget, 32), into: &found)
            for index in 0..<found.count {
                let member = found[index]
                let size = member.keyLength + member.value.length
                openElement(key, entry, size, &note, &budget)
                log.append(PackEncoding(member.key))
                if entry.form == .hash { log.append(PackEncoding(member.value)) }
            }
        }
    }

    private mutating func noteRanks(
        _ key: KeyReference, _ entry: Entry, _ note: inout LargeNote, _ budget: inout Int
    ) -> Bool {
        guard case .rank(var rank) = note.next else { return true }
        let tree = unsafe entry.sortedSet.tree
        let count = unsafe tree.pointee.count
        if rank >= count { return true }
        var cursor: RankTree.Cursor? = unsafe tree.pointee.cursor(at: rank)
        while budget > 0, let place = cursor {
            let member = PackEncoding(place.member.bytes)
            openElement(key, entry, member.size + 9, &note, &budget)
            log.append(member)
            log.append(PackEncoding(place.member.score))
            cursor = place.next
            rank += 1
        }
        note.next = .rank(rank)
        return rank >= count
    }

    private mutating func noteChunks(
        _ key: KeyReference, _ entry: Entry, _ note: inout LargeNote, _ budget: inout Int
    ) -> Bool {
        guard case .chunk(var chunk, var skipped) = note.next else { return true }
        while budget > 0, let here = chunk {
            let run = ListRun(here)
            let offset = run.offset(ofElement: skipped)
            openElement(key, entry, run.byteCount - offset, &note, &budget)
            append(run, from: offset)
            budget -= run.count - skipped
            note.writtenCount += run.count - skipped
            skipped = 0
            chunk = here.next
        }
        note.next = .chunk(chunk, skipped)
        return chunk == nil
    }

    /// Appends elements of a list, from an offset on, without their trailers.
    mutating func append(_ run: ListRun, from first: Int) {
        var offset = first
        while offset < run.byteCount {
            let start = unsafe run.start + offset
            let size = unsafe PackEncoding.size(at: start)
            unsafe log.at.pointee.buffer.appendOperand(Bytes(start: start, count: size))
            offset += run.stride(at: offset)
        }
    }

    private mutating func noteBytes(
        _ key: KeyReference, _ entry: Entry, _ first: Int, _ note: inout LargeNote,
        _ budget: inout Int
    ) -> Bool {
        let bytes = entry.valueBytes
        var offset = first
        let stamp = entry.stamp.rawValue
        while offset < bytes.count, budget > 0 || offset == 0 {
            let end = min(bytes.count, offset + LargeNote.putLengthMax)
            let part = bytes.slice(offset, end)
            budget -= Self.noteCost(part.count)
            if !log.begin(key.slot, now: now) { return true }
            if offset == 0 {
                unsafe log.at.pointee.buffer.putString(
                    key.slot, stamp, key.bytes, part, deadline: entry.deadline)
            } else {
                unsafe log.at.pointee.buffer.appendEffect(
                    .splice, key.slot, stamp, key.bytes, number: UInt64(offset), part)
            }
            offset = end
        }
        note.next = .byte(offset)
        return offset >= bytes.count
    }

    static func putKind(_ entry: Entry) -> RecordKind {
        switch entry.type {
        case .list: .putList
        case .hash: .putHash
        case .set: .putSet
        case .sortedSet: .putSortedSet
        default: invariantFailed("a collection has the type of one")
        }
    }

    private static func addKind(_ entry: Entry) -> RecordKind {
        switch entry.type {
        case .list: .listPushRight
        case .hash: .hashSet
        case .set: .setAdd
        case .sortedSet: .sortedSetAdd
        default: invariantFailed("a collection has the type of one")
        }
    }
}
