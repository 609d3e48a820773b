import Base

/// A member that was asked and has not answered yet.
struct Probe: BitwiseCopyable {
    let target: NodeID
    let sequence: UInt32
    /// When others are asked as well; ``never`` when they are.
    var escalateAt: Int64
    /// When it has failed.
    let deadline: Int64
    var nacksExpected = 0
    var nacksReceived = 0

    var due: Int64 { min(escalateAt, deadline) }
}

/// A ping that this node sends for another one.
struct Relay: BitwiseCopyable {
    let target: NodeID
    /// Of our ping, and of the request.
    let sequence: UInt32
    let askedSequence: UInt32
    let asker: MemberAddress
    /// When the asker is told that there was no answer; ``never`` when it was.
    var nackAt: Int64
    /// When an answer is not waited for any longer.
    let deadline: Int64

    var due: Int64 { min(nackAt, deadline) }
}

// Asking members whether they are there (SWIM 3.1, 4.3), and asking for others.
extension GossipNode {
    static let probesMax = 64
    static let relaysMax = 256

    mutating func nextSequence() -> UInt32 {
        sequence &+= 1
        return sequence
    }

    // MARK: Whose turn it is

    /// Puts a member that has come to a random place of the order.
    mutating func enqueueProbe(_ id: NodeID, _ now: Int64) {
        let place = Int(random.next() % UInt64(probeOrder.count + 1))
        probeOrder.insert(id, at: place)
        if place < probeCursor { probeCursor += 1 }
        if timers.probe == never { timers.probe = now + probeDelay() }
    }

    /// Takes a member that has gone out of the order.
    mutating func dequeueProbe(_ id: NodeID) {
        guard let place = probeOrder.firstIndex(of: id) else {
            invariantFailed("the living are probed")
        }
        probeOrder.remove(at: place)
        if place < probeCursor { probeCursor -= 1 }
    }

    /// An interval, a tenth more or less, so that nodes do not fall into step.
    private mutating func probeDelay() -> Int64 {
        let spread = UInt64(options.probeInterval / 5 + 1)
        let jitter = Int64(random.next() % spread) - options.probeInterval / 10
        return (options.probeInterval + jitter) * healthFactor
    }

    mutating func onProbeTime(_ now: Int64, _ outbox: inout GossipOutbox) {
        timers.probe = liveCount == 0 ? never : now + probeDelay()
        // Who is being asked is passed over.
        for _ in 0..<liveCount {
            if probeCursor >= probeOrder.count { probeCursor = 0 }
            let id = probeOrder[probeCursor]
            probeCursor += 1
            guard let place = table.find(id) else { invariantFailed("who is probed is known") }
            if probe(table[place], now, &outbox) { return }
        }
    }

    var healthFactor: Int64 { fault == .healthIgnored ? 1 : health.factor }

    /// Begins to probe a member; false where it is being probed.
    ///
    /// - Parameter isUrgent: somebody else has waited for an answer already, so others are asked at
    ///   once.
    @discardableResult
    mutating func probe(
        _ member: Member, isUrgent: Bool = false, _ now: Int64, _ outbox: inout GossipOutbox
    ) -> Bool {
        if probes.count == Self.probesMax { return false }
        if probes.contains(where: { $0.target == member.id }) { return false }
        let direct = isUrgent ? 0 : options.directTimeout
        let whole = isUrgent ? options.urgentTimeout : options.probeTimeout
        let probe = Probe(
            target: member.id, sequence: nextSequence(), escalateAt: now + direct * healthFactor,
            deadline: now + whole * healthFactor)
        probes.append(probe)
        sendPing(to: member, sequence: probe.sequence, &outbox)
        if isUrgent { escalate(probes.count - 1, isFirst: true, &outbox) }
        return true
    }

    // MARK: What becomes of it

    mutating func onAnswer(_ sequence: UInt32, of target: NodeID) {
        let place = probes.firstIndex {
            $0.sequence == sequence && ($0.target == target || fault == .answerOfAnother)
        }
        guard let place else { return }
        probes.remove(at: place)
        health.improve()
    }

    mutating func onNack(_ sequence: UInt32, of target: NodeID) {
        for index in probes.indices
        where probes[index].sequence == sequence && probes[index].target == target {
            probes[index].nacksReceived += 1
        }
    }

    mutating func onProbeTimers(_ now: Int64, _ outbox: inout GossipOutbox) {
        var index = 0
        while index < probes.count {
            let probe = probes[index]
            if now >= probe.deadline {
                probes.remove(at: index)
                counts.failedProbes += 1
                health.probeFailed(
                    nacksExpected: probe.nacksExpected, nacksReceived: probe.nacksReceived)
                accuse(probe.target, now, &outbox)
                // An accusation may end other probes as well: begin again.
                index = 0
                continue
            }
            if now >= probe.escalateAt { escalate(index, &outbox) }
            index += 1
        }
    }

    /// Repeats the ping, unless it has only been sent, and asks others to ping.
    private mutating func escalate(
        _ index: Int, isFirst: Bool = false, _ outbox: inout GossipOutbox
    ) {
        probes[index].escalateAt = never
        let probe = probes[index]
        guard let place = table.find(probe.target) else { return }
        if fault == .noProxies { return }
        let target = table[place]
        if !isFirst { sendPing(to: target, sequence: probe.sequence, &outbox) }
        var proxies: [NodeID] = []
        chooseMembers(options.proxyCount, but: target.id, into: &proxies)
        probes[index].nacksExpected = proxies.count
        for proxy in proxies {
            guard let place = table.find(proxy) else { continue }
            let start = begin(.pingRequest, sequence: probe.sequence, &outbox)
            outbox.bytes.append(target.id)
            outbox.bytes.append(target.metadata.address)
            finish(start, to: table[place], &outbox)
        }
    }

    /// Chooses up to `count` living members at random, each once.
    mutating func chooseMembers(
        _ count: Int, but excluded: NodeID? = nil, into chosen: inout [NodeID]
    ) {
        if liveCount <= count + 1 {
            for place in 0..<liveCount where table[place].id != excluded {
                chosen.append(table[place].id)
            }
            if chosen.count > count {
                chosen.remove(at: Int(random.next() % UInt64(chosen.count)))
            }
            return
        }
        var attempts = 4 * count
        while chosen.count < count, attempts > 0 {
            attempts -= 1
            let id = table[Int(random.next() % UInt64(liveCount))].id
            if id != excluded, !chosen.contains(id) { chosen.append(id) }
        }
    }

    // MARK: For others

    mutating func relayPing(
        to target: NodeID, at address: MemberAddress, for header: Header, _ now: Int64,
        _ outbox: inout GossipOutbox
    ) {
        if target == id || relays.count == Self.relaysMax { return }
        let relay = Relay(
            target: target, sequence: nextSequence(), askedSequence: header.sequence,
            asker: header.address, nackAt: now + options.nackDelay,
            deadline: now + options.probeTimeout)
        relays.append(relay)
        if let place = table.find(target), table[place].metadata.address == address {
            sendPing(to: table[place], sequence: relay.sequence, &outbox)
        } else {
            let start = begin(.ping, sequence: relay.sequence, &outbox)
            outbox.bytes.append(target)
            finish(start, to: address, &outbox)
        }
    }

    mutating func onRelayAnswer(
        _ header: Header, _ now: Int64, _ outbox: inout GossipOutbox
    ) {
        let place = relays.firstIndex {
            $0.sequence == header.sequence && $0.target == header.sender
        }
        guard let place else { return }
        let relay = relays.remove(at: place)
        sendAboutTarget(.relayedAck, relay, &outbox)
    }

    mutating func onRelayTimers(_ now: Int64, _ outbox: inout GossipOutbox) {
        relays.removeAll { now >= $0.deadline }
        for index in relays.indices where now >= relays[index].nackAt {
            relays[index].nackAt = never
            sendAboutTarget(.nack, relays[index], &outbox)
        }
    }

    private mutating func sendAboutTarget(
        _ kind: MessageKind, _ relay: Relay, _ outbox: inout GossipOutbox
    ) {
        let start = begin(kind, sequence: relay.askedSequence, &outbox)
        outbox.bytes.append(relay.target)
        finish(start, to: relay.asker, &outbox)
    }
}
