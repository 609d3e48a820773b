import Base

/// Why a node ends a link, as it tells the other (docs/internals/wire.md, "stop").
public enum StopReason: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// The node goes away in an orderly way.
    case shuttingDown = 1
    /// The receiver of this broke the protocol.
    case violation = 2
    /// The receiver of this is no member of the ring that the sender has.
    case notMember = 3
    /// A newer link serves the same purpose.
    case replaced = 4
    /// The link is not needed.
    case idle = 5
    /// The sender sheds links.
    case overloaded = 6

    /// What the peer means and what to do; the end of a sentence about the peer.
    var cause: String {
        switch self {
        case .shuttingDown: "shuts down"
        case .violation:
            "found a frame of this node's that breaks the protocol: its log says which; a faulty "
                + "network device between the two may have damaged it"
        case .notMember:
            "does not count this node among the members: let it join with --join, or see whether "
                + "it was removed"
        case .replaced: "has a newer link for the same purpose"
        case .idle: "does not need the link"
        case .overloaded:
            "takes no more links on: see its load, and the number of files that it may open"
        }
    }

    /// The reason in a stop frame's body.
    init(_ body: Bytes) throws(BodyFault) {
        guard body.count == 1 else { throw .size }
        guard let reason = StopReason(rawValue: body[0]) else { throw .value }
        self = reason
    }
}

/// Why a link has ended.
public enum LinkEnd: Equatable, Sendable {
    /// The handshake failed on this side, or was refused.
    case handshake(HandshakeFault)
    /// What came is no frame of the link.
    case frame(FrameFault)
    /// The peer ended it.
    case stopped(StopReason)
    /// This side ended it.
    case ended(StopReason)

    /// For the operator's log: which side, what cause, what remedy.
    ///
    /// - Parameter peer: the address, and the id where it is known.
    public func message(peer: String) -> String {
        switch self {
        case .handshake(let fault): "The node at \(peer) \(fault.cause)."
        case .frame(let fault): "The node at \(peer) \(fault.cause)."
        case .stopped(let reason): "The node at \(peer) ended the link: it \(reason.cause)."
        case .ended(let reason): "This node ended the link to \(peer): \(reason)."
        }
    }
}
