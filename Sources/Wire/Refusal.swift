import Base

/// Why a side refuses a handshake, as it tells the other (docs/internals/wire.md, "refusal").
public enum RefusalCode: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    /// No version in common.
    case versionsApart = 1
    /// The cluster has another name.
    case otherCluster = 2
    /// One side has a secret, the other none.
    case secretOnOneSide = 3
    /// The proof does not fit.
    case wrongSecret = 4
    /// A node has reached itself.
    case itself = 5
    /// Who was dialled has another id.
    case otherNode = 6
    /// The acceptor has fewer cores.
    case noSuchCore = 7
    /// A message breaks its format, or comes out of turn.
    case malformed = 8

    /// What the peer found, and what to do; the end of a sentence about the peer.
    func cause(theirs: VersionRange) -> String {
        switch self {
        case .versionsApart:
            "speaks \(theirs.description) of the protocol between nodes, and this node "
                + "\(VersionRange.ours.description): upgrade the older of the two"
        case .otherCluster:
            "is of a cluster of another name: give both nodes the same --cluster-name, or correct "
                + "the address that this node was given"
        case .secretOnOneSide:
            "and this node differ in whether a cluster secret is set: give both the same "
                + "--cluster-secret"
        case .wrongSecret:
            "has another cluster secret: give both nodes the same --cluster-secret; if they have, "
                + "somebody on the network changes what they send"
        case .itself:
            "is this node itself: take its own address off the list of nodes to join"
        case .otherNode:
            "has another id than the one that was dialled: its data directory was replaced, or "
                + "another node has taken its address"
        case .noSuchCore:
            "has fewer cores than this node takes it to have: it was restarted with another "
                + "--cores, and this node learns of it from the ring"
        case .malformed:
            "could not read this node's handshake: report it with the versions of both nodes"
        }
    }
}

/// The message that ends a handshake.
struct Refusal: Equatable, BitwiseCopyable {
    var code: RefusalCode
    /// Of the refusing side.
    var versions: VersionRange

    /// In bytes.
    static let size = 6

    func append(to output: inout OutputBuffer) {
        output.append(code.rawValue)
        output.append(0)
        output.append(integer: versions.min.rawValue)
        output.append(integer: versions.max.rawValue)
    }

    init(code: RefusalCode, versions: VersionRange) {
        self.code = code
        self.versions = versions
    }

    init(_ body: Bytes) throws(BodyFault) {
        guard body.count == Self.size else { throw .size }
        guard let code = RefusalCode(rawValue: body[0]) else { throw .value }
        guard body[1] == 0 else { throw .reserved }
        self.code = code
        versions = try VersionRange(body, at: 2)
    }
}
