import Base

/// Why a handshake failed on this side.
public enum HandshakeFault: Error, Equatable, Sendable {
    /// No version in common.
    case versionsApart(theirs: VersionRange, ours: VersionRange)
    /// The peer is of another cluster.
    case otherCluster(theirs: ClusterName, ours: ClusterName)
    /// One side has a secret, the other none.
    case secretOnOneSide(isOurs: Bool)
    /// The peer did not prove that it knows the secret.
    case wrongSecret
    /// The peer has this node's id.
    case itself
    /// The node that was dialled is not the one that is there; of the initiator.
    case otherNode(expected: NodeID, found: NodeID)
    /// The peer means to reach a node that is not this one; of the acceptor.
    case notMeant(expected: NodeID)
    /// The peer asks for a core that this node does not have.
    case noSuchCore(CoreIndex, count: UInt16)
    /// A message that does not come next.
    case outOfTurn(FrameKind)
    /// A message that breaks its format.
    case malformed(FrameKind, BodyFault)
    /// The deadline has passed.
    case timedOut
    /// The peer refuses. Not authenticated: to be logged, and nothing else concluded.
    case refused(RefusalCode, theirs: VersionRange)

    /// What the other side is told; nil where it is told nothing.
    var code: RefusalCode? {
        switch self {
        case .versionsApart: .versionsApart
        case .otherCluster: .otherCluster
        case .secretOnOneSide: .secretOnOneSide
        case .wrongSecret: .wrongSecret
        case .itself: .itself
        case .otherNode, .notMeant: .otherNode
        case .noSuchCore: .noSuchCore
        case .outOfTurn, .malformed: .malformed
        case .timedOut, .refused: nil
        }
    }

    /// What is wrong, for an operator; the end of a sentence about the peer.
    var cause: String {
        switch self {
        case .versionsApart(let theirs, let ours):
            "speaks \(theirs.description) of the protocol between nodes, and this node "
                + "\(ours.description): upgrade the older of the two"
        case .otherCluster(let theirs, let ours):
            "is of the cluster “\(theirs.text)” and this node of “\(ours.text)”: give both the "
                + "same --cluster-name, or correct the addresses that the other node was given"
        case .secretOnOneSide(let isOurs):
            (isOurs ? "has no cluster secret, and this node has one" : oneHasTheirs)
                + ": give both the same --cluster-secret"
        case .wrongSecret:
            "has not proved that it knows the cluster secret: give both nodes the same "
                + "--cluster-secret; if they have, somebody on the network changes what they send"
        case .itself:
            "is this node itself, or has a copy of its data directory: take its own address off "
                + "the list of nodes to join, and never start a node from another's data"
        case .otherNode(let expected, let found):
            "is node \(found) where \(expected) was to be: its data directory was replaced, or "
                + "another node has taken its address; remove the old node from the cluster"
        case .notMeant(let expected):
            "means to reach node \(expected), which is not this one: this node's data directory "
                + "was replaced, or it has taken that one's address; remove the old node from the "
                + "cluster"
        case .noSuchCore(let core, let count):
            "asks for core \(core.rawValue) and this node has \(count): this node was restarted "
                + "with another --cores, and the other learns of it from the ring"
        case .outOfTurn(let kind):
            "sent \(kind) out of turn in the handshake: this is an error in Gyre, or a stranger on "
                + "the cluster port; report it with the versions of both nodes"
        case .malformed(let kind, let fault):
            "sent a \(kind) that \(fault.cause): this is an error in Gyre, or a stranger on the "
                + "cluster port; report it with the versions of both nodes"
        case .timedOut:
            "did not finish the handshake within \(WireLimits.handshakeMilliseconds) ms: see "
                + "whether it is overloaded, and whether a firewall stands between"
        case .refused(let code, let theirs):
            "refuses this node, for it " + code.cause(theirs: theirs)
        }
    }

    private var oneHasTheirs: String { "has a cluster secret, and this node has none" }
}
