import Base

/// A piece of news about a member, as a datagram carries it.
struct Entry: BitwiseCopyable {
    /// What depends on the status.
    enum Detail: BitwiseCopyable {
        case alive(MemberMetadata, RingEpoch)
        case suspect(accuser: NodeID)
        /// Dead or left, for so many seconds.
        case gone(ageSeconds: UInt32)
    }

    let id: NodeID
    let standing: Standing
    let detail: Detail

    init(_ id: NodeID, _ standing: Standing, _ detail: Detail) {
        self.id = id
        self.standing = standing
        self.detail = detail
    }

    /// Reads the entry that comes next.
    init(_ reader: inout ByteReader) throws(MessageFault) {
        guard let status = MemberStatus(rawValue: try reader.integer(UInt8.self)) else {
            throw .unknownStatus
        }
        id = try reader.id()
        let life = try reader.life()
        standing = Standing(life, try reader.incarnation(), status)
        switch status {
        case .alive:
            let metadata = try MemberMetadata(&reader)
            detail = .alive(metadata, try reader.ringEpoch())
        case .suspect: detail = .suspect(accuser: try reader.id())
        case .dead, .left: detail = .gone(ageSeconds: try reader.integer(UInt32.self))
        }
    }

    func append(to output: inout OutputBuffer) {
        output.append(standing.status.rawValue)
        output.append(id)
        output.append(standing.life)
        output.append(field: standing.incarnation.rawValue)
        switch detail {
        case .alive(let metadata, let epoch): output.append(metadata, epoch)
        case .suspect(let accuser): output.append(accuser)
        case .gone(let ageSeconds): output.append(field: ageSeconds)
        }
    }
}

extension MemberMetadata {
    /// Reads the metadata that come next, without the ring epoch behind them.
    init(_ reader: inout ByteReader) throws(MessageFault) {
        let version = try reader.integer(UInt16.self)
        let address = try reader.address()
        let clientHost = try reader.host()
        let gateway = try reader.integer(UInt16.self)
        let node = try reader.integer(UInt16.self)
        let firstCore = try reader.integer(UInt16.self)
        let http = try reader.integer(UInt16.self)
        let coreCount = try reader.integer(UInt16.self)
        let roles = MemberRoles(rawValue: try reader.integer(UInt8.self))
        let length = Int(try reader.integer(UInt8.self))
        guard length <= ZoneName.sizeMax else { throw .badZone }
        guard let zone = ZoneName(try reader.take(length)) else { throw .badZone }
        let ports = MemberPorts(gateway: gateway, node: node, firstCore: firstCore, http: http)
        self.init(
            address: address, clientHost: clientHost, ports: ports, coreCount: coreCount,
            roles: roles, zone: zone)
        self.version = version
    }
}
