/// Why a ring cannot be changed as asked. What asks is an operator or a peer, so these are answers.
public enum RingChangeError: Error, Equatable, Sendable {
    /// The node that should join is a member already.
    case alreadyMember
    /// The node that should leave is no member.
    case notMember
    /// The only member cannot leave: nobody would own the slots.
    case lastMember
    /// Every slot has a member of its own already.
    case ringFull
    /// The weight or the number of cores is out of range.
    case memberOutOfRange
}
