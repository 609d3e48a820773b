/// A reply as a client reads it.
package indirect enum SimReply: Hashable, Sendable, CustomStringConvertible {
    case simple(String)
    case error(String)
    case integer(Int64)
    /// Nil: no value.
    case bulk(String?)
    /// Nil: no array.
    case array([SimReply]?)

    package static let ok = SimReply.simple("OK")
    package static let queued = SimReply.simple("QUEUED")
    package static let null = SimReply.bulk(nil)

    package var isError: Bool {
        if case .error = self { true } else { false }
    }

    package var description: String {
        switch self {
        case .simple(let text): "+\(text)"
        case .error(let text): "-\(text)"
        case .integer(let value): ":\(value)"
        case .bulk(let text): text.map { "\"\($0)\"" } ?? "nil"
        case .array(let items): items.map { "\($0)" } ?? "nil-array"
        }
    }
}

/// Cuts a stream of bytes into replies of RESP2.
struct ReplyReader {
    private var bytes: [UInt8] = []

    /// The bytes are no reply.
    struct Malformed: Error {}

    mutating func append(_ more: [UInt8]) { bytes += more }

    var isEmpty: Bool { bytes.isEmpty }

    /// The next whole reply, or nil where more bytes are needed.
    mutating func next() throws(Malformed) -> SimReply? {
        var offset = 0
        guard let reply = try parse(&offset) else { return nil }
        bytes.removeFirst(offset)
        return reply
    }

    private func parse(_ offset: inout Int) throws(Malformed) -> SimReply? {
        guard let line = line(&offset) else { return nil }
        guard let mark = line.utf8.first else { throw Malformed() }
        let rest = String(line.dropFirst())
        switch mark {
        case UInt8(ascii: "+"): return .simple(rest)
        case UInt8(ascii: "-"): return .error(rest)
        case UInt8(ascii: ":"): return .integer(try integer(rest))
        case UInt8(ascii: "$"):
            let count = Int(try integer(rest))
            if count < 0 { return .null }
            guard bytes.count >= offset + count + 2 else { return nil }
            defer { offset += count + 2 }
            return .bulk(String(decoding: bytes[offset..<(offset + count)], as: UTF8.self))
        case UInt8(ascii: "*"):
            let count = Int(try integer(rest))
            if count < 0 { return .array(nil) }
            var items: [SimReply] = []
            for _ in 0..<count {
                guard let item = try parse(&offset) else { return nil }
                items.append(item)
            }
            return .array(items)
        default: throw Malformed()
        }
    }

    private func integer(_ text: String) throws(Malformed) -> Int64 {
        guard let value = Int64(text) else { throw Malformed() }
        return value
    }

    private func line(_ offset: inout Int) -> String? {
        guard let end = bytes[offset...].firstIndex(of: 13), end + 1 < bytes.count else {
            return nil
        }
        defer { offset = end + 2 }
        return String(decoding: bytes[offset..<end], as: UTF8.self)
    }
}

/// A request as the bytes of an array of bulk strings.
package func encodeRequest(_ words: [String]) -> [UInt8] {
    var text = "*\(words.count)\r\n"
    for word in words { text += "$\(word.utf8.count)\r\n\(word)\r\n" }
    return [UInt8](text.utf8)
}
