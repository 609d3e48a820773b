import Base

extension Engine {
    /// HRANDFIELD key [count [WITHVALUES]]
    @inline(never)
    mutating func randomField(_ call: Invocation) {
        if call.count > 2 {
            randomFields(call)
            return
        }
        guard let found = read(call.key, .hash) else { return }
        guard let entry = found.entry else {
            reply.null()
            return
        }
        if entry.has(.packedHash) {
            let pack = Pack(entry)
            let number = Int.random(in: 0..<pack.count &>> 1, using: &random)
            reply.bulk(pack.element(at: pack.offset(ofElement: number &* 2)))
        } else {
            reply.bulk(unsafe keyspace.randomMember(of: entry.members, &random).key)
        }
    }

    /// With a count: so many different ones, or, of a negative count, each drawn anew.
    private mutating func randomFields(_ call: Invocation) {
        guard let (count, hasValues) = readDraw(call, "withvalues") else { return }
        guard let found = read(call.key, .hash) else { return }
        guard let entry = found.entry, count != 0 else {
            reply.array(0)
            return
        }
        let draw = FieldDraw(
            count, of: keyspace.fieldCount(of: entry), hasValues: hasValues,
            isPaired: hasValues && reply.version == .resp3)
        if entry.form == .hash, postponesDraw(call.key, count, draw) { return }
        if count < 0 {
            drawWithRepeats(entry, draw)
            return
        }
        replyHeader(draw)
        if entry.has(.packedHash) {
            chooseFromPack(Pack(entry), draw)
        } else if draw.count * 3 > draw.size {
            chooseWalking(entry, draw)
        } else {
            chooseDrawing(entry, draw)
        }
    }

    private mutating func postponesDraw(
        _ key: KeyReference, _ count: Int64, _ draw: FieldDraw
    ) -> Bool {
        let form = DrawnForm(hasValues: draw.hasValues, isPaired: draw.isPaired)
        if isOverlong(draw.count) || !postpones(draw.count) { return false }
        begin { LongWork(.draw(MemberDraw(key, count, of: draw.size, form))) }
        return true
    }

    private mutating func replyHeader(_ draw: FieldDraw) {
        reply.array(draw.hasValues && !draw.isPaired ? draw.count * 2 : draw.count)
    }

    private mutating func replyPacked(_ pack: Pack, at offset: Int, _ draw: FieldDraw) {
        if draw.isPaired { reply.array(2) }
        reply.bulk(pack.element(at: offset))
        if draw.hasValues { reply.bulk(pack.element(at: pack.next(offset))) }
    }

    private mutating func replyMember(_ member: Entry, _ draw: FieldDraw) {
        if draw.isPaired { reply.array(2) }
        replyField(member, draw.hasValues ? .both : .fields)
    }

    // MARK: Each drawn anew

    private mutating func drawWithRepeats(_ entry: Entry, _ draw: FieldDraw) {
        let start = reply.buffer.count
        replyHeader(draw)
        let pack: Pack? = entry.has(.packedHash) ? Pack(entry) : nil
        if let pack { notePlaces(of: pack) }
        for _ in 0..<draw.count {
            if let pack {
                let number = Int.random(in: 0..<draw.size, using: &random)
                replyPacked(pack, at: Int(places[number]), draw)
            } else {
                replyMember(unsafe keyspace.randomMember(of: entry.members, &random), draw)
            }
            if endOverlongReply(from: start) { break }
        }
        places.removeAll()
    }

    private mutating func notePlaces(of pack: Pack) {
        var offset = pack.first
        while offset < pack.byteCount {
            places.append(UInt16(offset))
            offset = pack.next(pack.next(offset))
        }
    }

    // MARK: Different ones

    /// In one walk: each field is taken with the chance that it has among those left.
    private mutating func chooseFromPack(_ pack: Pack, _ draw: FieldDraw) {
        var (wanted, left) = (draw.count, draw.size)
        var offset = pack.first
        while wanted > 0 {
            if Int.random(in: 0..<left, using: &random) < wanted {
                replyPacked(pack, at: offset, draw)
                wanted -= 1
            }
            left -= 1
            offset = pack.next(pack.next(offset))
        }
    }

    /// As ``chooseFromPack(_:_:)`` for a large share of a table's fields.
    private mutating func chooseWalking(_ entry: Entry, _ draw: FieldDraw) {
        var (wanted, left) = (draw.count, draw.size)
        var cursor = MemberCursor()
        while wanted > 0 {
            unsafe keyspace.collectMembers(
                of: entry.members, from: &cursor, count: Self.collectedAtOnce, into: &members)
            for index in 0..<members.count {
                if Int.random(in: 0..<left, using: &random) < wanted {
                    replyMember(members[index], draw)
                    wanted -= 1
                }
                left -= 1
            }
            members.removeAll()
        }
    }

    /// For a small share: draws until enough different ones have come.
    private mutating func chooseDrawing(_ entry: Entry, _ draw: FieldDraw) {
        var chosen = HashSet64()
        while chosen.count < draw.count {
            let member = unsafe keyspace.randomMember(of: entry.members, &random)
            if chosen.insert(keyspace.hash(of: member.key)) { replyMember(member, draw) }
        }
    }
}

/// What HRANDFIELD draws from, and how it answers.
private struct FieldDraw {
    /// How many fields are returned, at least 1.
    let count: Int
    /// How many the hash has.
    let size: Int
    let hasValues: Bool
    /// Each field is an array with its value.
    let isPaired: Bool

    /// - Parameter count: as it was given: negative where fields may come again.
    init(_ count: Int64, of size: Int, hasValues: Bool, isPaired: Bool) {
        self.count = count < 0 ? Int(count.magnitude) : min(Int(count), size)
        self.size = size
        self.hasValues = hasValues
        self.isPaired = isPaired
    }
}
