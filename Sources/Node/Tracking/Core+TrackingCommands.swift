// CLIENT TRACKING, CACHING, TRACKINGINFO, GETREDIR.

import Base
import Engine
import Placement

extension Core {
    mutating func runTrackingCommand(_ connection: ConnectionReference, _ call: Invocation) {
        switch call.command {
        case .clientTracking: track(connection, call)
        case .clientCaching: setCaching(connection, call)
        case .clientGetRedirection:
            engine.reply.integer(shownRedirection(connection))
        default: describeTracking(connection)
        }
    }

    // MARK: CLIENT TRACKING

    /// Whether all clients that the request may redirect to are of this core or have been looked up
    /// on their own. If not, asks for them, and lets the connection wait.
    ///
    /// - Returns: false when the request must be read again.
    mutating func areClientsKnown(
        _ numbers: [Int64], _ connection: ConnectionReference, _ request: Request
    ) -> Bool {
        let found = connection.state.details.tracking.found
        let unknown = numbers.filter { core(ofClient: $0) != nil && found[$0] == nil }
        if unknown.isEmpty { return true }
        guard let operation = begin(connection, request) else { return false }
        for number in Set(unknown).sorted() {
            guard let core = core(ofClient: number) else { continue }
            let parcel = parcels.take()
            parcel.content.operation = operation.id
            parcel.content.reply.append(integer: number)
            operation.pendingCount += 1
            mail(parcel, to: core, as: .findClient)
        }
        return false
    }

    /// The other core that a client of that number is of, if there is one; nil for this one, and
    /// where no client has the number.
    private func core(ofClient number: Int64) -> CoreIndex? {
        if number <= 0 { return nil }
        let core = CoreIndex(UInt16((number - 1) % Int64(coreCount)))
        return core == index ? nil : core
    }

    /// Adds the clients that a request may redirect to.
    func addRedirections(of call: Invocation, to numbers: inout [Int64]) {
        if call.command != .clientTracking { return }
        for place in 3..<max(call.count - 1, 3) where call[place].equalsIgnoringCase("redirect") {
            if let number = call[place + 1].canonicalInteger { numbers.append(number) }
        }
    }

    /// Another core asks for a client of this one.
    mutating func findClientArrived(_ parcel: ParcelReference) {
        let number = parcel.content.reply.bytes.integer(at: 0)
        if let id = findClient(number) { parcel.content.reply.append(plain: id) }
        mail(parcel, to: parcel.content.home, as: .clientFound)
    }

    mutating func clientFound(_ parcel: ParcelReference) {
        let operation = operations.find(parcel.content.operation)
        let answer = parcel.content.reply.bytes
        if let id = operation.connection, let connection = connections.find(id) {
            let isThere = answer.count > 8
            connection.state.details.tracking.found[answer.integer(at: 0)] =
                .some(isThere ? answer.plain(ConnectionID.self, at: 8) : nil)
        }
        parcels.giveBack(parcel)
        operation.pendingCount -= 1
        if operation.pendingCount == 0 { end(operation) }
    }

    private func findClient(_ number: Int64) -> ConnectionID? {
        for place in 0..<connections.placeCount {
            guard let connection = connections.connection(at: place) else { continue }
            if connection.state.details.number == number { return connection.state.id }
        }
        return nil
    }

    private func findRedirection(
        _ connection: ConnectionReference, _ number: Int64
    ) -> Redirection? {
        let found: ConnectionID?
        if core(ofClient: number) != nil {
            found = connection.state.details.tracking.found[number] ?? nil
        } else {
            found = findClient(number)
        }
        guard let found else { return nil }
        return Redirection(
            number: number, core: core(ofClient: number) ?? index, connection: found)
    }

    /// CLIENT TRACKING ON | OFF [REDIRECT id] [PREFIX prefix …] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]
    private mutating func track(_ connection: ConnectionReference, _ call: Invocation) {
        let details = connection.state.details
        let options = TrackingOptions(call) { findRedirection(connection, $0) != nil }
        let redirection =
            options.redirection == 0 ? nil : findRedirection(connection, options.redirection)
        if !connection.state.session.isInTransaction { details.tracking.found = [:] }
        if let error = options.error {
            engine.fail(error)
            return
        }
        guard let isOn = options.isOn else {
            engine.fail(.syntax)
            return
        }
        if !isOn {
            dropTracking(connection)
            engine.reply.ok()
            return
        }
        let current = connection.state.session.tracking
        if let error = options.conflict(current, details.tracking.prefixes) {
            engine.fail(error)
            return
        }
        if !current.contains(.on) { trackingClientCount += 1 }
        engine.keyspace.watches.hasTrackers = true
        connection.state.session.tracking =
            options.modes.union(current.intersection([.caching, .holdsMessages])).union(.on)
        details.tracking.redirection = redirection
        if options.modes.contains(.broadcast) {
            beginBroadcasts(connection, options)
        } else {
            engine.reply.ok()
        }
    }

    /// Ends the tracking of a connection, without a word to it.
    mutating func dropTracking(_ connection: ConnectionReference) {
        if !connection.state.session.tracking.contains(.on) { return }
        endBroadcasts(connection)
        connection.state.session.tracking = []
        connection.state.details.tracking = ClientTracking()
        trackingClientCount -= 1
        engine.keyspace.watches.hasTrackers = trackingClientCount > 0
    }

    // MARK: CLIENT CACHING

    /// CLIENT CACHING YES | NO
    private mutating func setCaching(_ connection: ConnectionReference, _ call: Invocation) {
        let modes = connection.state.session.tracking
        if !modes.contains(.on) {
            engine.fail(
                """
                ERR CLIENT CACHING can be called only when the client is in tracking mode with \
                OPTIN or OPTOUT mode enabled
                """)
            return
        }
        let isYes = call[2].equalsIgnoringCase("yes")
        if !isYes, !call[2].equalsIgnoringCase("no") {
            engine.fail(.syntax)
            return
        }
        if !modes.contains(isYes ? .optIn : .optOut) {
            let words = isYes ? ("YES", "OPTIN") : ("NO", "OPTOUT")
            engine.fail(
                """
                ERR CLIENT CACHING \(words.0) is only valid when tracking is enabled in \
                \(words.1) mode.
                """)
            return
        }
        connection.state.session.tracking.insert(.caching)
        engine.reply.ok()
    }

    /// CLIENT CACHING counts for the next command or transaction, other commands of CLIENT aside.
    mutating func endCaching(_ connection: ConnectionReference, behind request: Request) {
        if connection.state.session.isInTransaction { return }
        let isKnown = request.route != .unknown && request.route != .unknownSubcommand
        if isKnown, request.command.isOfClient { return }
        connection.state.session.tracking.remove(.caching)
    }

    // MARK: What is set

    /// What CLIENT GETREDIR tells: 0 for none, -1 where nothing is tracked.
    func shownRedirection(_ connection: ConnectionReference) -> Int64 {
        if !connection.state.session.tracking.contains(.on) { return -1 }
        return connection.state.details.tracking.redirection?.number ?? 0
    }

    /// CLIENT TRACKINGINFO
    private mutating func describeTracking(_ connection: ConnectionReference) {
        let modes = connection.state.session.tracking
        var flags: [StaticString] = [modes.contains(.on) ? "on" : "off"]
        if modes.contains(.broadcast) { flags.append("bcast") }
        if modes.contains(.optIn) {
            flags.append("optin")
            if modes.contains(.caching) { flags.append("caching-yes") }
        }
        if modes.contains(.optOut) {
            flags.append("optout")
            if modes.contains(.caching) { flags.append("caching-no") }
        }
        if modes.contains(.noLoop) { flags.append("noloop") }
        if modes.contains(.brokenRedirection) { flags.append("broken_redirect") }
        engine.reply.map(3)
        engine.reply.bulk("flags")
        engine.reply.set(flags.count)
        for flag in flags { engine.reply.bulk(flag) }
        engine.reply.bulk("redirect")
        engine.reply.integer(shownRedirection(connection))
        engine.reply.bulk("prefixes")
        let prefixes = connection.state.details.tracking.prefixes
        engine.reply.array(prefixes.count)
        for prefix in prefixes { prefix.withBytes { engine.reply.bulk($0) } }
    }
}

extension CommandID {
    /// A command of CLIENT.
    fileprivate var isOfClient: Bool { self == .client || "\(row.name)".hasPrefix("client|") }
}
