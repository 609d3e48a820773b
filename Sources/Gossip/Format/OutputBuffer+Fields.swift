import Base

extension OutputBuffer {
    /// Appends an integer's little-endian bytes.
    mutating func append<Integer: FixedWidthInteger & UnsignedInteger>(field value: Integer) {
        for index in 0..<Integer.bitWidth / 8 {
            append(UInt8(truncatingIfNeeded: value >> Integer(8 * index)))
        }
    }

    mutating func append(_ id: NodeID) {
        append(field: id.high.byteSwapped)
        append(field: id.middle.byteSwapped)
        append(field: id.low.byteSwapped)
    }

    mutating func append(_ life: Life) {
        append(field: life.generation)
        append(field: life.salt)
    }

    mutating func append(_ host: Host) {
        append(field: host.high.byteSwapped)
        append(field: host.low.byteSwapped)
    }

    mutating func append(_ address: MemberAddress) {
        append(address.host)
        append(field: address.port)
    }

    mutating func append(_ metadata: MemberMetadata, _ epoch: RingEpoch) {
        append(field: metadata.version)
        append(metadata.address)
        append(metadata.clientHost)
        append(field: metadata.ports.gateway)
        append(field: metadata.ports.node)
        append(field: metadata.ports.firstCore)
        append(field: metadata.ports.http)
        append(field: metadata.coreCount)
        append(metadata.roles.rawValue)
        append(UInt8(metadata.zone.count))
        for index in 0..<metadata.zone.count { append(metadata.zone[index]) }
        append(field: epoch.rawValue)
    }
}
