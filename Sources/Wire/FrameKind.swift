/// What a frame is about (docs/internals/wire.md, "Kinds").
public enum FrameKind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    // Of the handshake.
    case hello = 1
    case challenge = 2
    case proof = 3
    case welcome = 4
    case refusal = 5

    // Of every link.
    case ping = 8
    case pong = 9
    case stop = 10

    // Of control links.
    case gossip = 16
    case raft = 17
    case ringAnnouncement = 18
    case ringRequest = 19
    case ring = 20

    // Of forwarding links.
    case forwardRequests = 32
    case forwardReplies = 33

    // Of links for slots.
    case slotRecords = 48

    /// Whether the frame belongs on an established link of that purpose, sent by that side.
    func belongs(to purpose: LinkPurpose, from sender: LinkRole) -> Bool {
        switch self {
        case .hello, .challenge, .proof, .welcome, .refusal: return false
        case .ping, .pong, .stop: return true
        case .gossip, .raft, .ringAnnouncement, .ringRequest, .ring:
            if case .control = purpose { return true }
            return false
        case .forwardRequests, .forwardReplies:
            guard case .forwarding = purpose else { return false }
            return (self == .forwardRequests) == (sender == .initiator)
        case .slotRecords:
            if case .slots = purpose { return true }
            return false
        }
    }
}

/// Which side of a link.
public enum LinkRole: Sendable, BitwiseCopyable {
    /// It dialled.
    case initiator
    /// It listened.
    case acceptor

    /// The other side.
    public var peer: LinkRole { self == .initiator ? .acceptor : .initiator }
}
