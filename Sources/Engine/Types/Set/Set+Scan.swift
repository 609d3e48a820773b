import Base

extension Engine {
    /// SSCAN key cursor [MATCH pattern] [COUNT count]: a small set comes whole.
    @inline(never)
    mutating func scanMembers(_ call: Invocation) {
        guard let number = call[2].scanCursor else {
            fail(.invalidCursor)
            return
        }
        guard let found = read(call.key, .set) else { return }
        guard let entry = found.entry else {
            reply.scanHeader(next: ScanCursor(rawValue: 0), count: 0)
            return
        }
        let options = ScanOptions(ofMembers: call)
        if let error = options.error {
            fail(error)
            return
        }
        replyScanned(entry, MemberWalk(ScanCursor(rawValue: number)), options)
    }

    private mutating func replyScanned(
        _ entry: Entry, _ from: MemberWalk, _ options: ScanOptions
    ) {
        var walk = from
        let count = entry.form == .set ? options.count : .max
        walk.collect(count, of: entry, keyspace, into: &memberBatch)
        var kept = 0
        for index in 0..<memberBatch.count {
            let member = memberBatch[index]
            if !member.element.withBytes({ options.accepts($0) }) { continue }
            memberBatch[kept] = member
            kept += 1
        }
        reply.scanHeader(next: walk.scanCursor, count: kept)
        for index in 0..<kept { reply.bulk(memberBatch[index].element) }
        endBatch()
    }
}
