import Base
import TestSupport
import Testing

@testable import Wire

/// Two nodes that may talk come to, and learn of each other what they must.
struct HandshakeTests {
    @Test(arguments: [someSecret, nil])
    func bothSidesLearnWhoIsThere(secret: String?) {
        var pair = Pair(forwarding, secret: secret)
        let seen = pair.run()
        let isAuthentic = secret != nil
        #expect(
            seen.initiator == [
                .established(
                    LinkPeer(
                        node: secondID, role: .acceptor, purpose: forwarding,
                        version: WireVersion(1), isAuthentic: isAuthentic))
            ])
        #expect(
            seen.acceptor == [
                .established(
                    LinkPeer(
                        node: firstID, role: .initiator, purpose: forwarding,
                        version: WireVersion(1), isAuthentic: isAuthentic))
            ])
        #expect(pair.initiator.link.nextTick == nil)
        #expect(pair.acceptor.link.nextTick == nil)
    }

    @Test(arguments: [
        LinkPurpose.control, forwarding, .slots(from: CoreIndex(65_535), to: CoreIndex(3)),
    ])
    func thePurposeArrives(purpose: LinkPurpose) {
        let pair = Pair.established(purpose)
        #expect(pair.acceptor.link.peer?.purpose == purpose)
        #expect(pair.initiator.link.peer?.purpose == purpose)
    }

    @Test func theBytesMayComeCutAnywhere() {
        for piece in 1...40 {
            var pair = Pair()
            let seen = pair.run(piece: piece)
            #expect(seen.initiator.count == 1, "piece \(piece)")
            #expect(seen.acceptor.count == 1, "piece \(piece)")
            #expect(pair.initiator.link.isOpen == true)
            #expect(pair.acceptor.link.isOpen == true)
        }
    }

    @Test func theHighestCommonVersionIsTaken() {
        let ranges: [(ClosedRange<UInt16>, ClosedRange<UInt16>, UInt16?)] = [
            (1...1, 1...3, 1), (1...3, 2...5, 3), (2...5, 1...3, 3), (4...4, 1...9, 4),
            (1...2, 3...4, nil), (3...4, 1...2, nil),
        ]
        for (ours, theirs, common) in ranges {
            var pair = Pair(
                Side(dialling: node(firstID, versions: ours)),
                Side(accepting: node(secondID, versions: theirs)))
            _ = pair.run()
            #expect(pair.initiator.link.peer?.version.rawValue == common)
            #expect(pair.acceptor.link.peer?.version.rawValue == common)
        }
    }

    @Test func whoIsDialledIsWhoAnswers() {
        var pair = Pair(
            Side(dialling: node(firstID), expected: secondID), Side(accepting: node(secondID)))
        _ = pair.run()
        #expect(pair.initiator.link.isOpen == true)
    }

    /// Frames may follow the last message of the handshake in the same packet.
    @Test func framesMayFollowAtOnce() {
        var pair = Pair()
        _ = pair.acceptor.receive(pair.initiator.take())
        _ = pair.initiator.receive(pair.acceptor.take())
        #expect(pair.acceptor.receive(pair.initiator.take()).count == 1)
        pair.acceptor.link.sendPing(7, into: &pair.acceptor.output)
        let events = pair.initiator.receive(pair.acceptor.take())
        #expect(events.count == 2)
        #expect(events.last == .frame(.ping, [7, 0, 0, 0, 0, 0, 0, 0]))
    }

    @Test func aHandshakeHasATimeLimit() {
        var side = Side(accepting: node(secondID))
        #expect(side.link.nextTick == WireLimits.handshakeMilliseconds)
        let isEarly = side.link.tick(now: WireLimits.handshakeMilliseconds - 1)
        #expect(!isEarly)
        let isOver = side.link.tick(now: WireLimits.handshakeMilliseconds)
        #expect(isOver)
        #expect(side.link.end == .handshake(.timedOut))
        #expect(side.receive(magic) == [.closed])
        #expect(side.output.isEmpty == true)
    }

    @Test func anEstablishedLinkHasNone() {
        var pair = Pair.established()
        let hasEnded = pair.acceptor.link.tick(now: .max)
        #expect(!hasEnded)
        #expect(pair.acceptor.link.isOpen == true)
    }

    @Test func secretsAndNamesHaveBounds() throws {
        #expect(throws: ClusterSecret.Fault.tooShort(size: 15)) {
            try ClusterSecret(OwnedBytes(String(repeating: "s", count: 15)))
        }
        #expect(throws: ClusterSecret.Fault.tooLong(size: 257)) {
            try ClusterSecret(OwnedBytes(String(repeating: "s", count: 257)))
        }
        _ = try ClusterSecret(OwnedBytes(String(repeating: "s", count: 16)))
        _ = try ClusterSecret(OwnedBytes(String(repeating: "s", count: 256)))
        #expect(ClusterName("") == nil)
        #expect(ClusterName("a b") == nil)
        #expect(ClusterName("ä") == nil)
        #expect(ClusterName(String(repeating: "n", count: 65)) == nil)
        #expect(ClusterName(String(repeating: "n", count: 64)) != nil)
        #expect(ClusterName("Prod-1_eu.west") != nil)
    }
}
