// What changes in the slot that a snapshot is writing.
//
// The log's records say it. Puts and removals are copied into the snapshot whatever they are about:
// they are right whether their key has been written, will be, or was never there. A change of a
// value is copied if the value has been written; if it will be, it will be written as it is then.
// Of the value that is being written in parts the walk goes on from where it is, so a change of
// what is written is copied and any other need not be; of values that are not lists it may be all
// the same, since what comes later is written over it.

import Base
import Log

extension Keyspace {
    /// Sees what has been noted since the last time.
    mutating func seeChanges(_ walk: inout SnapshotWalk, into records: inout LogBuffer) {
        if !walk.isInSlot { return }
        log.endCommand()
        unsafe log.at.pointee.buffer.forEachRecord(from: walk.seenBytes) { record in
            if record.kind.isEffect, Int(record.slot) == walk.slot {
                see(record, &walk, into: &records)
            }
        }
    }

    private func see(
        _ record: Record, _ walk: inout SnapshotWalk, into records: inout LogBuffer
    ) {
        if record.kind == .flushSlot {
            records.appendCopy(of: record)
            while !walk.large.isEmpty { walk.dropFirst() }
            return
        }
        let key = KeyReference(
            bytes: record.key, hash: hash(of: record.key), slot: record.slot)
        let place = walk.place(of: key)
        if record.kind.isPut || record.kind == .remove {
            records.appendCopy(of: record)
            if let place { walk.drop(place) }
            return
        }
        guard let place else {
            if isWritten(key, walk) { records.appendCopy(of: record) }
            return
        }
        // What is not begun will be written as it is then.
        guard place == 0, var note = walk.note else { return }
        walk.isTouched = true
        if case .chunk = note.next {
            seeList(record, &note, &walk, into: &records)
        } else {
            records.appendCopy(of: record)
            walk.note = note
        }
    }

    /// Whether the walk has passed a key of its slot.
    private func isWritten(_ key: KeyReference, _ walk: borrowing SnapshotWalk) -> Bool {
        if walk.isWalked { return true }
        guard let cursor = walk.cursor else { return false }
        var table = unsafe tables + walk.slot
        while unsafe table.pointee.isDirectory, unsafe table.pointee.level < ScanCursor.levelMax {
            unsafe table = table.pointee.children + table.pointee.child(key.hash)
        }
        let level = UInt64(unsafe table.pointee.level)
        let mask: UInt64 = level == 0 ? 0 : ~((1 << (64 - 4 * level)) &- 1)
        let (its, here) = (key.hash & mask, cursor.path & mask)
        return its == here ? Table.tag(key.hash) < cursor.tag : its < here
    }

    /// Of the list that is being written: its first elements are, so what changes among them is
    /// copied as far as it does.
    private func seeList(
        _ record: Record, _ note: inout LargeNote, _ walk: inout SnapshotWalk,
        into records: inout LogBuffer
    ) {
        guard let effect = try? walk.inflater.effect(record) else {
            invariantFailed("what was noted can be read")
        }
        let written = note.writtenCount
        switch effect {
        case .listPushLeft(let elements):
            records.appendCopy(of: record)
            note.writtenCount += ElementRow.count(elements)
        case .listPushRight: break
        case .listSet(let index, _):
            if index < written { records.appendCopy(of: record) }
        case .listInsert(let index, let elements):
            if index < written {
                records.appendCopy(of: record)
                note.writtenCount += ElementRow.count(elements)
            }
        case .listRemove(let index, let count):
            let gone = min(Int(index + count), written) - Int(index)
            if gone > 0 {
                records.appendEffect(
                    .listRemove, record.slot, record.stamp, record.key, numbers: index,
                    UInt64(gone))
                note.writtenCount -= gone
            }
        case .listRemoveEqual:
            // Where they stood is not known any more.
            walk.restarts += 1
            note = LargeNote()
        default: records.appendCopy(of: record)
        }
        walk.note = note
    }
}

extension SnapshotWalk {
    /// Which of the large keys it is; nil where it is none.
    fileprivate func place(of key: KeyReference) -> Int? {
        for index in 0..<large.count where large[index].hash == key.hash {
            if self.key(large[index]).bytes == key.bytes { return index }
        }
        return nil
    }

    fileprivate mutating func drop(_ place: Int) {
        if place == 0 {
            dropFirst()
            return
        }
        large.swapRemove(at: place)
    }
}
