// Mail between the cores of a node.

import Base
import Engine
import Placement

extension Core {
    /// A parcel from another core has come.
    public mutating func mailArrived(_ parcel: ParcelReference) {
        switch parcel.content.kind {
        case .requests: requestsArrived(parcel)
        case .replies: repliesArrived(parcel)
        case .gather: gatherArrived(parcel)
        case .gathered: gatheredArrived(parcel)
        case .hold: holdArrived(parcel)
        case .granted: grantArrived(parcel)
        case .settle: settleArrived(parcel)
        case .attempt: attemptArrived(parcel)
        case .attempted: attemptedArrived(parcel)
        case .offer: offerArrived(parcel)
        case .offerAnswered: offerAnswered(parcel)
        case .call: callArrived(parcel)
        case .callAnswered: callAnswered(parcel)
        case .forget: forgetArrived(parcel)
        case .piece: pieceArrived(parcel)
        case .pieceTaken: pieceTaken(parcel)
        case .travel: travelArrived(parcel)
        case .travelled: travelledArrived(parcel)
        case .lookUp: lookUpArrived(parcel)
        case .lookedUp: lookedUpArrived(parcel)
        case .spent: parcels.giveBack(parcel)
        case .synced: syncedArrived(parcel)
        case .syncWanted: syncWantedArrived(parcel)
        case .syncDone: syncDoneArrived(parcel)
        case .refusal: refusalArrived(parcel)
        case .interest: interestArrived(parcel)
        case .interestNoted: interestNoted(parcel)
        case .findClient: findClientArrived(parcel)
        case .clientFound: clientFound(parcel)
        case .messages: messagesArrived(parcel)
        case .delivered: messagesDelivered(parcel)
        case .adopt:
            outbox.append(
                .adopt(descriptor: parcel.content.descriptor, parcel.content.listener))
            mail(parcel, to: parcel.content.home, as: .spent)
        }
    }

    /// Sends a parcel off.
    mutating func mail(_ parcel: ParcelReference, to core: CoreIndex, as kind: ParcelKind) {
        parcel.content.kind = kind
        parcel.content.sender = index
        outbox.append(.mail(core, parcel))
    }

    /// Passes an accepted socket to another core.
    public mutating func passOn(descriptor: Int32, _ listener: Listener, to core: CoreIndex) {
        let parcel = parcels.take()
        parcel.content.descriptor = descriptor
        parcel.content.listener = listener
        mail(parcel, to: core, as: .adopt)
    }

    // MARK: Requests out, replies in

    /// The parcel that is being filled for a core.
    @inline(__always)
    mutating func openParcel(for core: CoreIndex) -> ParcelReference {
        if let parcel = openParcels[Int(core.rawValue)] { return parcel }
        let parcel = parcels.take()
        openParcels[Int(core.rawValue)] = parcel
        return parcel
    }

    mutating func postParcel(for core: CoreIndex) {
        guard let parcel = openParcels[Int(core.rawValue)] else { return }
        openParcels[Int(core.rawValue)] = nil
        statistics.parcelsOut &+= 1
        mail(parcel, to: core, as: .requests)
    }

    mutating func postParcels() {
        for core in 0..<coreCount { postParcel(for: CoreIndex(UInt16(core))) }
    }

    /// Gives each reply to the connection that waits for it.
    private mutating func repliesArrived(_ parcel: ParcelReference) {
        let count = parcel.content.items.count
        if _slowPath(!parcel.content.slowCalls.isEmpty) { logSlowCalls(of: parcel) }
        if _slowPath(parcel.content.requests.hasAdopted) { dropAdopted(parcel) }
        // Counted before any is resolved, so that the parcel stays until the last.
        parcel.content.unresolved = count + 1
        var start = 0
        var deferred = 0
        for index in 0..<count {
            let item = parcel.content.items[index]
            let end = parcel.content.replyEnds[index]
            let isLater =
                deferred < parcel.content.deferred.count
                && parcel.content.deferred[deferred] == index
            if isLater {
                deferred += 1
                parcel.content.unresolved -= 1
                if let connection = connections.find(item.connection) { awaitPieces(connection) }
            } else if let connection = connections.find(item.connection) {
                let place = connection.state.holes.index(ofNumber: item.hole)
                var hole = connection.state.holes[place]
                hole.parcel = parcel
                hole.start = start
                hole.end = end
                connection.state.holes[place] = hole
                markDirty(connection)
            } else {
                parcel.content.unresolved -= 1
            }
            start = end
        }
        resolve(parcel)
    }

    /// Frees in parts what a long request in a parcel lies in.
    mutating func dropAdopted(_ parcel: ParcelReference) {
        if !parcel.content.requests.hasAdopted { return }
        var buffer = parcel.content.requests.takeAdopted()
        engine.keyspace.release(&buffer)
    }

    // MARK: Requests in, replies out

    private mutating func requestsArrived(_ parcel: ParcelReference) {
        statistics.hopsIn &+= parcel.content.requests.count
        let sender = parcel.content.sender
        let mayOvertake = plantedFault == .parcelOvertakes
        if !holds.isEmpty, holds.isWaitingParcel(from: sender), !mayOvertake {
            // Requests of one core are run in the order in which it sent them.
            holds.wait(Waiter(.parcel(parcel, from: sender), HeldKeys()))
            return
        }
        runParcel(parcel, mayPass: false)
    }

    /// Runs a parcel's requests from where it stands; where a key is held, the rest waits.
    mutating func runParcel(_ parcel: ParcelReference, mayPass: Bool) {
        var mayPass = mayPass
        swap(&engine.reply.buffer, &parcel.content.reply)
        let count = parcel.content.requests.count
        var isWaiting = false
        while parcel.content.progress < count, !isWaiting {
            let start = parcel.content.progress
            let end = min(start + Self.parcelBatch, count)
            let before = engine.reply.buffer.count
            engine.beginBatch(end - start)
            engine.prefetch(parcel.content.requests.pipeline, start..<end)
            for place in start..<end {
                if !holds.isEmpty, !mayPass, waitIfHeld(parcel, place) {
                    isWaiting = true
                    break
                }
                mayPass = false
                let request = parcel.content.requests.pipeline.requests[place]
                engine.reply.version = request.version
                engine.runInBatch(request, parcel.content.requests.pipeline)
                if _slowPath(engine.takePostponed()) { beginWork(parcel, place) }
                if _slowPath(request.isTracked) { remember(parcel, place) }
                if _slowPath(!duties.isEmpty) { fulfilDuties(replyStart: nil) }
                parcel.content.replyEnds.append(engine.reply.buffer.count)
                parcel.content.progress = place + 1
                if _slowPath(engine.hasNews()) {
                    swap(&engine.reply.buffer, &parcel.content.reply)
                    let client = parcel.content.items[place].connection
                    seeToNews(of: Tracker(parcel.content.home, client))
                    swap(&engine.reply.buffer, &parcel.content.reply)
                }
            }
            let hasSlowCalls = engine.endBatch(
                parcel.content.requests.pipeline, start..<parcel.content.progress,
                repliesFrom: before)
            if _slowPath(hasSlowCalls) { noteSlowCalls(of: parcel) }
        }
        swap(&engine.reply.buffer, &parcel.content.reply)
        if !isWaiting { mailWhenReleased(parcel, to: parcel.content.home, as: .replies) }
    }

    /// How many requests' cache lines are asked for ahead.
    static var parcelBatch: Int { 32 }

    /// Lets the parcel wait if a key of its next request is held.
    private mutating func waitIfHeld(_ parcel: ParcelReference, _ place: Int) -> Bool {
        let request = parcel.content.requests.pipeline.requests[place]
        let keys = heldKeys(of: request, parcel.content.requests.pipeline)
        if !holds.conflicts(with: keys) { return false }
        statistics.waits += 1
        holds.wait(Waiter(.parcel(parcel, from: parcel.content.sender), keys))
        return true
    }

    /// Begins the work of a parcel's request that has just been postponed. Its reply goes to the
    /// client's core by itself; the requests behind it are run meanwhile, as its keys are held.
    private mutating func beginWork(_ parcel: ParcelReference, _ place: Int) {
        let request = parcel.content.requests.pipeline.requests[place]
        parcel.content.deferred.append(place)
        let box = RequestBox(request, movedFrom: &parcel.content.requests)
        beginWork(box, parcel.content.home, parcel.content.items[place])
    }
}
