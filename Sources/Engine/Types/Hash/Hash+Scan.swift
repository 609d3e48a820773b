import Base

extension Engine {
    /// HSCAN key cursor [MATCH pattern] [COUNT count] [NOVALUES]
    ///
    /// A packed hash is returned whole. Of a table, what is there from the first call to the last
    /// is returned at least once.
    @inline(never)
    mutating func scanFields(_ call: Invocation) {
        guard let (entry, options) = beginScan(call, .hash) else { return }
        if entry.has(.packedHash) {
            scanPack(Pack(entry), options)
        } else {
            scanTable(entry, options)
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

    private mutating func scanTable(_ entry: Entry, _ options: ScanOptions) {
        let cursor = collectScanned(entry, options)
        let count = members.count
        reply.scanHeader(next: cursor, count: options.wantsValues ? count * 2 : count)
        for index in 0..<count {
            replyField(members[index], options.wantsValues ? .both : .fields)
        }
        endCollecting()
    }

    /// Collects the fields that HSCAN is to return; returns where to go on. ``endCollecting()``
    /// must follow.
    private mutating func collectScanned(_ entry: Entry, _ options: ScanOptions) -> ScanCursor {
        var cursor = MemberCursor(options.cursor)
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
    private mutating func endCollecting() {
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
