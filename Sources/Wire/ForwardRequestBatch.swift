import Base

/// The requests of a frame, in the order in which they must run.
///
/// The whole body is checked before the first request is handed on, so that no part of a malformed
/// batch runs.
public struct ForwardRequestBatch: BitwiseCopyable {
    /// The ring that the sender routed by.
    public let epoch: RingEpoch
    /// How many requests end here: those to count by ``FlightWindow``.
    public let requestCount: Int
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
            let item = try ForwardRequest(front: unchecked)
            unchecked = unchecked.slice(
                ForwardRequest.headerSize &+ item.content.count, unchecked.count)
            if !item.flags.contains(.more) { count &+= 1 }
        }
        requestCount = count
    }

    /// The next request; nil at the end.
    @inlinable
    public mutating func next() -> ForwardRequest? {
        if rest.isEmpty { return nil }
        guard let item = try? ForwardRequest(front: rest) else {
            invariantFailed("a batch is checked before it is read")
        }
        rest = rest.slice(ForwardRequest.headerSize &+ item.content.count, rest.count)
        return item
    }

    /// Begins a batch in a frame that was begun; items follow.
    @inlinable
    public static func begin(_ epoch: RingEpoch, in output: inout OutputBuffer) {
        output.append(integer: epoch.rawValue)
    }
}
