import Base

extension Engine {
    /// SSCAN key cursor [MATCH pattern] [COUNT count]: a small set comes whole.
    @inline(never)
    mutating func scanMembers(_ call: Invocation) {
        let options = ScanOptions(call, cursorAt: 2)
        if case .invalidCursor? = options.error {
            fail(.invalidCursor)
            return
        }
        guard let found = read(call.key, .set) else { return }
        guard let entry = found.entry else {
            replyScan(ScanCursor(rawValue: 0))
            reply.array(0)
            return
        }
        if let error = options.error {
            fail(error)
            return
        }
        var walk = MemberWalk(options.cursor)
        memberBatch.removeAll()
        let count = entry.form == .set ? options.count : .max
        walk.collect(count, of: entry, keyspace, into: &memberBatch)
        replyScan(walk.scanCursor)
        let start = reply.buffer.count
        var accepted = 0
        for index in 0..<memberBatch.count where options.accepts(memberBatch[index].element) {
            reply.bulk(memberBatch[index].element)
            accepted += 1
        }
        reply.array(accepted, before: start)
    }

    /// The first half of an answer to SSCAN and its kin.
    mutating func replyScan(_ cursor: ScanCursor) {
        reply.array(2)
        reply.bulk(Int64(bitPattern: cursor.rawValue))
    }
}
