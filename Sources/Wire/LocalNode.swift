import Base

/// This node, as it presents itself to others.
public struct LocalNode: Sendable {
    /// Its id.
    public let id: NodeID
    /// The cluster that it belongs to.
    public let cluster: ClusterName
    /// How many cores it has, at least 1.
    public let coreCount: UInt16
    /// Without one, everybody who can reach the port is trusted: for loopback only.
    let secret: ClusterSecret?
    /// What it speaks.
    let versions: VersionRange

    /// The node of an id in a cluster.
    public init(id: NodeID, cluster: ClusterName, coreCount: UInt16, secret: ClusterSecret?) {
        self.init(
            id: id, cluster: cluster, coreCount: coreCount, secret: secret, versions: .ours)
    }

    init(
        id: NodeID, cluster: ClusterName, coreCount: UInt16, secret: ClusterSecret?,
        versions: VersionRange
    ) {
        invariant(coreCount > 0, "a node has a core")
        invariant(id != .none, "a node's id is not zero")
        self.id = id
        self.cluster = cluster
        self.coreCount = coreCount
        self.secret = secret
        self.versions = versions
    }
}

extension NodeID {
    /// Nobody's id: stands where none is known.
    static let none = NodeID(high: 0, middle: 0, low: 0)
}

/// Who is at the other end of an established link.
public struct LinkPeer: Equatable, Sendable, BitwiseCopyable {
    /// The id that it claims; where ``isAuthentic``, by one who knows the secret.
    public let node: NodeID
    /// Which side it is.
    public let role: LinkRole
    /// What the link is for.
    public let purpose: LinkPurpose
    /// What both speak on it.
    public let version: WireVersion
    /// Whether it has proved that it knows the cluster's secret, as every frame of it will.
    public let isAuthentic: Bool
}
