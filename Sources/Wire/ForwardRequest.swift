import Base

/// Which request on a link: a number of the sender's choice that no other request in flight has.
public struct RequestID: Hashable, Sendable, BitwiseCopyable {
    public let rawValue: UInt64

    /// The request of this number.
    @inlinable
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// What the executor must know of the client beside its request
/// (docs/internals/wire.md, "Forwarded requests").
public struct ForwardRequestFlags: OptionSet, Sendable, BitwiseCopyable {
    public let rawValue: UInt16

    /// The flags of these bits.
    @inlinable
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The content goes on in the link's next item of this id.
    public static let more = ForwardRequestFlags(rawValue: 1)
    /// The content goes on from an item before.
    public static let continued = ForwardRequestFlags(rawValue: 2)
    /// The client reads no reply; the executor still answers, with an empty content.
    public static let noReply = ForwardRequestFlags(rawValue: 4)
    /// Reading does not refresh the key's age: CLIENT NO-TOUCH.
    public static let noTouch = ForwardRequestFlags(rawValue: 8)
    /// The client is not to be evicted: CLIENT NO-EVICT.
    public static let noEvict = ForwardRequestFlags(rawValue: 16)
    /// The slot is being imported, and the sender knows.
    public static let asking = ForwardRequestFlags(rawValue: 32)

    /// Every flag there is.
    @usableFromInline static let known: UInt16 = 63
}

/// The version of the Redis protocol that a reply is written in.
public enum ReplyProtocol: UInt8, Sendable, BitwiseCopyable {
    /// RESP2.
    case resp2 = 2
    /// RESP3.
    case resp3 = 3
}

/// A request of a client's, or a piece of one, on its way to the node that owns its slot.
public struct ForwardRequest: BitwiseCopyable {
    /// Which request on this link.
    public var id: RequestID
    /// The client's number, as CLIENT ID gives it.
    public var client: UInt64
    /// How long somebody waits for it, from its sending on; 0 where there is no limit.
    public var millisecondsLeft: UInt32
    /// What the client has set.
    public var flags: ForwardRequestFlags
    /// What the reply is written in.
    public var replyProtocol: ReplyProtocol
    /// The request as RESP arrays spell it, at least one byte.
    public var content: Bytes

    /// In bytes; the content follows.
    public static let headerSize = 28

    /// A request, or a piece of one.
    @inlinable
    public init(
        id: RequestID, client: UInt64, millisecondsLeft: UInt32, flags: ForwardRequestFlags,
        replyProtocol: ReplyProtocol, content: Bytes
    ) {
        self.id = id
        self.client = client
        self.millisecondsLeft = millisecondsLeft
        self.flags = flags
        self.replyProtocol = replyProtocol
        self.content = content
    }

    /// Appends the item to the batch that is being written.
    @inlinable
    public func append(to output: inout OutputBuffer) {
        invariant(content.count > 0, "a request has a content")
        invariant(content.count <= WireLimits.pieceSizeMax, "a long content goes in pieces")
        let size = ForwardRequest.headerSize
        let start = unsafe output.reserve(size &+ content.count)
        let tail = UInt32(flags.rawValue) | UInt32(replyProtocol.rawValue) << 16
        let length = UInt32(truncatingIfNeeded: content.count)
        unsafe start.storeBytes(of: id.rawValue.littleEndian, as: UInt64.self)
        unsafe start.storeBytes(of: client.littleEndian, toByteOffset: 8, as: UInt64.self)
        unsafe start.storeBytes(
            of: millisecondsLeft.littleEndian, toByteOffset: 16, as: UInt32.self)
        unsafe start.storeBytes(of: length.littleEndian, toByteOffset: 20, as: UInt32.self)
        unsafe start.storeBytes(of: tail.littleEndian, toByteOffset: 24, as: UInt32.self)
        unsafe (start + size).copyMemory(from: content.start, byteCount: content.count)
        output.advance(size &+ content.count)
    }

    /// The item at the front of `bytes`.
    @inlinable
    init(front bytes: Bytes) throws(BodyFault) {
        guard bytes.count >= ForwardRequest.headerSize else { throw .size }
        let length = Int(bytes.integer(at: 20, UInt32.self))
        guard length <= bytes.count - ForwardRequest.headerSize else { throw .size }
        guard length <= WireLimits.pieceSizeMax else { throw .size }
        guard length > 0 else { throw .empty }
        let bits = bytes.integer(at: 24, UInt16.self)
        guard bits & ~ForwardRequestFlags.known == 0 else { throw .reserved }
        guard let replyProtocol = ReplyProtocol(rawValue: bytes[26]) else { throw .value }
        guard bytes[27] == 0 else { throw .reserved }
        self.init(
            id: RequestID(bytes.integer(at: 0, UInt64.self)),
            client: bytes.integer(at: 8, UInt64.self),
            millisecondsLeft: bytes.integer(at: 16, UInt32.self),
            flags: ForwardRequestFlags(rawValue: bits), replyProtocol: replyProtocol,
            content: bytes.slice(
                ForwardRequest.headerSize, ForwardRequest.headerSize &+ length))
    }
}
