import Base

/// What a link is for. Each purpose has links of its own, so that a long transfer never stands
/// before a heartbeat.
public enum LinkPurpose: Hashable, Sendable, BitwiseCopyable {
    /// Gossip, Raft, the ring; from any core to the one that does these for its node.
    case control
    /// Requests of the clients of a core of the initiator, to a core of the acceptor.
    case forwarding(from: CoreIndex, to: CoreIndex)
    /// Records of slots, between a core of the initiator and one of the acceptor.
    case slots(from: CoreIndex, to: CoreIndex)

    /// Its number in hello.
    var number: UInt8 {
        switch self {
        case .control: 1
        case .forwarding: 2
        case .slots: 3
        }
    }

    /// The initiator's core; 0 for control.
    public var from: CoreIndex {
        switch self {
        case .control: CoreIndex(0)
        case .forwarding(let from, _), .slots(let from, _): from
        }
    }

    /// The acceptor's core; 0 for control.
    public var to: CoreIndex {
        switch self {
        case .control: CoreIndex(0)
        case .forwarding(_, let to), .slots(_, let to): to
        }
    }

    /// The purpose of these fields of hello; nil where there is none.
    init?(number: UInt8, from: UInt16, to: UInt16) {
        switch number {
        case 1:
            if from != 0 || to != 0 { return nil }
            self = .control
        case 2: self = .forwarding(from: CoreIndex(from), to: CoreIndex(to))
        case 3: self = .slots(from: CoreIndex(from), to: CoreIndex(to))
        default: return nil
        }
    }
}
