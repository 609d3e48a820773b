// Noting effects where the keyspace changes (EffectLog.swift).

import Base
import Log

extension Keyspace {
    /// Logs what was noted into a buffer of its own. Other keys of the same slots may have been
    /// written meanwhile, so the records get the slots' stamps of now.
    mutating func appendLog(_ records: inout LogBuffer) {
        let tables = unsafe tables
        log.append(&records) { unsafe tables[Int($0)].stamp }
    }

    // MARK: Keys

    /// The key has a new value, whose stamp has been taken.
    @inline(__always)
    mutating func notePut(_ key: KeyReference, _ entry: Entry) {
        if log.isOn { logPut(key, entry) }
    }

    /// As ``notePut(_:_:)`` of a key that is there.
    mutating func notePut(_ key: KeyReference) {
        if !log.isOn { return }
        guard let entry = find(key)?.entry else { invariantFailed("what was stored is there") }
        logPut(key, entry)
    }

    @inline(never)
    private mutating func logPut(_ key: KeyReference, _ entry: Entry) {
        let stamp = entry.stamp.rawValue
        switch entry.form {
        case .integer:
            if !log.begin(key.slot, now: now) { return }
            unsafe log.at.pointee.buffer.putInteger(
                key.slot, stamp, key.bytes, entry.integer, deadline: entry.deadline)
        case .inline, .long:
            if !log.begin(key.slot, now: now) { return }
            unsafe log.at.pointee.buffer.putString(
                key.slot, stamp, key.bytes, entry.valueBytes, deadline: entry.deadline)
        case .compressed:
            if !log.begin(key.slot, now: now) { return }
            unsafe log.at.pointee.buffer.putCompressedString(
                key.slot, stamp, key.bytes, entry.valueBytes, deadline: entry.deadline)
        case .packedList, .packedHash, .packedSet, .packedSortedSet, .integerSet:
            logPacked(key, entry)
        case .list, .hash, .set, .sortedSet:
            var note = LargeNote()
            var budget = Int.max
            _ = noteLarge(key, entry, &note, &budget)
        }
    }

    /// An empty collection is noted by its first elements.
    private mutating func logPacked(_ key: KeyReference, _ entry: Entry) {
        if entry.has(.integerSet) ? IntegerSet(entry).count == 0 : Pack(entry).count == 0 {
            if log.begin(key.slot, now: now) { unsafe log.at.pointee.freshHash = key.hash }
            return
        }
        let kind = Self.putKind(entry)
        let stamp = entry.stamp.rawValue
        if !log.openRow(kind, key, stamp, entry.deadline, now: now) { return }
        appendElements(inside: entry)
    }

    /// Appends what lies inside an entry to the open row.
    private mutating func appendElements(inside entry: Entry) {
        switch entry.form {
        case .integerSet:
            let set = IntegerSet(entry)
            for index in 0..<set.count { log.append(PackEncoding(set[index])) }
        case .packedList: append(ListRun(Pack(entry)), from: 0)
        default:
            let bytes = entry.valueBytes
            unsafe log.at.pointee.buffer.appendOperand(
                bytes.slice(Pack.headerSize, bytes.count))
        }
    }

    /// The key is gone, with this stamp.
    @inline(__always)
    mutating func noteRemove(_ key: KeyReference, _ stamp: Stamp) {
        if log.isOn { logRemove(key, stamp) }
    }

    @inline(never)
    private mutating func logRemove(_ key: KeyReference, _ stamp: Stamp) {
        log.dropRow(of: key)
        if !log.begin(key.slot, now: now) { return }
        unsafe log.at.pointee.buffer.appendEffect(.remove, key.slot, stamp.rawValue, key.bytes)
    }

    mutating func noteDeadlineSet(_ key: KeyReference, _ entry: Entry) {
        if !log.isOn || !log.begin(key.slot, now: now) { return }
        unsafe log.at.pointee.buffer.appendEffect(
            .setDeadline, key.slot, entry.stamp.rawValue, key.bytes, deadline: entry.deadline)
    }

    mutating func noteFlush(_ slot: UInt16, _ stamp: UInt64) {
        if !log.isOn || !log.begin(slot, now: now) { return }
        unsafe log.at.pointee.buffer.flushSlot(slot, stamp)
    }

    // MARK: Strings

    /// Bytes of a string have been changed in place, and the write's stamp was taken.
    mutating func noteSplice(_ key: KeyReference, _ entry: Entry, _ range: Range<Int>) {
        if !log.isOn { return }
        let bytes = entry.valueBytes
        // What is short is shorter as a whole.
        if bytes.count <= Self.splicedOver || range.count == bytes.count {
            logPut(key, entry)
            return
        }
        if !log.begin(key.slot, now: now) { return }
        unsafe log.at.pointee.buffer.appendEffect(
            .splice, key.slot, entry.stamp.rawValue, key.bytes, number: UInt64(range.lowerBound),
            bytes.slice(range.lowerBound, range.upperBound))
    }

    /// As ``noteSplice(_:_:_:)`` of a string that may have been made for it: without a position.
    /// Outside of the range such a string is zero.
    mutating func noteSplice(_ key: KeyReference, _ position: Position?, _ range: Range<Int>) {
        if let position {
            noteSplice(key, position.entry, range)
        } else if log.isOn {
            noteMade(key, range)
        }
    }

    /// Notes a string that has been made for a splice: where it is mostly zeros, as none and what
    /// lies behind a gap.
    private mutating func noteMade(_ key: KeyReference, _ range: Range<Int>) {
        guard let entry = find(key)?.entry else { invariantFailed("what was stored is there") }
        if entry.value.length <= 2 * range.count + Self.splicedOver {
            logPut(key, entry)
            return
        }
        if !log.begin(key.slot, now: now) { return }
        unsafe log.at.pointee.buffer.putString(
            key.slot, entry.stamp.rawValue, key.bytes, Bytes(), deadline: nil)
        noteSplice(key, entry, range)
    }

    /// A shorter string is noted as a whole, in bytes.
    private static var splicedOver: Int { 64 }

    // MARK: Elements

    /// The stamp of a change that a command makes to the collection at `position`; nil where it is
    /// not to be noted, being a draft.
    @inline(__always)
    private func changeStamp(_ key: KeyReference, _ position: Position) -> UInt64? {
        if position.entry.stamp.rawValue == 0 { return nil }
        let last = unsafe tables[Int(key.slot)].stamp
        let fresh = unsafe log.at.pointee.freshHash
        return fresh == key.hash ? last : last &+ 1
    }

    /// Elements come to the collection at `position`, or leave it: one, or two that belong
    /// together. The write's stamp is still to be taken.
    @inline(__always)
    mutating func note(
        _ kind: RecordKind, _ key: KeyReference, _ position: Position,
        _ first: @autoclosure () -> PackEncoding, _ second: @autoclosure () -> PackEncoding? = nil
    ) {
        if log.isOn { logElements(kind, key, position, first(), second()) }
    }

    @inline(never)
    private mutating func logElements(
        _ kind: RecordKind, _ key: KeyReference, _ position: Position, _ first: PackEncoding,
        _ second: PackEncoding?
    ) {
        guard let stamp = changeStamp(key, position),
            log.openRow(kind, key, stamp, nil, now: now)
        else { return }
        log.append(first)
        if let second { log.append(second) }
    }

    /// As ``note(_:_:_:_:_:)`` of a list, about elements at a place.
    @inline(never)
    private mutating func logNumbered(
        _ kind: RecordKind, _ key: KeyReference, _ position: Position, _ number: Int,
        _ element: PackEncoding
    ) {
        guard let stamp = changeStamp(key, position), log.begin(key.slot, now: now) else {
            return
        }
        unsafe withUnsafeTemporaryAllocation(byteCount: element.size, alignment: 8) { room in
            let start = unsafe room.baseAddress.unsafelyUnwrapped
            unsafe element.write(to: start)
            unsafe log.at.pointee.buffer.appendEffect(
                kind, key.slot, stamp, key.bytes, number: UInt64(bitPattern: Int64(number)),
                Bytes(start: start, count: element.size))
        }
    }

    mutating func noteListSet(
        _ key: KeyReference, _ position: Position, _ index: Int, _ element: Bytes
    ) {
        if log.isOn { logNumbered(.listSet, key, position, index, PackEncoding(element)) }
    }

    mutating func noteListInsert(
        _ key: KeyReference, _ position: Position, _ index: Int, _ element: Bytes
    ) {
        if log.isOn { logNumbered(.listInsert, key, position, index, PackEncoding(element)) }
    }

    /// - Parameter count: as ``Effect/listRemoveEqual(count:element:)`` has it.
    mutating func noteListRemoveEqual(
        _ key: KeyReference, _ position: Position, _ count: Int, _ element: Bytes
    ) {
        if log.isOn { logNumbered(.listRemoveEqual, key, position, count, PackEncoding(element)) }
    }

    @inline(__always)
    mutating func noteListRemove(
        _ key: KeyReference, _ position: Position, _ index: Int, _ count: Int
    ) {
        if log.isOn { logListRemove(key, position, index, count) }
    }

    @inline(never)
    private mutating func logListRemove(
        _ key: KeyReference, _ position: Position, _ index: Int, _ count: Int
    ) {
        guard let stamp = changeStamp(key, position), log.begin(key.slot, now: now) else {
            return
        }
        unsafe log.at.pointee.buffer.appendEffect(
            .listRemove, key.slot, stamp, key.bytes, numbers: UInt64(index), UInt64(count))
    }
}
