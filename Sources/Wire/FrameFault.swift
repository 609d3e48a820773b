/// Why what was received is no frame of a link. Any of them ends it.
public enum FrameFault: Error, Equatable, Sendable, BitwiseCopyable {
    /// The first bytes are not those of a node of Gyre.
    case notGyre
    /// A header's check is wrong: it is damaged, or another link's.
    case headerDamaged
    /// A frame's check is wrong: it is damaged, forged, or another link's.
    case frameDamaged
    /// The counter is not the next: a frame is missing, came twice, or in another place.
    case outOfOrder(expected: UInt64, found: UInt64)
    /// No kind has the number.
    case unknownKind(UInt8)
    /// Flags that mean nothing.
    case unknownFlags(UInt8)
    /// The body is longer than it may be, in bytes.
    case tooLong(size: Int, sizeMax: Int)
    /// The kind does not belong to the link's purpose or to its sender's side.
    case outOfPlace(FrameKind)
    /// The body breaks the format of its kind.
    case malformed(FrameKind, BodyFault)

    /// What is wrong, for an operator; the end of a sentence about the peer.
    var cause: String {
        switch self {
        case .notGyre:
            "does not speak the protocol between nodes: a client or a foreign service is on the "
                + "cluster port; let clients connect to the gateway port, and check the addresses "
                + "that nodes are given"
        case .headerDamaged, .frameDamaged:
            "sent a frame whose check is wrong: it was damaged on the way, or somebody on the "
                + "network forged it; if it happens again, look for a faulty network device "
                + "between the two nodes"
        case .outOfOrder(let expected, let found):
            "sent frame \(found) where \(expected) was to come: frames were lost, repeated or "
                + "spliced in; if it happens again, look for a faulty device or an intruder on the "
                + "network between the two nodes"
        case .unknownKind(let number):
            "sent a frame of the unknown kind \(number): this is an error in Gyre; report it with "
                + "the versions of both nodes"
        case .unknownFlags(let flags):
            "sent a frame with the unknown flags \(flags): this is an error in Gyre; report it "
                + "with the versions of both nodes"
        case .tooLong(let size, let sizeMax):
            "sent a frame of \(size) bytes where \(sizeMax) are allowed: this is an error in "
                + "Gyre, or a stranger on the cluster port; report it with the versions of both "
                + "nodes"
        case .outOfPlace(let kind):
            "sent a frame of kind \(kind) on a link that is not for it: this is an error in Gyre; "
                + "report it with the versions of both nodes"
        case .malformed(let kind, let fault):
            "sent a frame of kind \(kind) whose body \(fault.cause): this is an error in Gyre; "
                + "report it with the versions of both nodes"
        }
    }
}

/// How a body breaks the format of its kind.
public enum BodyFault: Error, Equatable, Sendable, BitwiseCopyable {
    /// It ends too early, or goes on too long.
    case size
    /// A field that is reserved is not zero.
    case reserved
    /// A field has a value that means nothing.
    case value
    /// There is nothing where there must be something.
    case empty

    var cause: String {
        switch self {
        case .size: "has the wrong length"
        case .reserved: "has something in a field that is reserved"
        case .value: "has an unknown value"
        case .empty: "is empty"
        }
    }
}
