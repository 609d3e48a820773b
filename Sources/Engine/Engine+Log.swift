// What the owner of an engine does with its log.

import Base
import Log
import Placement

extension Engine {
    /// From now on changes of this core's keys are noted.
    package mutating func startLog() {
        var owned = SlotSet()
        for slot in 0..<UInt16(SlotIndex.count) {
            if routing.owner(of: SlotIndex(slot)).core == core { owned.insert(slot) }
        }
        keyspace.log.turnOn(owned: owned)
    }

    /// The log is at its end: nothing is noted any more.
    package mutating func stopLog() { _ = keyspace.log.pause() }

    /// Whether something is noted that nobody has taken. Not in the middle of a transaction.
    package mutating func hasLogRecords() -> Bool { !keyspace.log.isEmpty }

    /// Calls `body` with what is noted.
    package mutating func withLogRecords<Result>(_ body: (inout LogBuffer) -> Result) -> Result {
        keyspace.log.withRecords(body)
    }

    /// Notes into another buffer until this is called again: for what is done in parts.
    package mutating func swapLogRecords(_ records: inout LogBuffer) {
        keyspace.log.swapRecords(&records)
    }

    /// Logs what was noted into a buffer of its own, as one group, and empties that.
    package mutating func appendLog(_ records: inout LogBuffer) {
        keyspace.appendLog(&records)
    }

    /// What is noted until ``endLogGroup(home:number:participants:)`` is recovered whole or not at
    /// all.
    package mutating func beginLogGroup() { keyspace.log.beginTransaction() }

    /// Ends what ``beginLogGroup()`` began: this core's part of a transaction over several
    /// (``Log/LogBuffer/noteTransaction(home:number:participants:)``).
    package mutating func endLogGroup(
        home: CoreIndex, number: UInt64, participants: borrowing GrowableArray<UInt16>
    ) {
        keyspace.log.endTransaction(
            home: home.rawValue, number: number, participants: participants)
    }

    // MARK: Trouble

    /// Refuses commands that write, since the log cannot be written to; nil lets them run again.
    ///
    /// - Parameter readsToo: nothing of any key may be seen: what is in memory is perhaps not on
    ///   disk.
    package mutating func refuseWrites(_ reason: String?, readsToo: Bool = false) {
        refusesReads = readsToo
        writeRefusal = reason.map {
            "MISCONF Errors writing to the AOF file: \($0)"
        }
        keyspace.eviction.refusesWrites = reason != nil
    }

    /// Whether a command must not be run since the log cannot be written to.
    package func isRefused(_ command: CommandID) -> Bool {
        if !keyspace.eviction.refusesWrites { return false }
        let traits = commands.traits(command)
        return traits.has(.write) || refusesReads && traits.keyForm != .none
    }

    /// Answers a command that ``isRefused(_:)``.
    package mutating func failRefused() {
        fail(writeRefusal ?? "MISCONF Errors writing to the AOF file: I/O error")
    }
}
