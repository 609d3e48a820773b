import Base
import Placement

extension Engine {
    /// Removes every key (FLUSHALL); returns how many there were. Watchers of keys that were there
    /// learn of it.
    package mutating func removeAllKeys() -> Int {
        noteFlush(of: nil)
        let before = keyspace.count
        for slot in 0..<SlotIndex.count {
            _ = keyspace.removeAll(inSlot: UInt16(slot))
        }
        return before
    }

    /// Removes every key of a slot, as ``removeAllKeys()`` does.
    package mutating func removeAllKeys(inSlot slot: SlotIndex) -> Int {
        noteFlush(of: slot)
        return keyspace.removeAll(inSlot: slot.rawValue)
    }

    /// Tells watchers of the keys of `slot`, or of all, that their keys are gone.
    private mutating func noteFlush(of slot: SlotIndex?) {
        // The ledger asks the keyspace that it is a part of, so it steps out of it meanwhile.
        var ledger = WatchLedger()
        swap(&ledger, &keyspace.watches)
        ledger.noteFlush { bytes in
            let key = reference(bytes)
            if let slot, key.slot != slot.rawValue { return false }
            return keyspace.find(key) != nil
        }
        swap(&ledger, &keyspace.watches)
    }
}
