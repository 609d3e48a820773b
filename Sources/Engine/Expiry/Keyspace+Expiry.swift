// Active expiry.
//
// Each table knows a time before which none of its keys expires, so a sweep reads one number per
// slot and looks into a table only when something in it is due. Keys carry absolute milliseconds;
// look-ups hide and remove what is due in any case (``Keyspace/lookUp(_:)``), so the sweep only
// gives memory back.

import Base
import Placement

extension Keyspace {
    /// Lowers the bounds on the way to a key that expires at `deadline`.
    mutating func noteDeadline(_ key: KeyReference, _ deadline: Int64) {
        earliestDeadline = min(earliestDeadline, deadline)
        var table = unsafe tables + Int(key.slot)
        while true {
            if unsafe deadline < table.pointee.earliest {
                unsafe table.pointee.earliest = deadline
            }
            if unsafe !table.pointee.isDirectory { return }
            unsafe table = table.pointee.children + table.pointee.child(key.hash)
        }
    }

    /// Removes keys that are due, slot by slot, until `budget` entries were looked at.
    ///
    /// - Returns: true when every slot was seen, false when the budget ran out and there may be
    ///   more.
    package mutating func expireDue(budget: Int) -> Bool {
        if volatileCount == 0 || !isActiveExpiryOn { return true }
        var left = budget
        for _ in 0..<SlotIndex.count {
            let table = unsafe tables + sweepSlot
            if unsafe table.pointee.earliest <= now {
                if left <= 0 { return false }
                unsafe sweep(table, UInt16(sweepSlot), &left)
                collapse(UInt16(sweepSlot))
                // A directory may have been left half swept; the next sweep goes on in it.
                if unsafe table.pointee.earliest <= now { return false }
            }
            sweepSlot = (sweepSlot + 1) & (SlotIndex.count - 1)
        }
        earliestDeadline = Table.never
        for slot in 0..<SlotIndex.count {
            earliestDeadline = unsafe min(earliestDeadline, tables[slot].earliest)
        }
        return true
    }

    /// As ``nextDeadline``, for callers in other modules: there a getter copies the whole
    /// keyspace's fields before it reads one, and a mutating method does not.
    package mutating func findNextDeadline() -> Int64? { nextDeadline }

    /// How long keys with a deadline have still to live, in milliseconds, on average over some of
    /// them; 0 where there is none.
    ///
    /// - Parameters:
    ///   - firstSlot: where it begins to look, drawn at random.
    ///   - budget: about how many keys it looks at; with fewer the average is exact.
    package mutating func averageTimeToLive(from firstSlot: Int, budget: Int) -> Int64 {
        if volatileCount == 0 { return 0 }
        let now = now
        var sum = 0.0
        var count = 0
        var left = budget
        for number in 0..<SlotIndex.count where left > 0 {
            let slot = (firstSlot + number) & (SlotIndex.count - 1)
            if unsafe tables[slot].earliest == Table.never { continue }
            _ = scan(from: ScanCursor(slot: slot), through: UInt16(slot), count: left) { entry in
                left -= 1
                guard let deadline = entry.deadline else { return }
                sum += Double(deadline - now)
                count += 1
            }
        }
        return count == 0 ? 0 : Int64(sum / Double(count))
    }

    /// The earliest time at which some key may expire, or nil where none will. Costs one
    /// comparison.
    @inline(__always)
    package var nextDeadline: Int64? {
        if volatileCount == 0 || !isActiveExpiryOn { return nil }
        return earliestDeadline == Table.never ? nil : earliestDeadline
    }

    /// Removes what is due in one table and finds its new bound.
    private mutating func sweep(
        _ table: UnsafeMutablePointer<Table>, _ slot: UInt16, _ left: inout Int
    ) {
        if unsafe table.pointee.isDirectory {
            unsafe sweepDirectory(table, slot, &left)
            return
        }
        var earliest = Table.never
        var place = 0
        // Removal can shrink the table and moves words, so the bounds are read again each time and
        // a place is looked at again after a removal.
        while unsafe place < Int(table.pointee.bucketCount) * Table.bucketWords {
            let word = unsafe table.pointee.words[place]
            guard word != 0, let deadline = Table.entry(word).deadline else {
                place += 1
                continue
            }
            left -= 1
            let isPinned = Table.entry(word).isPinned
            if deadline > now || isPinned {
                // What is pinned comes into the bound again when it is let go.
                if !isPinned { earliest = min(earliest, deadline) }
                place += 1
                continue
            }
            let position = unsafe Position(word: table.pointee.words + place, table: table)
            let key = Table.entry(word).key
            let before = unsafe table.pointee.bucketCount
            let reference = KeyReference(bytes: key, hash: hash(of: key), slot: slot)
            noteRemove(reference, nextStamp(reference))
            events.note(.expired, "expired", key)
            removeEntry(position, slot: slot)
            statistics.expired += 1
            if unsafe table.pointee.bucketCount == before { continue }
            // The table was laid out anew; what was passed over is seen again.
            place = 0
            earliest = Table.never
        }
        unsafe table.pointee.earliest = earliest
    }

    private mutating func sweepDirectory(
        _ table: UnsafeMutablePointer<Table>, _ slot: UInt16, _ left: inout Int
    ) {
        var earliest = Table.never
        for child in 0..<Table.fanOut {
            let child = unsafe table.pointee.children + child
            if unsafe child.pointee.earliest <= now {
                if left <= 0 { return }
                unsafe sweep(child, slot, &left)
            }
            earliest = unsafe min(earliest, child.pointee.earliest)
        }
        unsafe table.pointee.earliest = earliest
    }
}
