import Base

/// The first message of a handshake (docs/internals/wire.md, "hello").
struct Hello: Equatable {
    var versions: VersionRange
    var purpose: LinkPurpose
    var hasSecret: Bool
    var node: NodeID
    /// Whom the initiator means to reach; nil where it only knows an address.
    var expected: NodeID?
    var nonce: Nonce
    var cluster: ClusterName

    /// Of all but the name, in bytes.
    static let fixedSize = 82

    func append(to output: inout OutputBuffer) {
        output.append(integer: versions.min.rawValue)
        output.append(integer: versions.max.rawValue)
        output.append(purpose.number)
        output.append(hasSecret ? 1 : 0)
        output.append(integer: purpose.from.rawValue)
        output.append(integer: purpose.to.rawValue)
        output.append(node)
        output.append(expected ?? .none)
        nonce.append(to: &output)
        for byte in cluster.text.utf8 { output.append(byte) }
    }

    /// The versions alone, which every version of hello begins with.
    static func versions(_ body: Bytes) throws(BodyFault) -> VersionRange {
        guard body.count >= 4 else { throw .size }
        return try VersionRange(body, at: 0)
    }

    init(
        versions: VersionRange, purpose: LinkPurpose, hasSecret: Bool, node: NodeID,
        expected: NodeID?, nonce: Nonce, cluster: ClusterName
    ) {
        self.versions = versions
        self.purpose = purpose
        self.hasSecret = hasSecret
        self.node = node
        self.expected = expected
        self.nonce = nonce
        self.cluster = cluster
    }

    init(_ body: Bytes) throws(BodyFault) {
        versions = try Self.versions(body)
        guard body.count > Self.fixedSize else { throw .size }
        let purpose = LinkPurpose(
            number: body[4], from: body.integer(at: 6, UInt16.self),
            to: body.integer(at: 8, UInt16.self))
        guard let purpose else { throw .value }
        self.purpose = purpose
        hasSecret = try readSecurity(body[5])
        node = body.nodeID(at: 10)
        guard node != .none else { throw .value }
        let expected = body.nodeID(at: 30)
        self.expected = expected == .none ? nil : expected
        nonce = Nonce(body, at: 50)
        guard let cluster = ClusterName(body.slice(Self.fixedSize, body.count)) else {
            throw .value
        }
        self.cluster = cluster
    }
}

/// The acceptor's answer to ``Hello`` (docs/internals/wire.md, "challenge").
struct Challenge: Equatable, BitwiseCopyable {
    var version: WireVersion
    var hasSecret: Bool
    var node: NodeID
    var nonce: Nonce

    /// In bytes.
    static let size = 56

    func append(to output: inout OutputBuffer) {
        output.append(integer: version.rawValue)
        output.append(hasSecret ? 1 : 0)
        output.append(0)
        output.append(node)
        nonce.append(to: &output)
    }

    init(version: WireVersion, hasSecret: Bool, node: NodeID, nonce: Nonce) {
        self.version = version
        self.hasSecret = hasSecret
        self.node = node
        self.nonce = nonce
    }

    init(_ body: Bytes) throws(BodyFault) {
        guard body.count == Self.size else { throw .size }
        version = WireVersion(body.integer(at: 0, UInt16.self))
        hasSecret = try readSecurity(body[2])
        guard body[3] == 0 else { throw .reserved }
        node = body.nodeID(at: 4)
        guard node != .none else { throw .value }
        nonce = Nonce(body, at: 24)
    }
}

private func readSecurity(_ bits: UInt8) throws(BodyFault) -> Bool {
    guard bits <= 1 else { throw .reserved }
    return bits == 1
}

extension VersionRange {
    /// The range at `offset`, which has 4 bytes.
    init(_ bytes: Bytes, at offset: Int) throws(BodyFault) {
        let min = WireVersion(bytes.integer(at: offset, UInt16.self))
        let max = WireVersion(bytes.integer(at: offset + 2, UInt16.self))
        guard min <= max else { throw .value }
        guard min.rawValue > 0 else { throw .value }
        self.init(min, max)
    }
}
