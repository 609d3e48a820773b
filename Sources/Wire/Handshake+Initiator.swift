import Base

extension Handshake {
    /// Sends hello.
    mutating func begin(_ writer: inout FrameWriter, _ output: inout OutputBuffer) {
        let hello = Hello(
            versions: local.versions, purpose: purpose, hasSecret: local.secret != nil,
            node: local.id, expected: expected, nonce: nonce, cluster: local.cluster)
        send(.hello, &writer, &output) { output in hello.append(to: &output) }
        state = .challenge
    }

    /// Sends the proof, if the acceptor is who it should be.
    mutating func challengeReceived(
        _ frame: Frame, _ writer: inout FrameWriter, _ output: inout OutputBuffer
    ) throws(HandshakeFault) {
        let challenge: Challenge
        do { challenge = try Challenge(frame.body) } catch {
            throw .malformed(.challenge, error)
        }
        if !local.versions.contains(challenge.version) { throw .malformed(.challenge, .value) }
        let hasSecret = local.secret != nil
        if challenge.hasSecret != hasSecret { throw .secretOnOneSide(isOurs: hasSecret) }
        if challenge.node == local.id { throw .itself }
        if let expected, challenge.node != expected {
            throw .otherNode(expected: expected, found: challenge.node)
        }
        transcript.append(frame.bytes)
        sendCode(Label.initiatorProof, as: .proof, &writer, &output)
        state = .welcome(
            LinkPeer(
                node: challenge.node, role: .acceptor, purpose: purpose,
                version: challenge.version, isAuthentic: hasSecret))
    }
}
