import Base

// What the owner calls.
extension GossipNode {
    /// Takes a datagram, which is from a node that the owner has authenticated.
    ///
    /// - Returns: why it was refused; nil where it was not.
    @discardableResult
    public mutating func step(
        _ datagram: Bytes, now: Int64, into outbox: inout GossipOutbox
    ) -> MessageFault? {
        guard isRunning else { return nil }
        noteLateness(now)
        let refusal = take(datagram, now, &outbox)
        settle()
        return refusal
    }

    private mutating func take(
        _ datagram: Bytes, _ now: Int64, _ outbox: inout GossipOutbox
    ) -> MessageFault? {
        do throws(MessageFault) {
            let message = try Message(datagram)
            counts.receivedDatagrams += 1
            onMessage(message, now, &outbox)
            return nil
        } catch {
            counts.refusedDatagrams += 1
            return error
        }
    }

    /// Does what is due. Calls before ``nextTick`` do nothing.
    public mutating func tick(now: Int64, into outbox: inout GossipOutbox) {
        guard isRunning else { return }
        noteLateness(now)
        onSuspicionTimers(now, &outbox)
        onProbeTimers(now, &outbox)
        onRelayTimers(now, &outbox)
        onRivalTimer(now, &outbox)
        if now >= timers.probe { onProbeTime(now, &outbox) }
        if now >= timers.gossip { onGossipTime(now, &outbox) }
        if now >= timers.exchange { onExchangeTime(now, &outbox) }
        if now >= timers.contact { onContactTime(now, &outbox) }
        if now >= timers.seed { onSeedTime(now, &outbox) }
        if now >= timers.expiry { onExpiryTime(now) }
        if now >= timers.leave { onLeaveTime(&outbox) }
        settle()
    }

    /// Founds a cluster: this node belongs to one from now on.
    public mutating func found(into outbox: inout GossipOutbox) {
        if phase != .joining { return }
        phase = .member
        outbox.append(.joined)
    }

    /// Finds the cluster by the nodes at these addresses, now and whenever the members known are
    /// not enough. A founder may be given seeds as well. This node's own address among them is
    /// passed over.
    public mutating func join(
        _ seeds: [MemberAddress], now: Int64, into outbox: inout GossipOutbox
    ) {
        guard isRunning else { return }
        self.seeds = seeds.filter { $0 != metadata.address && $0.isUsable }
        onSeedTime(now, &outbox)
        settle()
    }

    /// Says to the others that this node goes; ``GossipEffect/leaveCompleted`` follows.
    public mutating func leave(now: Int64, into outbox: inout GossipOutbox) {
        guard isRunning else { return }
        if phase == .leaving { return }
        let wasMember = phase == .member
        phase = .leaving
        timers.leave = now + (wasMember && liveCount > 0 ? options.leaveTime : 0)
        if fault != .leaveNotTold {
            spread(id, now)
            sendRumors(to: 8, now, &outbox)
        }
        settle()
    }

    private mutating func onLeaveTime(_ outbox: inout GossipOutbox) {
        phase = .left
        outbox.append(.leaveCompleted)
    }

    /// Changes what this node tells of itself.
    public mutating func setMetadata(_ changed: MemberMetadata, now: Int64) {
        guard isRunning else { return }
        invariant(changed.address.isUsable, "a node has an address")
        let version = metadata.version
        metadata = changed
        metadata.version = version
        if version == UInt16.max {
            raiseGeneration(above: life, now)
        } else {
            metadata.version += 1
        }
        spread(id, now)
        settle()
    }

    /// This node has a ring of that epoch.
    public mutating func setRingEpoch(_ epoch: RingEpoch, now: Int64) {
        guard isRunning else { return }
        invariant(epoch <= DatagramLayout.ringEpochMax, "a ring epoch is counted, not invented")
        if epoch <= ringEpoch { return }
        ringEpoch = epoch
        spreadEpoch(now)
        settle()
    }

    /// The connection to a member broke or could not be made: it is probed now, not in its turn.
    /// That is a hint; it alone makes nobody suspect.
    public mutating func connectionLost(
        to id: NodeID, now: Int64, into outbox: inout GossipOutbox
    ) {
        guard isRunning, let place = table.find(id) else { return }
        if table[place].status == .alive {
            probe(table[place], isUrgent: true, now, &outbox)
        }
        settle()
    }

    /// A call that comes late finds deadlines passed in which this process did not run: the others
    /// had no chance to be heard, so what waits for them waits anew.
    private mutating func noteLateness(_ now: Int64) {
        clock = now
        guard let due = nextTick, now - due >= options.stallMin else { return }
        if fault == .stallIgnored { return }
        counts.stalls += 1
        health.worsen(by: 2)
        probes.removeAll(keepingCapacity: true)
        relays.removeAll(keepingCapacity: true)
        for index in suspicions.indices {
            suspicions[index].beganAt = now
            setDeadline(index)
        }
        if rival != nil { rival?.deadline = now + Self.rivalTime }
    }
}
