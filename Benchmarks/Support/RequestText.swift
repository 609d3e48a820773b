import Base

/// Requests as a client sends them, appended to one buffer.
public struct RequestText: ~Copyable {
    private var buffer = OutputBuffer()

    public init() {}

    /// Bytes of all requests.
    public var count: Int { buffer.count }

    /// The requests from byte `lower` up to but not including byte `upper`. Valid until the next
    /// append.
    public func bytes(_ lower: Int, _ upper: Int) -> Bytes {
        buffer.bytes.slice(lower, upper)
    }

    /// Forgets the requests and keeps the memory.
    public mutating func removeAll() {
        buffer.removeAll()
    }

    /// "GET key"
    public mutating func appendGet(key: Int) {
        buffer.append("*2\r\n$3\r\nGET\r\n$16\r\nkey:")
        appendDigits(key)
        buffer.append("\r\n")
    }

    /// "SET key value", the value being 32 bytes that are no number.
    public mutating func appendSet(key: Int) {
        buffer.append("*3\r\n$3\r\nSET\r\n$16\r\nkey:")
        appendDigits(key)
        buffer.append("\r\n$32\r\nvalue:v:v:v:v:v:v:v:")
        appendDigits(key)
        buffer.append("\r\n")
    }

    /// "SET key 100000", a counter that has six digits for 900,000 increments.
    public mutating func appendSetCounter(key: Int) {
        buffer.append("*3\r\n$3\r\nSET\r\n$16\r\nkey:")
        appendDigits(key)
        buffer.append("\r\n$6\r\n100000\r\n")
    }

    /// "INCR key"
    public mutating func appendIncrement(key: Int) {
        buffer.append("*2\r\n$4\r\nINCR\r\n$16\r\nkey:")
        appendDigits(key)
        buffer.append("\r\n")
    }

    /// "HGET key field", the field being 7 bytes.
    public mutating func appendHashGet(key: Int, field: Int) {
        buffer.append("*3\r\n$4\r\nHGET\r\n$16\r\nkey:")
        appendDigits(key)
        buffer.append("\r\n")
        appendField(field)
    }

    /// "HSET key field value", the value being 15 bytes that are no number.
    public mutating func appendHashSet(key: Int, field: Int) {
        buffer.append("*4\r\n$4\r\nHSET\r\n$16\r\nkey:")
        appendDigits(key)
        buffer.append("\r\n")
        appendField(field)
        buffer.append("$15\r\nv:v")
        appendDigits(key)
        buffer.append("\r\n")
    }

    /// "HSET hash field value", the field being 16 bytes and the value 32.
    public mutating func appendMember(_ number: Int) {
        buffer.append("*4\r\n$4\r\nHSET\r\n$4\r\nhash\r\n$16\r\nfld:")
        appendDigits(number)
        buffer.append("\r\n$32\r\nvalue:v:v:v:v:v:v:v:")
        appendDigits(number)
        buffer.append("\r\n")
    }

    /// A request that is spelled out.
    public mutating func appendArray(_ text: StaticString) {
        buffer.append(text)
    }

    /// "LPUSH mylist xxx"
    public mutating func appendPush() {
        appendArray("*3\r\n$5\r\nLPUSH\r\n$6\r\nmylist\r\n$3\r\nxxx\r\n")
    }

    /// Words separated by spaces, as a telnet user sends them.
    public mutating func appendInline(_ words: StaticString) {
        buffer.append(words)
        buffer.append("\r\n")
    }

    /// As ``appendInline(_:)`` for words made at run time.
    public mutating func appendInline(made words: String) {
        OwnedBytes(words).withBytes { buffer.append($0) }
        buffer.append("\r\n")
    }

    /// "RESTORE to 0 payload"
    public mutating func appendRestore(_ payload: Bytes) {
        buffer.append("*4\r\n$7\r\nRESTORE\r\n$2\r\nto\r\n$1\r\n0\r\n$")
        OwnedBytes("\(payload.count)").withBytes { buffer.append($0) }
        buffer.append("\r\n")
        buffer.append(payload)
        buffer.append("\r\n")
    }

    /// The words as one request of any length.
    public mutating func append(words: [Substring]) {
        appendInline(made: "*\(words.count)")
        for word in words {
            appendInline(made: "$\(word.utf8.count)")
            appendInline(made: String(word))
        }
    }

    /// "SETBIT key 100 bit"
    public mutating func appendSetBit(key: Int, bit: Bool) {
        buffer.append("*4\r\n$6\r\nSETBIT\r\n$16\r\nkey:")
        appendDigits(key)
        buffer.append(bit ? "\r\n$3\r\n100\r\n$1\r\n1\r\n" : "\r\n$3\r\n100\r\n$1\r\n0\r\n")
    }

    /// "GETBIT key 100"
    public mutating func appendGetBit(key: Int) {
        buffer.append("*3\r\n$6\r\nGETBIT\r\n$16\r\nkey:")
        appendDigits(key)
        buffer.append("\r\n$3\r\n100\r\n")
    }

    /// "BITCOUNT key"
    public mutating func appendCountBits(key: Int) {
        buffer.append("*2\r\n$8\r\nBITCOUNT\r\n$16\r\nkey:")
        appendDigits(key)
        buffer.append("\r\n")
    }

    /// "PFADD key element", the element being 12 bytes.
    public mutating func appendAddElement(key: Int, element: Int) {
        buffer.append("*3\r\n$5\r\nPFADD\r\n$16\r\nkey:")
        appendDigits(key)
        buffer.append("\r\n$12\r\n")
        appendDigits(element)
        buffer.append("\r\n")
    }

    /// "field:" and one digit.
    private mutating func appendField(_ number: Int) {
        buffer.append("$7\r\nfield:")
        buffer.append(UInt8(ascii: "0") + UInt8(number % 10))
        buffer.append("\r\n")
    }

    /// The number's last twelve decimal digits: with "key:" a key of 16 bytes.
    private mutating func appendDigits(_ number: Int) {
        var divisor = 100_000_000_000
        while divisor > 0 {
            buffer.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
