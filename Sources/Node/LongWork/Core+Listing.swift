// KEYS over many keys: all cores are held whole, each collects its part in parts, and the reply is
// handed on in pieces.

import Base
import Engine
import Placement

extension Core {
    /// Whether this core's keys are too many to be looked at in one step.
    mutating func listsKeysInParts() -> Bool {
        engine.keyspace.count > Self.partBudget || travelsAllInParts
    }

    /// As ``listsKeysInParts()`` for this core's part of another core's KEYS.
    mutating func listsKeysInParts(for parcel: ParcelReference) -> Bool {
        parcel.content.requests.count == 1 && parcel.content.keys.isEmpty
            && parcel.content.requests.pipeline.requests[0].command == .keys && listsKeysInParts()
    }

    /// Whether a KEYS that holds all cores is to be answered in parts: there are many keys, or many
    /// bytes of them.
    mutating func listsKeysInParts(_ operation: Operation) -> Bool {
        if operation.isExec { return false }
        let bytes = operation.participants.reduce(0) {
            $0 + ($1.parcel.map { $0.content.parts.count } ?? 0)
        }
        return listsKeysInParts() || bytes > Self.unsentMax
    }

    /// Begins the work of a KEYS that holds all cores, whose parts are here.
    mutating func beginListing(_ connection: ConnectionReference, _ operation: Operation) {
        var parts: [Bytes] = []
        var count = 0
        for participant in operation.participants {
            guard let parcel = participant.parcel else { continue }
            let part = parcel.content.parts.bytes
            count += Int(part.integer(at: 0))
            parts.append(part.slice(8, part.count))
        }
        var request = operation.requests.pipeline.requests[0]
        request.version = connection.state.session.version
        let box = RequestBox(request, from: operation.requests.pipeline)
        let task = engine.listKeys(box.log.pipeline.invocation(0), parts, count: count)
        beginWork(connection, operation, box, isWrite: false, task)
    }

    /// Does some of this core's part of another core's KEYS; sends it when it is whole.
    mutating func collectKeys(_ part: KeysPart, _ budget: inout Int) {
        if !part.isCollected {
            part.isCollected = part.keys.step(&engine, &budget)
            if part.isCollected {
                part.parcel.content.parts.append(integer: Int64(part.keys.count))
            }
            return
        }
        if !part.keys.move(to: &part.parcel.content.parts, &budget) { return }
        part.parcel.content.replyEnds.append(part.parcel.content.parts.count)
        passages.endFirstKeysPart()
        mailWhenReleased(part.parcel, to: part.parcel.content.home, as: .granted)
    }
}
