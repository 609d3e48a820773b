/// A reply together with the bytes it was read from.
public struct Received: Equatable, Sendable {
    public let reply: Reply
    public let raw: [UInt8]

    public init(reply: Reply, raw: [UInt8]) {
        self.reply = reply
        self.raw = raw
    }
}

/// The server sent something that is not RESP.
public struct ReplyFormatError: Error, CustomStringConvertible {
    public let description: String
}

/// Cuts replies out of a growing buffer. It starts a reply again whenever bytes were missing,
/// which is quadratic in the number of reads per reply and plain to check.
public struct ReplyParser {
    private var buffer: [UInt8] = []
    private var start = 0
    private var cursor = 0

    public init() {}

    /// Bytes that arrived and belong to no complete reply yet.
    public var pending: ArraySlice<UInt8> { buffer[start...] }

    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            start = 0
        } else if start > 1 << 20 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next complete reply, or `nil` while bytes are missing.
    public mutating func next() throws -> Received? {
        cursor = start
        guard let reply = try parse() else { return nil }
        let raw = Array(buffer[start..<cursor])
        start = cursor
        return Received(reply: reply, raw: raw)
    }

    private mutating func parse() throws -> Reply? {
        guard let line = line(), let marker = line.first else { return nil }
        let body = Array(line.dropFirst())
        switch marker {
        case UInt8(ascii: "+"): return .simple(body)
        case UInt8(ascii: "-"): return .error(body)
        case UInt8(ascii: ":"): return .integer(Int64(try number(body)))
        case UInt8(ascii: "_"): return .null
        case UInt8(ascii: "#"): return .boolean(body == [UInt8(ascii: "t")])
        case UInt8(ascii: ","): return .double(body)
        case UInt8(ascii: "("): return .bigNumber(body)
        case UInt8(ascii: "$"): return try string(body) { .bulk($0) }
        case UInt8(ascii: "!"): return try string(body) { .blobError($0) }
        case UInt8(ascii: "="):
            return try string(body) {
                .verbatim(format: Array($0.prefix(3)), Array($0.dropFirst(4)))
            }
        case UInt8(ascii: "*"):
            if try number(body) == -1 { return .nullArray }
            return try elements(body).map { .array($0) }
        case UInt8(ascii: "~"): return try elements(body).map { .set($0) }
        case UInt8(ascii: ">"): return try elements(body).map { .push($0) }
        case UInt8(ascii: "%"): return try pairs(body).map { .map($0) }
        case UInt8(ascii: "|"):
            guard let attributes = try pairs(body), let reply = try parse() else { return nil }
            return .attributed(attributes, reply)
        default:
            throw ReplyFormatError(description: "not a RESP reply: \(quoted(pending))")
        }
    }

    /// The bytes up to the next CRLF; the cursor moves behind it.
    private mutating func line() -> ArraySlice<UInt8>? {
        guard let end = buffer[cursor...].firstIndex(of: UInt8(ascii: "\r")),
            end + 1 < buffer.count
        else { return nil }
        defer { cursor = end + 2 }
        return buffer[cursor..<end]
    }

    private func number(_ digits: [UInt8]) throws -> Int {
        guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
            throw ReplyFormatError(description: "not a length or an integer: \(quoted(digits))")
        }
        return value
    }

    private mutating func string(_ length: [UInt8], _ make: ([UInt8]) -> Reply) throws -> Reply? {
        let count = try number(length)
        if count == -1 { return .nullBulk }
        guard buffer.count >= cursor + count + 2 else { return nil }
        defer { cursor += count + 2 }
        return make(Array(buffer[cursor..<cursor + count]))
    }

    private mutating func elements(_ length: [UInt8]) throws -> [Reply]? {
        var elements: [Reply] = []
        for _ in 0..<(try number(length)) {
            guard let element = try parse() else { return nil }
            elements.append(element)
        }
        return elements
    }

    private mutating func pairs(_ length: [UInt8]) throws -> [Reply.Pair]? {
        var pairs: [Reply.Pair] = []
        for _ in 0..<(try number(length)) {
            guard let key = try parse(), let value = try parse() else { return nil }
            pairs.append(Reply.Pair(key: key, value: value))
        }
        return pairs
    }
}
