import Base

extension Handshake {
    /// Sends the challenge, if the initiator may ask for what it asks.
    mutating func helloReceived(
        _ frame: Frame, _ writer: inout FrameWriter, _ output: inout OutputBuffer
    ) throws(HandshakeFault) {
        // The versions come first: of another version the rest may be laid out differently.
        let versions: VersionRange
        do { versions = try Hello.versions(frame.body) } catch { throw .malformed(.hello, error) }
        guard let version = local.versions.highestCommon(with: versions) else {
            throw .versionsApart(theirs: versions, ours: local.versions)
        }
        let hello: Hello
        do { hello = try Hello(frame.body) } catch { throw .malformed(.hello, error) }
        try check(hello)
        transcript.append(frame.bytes)
        let hasSecret = local.secret != nil
        let challenge = Challenge(
            version: version, hasSecret: hasSecret, node: local.id, nonce: nonce)
        send(.challenge, &writer, &output) { output in challenge.append(to: &output) }
        state = .proof(
            LinkPeer(
                node: hello.node, role: .initiator, purpose: hello.purpose, version: version,
                isAuthentic: hasSecret))
    }

    private func check(_ hello: Hello) throws(HandshakeFault) {
        if hello.cluster != local.cluster {
            throw .otherCluster(theirs: hello.cluster, ours: local.cluster)
        }
        let hasSecret = local.secret != nil
        if hello.hasSecret != hasSecret { throw .secretOnOneSide(isOurs: hasSecret) }
        if hello.node == local.id { throw .itself }
        if let expected = hello.expected, expected != local.id {
            throw .notMeant(expected: expected)
        }
        if hello.purpose.to.rawValue >= local.coreCount {
            throw .noSuchCore(hello.purpose.to, count: local.coreCount)
        }
    }

    /// Sends welcome, if the proof fits.
    mutating func proofReceived(
        _ frame: Frame, _ writer: inout FrameWriter, _ output: inout OutputBuffer
    ) throws(HandshakeFault) {
        try check(frame, Label.initiatorProof)
        transcript.append(frame.bytes)
        let code = authenticator.code(Label.acceptorProof, transcript.bytes)
        // Not a part of what the keys are made from: the initiator's would then wait for it.
        writer.begin(.welcome, &output)
        code.withBytes { output.append($0) }
        writer.end(&output)
    }
}
