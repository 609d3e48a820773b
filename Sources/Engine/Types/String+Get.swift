import Base

extension Engine {
    /// GET key
    @inline(__always)
    mutating func get(_ call: Invocation) {
        guard let entry = keyspace.read(call.key) else {
            reply.null()
            return
        }
        if _slowPath(entry.isLongOrNoString) {
            getLong(entry, call)
            return
        }
        reply.bulk(entry.value)
    }

    /// GET of what does not lie inside its entry as it is.
    @inline(never)
    private mutating func getLong(_ entry: Entry, _ call: Invocation) {
        if !entry.isString {
            fail(.wrongType)
            return
        }
        if entry.isCompressed {
            replyString(entry)
            return
        }
        let bytes = entry.valueBytes
        if postpones(bytes.count / Engine.bytesPerElement) {
            let work = StringReply(call, 0..<bytes.count, at: now)
            begin { LongWork(.strings(work)) }
            return
        }
        reply.bulk(bytes)
    }

    /// How many bytes that are copied count as much as an element.
    static var bytesPerElement: Int { 256 }
    /// How many bytes that are only read count as much as an element.
    static var readBytesPerElement: Int { 1024 }

    /// MGET key [key …]
    @inline(never)
    mutating func getMany(_ call: Invocation) {
        if postpones(2 * call.count) {
            let work = StringReply(call, nil, at: now)
            begin { LongWork(.strings(work)) }
            return
        }
        let (start, statistics) = (reply.buffer.count, keyspace.statistics)
        var bytesMax = Engine.bytesPerElement * PostponedCall.smallCost
        reply.array(call.count &- 1)
        for index in 1..<max(call.count, 1) {
            let key = index == 1 ? call.key : reference(call[index])
            guard let entry = keyspace.read(key), entry.isString else {
                reply.null()
                continue
            }
            if _slowPath(reply.buffer.count &- start > bytesMax || entry.isLongOrNoString) {
                let bytes = reply.buffer.count - start + entry.stringLength
                if postpones(bytes / Engine.bytesPerElement) {
                    // Nothing has happened but that some keys were counted as read.
                    reply.buffer.truncate(to: start)
                    keyspace.statistics = statistics
                    let work = StringReply(call, nil, at: now)
                    begin { LongWork(.strings(work)) }
                    return
                }
                bytesMax = 2 * bytes
            }
            replyString(entry)
        }
    }

    /// Answers with a string.
    @inline(__always)
    mutating func replyString(_ entry: Entry) {
        if _slowPath(entry.isCompressed) {
            replyInflated(entry.compressed)
        } else {
            reply.bulk(entry.value)
        }
    }

    /// Answers with a compressed string, which is decompressed where the reply goes.
    @inline(never)
    private mutating func replyInflated(_ string: CompressedString) {
        let length = string.length
        reply.bulkLength(length)
        unsafe string.inflate(to: reply.buffer.reserve(length &+ 2))
        reply.buffer.advance(length)
        reply.buffer.append("\r\n")
    }

    /// STRLEN key
    @inline(never)
    mutating func stringLength(_ call: Invocation) {
        guard let found = read(call.key, .string) else { return }
        reply.integer(found.entry?.stringLength ?? 0)
    }

    /// GETDEL key
    @inline(never)
    mutating func getAndDelete(_ call: Invocation) {
        guard let found = read(call.key, .string) else { return }
        guard let position = found.position else {
            reply.null()
            return
        }
        if postponesOld(call, position.entry) { return }
        replyOld(position.entry)
        drop(call.key, position)
    }

    /// GETSET key value
    @inline(never)
    mutating func getAndSet(_ call: Invocation) {
        if postponesStoring(call, 2, answersOld: true) { return }
        guard let found = read(call.key, .string) else { return }
        if let entry = found.entry, postponesOld(call, entry) { return }
        replyOld(found.entry)
        keyspace.store(call.key, found.position, newString(call[2]), .clear)
        notify(.string, "set", call.key.bytes)
    }

    /// GETEX key [EX seconds | PX milliseconds | EXAT time | PXAT time | PERSIST]
    @inline(never)
    mutating func getAndExpire(_ call: Invocation) {
        guard let options = SetOptions(getex: call) else {
            fail(.syntax)
            return
        }
        let key = call.key
        guard let found = read(key, .string) else { return }
        guard let entry = found.entry else {
            reply.null()
            return
        }
        var deadline: Int64?
        if let expiry = options.expiry {
            guard let time = readDeadline(call, expiry) else { return }
            deadline = time
        }
        if postponesOld(call, entry) { return }
        replyOld(entry)
        guard let position = keyspace.lookUp(key) else { return }
        if let deadline {
            setDeadline(key, position, deadline)
        } else if options.persists, entry.deadline != nil {
            keyspace.setDeadline(key, position, nil)
            notify(.generic, "persist", key.bytes)
        }
    }
}

extension StringValue {
    /// The value's length in bytes, an integer's being that of its digits.
    var length: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .integer(let integer):
            decimalLength(integer.magnitude) + (integer < 0 ? 1 : 0)
        }
    }

    /// Calls `body` with the value's bytes; an integer's are spelled out for the duration of the
    /// call.
    @inline(__always)
    func withBytes<Result>(_ body: (Bytes) -> Result) -> Result {
        switch self {
        case .bytes(let bytes): return body(bytes)
        case .integer(let integer):
            return unsafe withUnsafeTemporaryAllocation(
                byteCount: decimalSizeMax, alignment: 8
            ) { digits in
                let start = unsafe digits.baseAddress.unsafelyUnwrapped
                let length = unsafe writeDecimal(integer, to: start)
                return body(unsafe Bytes(start: start, count: length))
            }
        }
    }
}
