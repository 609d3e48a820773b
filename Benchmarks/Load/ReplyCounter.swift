/// Counts the replies in a stream that arrives in pieces of any size: lines and bulk strings, which
/// is all that GET and SET are answered with.
struct ReplyCounter {
    private(set) var errors = 0
    private(set) var misses = 0
    private var state = State.type
    private var type: UInt8 = 0
    private var number = 0
    private var isNegative = false

    private enum State {
        case type
        case line
        /// Bytes of a bulk string and its line end that are still to come.
        case bulk(remaining: Int)
    }

    mutating func clearFigures() {
        errors = 0
        misses = 0
    }

    /// How many replies end in `bytes`.
    mutating func count(_ bytes: UnsafeRawBufferPointer) -> Int {
        var replies = 0
        var offset = 0
        while offset < bytes.count {
            switch state {
            case .bulk(let remaining):
                let taken = min(remaining, bytes.count - offset)
                offset += taken
                state = taken == remaining ? .type : .bulk(remaining: remaining - taken)
                if taken == remaining { replies += 1 }
            case .type:
                unsafe begin(bytes[offset])
                offset += 1
            case .line:
                if unsafe step(bytes[offset]) { replies += 1 }
                offset += 1
            }
        }
        return replies
    }

    private mutating func begin(_ byte: UInt8) {
        type = byte
        number = 0
        isNegative = false
        state = .line
        if byte == UInt8(ascii: "-") { errors += 1 }
    }

    /// One byte of a line; true when it ends a reply.
    private mutating func step(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\n"):
            state = .type
            if type != UInt8(ascii: "$") { return true }
            if isNegative {
                misses += 1
                return true
            }
            state = .bulk(remaining: number + 2)
        case UInt8(ascii: "-"): isNegative = true
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            number = number &* 10 &+ Int(byte &- UInt8(ascii: "0"))
        default: break
        }
        return false
    }
}
