// PUBLISH and SPUBLISH: to this core's subscribers at once, to other cores' by mail.
//
// The reply tells the exact number of receivers, so where other cores were asked it waits for them:
// it is a hole in the connection's output, as the reply of a forwarded request is, and requests
// behind it go on. Messages of one connection to one core go by the same mailbox, so they arrive in
// order.
//
// A message must not be seen before what its connection did before: who is told "the key has
// changed" must read the new value. So PUBLISH waits for the replies of forwarded requests before
// it, not for those of other PUBLISHes.

import Base
import Engine
import Placement

extension TopicKind {
    /// A channel's and a shard channel's hash differ though the names are alike.
    func hash(_ name: Bytes, _ keyspace: borrowing Keyspace) -> UInt64 {
        keyspace.hash(of: name) &+ UInt64(rawValue) &* 0x9E37_79B9_7F4A_7C15
    }
}

extension Core {
    func topicHash(_ kind: TopicKind, _ name: Bytes) -> UInt64 {
        kind.hash(name, engine.keyspace)
    }

    /// Whether PUBLISH must wait for the replies of earlier requests; the connection is then
    /// stalled.
    mutating func mustWaitToPublish(
        _ connection: ConnectionReference, _ call: Invocation
    ) -> Bool {
        let holes = connection.state.holes.count
        if holes == 0 { return false }
        let mustWait = connection.state.holes.hasRequests || holes >= Self.holeCountMax
        if mustWait, hasReceivers(call) {
            connection.state.stall = .holes
            return true
        }
        return false
    }

    private func hasReceivers(_ call: Invocation) -> Bool {
        let kind: TopicKind = call.command == .publish ? .channel : .shardChannel
        let place = InterestPlace(channel: topicHash(kind, call[1]))
        if !subscriptions.isVacant(place) || subscriptions.patternCount > 0 { return true }
        return (0..<coreCount).contains { isWanted($0, kind, place) }
    }

    /// PUBLISH channel message, SPUBLISH shardchannel message
    mutating func publish(_ connection: ConnectionReference, _ call: Invocation) {
        let kind: TopicKind = call.command == .publish ? .channel : .shardChannel
        let hash = topicHash(kind, call[1])
        let item = ParcelItem(
            connection: connection.state.id, hole: connection.state.holes.nextNumber)
        let asked = mailMessage(call.command, call[1], call[2], hash, item)
        let receivers = deliver(kind, call[1], hash, call[2])
        if asked == 0 {
            engine.reply.integer(receivers)
            return
        }
        var hole = Hole(offset: engine.reply.buffer.count, parcel: nil, isSwallowed: false)
        hole.isCount = true
        hole.start = receivers
        hole.end = asked
        connection.state.holes.append(hole)
    }

    // MARK: To other cores

    /// Puts a message into the mail for the cores that may have receivers.
    ///
    /// - Parameter item: whose reply waits for their counts; ``ParcelItem/nobody`` for none.
    /// - Returns: how many cores.
    mutating func mailMessage(
        _ command: CommandID, _ channel: Bytes, _ message: Bytes, _ hash: UInt64,
        _ item: ParcelItem
    ) -> Int {
        if coreCount == 1 { return 0 }
        let kind: TopicKind = command == .publish ? .channel : .shardChannel
        let place = InterestPlace(channel: hash)
        var count = 0
        for number in 0..<coreCount where isWanted(number, kind, place) {
            mailMessage(command, channel, message, item, to: number)
            count += 1
        }
        return count
    }

    /// Puts a message into the mail for a core.
    mutating func mailMessage(
        _ command: CommandID, _ channel: Bytes, _ message: Bytes, _ item: ParcelItem,
        to number: Int
    ) {
        let parcel = messageParcels[number] ?? parcels.take()
        messageParcels[number] = parcel
        hasMessageParcels = true
        parcel.content.requests.append(command, channel, message)
        parcel.content.items.append(item)
        if parcel.content.requests.count >= Self.parcelRequestCountMax
            || parcel.content.requests.byteCount >= Self.parcelBytesMax
        {
            postMessages(to: number)
        }
    }

    private mutating func postMessages(to number: Int) {
        guard let parcel = messageParcels[number] else { return }
        messageParcels[number] = nil
        statistics.parcelsOut &+= 1
        mail(parcel, to: CoreIndex(UInt16(number)), as: .messages)
    }

    /// Sends what was put into the mail in this turn.
    mutating func postMessages() {
        hasMessageParcels = false
        for number in 0..<coreCount { postMessages(to: number) }
    }

    // MARK: From other cores

    /// Delivers the messages of a parcel and notes how many receivers each had.
    mutating func messagesArrived(_ parcel: ParcelReference) {
        let sender = Int(parcel.content.home.rawValue)
        for place in 0..<parcel.content.requests.count {
            let call = parcel.content.requests.pipeline.invocation(place)
            if call.command == .clientTracking {
                trackingArrived(call, sender)
                parcel.content.replyEnds.append(0)
            } else if call.command == .monitor {
                showToMonitors(call[0])
                parcel.content.replyEnds.append(0)
                if monitors.isEmpty {
                    loseInterest(.monitors, sender, into: &parcel.content.reply)
                }
            } else {
                let receivers = deliver(call, sender, &parcel.content.reply)
                parcel.content.replyEnds.append(receivers)
            }
        }
        mail(parcel, to: parcel.content.home, as: .delivered)
    }

    /// Delivers another core's message; how many receivers it had.
    private mutating func deliver(
        _ call: Invocation, _ sender: Int, _ answer: inout OutputBuffer
    ) -> Int {
        let kind: TopicKind = call.command == .publish ? .channel : .shardChannel
        let hash = topicHash(kind, call[0])
        let receivers = deliver(kind, call[0], hash, call[1])
        let channels = InterestPlace(channel: hash)
        if subscriptions.isVacant(channels) { loseInterest(channels, sender, into: &answer) }
        if kind == .channel, subscriptions.isVacant(.patterns) {
            loseInterest(.patterns, sender, into: &answer)
        }
        return receivers
    }

    /// Another core has delivered the messages of a parcel.
    mutating func messagesDelivered(_ parcel: ParcelReference) {
        let core = Int(parcel.content.sender.rawValue)
        if !parcel.content.reply.isEmpty {
            parcel.content.reply.bytes.forEachPlace { interest.theirs.remove(core, $0) }
            parcel.content.reply.removeAll()
            weighMonitoring()
        }
        let count = parcel.content.items.count
        // Counted before any is resolved, so that the parcel stays until the last.
        parcel.content.unresolved = count + 1
        for index in 0..<count {
            if !countReceivers(parcel, index) { parcel.content.unresolved -= 1 }
        }
        resolve(parcel)
    }

    /// Adds a core's receivers to those of a PUBLISH; whether that completes its reply, which the
    /// parcel then holds.
    private mutating func countReceivers(_ parcel: ParcelReference, _ index: Int) -> Bool {
        let item = parcel.content.items[index]
        guard let connection = connections.find(item.connection) else { return false }
        let place = connection.state.holes.index(ofNumber: item.hole)
        var hole = connection.state.holes[place]
        hole.start += parcel.content.replyEnds[index]
        hole.end -= 1
        let isComplete = hole.end == 0
        if isComplete {
            let receivers = hole.start
            var reply = Reply()
            swap(&reply.buffer, &parcel.content.reply)
            hole.start = reply.buffer.count
            hole.isAgreement ? reply.ok() : reply.integer(receivers)
            hole.end = reply.buffer.count
            swap(&reply.buffer, &parcel.content.reply)
            hole.parcel = parcel
            markDirty(connection)
        }
        connection.state.holes[place] = hole
        return isComplete
    }
}
