import Base

extension Engine {
    /// HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]
    ///
    /// A packed hash is returned whole. Of a table, what is there from the first call to the last
    /// is returned at least once.
    @inline(never)
    mutating func scanFields(_ call: Invocation) {
        guard let number = call[2].scanCursor else {
            fail(.invalidCursor)
            return
        }
        guard let found = read(call.key, .hash) else { return }
        guard let entry = found.entry else {
            reply.scanHeader(next: ScanCursor(rawValue: 0), count: 0)
            return
        }
        let options = ScanOptions(ofMembers: call)
        if let error = options.error {
            fail(error)
            return
        }
        if entry.has(.packedHash) {
            scanPack(Pack(entry), options)
        } else {
            scanTable(entry, ScanCursor(rawValue: number), options)
        }
    }

    private mutating func scanPack(_ pack: Pack, _ options: ScanOptions) {
        var count = 0
        pack.forEachField { field, _ in
            if field.withBytes({ options.accepts($0) }) { count += 1 }
        }
        reply.scanHeader(
            next: ScanCursor(rawValue: 0), count: options.wantsValues ? count * 2 : count)
        pack.forEachField { field, value in
            if !field.withBytes({ options.accepts($0) }) { return }
            reply.bulk(field)
            if options.wantsValues { reply.bulk(value) }
        }
    }

    private mutating func scanTable(
        _ entry: Entry, _ from: ScanCursor, _ options: ScanOptions
    ) {
        let cursor = collectScanned(entry, from, options)
        let count = members.count
        reply.scanHeader(next: cursor, count: options.wantsValues ? count * 2 : count)
        for index in 0..<count {
            replyField(members[index], options.wantsValues ? .both : .fields)
        }
        endCollecting()
    }

    /// Collects the members that HSCAN or its kin is to return from a cursor on; returns where to
    /// go on. ``endCollecting()`` must follow.
    mutating func collectScanned(
        _ entry: Entry, _ from: ScanCursor, _ options: ScanOptions
    ) -> ScanCursor {
        var cursor = MemberCursor(from)
        unsafe keyspace.collectMembers(
            of: entry.members, from: &cursor, count: options.count, into: &members)
        var kept = 0
        for index in 0..<members.count where options.accepts(members[index].key) {
            members[kept] = members[index]
            kept += 1
        }
        members.removeLast(members.count - kept)
        return cursor.scanCursor
    }

    /// Forgets the members that were collected, and gives much memory back.
    mutating func endCollecting() {
        members.removeAll()
        if members.capacity > Self.collectedMax { members = GrowableArray(capacity: 128) }
    }

    /// More places for collected members than this are not kept.
    private static var collectedMax: Int { 16_384 }
}

extension Pack {
    /// Calls `visit` with every field of a hash and its value.
    func forEachField(_ visit: (PackElement, PackElement) -> Void) {
        var offset = first
        while offset < byteCount {
            let valueOffset = next(offset)
            visit(element(at: offset), element(at: valueOffset))
            offset = next(valueOffset)
        }
    }
}

extension Reply {
    /// What SCAN and its kin answer, up to the names: the next cursor and how many follow.
    mutating func scanHeader(next: ScanCursor, count: Int) {
        array(2)
        bulk(Int64(bitPattern: next.rawValue))
        array(count)
    }
}
