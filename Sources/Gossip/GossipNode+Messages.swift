import Base

// What comes in.
extension GossipNode {
    mutating func onMessage(_ message: Message, _ now: Int64, _ outbox: inout GossipOutbox) {
        let header = message.header
        if header.sender == id {
            onNamesake(header, now, &outbox)
            return
        }
        if case .refusal(let holderLife, let holder) = message.body {
            onRefusal(holderLife, holder, &outbox)
            return
        }
        if case .target(let target) = message.body, header.kind == .ping {
            // Somebody else had this address before.
            if target != id, target != .zero { return }
        }
        if isKnocking(header) {
            onKnock(header, now, &outbox)
            return
        }
        onEpoch(header.ringEpoch, header.sender, now, &outbox)
        hear(header, now, &outbox)
        let isNews = merge(message, now, &outbox)
        if header.kind == .page, isNews { exchangeSoon(now) }
        if phase == .joining { becomeMember(now, &outbox) }
        answer(message, now, &outbox)
        greetStranger(header, now, &outbox)
    }

    private mutating func becomeMember(_ now: Int64, _ outbox: inout GossipOutbox) {
        phase = .member
        outbox.append(.joined)
        scheduleSeeds(now)
        exchangeSoon(now)
    }

    /// Takes what the header says of its sender.
    private mutating func hear(_ header: Header, _ now: Int64, _ outbox: inout GossipOutbox) {
        guard let place = table.find(header.sender) else { return }
        let member = table[place]
        if member.standing.life != header.life { return }
        table.note(place, heardAt: now, ringEpoch: header.ringEpoch)
        if header.incarnation <= member.standing.incarnation { return }
        // Who has left says so in its entry and not in its header.
        if member.status == .left { return }
        var refuted = member.standing
        refuted.incarnation = header.incarnation
        refuted.status = .alive
        if member.metadata.address.isUsable { take(refuted, of: member, now, &outbox) }
    }

    /// Merges a datagram's entries; whether one of them was news.
    private mutating func merge(
        _ message: Message, _ now: Int64, _ outbox: inout GossipOutbox
    ) -> Bool {
        var isNews = false
        var entries = message.entries()
        while let entry = entries.next() {
            if entry.id == id {
                onEntryOfSelf(entry, now, &outbox)
            } else if merge(entry, now, &outbox) {
                isNews = true
            }
        }
        return isNews
    }

    private mutating func answer(
        _ message: Message, _ now: Int64, _ outbox: inout GossipOutbox
    ) {
        let header = message.header
        switch (header.kind, message.body) {
        case (.ping, _): sendAck(to: header, now, &outbox)
        case (.ack, _): onAck(header, now, &outbox)
        case (.pingRequest, .pingRequest(let target, let address)):
            relayPing(to: target, at: address, for: header, now, &outbox)
        case (.relayedAck, .target(let target)): onAnswer(header.sequence, of: target)
        case (.nack, .target(let target)): onNack(header.sequence, of: target)
        case (.sync, _): onSync(message, now, &outbox)
        case (.page, .buckets(let mask)):
            if header.flags.contains(.entriesWanted) {
                sendPages(mask, to: header, isAnswer: false, now, &outbox)
            }
        default: break
        }
    }

    private mutating func onAck(_ header: Header, _ now: Int64, _ outbox: inout GossipOutbox) {
        onAnswer(header.sequence, of: header.sender)
        onRelayAnswer(header, now, &outbox)
        onKnockAnswer(header, now, &outbox)
    }

    /// A message of somebody who is not known, or known in another life: exchange tables with it,
    /// a few times a second at most.
    private mutating func greetStranger(
        _ header: Header, _ now: Int64, _ outbox: inout GossipOutbox
    ) {
        if header.kind == .sync || header.kind == .page { return }
        if let place = table.find(header.sender), table[place].standing.life >= header.life {
            return
        }
        if now - lastStrangerAt < options.probeInterval { return }
        lastStrangerAt = now
        sendSync(to: header.address, now, &outbox)
    }
}
