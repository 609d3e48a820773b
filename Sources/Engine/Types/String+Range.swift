import Base

extension Engine {
    /// APPEND key value
    @inline(never)
    mutating func append(_ call: Invocation) {
        let key = call.key
        let added = call[2]
        guard let found = find(key, .string) else { return }
        guard let position = found.position else {
            if postponesStoring(call, 2) { return }
            keyspace.insert(key, newString(added), .clear)
            notify(.string, "append", key.bytes)
            reply.integer(added.count)
            return
        }
        let before = position.entry.stringLength
        if before + added.count > limits.stringLengthMax {
            fail(.stringTooLong)
            return
        }
        if postponesWriting(call, added, at: before, before) { return }
        let length = before + added.count
        let bytes = unsafe keyspace.resizeString(key, position, to: length)
        unsafe (bytes + before).copyMemory(from: added.start, byteCount: added.count)
        keyspace.noteSplice(key, position.entry, before..<length)
        notify(.string, "append", key.bytes)
        reply.integer(length)
    }

    /// SETRANGE key offset value
    @inline(never)
    mutating func setRange(_ call: Invocation) {
        guard let offset = call[2].canonicalInteger else {
            fail(.notInteger)
            return
        }
        if offset < 0 {
            fail(.offsetOutOfRange)
            return
        }
        let key = call.key
        let added = call[3]
        guard let found = find(key, .string) else { return }
        let position = found.position
        let before = position?.entry.stringLength ?? 0
        if added.isEmpty {
            reply.integer(before)
            return
        }
        if offset > Int64(limits.stringLengthMax - added.count) {
            fail(.stringTooLong)
            return
        }
        if postponesWriting(call, added, at: Int(offset), before) { return }
        let length = max(before, Int(offset) + added.count)
        let bytes = unsafe string(key, position, length)
        unsafe (bytes + Int(offset)).copyMemory(from: added.start, byteCount: added.count)
        keyspace.noteSplice(key, position, Int(offset)..<(Int(offset) + added.count))
        notify(.string, "setrange", key.bytes)
        reply.integer(length)
    }

    /// The bytes of a string of that length, made where it is not there.
    private mutating func string(
        _ key: KeyReference, _ position: Position?, _ length: Int
    ) -> UnsafeMutableRawPointer {
        if let position { return unsafe keyspace.resizeString(key, position, to: length) }
        return unsafe keyspace.insertZeros(key, count: length)
    }

    /// GETRANGE key start end, SUBSTR key start end
    @inline(never)
    mutating func getRange(_ call: Invocation) {
        guard let start = call[2].canonicalInteger, let end = call[3].canonicalInteger else {
            fail(.notInteger)
            return
        }
        guard let found = read(call.key, .string) else { return }
        guard let entry = found.entry else {
            reply.bulk(Bytes())
            return
        }
        if entry.form == .long {
            let range = entry.valueBytes.range(from: start, through: end)
            if postpones(range.count / Engine.bytesPerElement) {
                let work = StringReply(call, range, at: now)
                begin { LongWork(.strings(work)) }
                return
            }
        }
        keyspace.string(of: entry).withBytes { bytes in
            let range = bytes.range(from: start, through: end)
            reply.bulk(bytes.slice(range.lowerBound, range.upperBound))
        }
    }
}

extension Bytes {
    /// The places of the bytes from `start` through `end`, both counted from the end where
    /// negative, cut to what is there.
    fileprivate func range(from start: Int64, through end: Int64) -> Range<Int> {
        let count = Int64(count)
        if start < 0, end < 0, start > end { return 0..<0 }
        let lower = max(start < 0 ? count + start : start, 0)
        let upper = min(max(end < 0 ? count + end : end, 0), count - 1)
        if lower > upper || count == 0 { return 0..<0 }
        return Int(lower)..<(Int(upper) + 1)
    }
}
