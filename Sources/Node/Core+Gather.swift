// Commands over all cores: each does its part, the connection's core makes one reply of them.

import Base
import Engine
import Placement

/// Which cores take part in a command.
enum GatherTargets {
    case all
    /// This core alone.
    case here
    /// The one core that owns a slot.
    case owner(ofSlot: UInt16)
    /// The owners of the request's keys.
    case ownersOfKeys
}

extension Core {
    /// Runs a command to which each of the target cores contributes.
    ///
    /// - Returns: false when the request must be read again once earlier replies are in.
    mutating func beginGather(
        _ connection: ConnectionReference, _ request: Request, _ call: Invocation,
        _ targets: GatherTargets
    ) -> Bool {
        if !call.command.answersLate, isOnlyHere(targets, call) {
            if mustWait(connection, for: keysNeeded(by: request, pipeline)) { return false }
            var part = OutputBuffer()
            contribute(call, connection.state.id, into: &part)
            conclude(call, connection, [part.bytes])
            return true
        }
        guard let operation = begin(connection, request) else { return false }
        gather(operation, call, targets)
        return true
    }

    /// Sends a command to its cores on nobody's behalf; what they contribute is dropped.
    mutating func announce(
        _ request: Request, _ pipeline: borrowing Pipeline, _ targets: GatherTargets
    ) {
        let operation = operations.begin(nil)
        operation.requests.append(request, from: pipeline)
        gather(operation, operation.requests.pipeline.invocation(0), targets)
    }

    private mutating func gather(
        _ operation: Operation, _ call: Invocation, _ targets: GatherTargets
    ) {
        // No part is the last before all are asked for.
        operation.pendingCount += 1
        for number in 0..<coreCount {
            let core = CoreIndex(UInt16(number))
            if !isTarget(core, targets, call) { continue }
            if core == index {
                contributeHere(operation)
                continue
            }
            askForPart(operation, of: core)
        }
        ownPartIsIn(operation)
    }

    /// Asks another core for its part of what the operation gathers.
    mutating func askForPart(_ operation: Operation, of core: CoreIndex) {
        let parcel = parcels.take()
        parcel.content.operation = operation.id
        parcel.content.requests.append(
            operation.requests.pipeline.requests[0], from: operation.requests.pipeline)
        operation.pendingCount += 1
        mail(parcel, to: core, as: .gather)
    }

    /// Keys that must not be lent while a core does its part: a watch of a key that is changed
    /// elsewhere would take its return for a write.
    private func keysNeeded(
        by request: Request, _ pipeline: borrowing Pipeline
    ) -> HeldKeys {
        if holds.isEmpty { return HeldKeys() }
        // What empties whole slots must not take works' keys away.
        if request.command.isFlush { return HeldKeys(isEverything: true) }
        if request.command != .watch { return HeldKeys() }
        return heldKeys(of: request, pipeline)
    }

    /// Does this core's own part, or lets it wait.
    private mutating func contributeHere(_ operation: Operation) {
        let request = operation.requests.pipeline.requests[0]
        if request.command.answersLate {
            operation.pendingCount += 1
            answerLate(
                .ownPart(operation.id), operation.requests.pipeline.invocation(0))
            return
        }
        let keys = keysNeeded(by: request, operation.requests.pipeline)
        if holds.conflicts(with: keys) {
            statistics.waits += 1
            operation.pendingCount += 1
            holds.wait(Waiter(.ownPart(operation.id), keys))
        } else {
            contributeOwnPart(operation)
        }
    }

    private mutating func contributeOwnPart(_ operation: Operation) {
        contribute(
            operation.requests.pipeline.invocation(0), operation.connection,
            into: &operation.ownPart)
    }

    /// The keys of this core's own part are back.
    mutating func ownPartGranted(_ id: OperationID) {
        let operation = operations.find(id)
        contributeOwnPart(operation)
        ownPartIsIn(operation)
    }

    /// What this core's own part waited for has come about, or not.
    mutating func ownPartAnswered(_ id: OperationID, _ isDone: Bool) {
        let operation = operations.find(id)
        operation.ownPart.append(integer: isDone ? 1 : 0)
        ownPartIsIn(operation)
    }

    private mutating func ownPartIsIn(_ operation: Operation) {
        operation.pendingCount -= 1
        if operation.pendingCount == 0 { concludeGather(operation) }
    }

    /// Whether no other core takes part.
    private func isOnlyHere(_ targets: GatherTargets, _ call: Invocation) -> Bool {
        for number in 0..<coreCount {
            let core = CoreIndex(UInt16(number))
            if core != index, isTarget(core, targets, call) { return false }
        }
        return true
    }

    private func isTarget(
        _ core: CoreIndex, _ targets: GatherTargets, _ call: Invocation
    ) -> Bool {
        switch targets {
        case .all: return true
        case .here: return core == index
        case .owner(let slot): return engine.routing.owner(of: SlotIndex(slot)).core == core
        case .ownersOfKeys:
            return (1..<call.count).contains { owner(ofKey: call[$0]) == core }
        }
    }

    /// The core that owns a key.
    func owner(ofKey key: Bytes) -> CoreIndex {
        let slot = unsafe engine.slots.slot(of: key.buffer)
        return engine.routing.owner(of: slot).core
    }

    /// Another core wants this one's part of a command.
    mutating func gatherArrived(_ parcel: ParcelReference) {
        let request = parcel.content.requests.pipeline.requests[0]
        if request.command.answersLate {
            answerLate(.part(parcel), parcel.content.requests.pipeline.invocation(0))
            return
        }
        let keys = keysNeeded(by: request, parcel.content.requests.pipeline)
        if holds.conflicts(with: keys) {
            statistics.waits += 1
            holds.wait(Waiter(.part(parcel), keys))
        } else {
            contribute(to: parcel)
        }
    }

    /// Does this core's part for another one.
    mutating func contribute(to parcel: ParcelReference) {
        let call = parcel.content.requests.pipeline.invocation(0)
        let start = engine.begin(call.command)
        if let cursor = parcel.content.scanCursor {
            contributeScan(
                call, from: ScanCursor(rawValue: cursor), into: &parcel.content.reply)
        } else {
            contribute(call, nil, into: &parcel.content.reply)
        }
        parcel.content.nanoseconds = engine.elapsed(since: start)
        engine.suspend()
        mailWhenReleased(parcel, to: parcel.content.home, as: .gathered)
    }

    mutating func gatheredArrived(_ parcel: ParcelReference) {
        let operation = operations.find(parcel.content.operation)
        operation.partials.append(parcel)
        operation.nanoseconds &+= parcel.content.nanoseconds
        operation.pendingCount -= 1
        if operation.pendingCount == 0 { concludeGather(operation) }
    }

    private mutating func concludeGather(_ operation: Operation) {
        if operation.sortKeys != nil {
            sortKeysNamed(operation)
            return
        }
        if let walk = operation.walk.take() {
            walkReturned(operation, walk)
            return
        }
        var parts = [operation.ownPart.bytes]
        for parcel in operation.partials { parts.append(parcel.content.reply.bytes) }
        answer(operation) { core, connection in
            core.conclude(operation.requests.pipeline.invocation(0), connection, parts)
        }
        endWatchesOfNobody(operation)
        for parcel in operation.partials { parcels.giveBack(parcel) }
        end(operation)
    }
}
