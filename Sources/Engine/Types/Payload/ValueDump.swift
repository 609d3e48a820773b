import Base
import RDB

extension Engine {
    /// DUMP key
    @inline(never)
    mutating func dumpValue(_ call: Invocation) {
        let key = call.key
        guard let entry = keyspace.read(key) else {
            reply.null()
            return
        }
        let writer = PayloadWriter(version: limits.payloadVersion)
        if postpones(ValueDump.cost(entry, keyspace)) {
            begin { LongWork(.valueDump(ValueDump(key, writer))) }
            return
        }
        var work = ValueDump(key, writer)
        var budget = Int.max
        let isDone = work.step(&self, budget: &budget)
        invariant(isDone, "without a bound a value is dumped")
    }
}

/// DUMP, in parts where the value is large: first the payload's length is reckoned, since the reply
/// begins with it; then it is written. Between the parts nobody changes the key.
struct ValueDump {
    private enum Stage {
        case measuring(ValueWalk)
        case elements(ValueWalk)
        /// From which byte of a string on.
        case bytes(Int)
        case end
    }

    private let key: KeyReference
    private let writer: PayloadWriter
    private var stage = Stage.measuring(ValueWalk())
    /// Of the whole payload.
    private var length = PayloadWriter.trailerSize
    /// Of what has been written.
    private var checksum: UInt64 = 0

    /// Bytes of a string that count as one element.
    private static var bytesPerElement: Int { 512 }

    /// - Parameter key: that of a value, which is there until the end.
    init(_ key: KeyReference, _ writer: PayloadWriter) {
        self.key = key
        self.writer = writer
    }

    /// About how many elements are looked at.
    static func cost(_ entry: Entry, _ keyspace: borrowing Keyspace) -> Int {
        entry.form == .long
            ? entry.long.length / bytesPerElement : 2 * keyspace.elementCount(of: entry)
    }

    mutating func step(_ engine: inout Engine, budget: inout Int) -> Bool {
        let entry = engine.pinned(key)
        if case .measuring(let walk) = stage {
            if entry.type == .string {
                beginString(engine.keyspace.string(of: entry), &engine)
            } else {
                measure(entry, walk, &engine, &budget)
            }
            if case .measuring = stage { return false }
            if budget <= 0 { return false }
        }
        let start = engine.reply.buffer.count
        switch stage {
        case .elements(var walk):
            let writer = writer
            walk.step(entry, &engine, budget: &budget) { engine, element in
                writer.append(element, &engine.reply.buffer)
            }
            stage = walk.isAtEnd ? .end : .elements(walk)
        case .bytes(let offset): appendBytes(entry, from: offset, &engine, &budget)
        case .measuring, .end: break
        }
        extendChecksum(from: start, engine)
        if case .end = stage {
            writer.end(engine.crc, after: checksum, &engine.reply.buffer)
            engine.reply.buffer.append("\r\n")
            return true
        }
        return false
    }

    private mutating func measure(
        _ entry: Entry, _ before: ValueWalk, _ engine: inout Engine, _ budget: inout Int
    ) {
        var walk = before
        var size = 0
        walk.step(entry, &engine, budget: &budget) { _, element in
            size += PayloadWriter.size(of: element)
        }
        length += size
        stage = .measuring(walk)
        if !walk.isAtEnd { return }
        let type = PayloadType(entry.type)
        let count =
            type == .list ? entry.listCount : engine.keyspace.memberCount(of: entry)
        length += PayloadWriter.headerSize(type, count: count)
        begin(type, count: count, &engine)
        stage = .elements(ValueWalk())
    }

    private mutating func beginString(_ value: StringValue, _ engine: inout Engine) {
        let element = PayloadElement(value)
        length += PayloadWriter.headerSize(.string, count: 1) + PayloadWriter.size(of: element)
        begin(.string, count: 1, &engine)
        let start = engine.reply.buffer.count
        switch value {
        case .integer:
            writer.append(element, &engine.reply.buffer)
            stage = .end
        case .bytes(let bytes):
            writer.beginString(length: bytes.count, &engine.reply.buffer)
            stage = .bytes(0)
        }
        extendChecksum(from: start, engine)
    }

    /// Begins the reply, whose ``length`` is known now.
    private mutating func begin(_ type: PayloadType, count: Int, _ engine: inout Engine) {
        engine.reply.bulkLength(length)
        let start = engine.reply.buffer.count
        writer.begin(type, count: count, &engine.reply.buffer)
        extendChecksum(from: start, engine)
    }

    private mutating func appendBytes(
        _ entry: Entry, from offset: Int, _ engine: inout Engine, _ budget: inout Int
    ) {
        let bytes = engine.keyspace.stringBytes(of: entry)
        let elements = min(max(budget, 1), bytes.count / Self.bytesPerElement + 1)
        let end = min(bytes.count, offset + elements * Self.bytesPerElement)
        engine.reply.buffer.append(bytes.slice(offset, end))
        budget -= elements
        stage = end == bytes.count ? .end : .bytes(end)
    }

    private mutating func extendChecksum(from start: Int, _ engine: borrowing Engine) {
        let buffer = engine.reply.buffer.bytes
        checksum = engine.crc.checksum(buffer.slice(start, buffer.count), after: checksum)
    }
}

extension PayloadType {
    init(_ type: ValueType) {
        switch type {
        case .string: self = .string
        case .list: self = .list
        case .hash: self = .hash
        case .set: self = .set
        case .sortedSet: self = .sortedSet
        }
    }
}
