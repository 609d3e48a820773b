import Base
import TestSupport
import Testing

@testable import Wire

func array(_ bytes: Bytes) -> [UInt8] {
    unsafe [UInt8](bytes.buffer)
}

func written(_ body: (inout OutputBuffer) -> Void) -> [UInt8] {
    var output = OutputBuffer()
    body(&output)
    return array(output.bytes)
}

/// What a link made of what it was given.
enum Event: Equatable {
    case frame(FrameKind, [UInt8])
    case established(LinkPeer)
    case closed
}

let firstID = NodeID("00112233445566778899aabbccddeeff01234567")!
let secondID = NodeID("89abcdef00112233445566778899aabbccddeeff")!
let someSecret = "correct horse battery staple"
let forwarding = LinkPurpose.forwarding(from: CoreIndex(1), to: CoreIndex(2))

func clusterSecret(_ text: String) -> ClusterSecret {
    try! ClusterSecret(OwnedBytes(text))
}

func node(
    _ id: NodeID, cluster: String = "orders", secret text: String? = someSecret,
    cores: UInt16 = 4, versions: ClosedRange<UInt16> = 1...1
) -> LocalNode {
    LocalNode(
        id: id, cluster: ClusterName(cluster)!, coreCount: cores, secret: text.map(clusterSecret),
        versions: VersionRange(
            WireVersion(versions.lowerBound), WireVersion(versions.upperBound)))
}

func nonce(_ seed: UInt64) -> Nonce {
    var random = SplitMix64(seed: seed)
    return Nonce(using: &random)
}

/// A link and what it wants sent.
struct Side: ~Copyable {
    var link: Link
    var output: OutputBuffer

    init(accepting local: LocalNode, seed: UInt64 = 2) {
        link = Link(accepting: local, nonce: nonce(seed), now: 0)
        output = OutputBuffer()
    }

    init(
        dialling local: LocalNode, _ purpose: LinkPurpose = .control, expected: NodeID? = nil,
        seed: UInt64 = 1
    ) {
        output = OutputBuffer()
        link = Link(
            dialling: local, purpose, expected: expected, nonce: nonce(seed), now: 0,
            into: &output)
    }

    /// What is to be sent, which is taken away.
    mutating func take() -> [UInt8] {
        let bytes = array(output.bytes)
        output.removeAll()
        return bytes
    }

    /// Gives the link the bytes, cut into pieces of at most so many, until it ends.
    mutating func receive(_ bytes: [UInt8], piece: Int = .max) -> [Event] {
        var events: [Event] = []
        var start = 0
        repeat {
            let end = start + min(piece, bytes.count - start)
            events += receivePiece(Array(bytes[start..<end]))
            start = end
        } while start < bytes.count && events.last != .closed
        return events
    }

    /// Gives the link the bytes in two pieces.
    mutating func receive(_ bytes: [UInt8], cutAt cut: Int) -> [Event] {
        receivePiece(Array(bytes[..<cut])) + receivePiece(Array(bytes[cut...]))
    }

    private mutating func receivePiece(_ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        withBytes(bytes) { piece in
            var input = piece
            while true {
                let step = link.next(&input, into: &output)
                link.checkInvariants()
                switch step {
                case .more:
                    #expect(input.isEmpty, "all is taken before more is wanted")
                    return
                case .closed:
                    events.append(.closed)
                    return
                case .frame(let frame): events.append(.frame(frame.kind, array(frame.body)))
                case .established(let peer): events.append(.established(peer))
                }
            }
        }
        return events
    }

    mutating func send(_ kind: FrameKind, _ body: [UInt8]) {
        withBytes(body) { link.send(kind, $0, into: &output) }
    }
}

/// Two nodes and the bytes between them.
struct Pair: ~Copyable {
    var initiator: Side
    var acceptor: Side

    init(
        _ purpose: LinkPurpose = .control, secret: String? = someSecret, seed: UInt64 = 1
    ) {
        initiator = Side(dialling: node(firstID, secret: secret), purpose, seed: seed)
        acceptor = Side(accepting: node(secondID, secret: secret), seed: seed + 1000)
    }

    init(_ initiator: consuming Side, _ acceptor: consuming Side) {
        self.initiator = initiator
        self.acceptor = acceptor
    }

    /// Carries everything over until nobody says anything; what each side saw.
    mutating func run(piece: Int = .max) -> (initiator: [Event], acceptor: [Event]) {
        var seen: (initiator: [Event], acceptor: [Event]) = ([], [])
        while !initiator.output.isEmpty || !acceptor.output.isEmpty {
            let toAcceptor = initiator.take()
            if !toAcceptor.isEmpty { seen.acceptor += acceptor.receive(toAcceptor, piece: piece) }
            let toInitiator = acceptor.take()
            if !toInitiator.isEmpty {
                seen.initiator += initiator.receive(toInitiator, piece: piece)
            }
        }
        return seen
    }

    /// An established pair.
    static func established(
        _ purpose: LinkPurpose = .control, secret: String? = someSecret, seed: UInt64 = 1
    ) -> Pair {
        var pair = Pair(purpose, secret: secret, seed: seed)
        _ = pair.run()
        #expect(pair.initiator.link.isOpen == true)
        #expect(pair.acceptor.link.isOpen == true)
        return pair
    }
}

/// The frames in what one side sent, without the first bytes of a direction.
func frames(_ bytes: [UInt8]) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    withBytes(bytes) { all in
        let hasMagic = all.count >= 8 && all.slice(0, 8) == Bytes(FrameLayout.magic)
        var place = hasMagic ? 8 : 0
        while place < all.count {
            let length = Int(all.integer(at: place + FrameLayout.length, UInt32.self))
            let end = place + FrameLayout.headerSize + length
            frames.append(array(all.slice(place, end)))
            place = end
        }
    }
    return frames
}

let magic = array(Bytes(FrameLayout.magic))

/// A frame as anyone can make one who has the seal, whatever its fields say.
func forged(
    _ kind: UInt8, counter: UInt64, flags: UInt8 = 0, length: Int? = nil, _ body: [UInt8],
    _ seal: FrameSeal = .plain
) -> [UInt8] {
    let covered = written { output in
        output.append(integer: counter)
        output.append(integer: UInt32(length ?? body.count))
        output.append(kind)
        output.append(flags)
        let check = seal.headerCheck(output.bytes)
        output.append(integer: check)
        for byte in body { output.append(byte) }
    }
    let check = withBytes(covered) { seal.check($0) }
    return written { output in
        output.append(integer: check.low)
        output.append(integer: check.high)
    } + covered
}

/// A frame of the handshake with another body under a check that is right again.
func tampered(_ frame: [UInt8], _ change: (inout [UInt8]) -> Void) -> [UInt8] {
    var body = Array(frame[FrameLayout.headerSize...])
    change(&body)
    let counter = withBytes(frame) { $0.integer(at: FrameLayout.counter, UInt64.self) }
    return forged(frame[FrameLayout.kind], counter: counter, body)
}
