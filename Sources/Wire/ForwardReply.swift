import Base

/// What became of a forwarded request (docs/internals/wire.md, "Forwarded requests").
public enum ForwardOutcome: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// The content is the reply.
    case answered = 0
    /// The slot is not the executor's, by the ring epoch that it gives.
    case notOwner = 1
    /// No time was left before it began.
    case expired = 2
    /// The executor takes no more on.
    case overloaded = 3
    /// The node goes away.
    case stopping = 4
    /// It may have run; its reply is lost.
    case uncertain = 5

    /// Whether the request has surely not been run, so that it may be sent again. False means that
    /// it ran or that nobody knows.
    public var isSurelyNotDone: Bool {
        switch self {
        case .answered, .uncertain: false
        case .notOwner, .expired, .overloaded, .stopping: true
        }
    }
}

/// A reply to a forwarded request, or a piece of one.
public struct ForwardReply: BitwiseCopyable {
    /// The request's.
    public var id: RequestID
    /// What became of it.
    public var outcome: ForwardOutcome
    /// The content goes on in the link's next item of this id; only where it is answered.
    public var hasMore: Bool
    /// The reply as RESP; empty unless it is answered.
    public var content: Bytes

    /// In bytes; the content follows.
    public static let headerSize = 16

    /// A reply, or a piece of one.
    @inlinable
    public init(id: RequestID, outcome: ForwardOutcome, hasMore: Bool = false, content: Bytes) {
        self.id = id
        self.outcome = outcome
        self.hasMore = hasMore
        self.content = content
    }

    /// Appends the item to the batch that is being written.
    @inlinable
    public func append(to output: inout OutputBuffer) {
        invariant(content.count <= WireLimits.pieceSizeMax, "a long content goes in pieces")
        if outcome != .answered {
            invariant(content.isEmpty, "only an answered request has a content")
            invariant(!hasMore, "only an answered request has pieces")
        }
        let size = ForwardReply.headerSize
        let start = unsafe output.reserve(size &+ content.count)
        let tail = UInt32(outcome.rawValue) | (hasMore ? 1 << 8 : 0)
        let length = UInt32(truncatingIfNeeded: content.count)
        unsafe start.storeBytes(of: id.rawValue.littleEndian, as: UInt64.self)
        unsafe start.storeBytes(of: length.littleEndian, toByteOffset: 8, as: UInt32.self)
        unsafe start.storeBytes(of: tail.littleEndian, toByteOffset: 12, as: UInt32.self)
        unsafe (start + size).copyMemory(from: content.start, byteCount: content.count)
        output.advance(size &+ content.count)
    }

    /// The item at the front of `bytes`.
    @inlinable
    init(front bytes: Bytes) throws(BodyFault) {
        guard bytes.count >= ForwardReply.headerSize else { throw .size }
        let length = Int(bytes.integer(at: 8, UInt32.self))
        guard length <= bytes.count - ForwardReply.headerSize else { throw .size }
        guard length <= WireLimits.pieceSizeMax else { throw .size }
        guard let outcome = ForwardOutcome(rawValue: bytes[12]) else { throw .value }
        let flags = bytes[13]
        guard flags <= 1 else { throw .reserved }
        guard bytes.integer(at: 14, UInt16.self) == 0 else { throw .reserved }
        if outcome != .answered {
            guard length == 0 else { throw .value }
            guard flags == 0 else { throw .value }
        }
        self.init(
            id: RequestID(bytes.integer(at: 0, UInt64.self)), outcome: outcome,
            hasMore: flags == 1,
            content: bytes.slice(ForwardReply.headerSize, ForwardReply.headerSize &+ length))
    }
}

/// The replies of a frame, in the order in which they were made.
///
/// The whole body is checked before the first reply is handed on.
public struct ForwardReplyBatch: BitwiseCopyable {
    /// The ring that the executor has.
    public let epoch: RingEpoch
    /// How many replies end here: those to count by ``FlightWindow``.
    public let replyCount: Int
    @usableFromInline var rest: Bytes

    /// The batch in a frame's body.
    @inlinable
    public init(_ body: Bytes) throws(BodyFault) {
        guard body.count >= 8 else { throw .size }
        epoch = RingEpoch(body.integer(at: 0, UInt64.self))
        rest = body.slice(8, body.count)
        guard !rest.isEmpty else { throw .empty }
        var unchecked = rest
        var count = 0
        while !unchecked.isEmpty {
            let item = try ForwardReply(front: unchecked)
            unchecked = unchecked.slice(
                ForwardReply.headerSize &+ item.content.count, unchecked.count)
            if !item.hasMore { count &+= 1 }
        }
        replyCount = count
    }

    /// The next reply; nil at the end.
    @inlinable
    public mutating func next() -> ForwardReply? {
        if rest.isEmpty { return nil }
        guard let item = try? ForwardReply(front: rest) else {
            invariantFailed("a batch is checked before it is read")
        }
        rest = rest.slice(ForwardReply.headerSize &+ item.content.count, rest.count)
        return item
    }

    /// Begins a batch in a frame that was begun; items follow.
    @inlinable
    public static func begin(_ epoch: RingEpoch, in output: inout OutputBuffer) {
        output.append(integer: epoch.rawValue)
    }
}
