// A core's keys on their way into a snapshot, some in each turn, while they change.
//
// Purpose. Slot by slot, every key is written as a put. Most slots are written in one step; of one
// that takes several, what changes meanwhile is written as its effect behind what is there already
// (SnapshotWalk+Changes.swift), so that the records, applied in order, are the slot as it is when
// its end is written: nothing is copied aside and nobody waits.
//
// Ownership. The core's; one thread. The keyspace's effects are noted into the snapshot's buffer
// while a step runs, which is how what is written is the same for log and snapshot.
//
// Invariants.
// 1. Of the slot under way, every key before `cursor` is as the records written so far say, but for
//    those in `large`: the first of these as far as `note` says, the others not at all.
// 2. Before a step every change since the last one has been seen (``seeChanges(in:)``).

import Base
import Log
import Placement

/// How far a snapshot of a core's keys has come; see the essay above.
package struct SnapshotWalk: ~Copyable {
    /// A key whose value is written in parts, in the walk's own bytes.
    struct LargeKey: BitwiseCopyable {
        let hash: UInt64
        let start: Int
        let count: Int
    }

    /// The slot under way, or the next one.
    var slot = 0
    /// Where the walk over the slot's keys goes on; nil where it is not begun.
    var cursor: ScanCursor?
    /// All keys of the slot have been met.
    var isWalked = false
    /// Keys that were met and not yet written to their ends, in order.
    var large = GrowableArray<LargeKey>(capacity: 4)
    var largeBytes = OutputBuffer()
    /// How far the first of them has come.
    var note: LargeNote?
    /// It has changed since its last part.
    var isTouched = false
    /// The last member of a sorted set that is written.
    var lastMember = OutputBuffer()
    var lastScore = 0.0
    /// How often it had to be begun again, since an element left it that might stand anywhere.
    var restarts = 0
    /// How many bytes of the log's buffer have been seen.
    fileprivate(set) var seenBytes = 0
    var inflater = Inflater()
    /// Met in a step.
    fileprivate var found = GrowableArray<Entry>(capacity: 64)
    /// Keys written, those of slots that were left meanwhile included.
    package fileprivate(set) var keyCount = 0

    /// Before the first slot.
    package init() {}

    /// Whether a slot is under way: its changes are to be seen.
    package var isInSlot: Bool { cursor != nil }

    /// The log's buffer has been emptied, after a step.
    package mutating func logTaken() { seenBytes = 0 }

    func key(_ large: LargeKey) -> KeyReference {
        KeyReference(
            bytes: largeBytes.bytes.slice(large.start, large.start + large.count),
            hash: large.hash, slot: UInt16(slot))
    }

    fileprivate mutating func add(_ entry: Entry, _ hash: UInt64) {
        let key = entry.key
        large.append(LargeKey(hash: hash, start: largeBytes.count, count: key.count))
        largeBytes.append(key)
    }

    /// The first of the large keys is written to its end, or gone.
    mutating func dropFirst() {
        large.removeFirst(1)
        note = nil
        restarts = 0
        if large.isEmpty { largeBytes.removeAll() }
    }

    fileprivate mutating func beginSlot() {
        cursor = ScanCursor(slot: slot)
        isWalked = false
    }

    fileprivate mutating func endSlot() {
        cursor = nil
        slot += 1
    }
}

extension Engine {
    /// Writes the next part of a snapshot of this core's keys, whose log is on.
    ///
    /// - Parameters:
    ///   - budget: how many elements, a key or 256 bytes counting as one each, are written.
    ///   - resting: slots with changes that are not noted yet, as they belong to something that is
    ///     done in parts: the snapshot waits for its end.
    /// - Returns: whether all is written.
    package mutating func writeSnapshot(
        _ walk: inout SnapshotWalk, into records: inout LogBuffer, budget: Int,
        resting: borrowing SlotSet
    ) -> Bool {
        keyspace.seeChanges(&walk, into: &records)
        keyspace.log.swapRecords(&records)
        keyspace.writeSlots(&walk, budget, resting)
        keyspace.log.swapRecords(&records)
        keyspace.log.withRecords { walk.seenBytes = $0.byteCount }
        return walk.slot == SlotIndex.count
    }
}

extension Keyspace {
    /// Slots without keys that count for an element.
    private static var emptySlotsPerElement: Int { 16 }

    fileprivate mutating func writeSlots(
        _ walk: inout SnapshotWalk, _ budget: Int, _ resting: borrowing SlotSet
    ) {
        var left = budget
        var emptyCount = 0
        while left > 0, walk.slot < SlotIndex.count {
            let slot = UInt16(walk.slot)
            let isEmpty = unsafe tables[walk.slot].count == 0 && tables[walk.slot].stamp == 0
            let isOwned = unsafe log.at.pointee.owned.contains(slot)
            if !walk.isInSlot, isEmpty || !isOwned {
                walk.slot += 1
                emptyCount += 1
                if emptyCount % Self.emptySlotsPerElement == 0 { left -= 1 }
                continue
            }
            if resting.contains(slot) { return }
            if !walk.isInSlot { walk.beginSlot() }
            if !walk.large.isEmpty {
                writeLarge(&walk, &left)
            } else if !walk.isWalked {
                writeKeys(&walk, &left)
            } else {
                log.endCommand()
                unsafe log.at.pointee.buffer.appendBare(
                    .slotEnd, slot: slot, stamp: tables[walk.slot].stamp)
                left -= 1
                walk.endSlot()
            }
        }
    }

    /// Writes the next keys of the slot, and notes those that are written in parts.
    private mutating func writeKeys(_ walk: inout SnapshotWalk, _ left: inout Int) {
        guard let cursor = walk.cursor else { invariantFailed("a slot under way has a place") }
        walk.found.removeAll()
        // What is due is written as well: it may be pinned, or go on the way that expiry goes.
        let next = scan(
            from: cursor, through: UInt16(walk.slot), count: min(left, 64), withDue: true
        ) { walk.found.append($0) }
        if next == ScanCursor(slot: walk.slot + 1) {
            walk.isWalked = true
        } else {
            walk.cursor = next
        }
        for index in 0..<walk.found.count {
            let entry = walk.found[index]
            let hash = hash(of: entry.key)
            walk.keyCount += 1
            if entry.form.isLarge {
                walk.add(entry, hash)
                continue
            }
            left -= Self.noteCost(entry.size)
            notePut(
                KeyReference(bytes: entry.key, hash: hash, slot: UInt16(walk.slot)), entry)
        }
    }

    /// Goes on with the first of the keys that are written in parts.
    private mutating func writeLarge(_ walk: inout SnapshotWalk, _ left: inout Int) {
        let key = walk.key(walk.large[0])
        guard let entry = find(key)?.entry, entry.form.isLarge else {
            // It is gone, or was replaced: by what is written already.
            walk.dropFirst()
            return
        }
        var note = walk.note ?? LargeNote()
        note.interrupt()
        if walk.isTouched { findPlace(&note, entry, walk) }
        walk.isTouched = false
        let isWhole = walk.note == nil
        // Begun again and again it is written in larger parts, at last at once.
        var budget = left << min(2 * walk.restarts, 32)
        let before = budget
        let isDone = noteLarge(key, entry, &note, &budget)
        left -= max(before - budget, 1)
        if !isDone {
            remember(note, entry, &walk)
            walk.note = note
            return
        }
        if !isWhole, let deadline = entry.deadline {
            // A collection that lost all that was written of it has lost its deadline as well.
            log.closeRow()
            unsafe log.at.pointee.buffer.appendEffect(
                .setDeadline, key.slot, entry.stamp.rawValue, key.bytes, deadline: deadline)
        }
        walk.dropFirst()
    }

    /// Keeps the place of a sorted set by its member: ranks change.
    private func remember(_ note: LargeNote, _ entry: Entry, _ walk: inout SnapshotWalk) {
        guard case .rank(let rank) = note.next, rank > 0 else { return }
        let member = unsafe entry.sortedSet.tree.pointee.member(at: rank - 1)
        walk.lastMember.removeAll()
        walk.lastMember.append(member.bytes)
        walk.lastScore = member.score
    }

    /// Finds the place in a value that has changed.
    private func findPlace(_ note: inout LargeNote, _ entry: Entry, _ walk: borrowing SnapshotWalk)
    {
        switch note.next {
        case .start, .member, .byte: break
        case .rank:
            let bound = RankTree.Bound.after(walk.lastScore, walk.lastMember.bytes)
            note.next = .rank(rank(of: bound, in: entry))
        case .chunk:
            if note.writtenCount >= entry.list.count {
                note.next = .chunk(nil, 0)
            } else {
                let (chunk, index) = entry.list.locate(note.writtenCount)
                note.next = .chunk(chunk, index)
            }
        }
    }
}

extension Entry.Form {
    /// Whether its value may be too long to be written at once.
    fileprivate var isLarge: Bool {
        switch self {
        case .list, .hash, .set, .sortedSet, .long: true
        default: false
        }
    }
}
