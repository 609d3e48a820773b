// What tests, the simulator and a start ask a core.

import Base
import Engine
import Placement

extension Core {
    /// How many keys the core has, once, after it has read them back.
    public mutating func recoveredKeyCount() -> Int { engine.keyspace.count }

    /// Makes this core misbehave, for tests of those who should notice.
    package mutating func plant(_ fault: PlantedFault?) {
        plantedFault = fault
        holds.plantedFault = fault
    }

    /// From now on all commands about keys are done in parts, however little they look at.
    package mutating func delayCommands() {
        engine.postponed.delaysAll = true
        travelsAllInParts = true
        duties.set(.delayed, true)
    }

    /// Ends the process unless the core keeps its promises to itself. Reads every key.
    package func checkInvariants() {
        engine.keyspace.checkInvariants()
        holds.checkInvariants()
        checkWaits()
        subscriptions.checkInvariants()
        broadcasts.checkInvariants()
        engine.keyspace.watches.checkTracking()
    }

    /// What a core without clients and without mail still has. Nil when it has nothing: no key is
    /// held or watched, nobody waits, no operation is under way, and every parcel is home.
    package func findLeak() -> String? {
        if connections.count > 0 { return "\(connections.count) connections" }
        if !holds.isEmpty { return "held keys or waiters" }
        if waits.count > 0 || !waitQueues.isEmpty { return "clients that wait" }
        if works.count > 0 { return "\(works.count) long works" }
        if !passages.isEmpty { return "values on their way" }
        if operations.count > 0 { return "\(operations.count) operations" }
        if !engine.keyspace.watches.isEmpty { return "watched keys" }
        if !broadcasts.isEmpty || trackingClientCount > 0 { return "clients that track keys" }
        if !subscriptions.isEmpty { return "subscriptions" }
        if !monitors.isEmpty { return "monitors" }
        if parcels.outCount > 0 { return "\(parcels.outCount) parcels are not home" }
        if dirty.count > 0 { return "dirty connections" }
        return nil
    }

    /// Which core owns a key.
    package func ownerNumber(ofKey key: String) -> Int {
        OwnedBytes(key).withBytes { Int(owner(ofKey: $0).rawValue) }
    }

    /// How many bytes of replies there are that a client has not been sent.
    package func unsentBytes(_ id: ConnectionID) -> Int {
        connections.find(id)?.state.outputBytes ?? 0
    }

    /// How many bytes of replies of what is done in parts are kept here, for clients of any core.
    package var keptReplyBytes: Int {
        (0..<works.count).reduce(0) { $0 + works[$1].waitingBytes }
    }

    /// How many commands were done in parts, and how many elements the parts of one turn have
    /// looked at, at most.
    package var workFigures: (count: Int, elementsMax: Int) {
        (statistics.works, statistics.workElementsMax)
    }

    /// Operations over several cores, waits for held keys, and requests sent to other cores so far.
    package var simulationFigures: (operations: Int, waits: Int, hops: Int) {
        (statistics.operations, statistics.waits, statistics.hopsOut)
    }
}
