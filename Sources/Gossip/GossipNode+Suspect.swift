import Base

// Suspicions: who accuses whom, until when, and what this node says to accusations of its own.
extension GossipNode {
    mutating func mergeSuspect(
        _ entry: Entry, _ accuser: NodeID, _ place: Int, _ now: Int64,
        _ outbox: inout GossipOutbox
    ) -> Bool {
        let member = table[place]
        if entry.standing.life != member.standing.life { return false }
        if entry.standing == member.standing {
            return addAccuser(accuser, of: member.id, now)
        }
        if entry.standing < member.standing { return false }
        if !member.metadata.address.isUsable { return false }
        suspect(member, entry.standing, accuser, now, &outbox)
        // A few of those who hear of it ask for themselves: the more agree, the sooner it is clear.
        if random.next() % UInt64(liveCount) < 4 {
            guard let place = table.find(member.id) else {
                invariantFailed("a suspect is known")
            }
            probe(table[place], isUrgent: true, now, &outbox)
        }
        return true
    }

    /// This node's own probe of a member failed.
    mutating func accuse(_ id: NodeID, _ now: Int64, _ outbox: inout GossipOutbox) {
        guard let place = table.find(id) else { return }
        let member = table[place]
        if !member.status.isLive { return }
        if fault == .noSuspicion {
            var dead = member.standing
            dead.status = .dead
            take(dead, of: member, now, &outbox)
            return
        }
        if member.status == .suspect {
            _ = addAccuser(self.id, of: id, now)
        } else {
            var standing = member.standing
            standing.status = .suspect
            suspect(member, standing, self.id, now, &outbox)
        }
        watch(id, now)
    }

    private mutating func suspect(
        _ member: Member, _ standing: Standing, _ accuser: NodeID, _ now: Int64,
        _ outbox: inout GossipOutbox
    ) {
        counts.suspicions += 1
        suspicions.removeAll { $0.id == member.id }
        suspicions.append(Suspicion(member.id, accuser: accuser, now: now))
        take(standing, of: member, now, &outbox)
        setDeadline(suspicions.count - 1)
        if member.status == .alive {
            outbox.append(.memberSuspected(member.id, accuser: accuser))
        }
    }

    private mutating func addAccuser(_ accuser: NodeID, of id: NodeID, _ now: Int64) -> Bool {
        guard let index = suspicions.firstIndex(where: { $0.id == id }) else { return false }
        guard suspicions[index].add(accuser) else { return false }
        setDeadline(index)
        spread(id, now)
        return true
    }

    mutating func setDeadline(_ index: Int) {
        let suspicion = suspicions[index]
        let time = SuspicionTime.milliseconds(
            base: options.suspicionTime, longestFactor: options.suspicionFactor,
            nodeCount: nodeCount, agreeing: suspicion.accuserCount - 1)
        suspicions[index].deadline = suspicion.beganAt + time
    }

    /// Pings a suspect again and again, since it hears of its suspicion with each ping.
    private mutating func watch(_ id: NodeID, _ now: Int64) {
        if fault == .suspectNotTold { return }
        let watched = suspicions.count { $0.nextPing != nil }
        if watched >= options.suspectPingsMax { return }
        guard let index = suspicions.firstIndex(where: { $0.id == id }) else { return }
        if suspicions[index].nextPing == nil { suspicions[index].nextPing = now }
    }

    mutating func onSuspicionTimers(_ now: Int64, _ outbox: inout GossipOutbox) {
        var index = 0
        while index < suspicions.count {
            let suspicion = suspicions[index]
            guard let place = table.find(suspicion.id) else {
                invariantFailed("a suspicion is of a member")
            }
            if now >= suspicion.deadline {
                var dead = table[place].standing
                dead.status = .dead
                // Removes the suspicion, so the next one takes this index.
                take(dead, of: table[place], now, &outbox)
                continue
            }
            if let next = suspicion.nextPing, now >= next {
                suspicions[index].nextPing = now + options.suspectPingInterval
                sendPing(to: table[place], sequence: nextSequence(), &outbox)
            }
            index += 1
        }
    }

    // MARK: Of this node

    /// Somebody says that this node is suspect, dead or gone: it is not, and says so.
    mutating func refute(_ said: Standing, _ now: Int64) {
        if phase == .leaving { return }
        if fault == .suspicionNotRefuted { return }
        counts.refutations += 1
        health.worsen(by: 1)
        if fault != .incarnationNotRaised {
            if said.incarnation >= .max {
                raiseGeneration(above: life, now)
            } else {
                incarnation = said.incarnation.next
            }
        }
        spread(id, now)
    }
}
