import Base

// Writing datagrams, and news in all of them (SWIM 3.2, 4.1).
extension GossipNode {
    // MARK: One datagram

    /// Begins a datagram with its header. The caller appends what its kind has, then finishes it.
    func begin(
        _ kind: MessageKind, flags: MessageFlags = [], sequence: UInt32,
        _ outbox: inout GossipOutbox
    ) -> Int {
        let start = outbox.bytes.count
        let header = Header(
            kind: kind, flags: isAdmitted ? flags.union(.admitted) : flags, sequence: sequence,
            sender: id, life: life, incarnation: incarnation, address: metadata.address,
            ringEpoch: ringEpoch)
        header.append(to: &outbox.bytes)
        return start
    }

    /// Finishes a datagram to a member: what is said of itself first, if it should object, then
    /// rumours as long as they fit.
    mutating func finish(_ start: Int, to member: Member, _ outbox: inout GossipOutbox) {
        finish(
            start, to: member.metadata.address, about: (member.id, member.standing.life), &outbox)
    }

    /// Finishes a datagram to an address.
    ///
    /// - Parameter recipient: who is there, and in which life, if that is known.
    mutating func finish(
        _ start: Int, to address: MemberAddress, about recipient: (id: NodeID, life: Life)? = nil,
        _ outbox: inout GossipOutbox
    ) {
        var count = 0
        if let recipient, let place = table.find(recipient.id) {
            let member = table[place]
            let isObjectionable =
                member.status != .alive || member.standing.life > recipient.life
            if isObjectionable, fault != .suspectNotTold {
                count += appendEntries(member, start, nil, &outbox)
            }
        }
        count += appendRumors(start, room: UInt8.max - UInt8(count), &outbox)
        close(start, entryCount: count, to: address, &outbox)
    }

    /// Writes the number of entries and hands the datagram out.
    mutating func close(
        _ start: Int, entryCount: Int, to address: MemberAddress, _ outbox: inout GossipOutbox
    ) {
        outbox.bytes.overwrite(UInt8(entryCount), at: start + DatagramLayout.entryCountOffset)
        let range = DatagramRange(offset: start, count: outbox.bytes.count - start)
        invariant(range.count <= DatagramLayout.sizeMax, "a datagram fits every path")
        counts.sentDatagrams += 1
        counts.sentBytes += range.count
        outbox.append(.send(address, range))
    }

    private mutating func appendRumors(
        _ start: Int, room: UInt8, _ outbox: inout GossipOutbox
    ) -> Int {
        var told = 0
        var entryCount = 0
        while told < rumors.count, entryCount + 2 <= Int(room) {
            let before = outbox.bytes.count
            let id = rumors.member(told)
            let appended: Int
            if id == self.id {
                ownEntry.append(to: &outbox.bytes)
                appended = 1
            } else if let place = table.find(id) {
                appended = appendEntries(table[place], start, nil, &outbox)
            } else {
                appended = 0
            }
            if outbox.bytes.count - start > DatagramLayout.sizeMax {
                outbox.bytes.truncate(to: before)
                break
            }
            entryCount += appended
            told += 1
        }
        let limit = fault == .rumorsKept ? Int.max : RumorQueue.sendsMax(nodeCount: nodeCount)
        rumors.told(told, limit: limit)
        return entryCount
    }

    /// Appends what is known of a member: one entry, or two for a suspect where all is asked for.
    ///
    /// - Parameter now: the time, where a table is being sent; nil: only the standing is of
    ///   interest.
    func appendEntries(
        _ member: Member, _ start: Int, _ now: Int64?, _ outbox: inout GossipOutbox
    ) -> Int {
        var count = 0
        if member.status == .alive || (now != nil && member.status == .suspect) {
            var standing = member.standing
            standing.status = .alive
            Entry(member.id, standing, .alive(member.metadata, member.ringEpoch))
                .append(to: &outbox.bytes)
            count += 1
        }
        switch member.status {
        case .alive: break
        case .suspect:
            Entry(member.id, member.standing, .suspect(accuser: accuserToName(member.id)))
                .append(to: &outbox.bytes)
            count += 1
        case .dead, .left:
            Entry(member.id, member.standing, .gone(ageSeconds: age(member)))
                .append(to: &outbox.bytes)
            count += 1
        }
        return count
    }

    /// This node, if it accuses the suspect itself; else who was heard of last.
    private func accuserToName(_ id: NodeID) -> NodeID {
        guard let suspicion = suspicions.first(where: { $0.id == id }) else { return self.id }
        if suspicion.isAccused(by: self.id) { return self.id }
        return suspicion.accuser(suspicion.accuserCount - 1)
    }

    private func age(_ member: Member) -> UInt32 {
        UInt32(clamping: max(clock - member.since, 0) / 1_000)
    }

    var ownEntry: Entry {
        let standing = Standing(life, incarnation, ownStatus)
        if ownStatus == .left { return Entry(id, standing, .gone(ageSeconds: 0)) }
        return Entry(id, standing, .alive(metadata, ringEpoch))
    }

    mutating func sendPing(
        to member: Member, sequence: UInt32, _ outbox: inout GossipOutbox
    ) {
        let start = begin(.ping, sequence: sequence, &outbox)
        outbox.bytes.append(member.id)
        finish(start, to: member, &outbox)
    }

    mutating func sendAck(
        to header: Header, _ now: Int64, _ outbox: inout GossipOutbox
    ) {
        let start = begin(.ack, sequence: header.sequence, &outbox)
        finish(start, to: header.address, about: (header.sender, header.life), &outbox)
    }

    // MARK: News

    /// There is news of a member: it is told with everything that is sent, and soon.
    mutating func spread(_ id: NodeID, _ now: Int64) {
        rumors.add(id)
        scheduleGossip(now)
    }

    /// The ring epoch has risen; it stands in every header, so there only need to be some.
    mutating func spreadEpoch(_ now: Int64) {
        epochSends = RumorQueue.sendsMax(nodeCount: nodeCount)
        scheduleGossip(now)
    }

    mutating func onEpoch(
        _ epoch: RingEpoch, _ sender: NodeID, _ now: Int64, _ outbox: inout GossipOutbox
    ) {
        if epoch <= ringEpoch { return }
        outbox.append(.epochSeen(epoch, sender))
        if fault == .epochKept { return }
        ringEpoch = epoch
        spreadEpoch(now)
    }

    private mutating func scheduleGossip(_ now: Int64) {
        let soonest = max(now + options.gossipDelay, lastGossipAt + options.gossipInterval)
        timers.gossip = min(timers.gossip, soonest)
    }

    mutating func onGossipTime(_ now: Int64, _ outbox: inout GossipOutbox) {
        timers.gossip = never
        lastGossipAt = now
        if liveCount == 0 {
            epochSends = 0
            return
        }
        sendRumors(to: options.gossipFanout, now, &outbox)
        if !rumors.isEmpty || epochSends > 0 { scheduleGossip(now) }
    }

    mutating func sendRumors(to count: Int, _ now: Int64, _ outbox: inout GossipOutbox) {
        lastGossipAt = now
        var chosen: [NodeID] = []
        chooseMembers(count, into: &chosen)
        for id in chosen {
            if rumors.isEmpty, epochSends == 0 { return }
            guard let place = table.find(id) else { continue }
            epochSends = max(epochSends - 1, 0)
            let start = begin(.rumors, sequence: 0, &outbox)
            finish(start, to: table[place], &outbox)
        }
    }
}
