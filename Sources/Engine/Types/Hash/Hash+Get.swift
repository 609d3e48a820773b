import Base

/// What of each field a command returns.
enum FieldParts {
    case both
    case fields
    case values
}

extension Engine {
    /// HGET key field
    @inline(never)
    mutating func getField(_ call: Invocation) {
        guard let found = read(call.key, .hash) else { return }
        replyValue(of: call[2], in: found.entry)
    }

    /// HMGET key field [field …]
    @inline(never)
    mutating func getFields(_ call: Invocation) {
        guard let found = read(call.key, .hash) else { return }
        if _slowPath(call.count > Self.fewArguments), postponesArguments(call) { return }
        reply.array(call.count &- 2)
        for index in 2..<call.count { replyValue(of: call[index], in: found.entry) }
    }

    @inline(__always)
    mutating func replyValue(of field: Bytes, in entry: Entry?) {
        if let entry, let value = keyspace.findField(field, in: entry) {
            reply.bulk(value)
        } else {
            reply.null()
        }
    }

    /// HEXISTS key field
    @inline(never)
    mutating func fieldExists(_ call: Invocation) {
        guard let found = read(call.key, .hash) else { return }
        let value = found.entry.flatMap { keyspace.findField(call[2], in: $0) }
        reply.integer(value == nil ? 0 : 1)
    }

    /// HSTRLEN key field
    @inline(never)
    mutating func fieldLength(_ call: Invocation) {
        guard let found = read(call.key, .hash) else { return }
        let value = found.entry.flatMap { keyspace.findField(call[2], in: $0) }
        reply.integer(value?.length ?? 0)
    }

    /// HLEN key
    @inline(never)
    mutating func countFields(_ call: Invocation) {
        guard let found = read(call.key, .hash) else { return }
        reply.integer(found.entry.map { keyspace.fieldCount(of: $0) } ?? 0)
    }

    /// HGETALL key, HKEYS key, HVALS key
    @inline(never)
    mutating func getAllFields(_ call: Invocation, _ parts: FieldParts) {
        guard let found = read(call.key, .hash) else { return }
        let count = found.entry.map { keyspace.fieldCount(of: $0) } ?? 0
        if found.entry?.form == .hash, postpones(count) { return }
        if parts == .both { reply.map(count) } else { reply.array(count) }
        if let entry = found.entry { replyAllFields(of: entry, parts) }
    }

    /// How many members of a large collection are collected before they are answered with.
    static var collectedAtOnce: Int { 64 }

    /// Every field of a hash, without a header.
    mutating func replyAllFields(of entry: Entry, _ parts: FieldParts) {
        if entry.has(.packedHash) {
            replyPackedFields(Pack(entry), parts)
            return
        }
        var cursor = MemberCursor()
        while !cursor.isAtEnd {
            unsafe keyspace.collectMembers(
                of: entry.members, from: &cursor, count: Self.collectedAtOnce, into: &members)
            for index in 0..<members.count { replyField(members[index], parts) }
            members.removeAll()
        }
    }

    private mutating func replyPackedFields(_ pack: Pack, _ parts: FieldParts) {
        var offset = pack.first
        while offset < pack.byteCount {
            if parts != .values { reply.bulk(pack.element(at: offset)) }
            offset = pack.next(offset)
            if parts != .fields { reply.bulk(pack.element(at: offset)) }
            offset = pack.next(offset)
        }
    }

    /// One field of a hash that is a table.
    @inline(__always)
    mutating func replyField(_ member: Entry, _ parts: FieldParts) {
        if parts != .values { reply.bulk(member.key) }
        if parts != .fields { reply.bulk(member.value) }
    }
}
