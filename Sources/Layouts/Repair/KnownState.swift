// Which records of a log can be applied where the snapshot under them is not whole.
//
// A slot whose stretch of the snapshot was read without a gap is certain, and so is every slot
// where there never was a snapshot: its records are applied if their stamp is above the slot's. Of
// any other slot a key is known only once a record says all of it: a put, or a remove. What changes
// a key that is not known would make something that never was, and is left out.

import Log

/// What is known of a core's keys; see the essay above.
struct KnownState {
    private static let slotCount = 1 << 14

    /// By slot: the stamp that the snapshot gave it; nil where the slot is uncertain.
    private var stamps: [UInt64?]
    /// By slot that is uncertain: the stamp above which a key's records apply.
    private var keys: [UInt16: [[UInt8]: UInt64]] = [:]

    /// - Parameter isCertain: there is no snapshot, nor was there one.
    init(isCertain: Bool) {
        stamps = [UInt64?](repeating: isCertain ? 0 : nil, count: Self.slotCount)
    }

    var uncertainSlotCount: Int { stamps.count { $0 == nil } }

    /// Slots are empty, or complete as of a stamp.
    mutating func complete(_ slots: Range<Int>, last: UInt64) {
        for slot in slots { stamps[slot] = slot == slots.upperBound - 1 ? last : 0 }
        for slot in slots { keys[UInt16(slot)] = nil }
    }

    /// Takes a record of the snapshot; whether it can be applied.
    mutating func takeSnapshot(_ record: Record, afterGap: Bool) -> Bool {
        let key = bytes(record.key)
        if afterGap, !record.kind.isPut, keys[record.slot]?[key] == nil { return false }
        keys[record.slot, default: [:]][key] = record.stamp
        return true
    }

    /// What is to be done with a record of the log.
    enum Verdict {
        case apply
        /// The snapshot has it already.
        case skip
        /// It changes what is not known.
        case lose
    }

    mutating func takeLog(_ record: Record) -> Verdict {
        let slot = record.slot
        if let stamp = stamps[Int(slot)] { return record.stamp > stamp ? .apply : .skip }
        if record.kind == .flushSlot {
            stamps[Int(slot)] = 0
            keys[slot] = nil
            return .apply
        }
        let key = bytes(record.key)
        if let known = keys[slot]?[key] {
            if record.stamp <= known { return .skip }
        } else if !record.kind.isPut, record.kind != .remove {
            return .lose
        }
        // From here on the log says all of it, also by further records of the same stamp.
        keys[slot, default: [:]][key] = 0
        return .apply
    }
}
