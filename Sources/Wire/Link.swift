// A connection between two nodes, from its first byte to its last.
//
// Owned by a core, one thread; performs nothing. The owner hands in the bytes that it received and
// takes one step after the other out of them; what is to be sent is appended to an output of the
// owner's, always the same one for a link.
//
// Invariants:
// 1. There is a handshake until the link is established or has ended, and a peer from then on.
// 2. No frame is handed on, and none of the owner's is begun, before the link is established.
// 3. After the end nothing is handed on, and nothing is appended to the output.

import Base

/// What receiving comes to.
public enum LinkStep: BitwiseCopyable {
    /// A message of the peer's; its views live until the next step, and as long as the bytes that
    /// were handed in.
    case frame(Frame)
    /// The handshake is through. The owner gives the link, and the rest of what was received, to
    /// the core that the peer asks for before it takes the next step.
    case established(LinkPeer)
    /// All is taken; more bytes are wanted.
    case more
    /// The link has ended, for the reason that ``Link/end`` gives. The output is sent if it can be,
    /// and then, not before, the connection is closed. Every request in flight on it is unknown.
    case closed
}

/// A connection between two nodes; see the essay above.
public struct Link: ~Copyable {
    private var reader = FrameReader()
    private var writer = FrameWriter()
    private var handshake: Handshake?
    /// Of the handshake; on the owner's monotonic clock, in milliseconds.
    private let deadline: Int64
    /// Which side this node is.
    public let role: LinkRole
    /// Who is at the other end; nil until the link is established.
    public private(set) var peer: LinkPeer?
    /// Why the link has ended; nil until then.
    public private(set) var end: LinkEnd?

    /// The link of a connection that was accepted.
    ///
    /// - Parameter nonce: a new one.
    /// - Parameter now: on the owner's monotonic clock, in milliseconds.
    public init(
        accepting local: LocalNode, nonce: Nonce, now: Int64,
        handshakeMilliseconds: Int64 = WireLimits.handshakeMilliseconds
    ) {
        role = .acceptor
        deadline = now + handshakeMilliseconds
        handshake = Handshake(accepting: local, nonce: nonce)
    }

    /// The link of a connection that was dialled; appends the first message.
    ///
    /// - Parameter expected: whose address was dialled; nil for one that an operator gave.
    /// - Parameter nonce: a new one.
    /// - Parameter now: on the owner's monotonic clock, in milliseconds.
    public init(
        dialling local: LocalNode, _ purpose: LinkPurpose, expected: NodeID?, nonce: Nonce,
        now: Int64, handshakeMilliseconds: Int64 = WireLimits.handshakeMilliseconds,
        into output: inout OutputBuffer
    ) {
        role = .initiator
        deadline = now + handshakeMilliseconds
        var handshake = Handshake(dialling: local, purpose, expected: expected, nonce: nonce)
        output.append(FrameLayout.magic)
        handshake.begin(&writer, &output)
        self.handshake = consume handshake
    }

    /// When ``tick(now:)`` has something to do; nil where it never will.
    public var nextTick: Int64? {
        if end != nil { return nil }
        return peer == nil ? deadline : nil
    }

    /// Ends a handshake whose time is up; whether it did.
    public mutating func tick(now: Int64) -> Bool {
        guard let nextTick, now >= nextTick else { return false }
        become(.handshake(.timedOut))
        return true
    }

    // MARK: Receiving

    /// Takes the next step in `input`, which loses what is taken; to be repeated until it is
    /// `more` or `closed`.
    public mutating func next(
        _ input: inout Bytes, into output: inout OutputBuffer
    ) -> LinkStep {
        while true {
            if end != nil { return .closed }
            switch reader.next(&input) {
            case .more: return .more
            case .fault(let fault): return fail(fault, &output)
            case .frame(let frame):
                if let peer { return received(frame, peer, &output) }
                if let peer = handshakeReceived(frame, &output) { return .established(peer) }
            }
        }
    }

    private mutating func received(
        _ frame: Frame, _ peer: LinkPeer, _ output: inout OutputBuffer
    ) -> LinkStep {
        if !frame.kind.belongs(to: peer.purpose, from: peer.role) {
            return fail(.outOfPlace(frame.kind), &output)
        }
        if frame.kind != .stop { return .frame(frame) }
        do {
            let reason = try StopReason(frame.body)
            if writer.isOpen { writer.cancel(&output) }
            become(.stopped(reason))
            return .closed
        } catch {
            return fail(.malformed(.stop, error), &output)
        }
    }

    /// The peer, where the message makes the link established.
    private mutating func handshakeReceived(
        _ frame: Frame, _ output: inout OutputBuffer
    ) -> LinkPeer? {
        appendMagic(&output)
        switch handshake?.step(frame, &writer, &output) {
        case nil: invariantFailed("a link without a peer has a handshake")
        case .more: return nil
        case .failed(let fault):
            if let code = fault.code { refuse(code, &output) }
            become(.handshake(fault))
            return nil
        case .established(let peer, let incoming, let outgoing):
            reader.establish(incoming)
            writer.establish(outgoing)
            self.peer = peer
            handshake = nil
            return peer
        }
    }

    /// The acceptor's first bytes come with its first message.
    private func appendMagic(_ output: inout OutputBuffer) {
        if role == .initiator || writer.counter > 0 { return }
        output.append(FrameLayout.magic)
    }

    // MARK: Ending

    /// The body of a frame that was handed on breaks the format of its kind: ends the link.
    public mutating func refuse(
        _ frame: Frame, _ fault: BodyFault, into output: inout OutputBuffer
    ) {
        if end != nil { return }
        _ = fail(.malformed(frame.kind, fault), &output)
    }

    /// Ends the link, telling the peer why. Nothing of an open frame is sent.
    public mutating func stop(_ reason: StopReason, into output: inout OutputBuffer) {
        if end != nil { return }
        if peer != nil { appendStop(reason, &output) }
        become(.ended(reason))
    }

    private mutating func fail(
        _ fault: FrameFault, _ output: inout OutputBuffer
    ) -> LinkStep {
        if peer != nil {
            appendStop(.violation, &output)
        } else if fault != .notGyre {
            appendMagic(&output)
            refuse(.malformed, &output)
        }
        become(.frame(fault))
        return .closed
    }

    private mutating func refuse(_ code: RefusalCode, _ output: inout OutputBuffer) {
        guard let versions = handshake?.local.versions else { return }
        writer.begin(.refusal, &output)
        Refusal(code: code, versions: versions).append(to: &output)
        writer.end(&output)
    }

    private mutating func appendStop(_ reason: StopReason, _ output: inout OutputBuffer) {
        if writer.isOpen { writer.cancel(&output) }
        writer.begin(.stop, &output)
        output.append(reason.rawValue)
        writer.end(&output)
    }

    private mutating func become(_ end: LinkEnd) {
        self.end = end
        handshake = nil
    }

    // MARK: Sending

    /// Whether frames can be sent: the link is established and has not ended.
    public var isOpen: Bool { peer != nil && end == nil }

    /// Whether a frame is begun and not ended.
    public var isWriting: Bool { writer.isOpen }

    /// How long the body of the frame is that is begun, in bytes.
    public func bodySize(in output: borrowing OutputBuffer) -> Int {
        writer.bodySize(in: output)
    }

    /// Begins a frame; its body is what is appended until ``endFrame(into:)``, up to
    /// ``WireLimits/bodySizeMax`` bytes. Meanwhile the output stays where it is.
    public mutating func beginFrame(_ kind: FrameKind, into output: inout OutputBuffer) {
        guard let peer else { invariantFailed("a frame is begun on an established link") }
        invariant(end == nil, "a frame is begun on a link that has not ended")
        invariant(
            kind.belongs(to: peer.purpose, from: role), "a frame belongs to its link's purpose")
        writer.begin(kind, &output)
    }

    /// Ends the frame that is begun: it may leave.
    public mutating func endFrame(into output: inout OutputBuffer) {
        writer.end(&output)
    }

    /// Takes back the frame that is begun.
    public mutating func cancelFrame(into output: inout OutputBuffer) {
        writer.cancel(&output)
    }

    /// Sends a frame whose body is there already.
    public mutating func send(
        _ kind: FrameKind, _ body: Bytes, into output: inout OutputBuffer
    ) {
        beginFrame(kind, into: &output)
        output.append(body)
        endFrame(into: &output)
    }

    /// Checks the invariants; see the essay.
    public func checkInvariants() {
        reader.checkInvariants()
        let isThrough = peer != nil || end != nil
        invariant(isThrough == (handshake == nil), "a handshake is what comes before a link")
        if peer == nil { invariant(!writer.isOpen, "no frame is open before the link is") }
    }

    /// How many bytes of a frame that is not all there are held.
    var pendingSize: Int { reader.pendingSize }
}
