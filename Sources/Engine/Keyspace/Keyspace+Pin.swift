import Base

extension Keyspace {
    /// Keeps a key, if it is there, from being removed for being due or for want of memory, or lets
    /// it go again. What is due is hidden from look-ups meanwhile.
    mutating func pin(_ key: KeyReference, _ isPinned: Bool) {
        guard let entry = find(key)?.entry else { return }
        if isPinned {
            entry.formAndFlags |= Entry.isPinned
            return
        }
        entry.formAndFlags &= ~Entry.isPinned
        // A sweep may have passed over it.
        if let deadline = entry.deadline { noteDeadline(key, deadline) }
    }
}
