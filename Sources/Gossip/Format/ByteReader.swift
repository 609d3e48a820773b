import Base

/// Reads a datagram's fields from the front; whatever the bytes are, it reads no further than they
/// go.
struct ByteReader {
    private let bytes: Bytes
    private(set) var offset: Int

    init(_ bytes: Bytes, from offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    var isAtEnd: Bool { offset == bytes.count }

    /// The little-endian integer that comes next.
    mutating func integer<Integer: FixedWidthInteger & UnsignedInteger>(
        _: Integer.Type
    ) throws(MessageFault) -> Integer {
        let part = try take(Integer.bitWidth / 8)
        var value: Integer = 0
        for index in 0..<part.count { value |= Integer(part[index]) << Integer(8 * index) }
        return value
    }

    /// The big-endian integer that comes next: parts of ids and hosts, which are texts of bytes.
    private mutating func ordered<Integer: FixedWidthInteger & UnsignedInteger>(
        _ type: Integer.Type
    ) throws(MessageFault) -> Integer {
        try integer(type).byteSwapped
    }

    /// The `count` bytes that come next.
    mutating func take(_ count: Int) throws(MessageFault) -> Bytes {
        guard count <= bytes.count - offset else { throw .tooShort }
        offset += count
        return bytes.slice(offset - count, offset)
    }

    /// An id, which may be zero.
    mutating func anyID() throws(MessageFault) -> NodeID {
        let high = try ordered(UInt64.self)
        let middle = try ordered(UInt64.self)
        return NodeID(high: high, middle: middle, low: try ordered(UInt32.self))
    }

    /// An id that is not zero.
    mutating func id() throws(MessageFault) -> NodeID {
        let id = try anyID()
        guard id != .zero else { throw .noID }
        return id
    }

    mutating func life() throws(MessageFault) -> Life {
        let generation = try integer(UInt32.self)
        return Life(generation: generation, salt: try integer(UInt32.self))
    }

    mutating func incarnation() throws(MessageFault) -> Incarnation {
        let incarnation = Incarnation(try integer(UInt32.self))
        guard incarnation <= .max else { throw .numberTooLarge }
        return incarnation
    }

    mutating func ringEpoch() throws(MessageFault) -> RingEpoch {
        let epoch = RingEpoch(try integer(UInt64.self))
        guard epoch <= DatagramLayout.ringEpochMax else { throw .numberTooLarge }
        return epoch
    }

    mutating func host() throws(MessageFault) -> Host {
        let high = try ordered(UInt64.self)
        return Host(high: high, low: try ordered(UInt64.self))
    }

    /// An address that can be sent to.
    mutating func address() throws(MessageFault) -> MemberAddress {
        let host = try host()
        let address = MemberAddress(host, port: try integer(UInt16.self))
        guard address.isUsable else { throw .noAddress }
        return address
    }
}

extension NodeID {
    /// Nobody's id.
    static let zero = NodeID(high: 0, middle: 0, low: 0)
}
