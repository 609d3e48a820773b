import Base

// What is believed of others. Every change goes through `take`, which never goes back.
extension GossipNode {
    /// Takes a piece of news about another member; whether it was news.
    mutating func merge(_ entry: Entry, _ now: Int64, _ outbox: inout GossipOutbox) -> Bool {
        let place = table.find(entry.id)
        switch entry.detail {
        case .alive(let metadata, let epoch):
            guard let place else { return meet(entry, metadata, epoch, now, &outbox) }
            table.note(place, ringEpoch: epoch)
            return mergeAlive(entry, metadata, place, now, &outbox)
        case .suspect(let accuser):
            guard let place else { return false }
            return mergeSuspect(entry, accuser, place, now, &outbox)
        case .gone(let ageSeconds):
            let age = min(Int64(ageSeconds) * 1_000, options.memoryOfDead)
            guard let place else { return remember(entry, since: now - age, now) }
            return mergeGone(entry, since: now - age, place, now, &outbox)
        }
    }

    private mutating func meet(
        _ entry: Entry, _ metadata: MemberMetadata, _ epoch: RingEpoch, _ now: Int64,
        _ outbox: inout GossipOutbox
    ) -> Bool {
        let member = Member(
            id: entry.id, standing: entry.standing, metadata: metadata, ringEpoch: epoch,
            heardAt: nil, since: now)
        guard insert(member) else { return false }
        enqueueProbe(entry.id, now)
        spread(entry.id, now)
        outbox.append(.memberAlive(entry.id))
        if timers.exchange == never { timers.exchange = now + options.exchangeInterval }
        return true
    }

    private mutating func insert(_ member: Member) -> Bool {
        if fault == .tableUnbounded { table.capacity = .max }
        if table.insert(member) { return true }
        counts.turnedAway += 1
        return false
    }

    private mutating func mergeAlive(
        _ entry: Entry, _ metadata: MemberMetadata, _ place: Int, _ now: Int64,
        _ outbox: inout GossipOutbox
    ) -> Bool {
        var member = table[place]
        let sameLife = entry.standing.life == member.standing.life
        let isNewer = entry.standing > member.standing || fault == .oldNewsTaken
        let isOtherLife = isNewer && !sameLife
        let isChanged = sameLife && metadata.version > member.metadata.version
        let isUnknown = sameLife && !member.metadata.address.isUsable
        if isOtherLife || isChanged || isUnknown {
            member.metadata = metadata
            table.update(place, member)
        }
        if isNewer {
            take(entry.standing, of: member, now, &outbox, isRestart: isOtherLife)
            return true
        }
        if !isChanged { return false }
        spread(member.id, now)
        if member.status == .alive { outbox.append(.memberAlive(member.id)) }
        return true
    }

    private mutating func mergeGone(
        _ entry: Entry, since: Int64, _ place: Int, _ now: Int64, _ outbox: inout GossipOutbox
    ) -> Bool {
        if entry.standing <= table[place].standing { return false }
        take(entry.standing, of: table[place], now, &outbox, since: since)
        return true
    }

    /// Notes the end of a member that was never met, so that old news cannot introduce it.
    private mutating func remember(_ entry: Entry, since: Int64, _ now: Int64) -> Bool {
        if now - since >= options.memoryOfDead { return false }
        if fault == .deadForgotten { return false }
        let member = Member(
            id: entry.id, standing: entry.standing, metadata: .unknown, ringEpoch: RingEpoch(0),
            heardAt: nil, since: since)
        guard insert(member) else { return false }
        scheduleExpiry(now)
        return true
    }

    /// Gives a member a new standing, tells of it, and ends or begins what goes with it.
    ///
    /// - Parameter isRestart: another process, of which the owner hears though it was alive before.
    mutating func take(
        _ standing: Standing, of member: Member, _ now: Int64, _ outbox: inout GossipOutbox,
        since: Int64? = nil, isRestart: Bool = false
    ) {
        var changed = member
        changed.standing = standing
        if standing.status != member.status || isRestart { changed.since = since ?? now }
        guard let place = table.find(member.id) else {
            invariantFailed("a member that changes is known")
        }
        table.update(place, changed)
        if standing.status != .suspect { suspicions.removeAll { $0.id == member.id } }
        spread(member.id, now)
        switch standing.status {
        case .alive:
            if member.status == .alive, !isRestart { return }
            if !member.status.isLive { enqueueProbe(member.id, now) }
            outbox.append(.memberAlive(member.id))
        case .suspect: break
        case .dead, .left: becomeGone(changed, was: member.status, now, &outbox)
        }
    }

    private mutating func becomeGone(
        _ member: Member, was status: MemberStatus, _ now: Int64, _ outbox: inout GossipOutbox
    ) {
        probes.removeAll { $0.target == member.id }
        if status.isLive { dequeueProbe(member.id) }
        scheduleExpiry(now)
        if member.status == .left {
            if status != .left { outbox.append(.memberLeft(member.id)) }
        } else {
            if timers.contact == never { timers.contact = now + options.contactInterval }
            if status.isLive { outbox.append(.memberConfirmedDead(member.id)) }
        }
        if fault == .deadForgotten { table.forget(goneBy: .max) }
        if liveCount == 0 { scheduleSeeds(now) }
    }

    // MARK: Forgetting

    private mutating func scheduleExpiry(_ now: Int64) {
        if timers.expiry == never { timers.expiry = now + options.exchangeInterval }
    }

    mutating func onExpiryTime(_ now: Int64) {
        table.forget(goneBy: now - options.memoryOfDead)
        timers.expiry =
            table.count > table.liveCount ? now + options.exchangeInterval : never
    }
}
