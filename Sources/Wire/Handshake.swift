// How two nodes come to trust a connection.
//
// Owned by a link, one thread, until the link is established. Four messages; each side proves by a
// code over all that was said, keyed by the cluster's secret, that it knows the secret and has
// heard the same (docs/internals/wire.md, "The handshake"). The form is the mutual three-pass
// authentication of ISO/IEC 9798-4, with the initiator proving itself first.
//
// Invariants:
// 1. `transcript` holds every frame of the handshake up to now, of both sides, as it was sent.
// 2. Nothing of the peer's is believed before its proof; where no secret is set, the proof shows
//    only that both heard the same.
// 3. After established or failed, no step follows.

import Base

/// What a step of the handshake comes to.
enum HandshakeStep {
    /// The peer's next message is awaited.
    case more
    /// Both sides have proved themselves. What was appended to the output is still in the plain
    /// form; all that follows, in both directions, is in the new ones.
    case established(LinkPeer, incoming: FrameSeal, outgoing: FrameSeal)
    /// The link ends.
    case failed(HandshakeFault)
}

/// How two nodes come to trust a connection; see the essay above.
struct Handshake: ~Copyable {
    /// What is awaited.
    enum State: BitwiseCopyable {
        case hello
        case challenge
        case proof(LinkPeer)
        case welcome(LinkPeer)
        case nothing
    }

    let role: LinkRole
    let local: LocalNode
    let authenticator: Authenticator
    let nonce: Nonce
    /// Of the initiator: whom it dialled, where it knows.
    let expected: NodeID?
    /// Of the initiator.
    let purpose: LinkPurpose
    var state: State
    var transcript = OutputBuffer()

    /// What each proof and key begins with, in its role.
    enum Label {
        static let initiatorProof: StaticString = "gyre initiator"
        static let acceptorProof: StaticString = "gyre acceptor"
        static let keyToAcceptor: StaticString = "gyre key to acceptor"
        static let keyToInitiator: StaticString = "gyre key to initiator"
        static let saltToAcceptor: StaticString = "gyre salt to acceptor"
        static let saltToInitiator: StaticString = "gyre salt to initiator"
    }

    /// Of the side that listened.
    init(accepting local: LocalNode, nonce: Nonce) {
        role = .acceptor
        self.local = local
        self.nonce = nonce
        authenticator = Authenticator(local.secret)
        expected = nil
        purpose = .control
        state = .hello
    }

    /// Of the side that dialled; ``begin(_:_:)`` follows.
    init(
        dialling local: LocalNode, _ purpose: LinkPurpose, expected: NodeID?, nonce: Nonce
    ) {
        role = .initiator
        self.local = local
        self.nonce = nonce
        self.expected = expected
        self.purpose = purpose
        authenticator = Authenticator(local.secret)
        state = .nothing
    }

    /// Handles a message of the peer's.
    mutating func step(
        _ frame: Frame, _ writer: inout FrameWriter, _ output: inout OutputBuffer
    ) -> HandshakeStep {
        if frame.kind == .refusal { return refusalReceived(frame.body) }
        do throws(HandshakeFault) {
            switch (state, frame.kind) {
            case (.hello, .hello):
                try helloReceived(frame, &writer, &output)
                return .more
            case (.challenge, .challenge):
                try challengeReceived(frame, &writer, &output)
                return .more
            case (.proof(let peer), .proof):
                try proofReceived(frame, &writer, &output)
                return becomeEstablished(peer)
            case (.welcome(let peer), .welcome):
                try check(frame, Label.acceptorProof)
                return becomeEstablished(peer)
            default: throw HandshakeFault.outOfTurn(frame.kind)
            }
        } catch {
            return fail(error)
        }
    }

    private mutating func refusalReceived(_ body: Bytes) -> HandshakeStep {
        if case .hello = state { return fail(.outOfTurn(.refusal)) }
        do {
            let refusal = try Refusal(body)
            return fail(.refused(refusal.code, theirs: refusal.versions))
        } catch {
            return fail(.malformed(.refusal, error))
        }
    }

    private mutating func fail(_ fault: HandshakeFault) -> HandshakeStep {
        state = .nothing
        return .failed(fault)
    }

    /// Writes a message of the handshake and adds it to what was said.
    mutating func send(
        _ kind: FrameKind, _ writer: inout FrameWriter, _ output: inout OutputBuffer,
        _ body: (inout OutputBuffer) -> Void
    ) {
        let start = output.count
        writer.begin(kind, &output)
        body(&output)
        writer.end(&output)
        transcript.append(output.bytes.slice(start, output.count))
    }

    /// Writes the code of what was said up to now.
    mutating func sendCode(
        _ label: StaticString, as kind: FrameKind, _ writer: inout FrameWriter,
        _ output: inout OutputBuffer
    ) {
        let code = authenticator.code(label, transcript.bytes)
        send(kind, &writer, &output) { output in code.withBytes { output.append($0) } }
    }

    /// Refuses a proof that does not fit what was said up to now.
    func check(_ frame: Frame, _ label: StaticString) throws(HandshakeFault) {
        if frame.body.count != Code.size { throw .malformed(frame.kind, .size) }
        if !authenticator.isCode(frame.body, label, transcript.bytes) { throw .wrongSecret }
    }

    private mutating func becomeEstablished(_ peer: LinkPeer) -> HandshakeStep {
        state = .nothing
        let toAcceptor = seal(Label.keyToAcceptor, Label.saltToAcceptor)
        let toInitiator = seal(Label.keyToInitiator, Label.saltToInitiator)
        switch role {
        case .initiator:
            return .established(peer, incoming: toInitiator, outgoing: toAcceptor)
        case .acceptor:
            return .established(peer, incoming: toAcceptor, outgoing: toInitiator)
        }
    }

    private func seal(_ key: StaticString, _ salt: StaticString) -> FrameSeal {
        let salt = authenticator.code(salt, keyed).words.0
        if local.secret == nil { return FrameSeal(salt: salt, authenticator: nil) }
        return FrameSeal(
            salt: salt, authenticator: Authenticator(key: authenticator.code(key, keyed)))
    }

    /// What the keys are made from: hello, challenge and proof.
    private var keyed: Bytes { transcript.bytes }
}
