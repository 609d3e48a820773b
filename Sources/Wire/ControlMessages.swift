import Base

/// The bodies of frames that hold one number.
extension Link {
    /// Asks the peer to answer with the same number.
    public mutating func sendPing(_ number: UInt64, into output: inout OutputBuffer) {
        send(.ping, number, &output)
    }

    /// Answers a ping.
    public mutating func sendPong(_ number: UInt64, into output: inout OutputBuffer) {
        send(.pong, number, &output)
    }

    /// Tells the peer which ring this node has.
    public mutating func sendRingAnnouncement(
        _ epoch: RingEpoch, into output: inout OutputBuffer
    ) {
        send(.ringAnnouncement, epoch.rawValue, &output)
    }

    /// Asks the peer for its ring, if it is newer than `epoch`.
    public mutating func sendRingRequest(
        newerThan epoch: RingEpoch, into output: inout OutputBuffer
    ) {
        send(.ringRequest, epoch.rawValue, &output)
    }

    private mutating func send(
        _ kind: FrameKind, _ number: UInt64, _ output: inout OutputBuffer
    ) {
        beginFrame(kind, into: &output)
        output.append(integer: number)
        endFrame(into: &output)
    }
}

extension Frame {
    /// The number of a ping or pong.
    public func pingNumber() throws(BodyFault) -> UInt64 { try number() }

    /// The epoch of a ring announcement or request.
    public func ringEpoch() throws(BodyFault) -> RingEpoch { RingEpoch(try number()) }

    private func number() throws(BodyFault) -> UInt64 {
        guard body.count == 8 else { throw .size }
        return body.integer(at: 0, UInt64.self)
    }
}
