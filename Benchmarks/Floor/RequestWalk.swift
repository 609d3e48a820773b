/// Walks the request frames in received bytes without looking at more than it must: the counts, the
/// lengths, and the first letter of the command, which decides the reply.
@safe
struct RequestWalk {
    private let bytes: UnsafePointer<UInt8>
    private let count: Int
    private var offset = 0

    init(_ received: UnsafeRawBufferPointer) {
        unsafe bytes = received.baseAddress!.assumingMemoryBound(to: UInt8.self)
        count = received.count
    }

    /// Appends a reply for each whole frame. Returns how many bytes those frames took; the rest is the
    /// beginning of a frame to come.
    mutating func run(into replies: inout ByteBuffer) -> Int {
        var consumed = 0
        while offset < count {
            let reply = unsafe bytes[offset] == UInt8(ascii: "*") ? walkArray() : walkLine()
            guard let reply else { break }
            unsafe replies.append(reply.utf8Start, reply.utf8CodeUnitCount)
            consumed = offset
        }
        return consumed
    }

    /// An array of bulk strings; nil when its end is not here yet.
    @inline(__always)
    private mutating func walkArray() -> StaticString? {
        guard let arguments = walkNumber() else { return nil }
        var command: UInt8 = 0
        for argument in 0..<arguments {
            guard offset < count, let length = walkNumber() else { return nil }
            if offset + length + 2 > count { return nil }
            if argument == 0 { command = unsafe bytes[offset] | 0x20 }
            offset += length + 2
        }
        return switch command {
        case UInt8(ascii: "g"): "$32\r\n0123456789abcdef0123456789abcdef\r\n"
        case UInt8(ascii: "p"): "+PONG\r\n"
        case UInt8(ascii: "c"): "*0\r\n"
        default: "+OK\r\n"
        }
    }

    /// The number between a type byte and the line's end; nil when the line's end is not here yet.
    @inline(__always)
    private mutating func walkNumber() -> Int? {
        var number = 0
        offset += 1
        while offset < count, unsafe bytes[offset] != UInt8(ascii: "\r") {
            number = unsafe number &* 10 &+ Int(bytes[offset] &- UInt8(ascii: "0"))
            offset += 1
        }
        if offset + 1 >= count { return nil }
        offset += 2
        return number
    }

    /// An inline command: a line.
    private mutating func walkLine() -> StaticString? {
        while offset < count {
            offset += 1
            if unsafe bytes[offset - 1] == UInt8(ascii: "\n") { return "+PONG\r\n" }
        }
        return nil
    }
}
