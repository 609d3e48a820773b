import Base

extension Engine {
    /// SSCAN key cursor [MATCH pattern] [COUNT count]: a small set comes whole.
    @inline(never)
    mutating func scanMembers(_ call: Invocation) {
        guard let (entry, options) = beginScan(call, .set) else { return }
        let next = collectBatch(entry, options)
        reply.scanHeader(next: next, count: memberBatch.count)
        for index in 0..<memberBatch.count { reply.bulk(memberBatch[index].element) }
        endBatch()
    }
}
