import Base

// Comparing tables with another node, and reaching those that rumours do not reach.
extension GossipNode {
    // MARK: Comparing tables

    /// After news in an exchange there may be more.
    mutating func exchangeSoon(_ now: Int64) {
        timers.exchange = min(timers.exchange, now + options.exchangeAgain)
    }

    mutating func onExchangeTime(_ now: Int64, _ outbox: inout GossipOutbox) {
        timers.exchange = never
        if liveCount == 0 { return }
        let partner = table[Int(random.next() % UInt64(liveCount))]
        // A little earlier or later, so that nodes that started together do not stay together.
        let jitter = Int64(random.next() % UInt64(options.exchangeInterval / 4 + 1))
        timers.exchange = now + options.exchangeInterval - jitter
        if fault == .noExchange { return }
        sendSync(to: partner.metadata.address, now, &outbox)
    }

    /// Sends the digests of this node's table, and what it says of itself.
    mutating func sendSync(
        to address: MemberAddress, _ now: Int64, _ outbox: inout GossipOutbox
    ) {
        let start = begin(.sync, sequence: nextSequence(), &outbox)
        for bucket in 0..<MemberTable.bucketCount {
            outbox.bytes.append(field: digest(bucket))
        }
        ownEntry.append(to: &outbox.bytes)
        close(start, entryCount: 1, to: address, &outbox)
    }

    /// The digest of a bucket with this node in it.
    private func digest(_ bucket: Int) -> UInt64 {
        let others = table.digests[bucket]
        if MemberTable.bucket(id) != bucket { return others }
        return ownStatus.isLive ? others &+ own.digest : others
    }

    mutating func onSync(_ message: Message, _ now: Int64, _ outbox: inout GossipOutbox) {
        var mask: UInt64 = 0
        for bucket in 0..<MemberTable.bucketCount where digest(bucket) != message.digest(bucket) {
            mask |= 1 << UInt64(bucket)
        }
        sendPages(mask, to: message.header, isAnswer: true, now, &outbox)
    }

    /// Sends what is known of the members in these buckets, from a random one on: what does not fit
    /// today is another time's turn.
    ///
    /// - Parameter isAnswer: to a sync; the other side's entries are wanted in return, and
    ///   something is sent even if there is no difference.
    mutating func sendPages(
        _ mask: UInt64, to header: Header, isAnswer: Bool, _ now: Int64,
        _ outbox: inout GossipOutbox
    ) {
        let isWanted = isAnswer && mask != 0
        var start = beginPage(mask, isWanted, header.sequence, &outbox)
        var count = 1
        var pages = 1
        let first = table.count == 0 ? 0 : Int(random.next() % UInt64(table.count))
        for offset in 0..<table.count {
            let member = table[(first + offset) % table.count]
            if mask >> UInt64(MemberTable.bucket(member.id)) & 1 == 0 { continue }
            let filled = outbox.bytes.count - start
            if filled + 2 * DatagramLayout.entrySizeMax > DatagramLayout.sizeMax {
                close(start, entryCount: count, to: header.address, &outbox)
                if pages == options.pagesMax { return }
                pages += 1
                start = beginPage(mask, false, header.sequence, &outbox)
                count = 1
            }
            count += appendEntries(member, start, now, &outbox)
        }
        close(start, entryCount: count, to: header.address, &outbox)
    }

    /// A page begins with what this node says of itself.
    private func beginPage(
        _ mask: UInt64, _ isWanted: Bool, _ sequence: UInt32, _ outbox: inout GossipOutbox
    ) -> Int {
        let start = begin(
            .page, flags: isWanted ? .entriesWanted : [], sequence: sequence, &outbox)
        outbox.bytes.append(field: mask)
        ownEntry.append(to: &outbox.bytes)
        return start
    }

    // MARK: Those that nobody reaches

    /// Asks one of the dead whether it is there after all: that is how a partition heals.
    mutating func onContactTime(_ now: Int64, _ outbox: inout GossipOutbox) {
        timers.contact = never
        let goneCount = table.count - liveCount
        if goneCount == 0 || fault == .deadAbandoned { return }
        timers.contact = now + options.contactInterval
        let first = Int(random.next() % UInt64(goneCount))
        for offset in 0..<goneCount {
            let member = table[liveCount + (first + offset) % goneCount]
            if member.status != .dead || !member.metadata.address.isUsable { continue }
            sendPing(to: member, sequence: nextSequence(), &outbox)
            return
        }
    }

    /// When the seeds are asked again: soon as long as nobody else is known.
    mutating func scheduleSeeds(_ now: Int64) {
        if seeds.isEmpty {
            timers.seed = never
            return
        }
        let interval: Int64
        if phase == .joining {
            interval = options.joinInterval
        } else {
            interval = liveCount == 0 ? options.contactInterval : options.seedInterval
        }
        timers.seed = now + interval
    }

    mutating func onSeedTime(_ now: Int64, _ outbox: inout GossipOutbox) {
        scheduleSeeds(now)
        if phase == .joining {
            for seed in seeds { sendSync(to: seed, now, &outbox) }
            return
        }
        if seeds.isEmpty { return }
        let seed = seeds[Int(random.next() % UInt64(seeds.count))]
        for place in 0..<liveCount where table[place].metadata.address == seed { return }
        sendSync(to: seed, now, &outbox)
    }
}
