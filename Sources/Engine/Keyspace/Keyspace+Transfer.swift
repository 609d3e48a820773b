// Lending keys between the cores of a node.
//
// A command or transaction over keys of several cores runs on one of them, which borrows the
// others' keys: each travels as a record, is run upon, and travels back. Records never leave the
// process.
//
// Layout, in bytes from the start, numbers in the machine's order:
//
//     0   value length   u64   of the value's bytes; 8 for an integer
//     8   hash           u64   of the key; the cores of a node share their seed
//     16  stamp          u64
//     24  deadline       i64   present where the flags say so, else 0
//     32  key length     u32
//     36  slot           u16
//     38  form, flags    u8
//     39  access         u8
//     40  key bytes, value bytes: of a large collection its elements, encoded as in a pack

import Base

/// The fixed part of a record; see the essay above.
struct TransferHeader: BitwiseCopyable {
    var valueLength: UInt64
    var hash: UInt64
    var stamp: UInt64
    var deadline: Int64
    var keyLength: UInt32
    var slot: UInt16
    var formAndFlags: UInt8
    var access: UInt8

    static let size = 40
}

extension Keyspace {
    /// Appends a record of `key` to `output`; false, and nothing is appended, where it is not
    /// there.
    package mutating func copyEntry(_ key: KeyReference, to output: inout OutputBuffer) -> Bool {
        guard let entry = lookUp(key)?.entry else { return false }
        let start = output.count
        let header = TransferHeader(
            valueLength: 0, hash: key.hash, stamp: entry.stamp.rawValue,
            deadline: entry.deadline ?? 0, keyLength: UInt32(entry.keyLength), slot: key.slot,
            formAndFlags: entry.formAndFlags, access: entry.access)
        let target = unsafe output.reserve(TransferHeader.size)
        unsafe target.storeBytes(of: header, as: TransferHeader.self)
        output.advance(TransferHeader.size)
        output.append(entry.key)
        let valueStart = output.count
        appendValue(of: entry, to: &output)
        let valueLength = UInt64(output.count - valueStart)
        unsafe (output.start + start).storeBytes(of: valueLength, as: UInt64.self)
        return true
    }

    private mutating func appendValue(of entry: Entry, to output: inout OutputBuffer) {
        switch entry.form {
        case .integer:
            unsafe output.reserve(8).storeBytes(of: entry.integer, as: Int64.self)
            output.advance(8)
        case .inline, .long, .packedList, .packedHash, .packedSet, .integerSet, .packedSortedSet,
            .compressed:
            output.append(entry.valueBytes)
        case .list, .hash, .set, .sortedSet:
            unsafe appendElements(of: entry.form, entry.object, to: &output)
        }
    }

    /// Puts the key of the record at the start of `record` into this keyspace, over what is there,
    /// with the stamp it brought. The slot's stamp rises to it, and a watcher learns of it where it
    /// differs from what was here.
    ///
    /// - Parameter isReturned: the key comes home. A change is a write of this core: it is logged,
    ///   and has the slot's next stamp at least, as other keys of the slot may have been written
    ///   while this one was away.
    /// - Returns: the record's length in bytes.
    package mutating func putEntry(from record: Bytes, isReturned: Bool = false) -> Int {
        invariant(record.count >= TransferHeader.size, "a record has a header")
        let header = unsafe record.start.loadUnaligned(as: TransferHeader.self)
        let keyEnd = TransferHeader.size + Int(header.keyLength)
        let end = keyEnd + Int(header.valueLength)
        invariant(end <= record.count, "a record is whole")
        let key = KeyReference(
            bytes: record.slice(TransferHeader.size, keyEnd), hash: header.hash, slot: header.slot)
        let stored = record.slice(keyEnd, end)
        put(key, stored, header, isReturned: isReturned)
        return end
    }

    private mutating func put(
        _ key: KeyReference, _ stored: Bytes, _ header: TransferHeader, isReturned: Bool
    ) {
        let position = find(key)
        // The same stamp is the same version: nothing was written while the key was away.
        if let entry = position?.entry, entry.stamp.rawValue == header.stamp {
            entry.access = header.access
            return
        }
        let hasDeadline = header.formAndFlags & Entry.hasDeadline != 0
        let stampBefore = stamp(ofSlot: key.slot).rawValue
        let value = value(of: header, stored)
        let deadline: DeadlineChange = hasDeadline ? .set(header.deadline) : .clear
        let wasLogged = log.pause()
        if let position {
            replace(key, position, value, deadline)
        } else {
            // Whoever wrote it has told of it.
            add(key, value, deadline)
        }
        guard let put = find(key) else { invariantFailed("a key that was stored is there") }
        put.entry.formAndFlags |= header.formAndFlags & Entry.isModified
        put.entry.access = header.access
        log.resume(wasLogged)
        let stamp = isReturned ? max(stampBefore + 1, header.stamp) : header.stamp
        put.entry.stamp = Stamp(rawValue: stamp)
        setStamp(ofSlot: key.slot, to: max(stampBefore, stamp))
        if isReturned { notePut(key, put.entry) }
    }

    private mutating func value(of header: TransferHeader, _ stored: Bytes) -> NewValue {
        guard let form = Entry.Form(rawValue: header.formAndFlags & 0x0F) else {
            invariantFailed("a record has a known form")
        }
        switch form {
        case .integer: return .integer(unsafe stored.start.loadUnaligned(as: Int64.self))
        case .inline, .long: return .bytes(stored)
        case .packedList, .packedHash, .packedSet, .integerSet, .packedSortedSet, .compressed:
            return .packed(stored, form)
        case .list, .hash, .set, .sortedSet:
            return unsafe .object(makeObject(form, from: stored), form)
        }
    }

    /// Lets the slot's next stamp be above `stamp`: a borrower's writes must exceed what the owner
    /// gave.
    package mutating func raiseStamp(ofSlot slot: UInt16, to stamp: Stamp) {
        setStamp(ofSlot: slot, to: max(self.stamp(ofSlot: slot).rawValue, stamp.rawValue))
    }

    mutating func setStamp(ofSlot slot: UInt16, to stamp: UInt64) {
        unsafe tables[Int(slot)].stamp = stamp
    }

    /// Removes a key that was lent and does not come back. Whoever removed it has told of it, even
    /// should its time have come meanwhile.
    package mutating func removeReturned(_ key: KeyReference) {
        guard let position = find(key) else { return }
        remove(key, position)
    }

    /// Forgets a key that was borrowed: no delete, no stamp, no watcher learns of it.
    package mutating func discardEntry(_ key: KeyReference) {
        guard let position = find(key) else { return }
        removeEntry(position, slot: key.slot)
        collapse(key.slot)
    }
}
