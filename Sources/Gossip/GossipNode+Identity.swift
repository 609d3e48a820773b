import Base

/// A process without a cluster that claims the id of a living member at another address.
struct Knock: BitwiseCopyable {
    let id: NodeID
    /// Where the newcomer is, and which life it is in.
    let address: MemberAddress
    let life: Life
    /// The ping that asks the member whether it still has the id.
    let sequence: UInt32
    let at: Int64
}

/// Another life of this node's id, of which it is to be found out whether it goes on.
struct Rival: BitwiseCopyable {
    let life: Life
    let address: MemberAddress
    var nextPing: Int64
    /// When it is over if it did not answer.
    var deadline: Int64

    var due: Int64 { min(nextPing, deadline) }
}

// One id, one process (docs/internals/gossip.md, "One id twice").
extension GossipNode {
    static let knocksMax = 16
    static let rivalTime: Int64 = 400
    private static let knockTime: Int64 = 2_000

    // MARK: Another process has our id

    /// A datagram from our own id. With our salt it is an echo of our own; with another one it is
    /// the proof of a second process.
    mutating func onNamesake(_ header: Header, _ now: Int64, _ outbox: inout GossipOutbox) {
        if header.life.salt == life.salt { return }
        if fault == .conflictIgnored { return }
        let theyBelong = header.flags.contains(.admitted)
        let yields = theyBelong == isAdmitted ? header.life > life : theyBelong
        if yields {
            yield(to: header.address, &outbox)
            return
        }
        outbox.append(
            .conflict(
                IdentityConflict(
                    id: id, holder: metadata.address, other: header.address, yields: false)))
        // It is to see us as well; an answer is not answered.
        if header.kind != .ack { sendAck(to: header, now, &outbox) }
    }

    mutating func onRefusal(
        _ holderLife: Life, _ holder: MemberAddress, _ outbox: inout GossipOutbox
    ) {
        if isAdmitted { return }
        // An answer to what an earlier process of this node has sent.
        if holderLife.salt == life.salt { return }
        yield(to: holder, &outbox)
    }

    private mutating func yield(to holder: MemberAddress, _ outbox: inout GossipOutbox) {
        phase = .yielded
        outbox.append(
            .conflict(
                IdentityConflict(
                    id: id, holder: holder, other: metadata.address, yields: true)))
    }

    var isAdmitted: Bool { phase == .member || phase == .leaving }

    /// News about this node from somebody else.
    mutating func onEntryOfSelf(
        _ entry: Entry, _ now: Int64, _ outbox: inout GossipOutbox
    ) {
        let said = entry.standing
        if said.life == life {
            if said.status != .alive {
                if said.incarnation >= incarnation { refute(said, now) }
            } else if said.incarnation > incarnation {
                refute(said, now)
            }
            return
        }
        if said.life < life { return }
        if said.life.salt == life.salt { return }
        guard case .alive(let metadata, _) = entry.detail else {
            if !said.status.isLive { raiseGeneration(above: said.life, now) }
            return
        }
        if metadata.address == self.metadata.address {
            raiseGeneration(above: said.life, now)
        } else if rival == nil {
            rival = Rival(
                life: said.life, address: metadata.address, nextPing: now,
                deadline: now + Self.rivalTime)
        }
    }

    /// Takes a life that is later than one that is over.
    mutating func raiseGeneration(above over: Life, _ now: Int64) {
        // The last one can only come from a node that invents generations.
        if over.generation == UInt32.max { return }
        life.generation = over.generation + 1
        incarnation = .first
        if phase == .joining { timers.seed = now }
        spread(id, now)
    }

    mutating func onRivalTimer(_ now: Int64, _ outbox: inout GossipOutbox) {
        guard let waiting = rival else { return }
        if now >= waiting.deadline {
            rival = nil
            if waiting.life > life { raiseGeneration(above: waiting.life, now) }
            return
        }
        if now < waiting.nextPing { return }
        rival?.nextPing = now + options.gossipInterval
        let start = begin(.ping, sequence: nextSequence(), &outbox)
        outbox.bytes.append(id)
        finish(start, to: waiting.address, &outbox)
    }

    // MARK: Another process has a member's id

    /// Whether a datagram is from a newcomer with the id of a member that lives elsewhere.
    func isKnocking(_ header: Header) -> Bool {
        if header.flags.contains(.admitted) { return false }
        if fault == .newcomerTakesOver { return false }
        guard let place = table.find(header.sender) else { return false }
        let member = table[place]
        if !member.status.isLive { return false }
        if member.standing.life.salt == header.life.salt { return false }
        return member.metadata.address != header.address
    }

    /// Asks the member whether it still has its id. The newcomer hears nothing before it answers;
    /// if it does not, it is dead before long, and the newcomer's next attempt is taken.
    mutating func onKnock(_ header: Header, _ now: Int64, _ outbox: inout GossipOutbox) {
        guard let place = table.find(header.sender) else { return }
        knocks.removeAll { now - $0.at >= Self.knockTime }
        if knocks.count == Self.knocksMax { knocks.removeFirst() }
        let knock = Knock(
            id: header.sender, address: header.address, life: header.life,
            sequence: nextSequence(), at: now)
        knocks.append(knock)
        let member = table[place]
        sendPing(to: member, sequence: knock.sequence, &outbox)
        probe(member, isUrgent: true, now, &outbox)
    }

    /// The member has answered: the newcomer is refused.
    mutating func onKnockAnswer(
        _ header: Header, _ now: Int64, _ outbox: inout GossipOutbox
    ) {
        guard
            let index = knocks.firstIndex(where: {
                $0.sequence == header.sequence && $0.id == header.sender
            })
        else { return }
        let knock = knocks.remove(at: index)
        if knock.life.salt == header.life.salt { return }
        let start = begin(.refusal, sequence: 0, &outbox)
        outbox.bytes.append(header.life)
        outbox.bytes.append(header.address)
        finish(start, to: knock.address, &outbox)
        outbox.append(
            .conflict(
                IdentityConflict(
                    id: header.sender, holder: header.address, other: knock.address,
                    yields: false)))
    }
}
