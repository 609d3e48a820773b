// What a core's writes did to keys, on its way into the core's log.
//
// Purpose. The keyspace notes each change where it is made, as an effect
// (docs/internals/log-format.md): nothing that changes a key can be forgotten in a command, and
// what is random or relative in a command is settled by then.
//
// Ownership. The keyspace's; one thread. The owner takes the records at the end of a turn.
//
// Invariants.
// 1. What one command did is one group, recovered whole or not at all; so is what a transaction
//    did, between ``beginTransaction()`` and ``endTransaction()``.
// 2. The stamps of a slot's records never fall, and a record's is that of the write it belongs to.
//    A command changes a collection first and takes the stamp then, so an effect on a key that was
//    there is given the slot's next stamp; on one that the command itself has just added, the last.
// 3. At most one record is open: elements of the same kind for the same key go on in it.
//
// Values under construction (Keyspace+Draft.swift) have no stamp and are not noted before they are
// published; keys of slots that this core does not own are borrowed, and noted by their owner.

import Base
import Log
import Placement

/// See the essay above.
@safe
package struct EffectLog: ~Copyable {
    /// What changes with each effect. Apart, so that the keyspace stays small: its fields are
    /// copied where it is borrowed.
    struct State: ~Copyable {
        var buffer = LogBuffer()
        /// By slot: whether this core logs its keys.
        var owned: SlotSet
        /// Something was noted since the last command's end.
        var isOpen = false
        /// The record whose operand may go on; nil where there is none.
        var rowKind: RecordKind?
        var rowStamp: UInt64 = 0
        var rowHash: UInt64 = 0
        var rowSlot: UInt16 = 0
        /// The key that the command has added as an empty collection; 0 for none.
        var freshHash: UInt64 = 0

        init(owned: consuming SlotSet) {
            self.owned = owned
        }
    }

    private var state: UnsafeMutablePointer<State>?
    /// Whether effects are noted at all.
    private(set) var isOn = false

    init() {}

    deinit {
        unsafe state?.deinitialize(count: 1)
        unsafe state?.deallocate()
    }

    /// The state, which is there once the log was turned on.
    @inline(__always)
    var at: UnsafeMutablePointer<State> { unsafe state.unsafelyUnwrapped }

    /// Begins to note effects on keys of these slots.
    package mutating func turnOn(owned: consuming SlotSet) {
        invariant(!isOn, "a log is turned on once")
        unsafe state = .allocate(capacity: 1)
        unsafe at.initialize(to: State(owned: owned))
        isOn = true
    }

    /// Leaves effects out while `body` runs: what it does is noted otherwise, as a whole.
    mutating func pause() -> Bool {
        let wasOn = isOn
        isOn = false
        return wasOn
    }

    /// Ends what ``pause()`` began, whose result is `wasOn`.
    mutating func resume(_ wasOn: Bool) {
        isOn = wasOn
    }

    // MARK: Groups

    /// A command has come to its end: what it did is a group.
    @inline(__always)
    package mutating func endCommand() {
        if isOn, unsafe at.pointee.isOpen { endOpenCommand() }
    }

    @inline(never)
    private mutating func endOpenCommand() {
        closeRow()
        unsafe at.pointee.freshHash = 0
        unsafe at.pointee.isOpen = false
        unsafe at.pointee.buffer.endGroup()
    }

    /// What is noted until ``endTransaction()`` is one group.
    package mutating func beginTransaction() {
        if !isOn { return }
        endCommand()
        unsafe at.pointee.buffer.beginGroup()
    }

    /// Ends what ``beginTransaction()`` began.
    package mutating func endTransaction() {
        if !isOn { return }
        endCommand()
        unsafe at.pointee.buffer.endGroup()
    }

    /// As ``endTransaction()`` of a part of a transaction over several cores.
    package mutating func endTransaction(
        home: UInt16, number: UInt64, participants: borrowing GrowableArray<UInt16>
    ) {
        if !isOn { return }
        endCommand()
        unsafe at.pointee.buffer.noteTransaction(
            home: home, number: number, participants: participants)
        unsafe at.pointee.buffer.endGroup()
    }

    /// Calls `body` with the records that were noted, all groups closed.
    package mutating func withRecords<Result>(
        _ body: (inout LogBuffer) -> Result
    ) -> Result {
        invariant(isOn, "only a log that is on has records")
        endCommand()
        return unsafe body(&at.pointee.buffer)
    }

    /// Notes into another buffer until this is called again: what is done in parts is one group,
    /// which comes into the log at its end (``append(_:stampMin:)``).
    mutating func swapRecords(_ records: inout LogBuffer) {
        if !isOn { return }
        endCommand()
        unsafe swap(&records, &at.pointee.buffer)
    }

    /// Appends what was noted into a buffer of its own, as one group.
    mutating func append(_ records: inout LogBuffer, stampMin: (UInt16) -> UInt64) {
        if !isOn || records.isEmpty { return }
        beginTransaction()
        unsafe at.pointee.buffer.append(&records, stampMin: stampMin)
        endTransaction()
    }

    /// Whether there are records; none where the log is off.
    package var isEmpty: Bool { !isOn || (unsafe at.pointee.buffer.isEmpty) }

    // MARK: Records

    /// Begins to note an effect; false where the key is not this core's to log.
    mutating func begin(_ slot: UInt16, now: Int64) -> Bool {
        if unsafe !at.pointee.owned.contains(slot) { return false }
        closeRow()
        if unsafe !at.pointee.isOpen {
            unsafe at.pointee.isOpen = true
            unsafe at.pointee.buffer.beginGroup()
            unsafe at.pointee.buffer.time = UInt64(bitPattern: now) << 16
        }
        return true
    }

    mutating func closeRow() {
        if unsafe at.pointee.rowKind == nil { return }
        unsafe at.pointee.rowKind = nil
        unsafe at.pointee.buffer.closeEffect()
    }

    /// A row that is longer, in bytes, goes on in another record.
    private static var rowLengthMax: Int { 1 << 16 }

    /// Opens a record for elements, or goes on with the one that is open; false where the key is
    /// not this core's to log.
    mutating func openRow(
        _ kind: RecordKind, _ key: KeyReference, _ stamp: UInt64, _ deadline: Int64?, now: Int64
    ) -> Bool {
        if unsafe at.pointee.rowKind == kind, unsafe at.pointee.rowHash == key.hash,
            unsafe at.pointee.rowSlot == key.slot, unsafe at.pointee.rowStamp == stamp,
            unsafe at.pointee.buffer.openLength < Self.rowLengthMax
        {
            return true
        }
        if !begin(key.slot, now: now) { return false }
        unsafe at.pointee.buffer.openEffect(kind, key.slot, stamp, key.bytes, deadline: deadline)
        unsafe at.pointee.rowKind = kind
        unsafe at.pointee.rowHash = key.hash
        unsafe at.pointee.rowSlot = key.slot
        unsafe at.pointee.rowStamp = stamp
        return true
    }

    /// Appends an element to the open row.
    mutating func append(_ element: PackEncoding) {
        unsafe element.write(to: at.pointee.buffer.reserveOperand(element.size))
    }

    /// The key goes: what the command has noted last need not be, where it is about the same key.
    mutating func dropRow(of key: KeyReference) {
        if unsafe at.pointee.rowKind != nil, unsafe at.pointee.rowHash == key.hash,
            unsafe at.pointee.rowSlot == key.slot
        {
            unsafe at.pointee.rowKind = nil
            unsafe at.pointee.buffer.dropEffect()
        }
    }
}
