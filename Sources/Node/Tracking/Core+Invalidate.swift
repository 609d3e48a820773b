// From a written key to those who hold it in a cache of their own: docs/internals/tracking.md.

import Base
import Engine
import Placement

extension Core {
    // MARK: Remembering

    /// The client of a request that has just been run here is told of the next write to what the
    /// request has read.
    mutating func remember(_ parcel: ParcelReference, _ place: Int) {
        let client = Tracker(parcel.content.home, parcel.content.items[place].connection)
        engine.remember(
            parcel.content.requests.pipeline.requests[place],
            parcel.content.requests.pipeline, client)
    }

    // MARK: From written keys to clients

    /// Tells of what was written and serves who waited for it. No connection's output is the
    /// engine's reply at the moment.
    ///
    /// - Parameter writer: whose command it was.
    mutating func seeToNews(of writer: Tracker) {
        tellInvalidations(writer: writer)
        if !engine.hasReadyKeys() { return }
        serveReady()
        tellInvalidations(writer: writer)
    }

    /// Tells of what was written, expired or evicted since the last time. No connection's output is
    /// the engine's reply at the moment.
    ///
    /// - Parameter writer: whose command it was.
    mutating func tellInvalidations(writer: Tracker) {
        if !engine.hasInvalidations() { return }
        while let invalidation = engine.keyspace.watches.takeInvalidation() {
            invalidation.key.withBytes { key in
                invalidation.trackers.forEach { tell($0, key, writer) }
            }
        }
        while let key = engine.keyspace.watches.takeBroadcast() {
            // A key that is only lent is told of by its owner.
            if engine.routing.owner(of: SlotIndex(key.slot)).core == index {
                broadcasts.note(key.bytes, writer)
            }
        }
        if engine.keyspace.watches.takeFlush() { tellFlush() }
    }

    private mutating func tell(_ tracker: Tracker, _ key: Bytes, _ writer: Tracker) {
        if tracker.core == index.rawValue {
            invalidateRead(tracker.connection, key, writer)
            return
        }
        var note = TrackingNote(.invalidate)
        note.target = tracker.connection
        note.writer = writer
        mailTracking(note, key, .nobody, to: Int(tracker.core))
    }

    /// A key was written that a client of this core has read.
    mutating func invalidateRead(_ id: ConnectionID, _ key: Bytes, _ writer: Tracker) {
        guard let connection = connections.find(id) else { return }
        let modes = connection.state.session.tracking
        if !modes.looksAtReads { return }
        if modes.contains(.noLoop), writer == tracker(id) { return }
        var body = Reply()
        body.array(1)
        body.bulk(key)
        invalidate(connection, body.buffer.bytes)
    }

    /// All keys are gone: tells this core's clients.
    mutating func tellFlush() {
        for place in 0..<connections.placeCount {
            guard let connection = connections.connection(at: place) else { continue }
            if !connection.state.session.tracking.contains(.on) { continue }
            var body = Reply()
            body.version = connection.state.session.version
            body.null()
            invalidate(connection, body.buffer.bytes)
        }
    }

    /// The keys of this core are gone, those of the others are not: whoever tracks anything is told
    /// that all are.
    mutating func tellOthersOfFlush() {
        mailToOthers(TrackingNote(.flushed), Bytes(), .nobody)
    }

    // MARK: From clients to messages

    /// Tells a client, or whom it redirects to, what it must not use any more.
    ///
    /// - Parameter body: an array of keys, or a null for all.
    mutating func invalidate(_ connection: ConnectionReference, _ body: Bytes) {
        if connection.state.details.tracking.redirection == nil {
            push(body, to: connection, isRedirected: false)
        } else if connection.state.holes.isEmpty {
            redirect(body, connection)
        } else {
            // Who is told instead must not hear of it before the client has what it has read.
            connection.state.details.tracking.held.append(
                HeldInvalidation(
                    body: OwnedBytes(body), hole: connection.state.holes.nextNumber))
            connection.state.session.tracking.insert(.holdsMessages)
        }
    }

    /// Hands on what has waited for the connection's replies.
    mutating func releaseHeldMessages(_ connection: ConnectionReference) {
        let details = connection.state.details
        var released = 0
        for message in details.tracking.held {
            if !connection.state.holes.areFilled(before: message.hole) { break }
            released += 1
            message.body.withBytes { redirect($0, connection) }
        }
        details.tracking.held.removeFirst(released)
        if details.tracking.held.isEmpty {
            connection.state.session.tracking.remove(.holdsMessages)
        }
    }

    private mutating func redirect(_ body: Bytes, _ connection: ConnectionReference) {
        guard let redirection = connection.state.details.tracking.redirection else { return }
        if redirection.core != index {
            var note = TrackingNote(.redirected)
            note.target = redirection.connection
            note.source = connection.state.id
            mailTracking(note, body, .nobody, to: Int(redirection.core.rawValue))
        } else if let receiver = connections.find(redirection.connection) {
            push(body, to: receiver, isRedirected: true)
        } else {
            breakRedirection(connection.state.id)
        }
    }

    /// A message for a client of this core, instead of one of another core.
    mutating func redirectedArrived(_ note: TrackingNote, _ body: Bytes, _ sender: Int) {
        if let receiver = connections.find(note.target) {
            push(body, to: receiver, isRedirected: true)
        } else {
            var answer = TrackingNote(.broken)
            answer.target = note.source
            mailTracking(answer, Bytes(), .nobody, to: sender)
        }
    }

    /// Whoever was to be told instead of a client is gone.
    mutating func breakRedirection(_ id: ConnectionID) {
        guard let connection = connections.find(id),
            let redirection = connection.state.details.tracking.redirection
        else { return }
        connection.state.session.tracking.insert(.brokenRedirection)
        if connection.state.session.version == .resp2 { return }
        pushes.begin(2, "tracking-redir-broken")
        pushes.append(Int(redirection.number))
        push(to: connection)
    }

    /// A message of RESP3, or in RESP2 one as of a channel. A client of RESP2 that is told nothing
    /// else by messages could not tell it from a reply, so it gets none.
    private mutating func push(
        _ body: Bytes, to connection: ConnectionReference, isRedirected: Bool
    ) {
        if connection.state.session.version == .resp3 {
            pushes.begin(2, "invalidate")
        } else if isRedirected, connection.state.session.isSubscriber {
            pushes.begin(3, "message")
            pushes.append(Bytes("__redis__:invalidate"))
        } else {
            return
        }
        pushes.append(encoded: body)
        push(to: connection)
    }
}
