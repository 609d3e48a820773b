import Base
import TestSupport
import Testing

@testable import Wire

/// Who can read, change and repeat what is sent, but lacks the secret, gets nowhere.
struct AttackTests {
    private func flipped(_ bytes: [UInt8], _ bit: Int) -> [UInt8] {
        var bytes = bytes
        bytes[bit / 8] ^= 1 << (bit % 8)
        return bytes
    }

    /// Any one bit of any message: whoever gets it ends the link at once.
    @Test(arguments: [someSecret, nil])
    func everyBitOfTheHandshakeCounts(secret: String?) {
        let recorded = Recorded(secret: secret)
        func acceptor(_ messages: [[UInt8]]) -> (last: Event?, isOpen: Bool) {
            var side = Side(accepting: node(secondID, secret: secret), seed: 1001)
            var last: Event?
            for message in messages { last = side.receive(message).last }
            return (last, side.link.isOpen)
        }
        func initiator(_ messages: [[UInt8]]) -> (last: Event?, isOpen: Bool) {
            var side = Side(dialling: node(firstID, secret: secret))
            var last: Event?
            for message in messages { last = side.receive(message).last }
            return (last, side.link.isOpen)
        }
        #expect(acceptor([recorded.hello, recorded.proof]).isOpen)
        #expect(initiator([recorded.challenge, recorded.welcome]).isOpen)
        for bit in 0..<recorded.hello.count * 8 {
            #expect(acceptor([flipped(recorded.hello, bit)]).last == .closed, "bit \(bit)")
        }
        for bit in 0..<recorded.proof.count * 8 {
            let seen = acceptor([recorded.hello, flipped(recorded.proof, bit)])
            #expect(seen.last == .closed, "bit \(bit)")
        }
        for bit in 0..<recorded.challenge.count * 8 {
            #expect(initiator([flipped(recorded.challenge, bit)]).last == .closed, "bit \(bit)")
        }
        for bit in 0..<recorded.welcome.count * 8 {
            let seen = initiator([recorded.challenge, flipped(recorded.welcome, bit)])
            #expect(seen.last == .closed, "bit \(bit)")
        }
    }

    /// Somebody in between changes a bit of a message and makes its check right again.
    @Test(arguments: [someSecret, nil])
    func whatIsChangedOnTheWayIsNoticed(secret: String?) {
        for message in 0..<4 {
            let recorded = Recorded(secret: secret)
            let all = [recorded.hello, recorded.challenge, recorded.proof, recorded.welcome]
            let size = frames(all[message])[0].count - FrameLayout.headerSize
            for bit in 0..<size * 8 {
                let open = meet(secret: secret, changing: message, bit)
                #expect(!open.initiator, "message \(message), bit \(bit)")
                // The acceptor is through before welcome leaves.
                #expect(open.acceptor == (message == 3), "message \(message), bit \(bit)")
            }
        }
    }

    /// Who comes to think that the link is established when this bit of this message is changed.
    private func meet(
        secret: String?, changing message: Int, _ bit: Int
    ) -> (initiator: Bool, acceptor: Bool) {
        var pair = Pair(secret: secret)
        var number = 0
        func carry(_ bytes: [UInt8]) -> [UInt8] {
            defer { number += 1 }
            guard number == message else { return bytes }
            let frame = frames(bytes)[0]
            let start = bytes.count - frame.count
            return bytes[..<start] + tampered(frame) { $0[bit / 8] ^= 1 << (bit % 8) }
        }
        for _ in 0..<2 {
            if !pair.initiator.output.isEmpty {
                _ = pair.acceptor.receive(carry(pair.initiator.take()))
            }
            if !pair.acceptor.output.isEmpty {
                _ = pair.initiator.receive(carry(pair.acceptor.take()))
            }
        }
        return (pair.initiator.link.isOpen, pair.acceptor.link.isOpen)
    }

    /// Both speak up to version 2; somebody in between makes them agree on 1.
    @Test func aDowngradeIsNoticed() {
        var pair = Pair(
            Side(dialling: node(firstID, versions: 1...2)),
            Side(accepting: node(secondID, versions: 1...2)))
        let hello = frames(pair.initiator.take())[0]
        _ = pair.acceptor.receive(magic + tampered(hello) { $0[2] = 1 })
        #expect(pair.initiator.receive(pair.acceptor.take()).isEmpty)
        #expect(pair.acceptor.receive(pair.initiator.take()) == [.closed])
        #expect(pair.acceptor.link.end == .handshake(.wrongSecret))
        #expect(pair.initiator.receive(pair.acceptor.take()) == [.closed])
    }

    /// Somebody in between tells each that the other has no secret.
    @Test func theSecretCannotBeTalkedAway() {
        var pair = Pair()
        let hello = frames(pair.initiator.take())[0]
        let events = pair.acceptor.receive(magic + tampered(hello) { $0[5] = 0 })
        #expect(events == [.closed])
        #expect(pair.acceptor.link.end == .handshake(.secretOnOneSide(isOurs: true)))
    }

    @Test func aRecordedHandshakeOpensNothing() {
        let recorded = Recorded()
        var acceptor = Side(accepting: node(secondID), seed: 77)
        #expect(acceptor.receive(recorded.hello).isEmpty)
        #expect(acceptor.receive(recorded.proof) == [.closed])
        #expect(acceptor.link.end == .handshake(.wrongSecret))

        var initiator = Side(dialling: node(firstID), seed: 78)
        #expect(initiator.receive(recorded.challenge).isEmpty)
        #expect(initiator.receive(recorded.welcome) == [.closed])
        #expect(initiator.link.end == .handshake(.wrongSecret))
    }

    /// A node's own messages, sent back to it.
    @Test func reflectedMessagesOpenNothing() {
        var dialling = Side(dialling: node(firstID))
        var listening = Side(accepting: node(firstID), seed: 9)
        #expect(listening.receive(dialling.take()) == [.closed])
        #expect(listening.link.end == .handshake(.itself))

        // Under other names: the node makes a proof, but of what it was told.
        dialling = Side(dialling: node(firstID))
        listening = Side(accepting: node(firstID), seed: 9)
        let hello = frames(dialling.take())[0]
        let renamed = tampered(hello) { $0[10] ^= 1 }
        #expect(listening.receive(magic + renamed).isEmpty)
        let challenge = frames(listening.take())[0]
        #expect(dialling.receive(magic + tampered(challenge) { $0[4] ^= 1 }).isEmpty)
        let proof = dialling.take()
        #expect(listening.receive(proof) == [.closed])
        #expect(listening.link.end == .handshake(.wrongSecret))

        // The proof for a welcome.
        let welcome = forged(
            FrameKind.welcome.rawValue, counter: 1,
            Array(frames(proof)[0][FrameLayout.headerSize...]))
        #expect(dialling.receive(welcome) == [.closed])
        #expect(dialling.link.end == .handshake(.wrongSecret))
    }

    @Test(arguments: [someSecret, nil])
    func reflectedFramesAreRefused(secret: String?) {
        var pair = Pair.established(secret: secret)
        pair.initiator.send(.gossip, [1, 2, 3])
        #expect(pair.initiator.receive(pair.initiator.take()) == [.closed])
    }

    /// Somebody relays a handshake and then puts in a frame of another link of the same two nodes,
    /// of the same number.
    @Test(arguments: [someSecret, nil])
    func framesOfOtherLinksAreRefused(secret: String?) {
        var first = Pair.established(secret: secret, seed: 1)
        var second = Pair.established(secret: secret, seed: 2)
        first.initiator.send(.gossip, [1, 2, 3])
        second.initiator.send(.gossip, [1, 2, 3])
        let frame = first.initiator.take()
        #expect(frame != second.initiator.take())
        #expect(second.acceptor.receive(frame) == [.closed])
        #expect(second.acceptor.link.end == .frame(.headerDamaged))
        #expect(first.acceptor.receive(frame) == [.frame(.gossip, [1, 2, 3])])
    }

    /// The salt can be worked out from what is sent; it is no key.
    @Test func theSaltAloneForgesNothing() {
        var recorded = Recorded()
        let salted = FrameSeal(salt: recorded.salt(to: .acceptor), authenticator: nil)
        let frame = forged(FrameKind.gossip.rawValue, counter: 2, [1, 2, 3], salted)
        #expect(recorded.pair.acceptor.receive(frame) == [.closed])
        #expect(recorded.pair.acceptor.link.end == .frame(.frameDamaged))
    }

    /// Nor does a key of another direction, or of another secret.
    @Test func otherKeysForgeNothing() {
        for (role, secret) in [
            (LinkRole.initiator, someSecret), (.acceptor, "another secret of enough bytes"),
        ] {
            let other = Recorded(secret: secret)
            var recorded = Recorded()
            let frame = forged(
                FrameKind.gossip.rawValue, counter: 2, [1, 2, 3], other.seal(to: role))
            #expect(recorded.pair.acceptor.receive(frame) == [.closed])
        }
        // What the test forges with the right seal is taken, so it is the seal that decides.
        var recorded = Recorded()
        let frame = forged(
            FrameKind.gossip.rawValue, counter: 2, [1, 2, 3], recorded.seal(to: .acceptor))
        #expect(recorded.pair.acceptor.receive(frame) == [.frame(.gossip, [1, 2, 3])])
    }
}
