import Base

// What HSCAN, SSCAN and ZSCAN have in common.
extension Engine {
    /// Looks up what HSCAN or its kin scans, and reads the options behind the cursor; nil after
    /// answering, with an error or, where there is no key, with nothing.
    mutating func beginScan(_ call: Invocation, _ type: ValueType) -> (Entry, ScanOptions)? {
        guard let number = call[2].scanCursor else {
            fail(.invalidCursor)
            return nil
        }
        guard let found = read(call.key, type) else { return nil }
        guard let entry = found.entry else {
            reply.scanHeader(next: ScanCursor(rawValue: 0), count: 0)
            return nil
        }
        let options = ScanOptions(ofMembers: call, from: ScanCursor(rawValue: number))
        if let error = options.error {
            fail(error)
            return nil
        }
        return (entry, options)
    }

    /// Collects into the batch what SSCAN or ZSCAN is to return: of a collection in one block all
    /// that the pattern accepts. Returns where to go on; ``endBatch()`` must follow.
    mutating func collectBatch(_ entry: Entry, _ options: ScanOptions) -> ScanCursor {
        var walk = MemberWalk(options.cursor)
        let isTable = entry.form == .set || entry.form == .sortedSet
        walk.collect(isTable ? options.count : .max, of: entry, keyspace, into: &memberBatch)
        var kept = 0
        for index in 0..<memberBatch.count {
            let member = memberBatch[index]
            if !member.element.withBytes({ options.accepts($0) }) { continue }
            memberBatch[kept] = member
            kept += 1
        }
        memberBatch.removeLast(memberBatch.count - kept)
        return walk.scanCursor
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
