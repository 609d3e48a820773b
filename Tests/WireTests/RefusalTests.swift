import Base
import TestSupport
import Testing

@testable import Wire

/// Nodes that must not talk part, and each side's operator can read why.
struct RefusalTests {
    /// What both sides say when these two meet.
    private func ends(
        _ first: LocalNode, _ second: LocalNode, _ purpose: LinkPurpose = .control,
        expected: NodeID? = nil
    ) -> (initiator: LinkEnd?, acceptor: LinkEnd?) {
        var pair = Pair(
            Side(dialling: first, purpose, expected: expected), Side(accepting: second))
        _ = pair.run()
        #expect(pair.initiator.link.peer == nil)
        #expect(pair.acceptor.link.peer == nil)
        return (pair.initiator.link.end, pair.acceptor.link.end)
    }

    private func refused(_ code: RefusalCode, _ range: VersionRange = .ours) -> LinkEnd {
        .handshake(.refused(code, theirs: range))
    }

    @Test func anotherCluster() {
        let ends = ends(node(firstID, cluster: "orders"), node(secondID, cluster: "users"))
        #expect(
            ends.acceptor
                == .handshake(
                    .otherCluster(theirs: ClusterName("orders")!, ours: ClusterName("users")!)))
        #expect(ends.initiator == refused(.otherCluster))
    }

    @Test func noCommonVersion() {
        let ends = ends(node(firstID, versions: 1...2), node(secondID, versions: 3...4))
        let theirs = VersionRange(WireVersion(1), WireVersion(2))
        let ours = VersionRange(WireVersion(3), WireVersion(4))
        #expect(ends.acceptor == .handshake(.versionsApart(theirs: theirs, ours: ours)))
        #expect(ends.initiator == refused(.versionsApart, ours))
    }

    /// Hello of a version to come may look different behind the versions.
    @Test func aVersionToComeIsToldApartFromGarbage() {
        var side = Side(accepting: node(secondID))
        let body: [UInt8] = [2, 0, 9, 0, 1, 2, 3]
        let hello = forged(FrameKind.hello.rawValue, counter: 0, body)
        #expect(side.receive(magic + hello) == [.closed])
        let theirs = VersionRange(WireVersion(2), WireVersion(9))
        #expect(side.link.end == .handshake(.versionsApart(theirs: theirs, ours: .ours)))
    }

    @Test func anotherSecret() {
        let ends = ends(
            node(firstID, secret: "sixteen bytes at least"),
            node(secondID, secret: "sixteen bytes or more"))
        #expect(ends.acceptor == .handshake(.wrongSecret))
        #expect(ends.initiator == refused(.wrongSecret))
    }

    @Test func aSecretOnOneSideOnly() {
        var ends = ends(node(firstID), node(secondID, secret: nil))
        #expect(ends.acceptor == .handshake(.secretOnOneSide(isOurs: false)))
        #expect(ends.initiator == refused(.secretOnOneSide))
        ends = self.ends(node(firstID, secret: nil), node(secondID))
        #expect(ends.acceptor == .handshake(.secretOnOneSide(isOurs: true)))
        #expect(ends.initiator == refused(.secretOnOneSide))
    }

    @Test func itself() {
        let ends = ends(node(firstID), node(firstID))
        #expect(ends.acceptor == .handshake(.itself))
        #expect(ends.initiator == refused(.itself))
    }

    @Test func aNodeThatIsNotTheOneDialled() {
        let ends = ends(node(firstID), node(secondID), expected: NodeID("f" * 40)!)
        #expect(ends.acceptor == .handshake(.notMeant(expected: NodeID("f" * 40)!)))
        #expect(ends.initiator == refused(.otherNode))
    }

    @Test func aCoreThatIsNotThere() {
        let purpose = LinkPurpose.slots(from: CoreIndex(9), to: CoreIndex(2))
        let ends = ends(node(firstID), node(secondID, cores: 2), purpose)
        #expect(ends.acceptor == .handshake(.noSuchCore(CoreIndex(2), count: 2)))
        #expect(ends.initiator == refused(.noSuchCore))
    }

    /// An acceptor that says yes to everything does not make the initiator say yes.
    @Test func theInitiatorChecksTheChallengeItself() {
        let cases: [(LinkEnd, Challenge)] = [
            (
                .handshake(.itself),
                Challenge(
                    version: WireVersion(1), hasSecret: true, node: firstID, nonce: nonce(5))
            ),
            (
                .handshake(.otherNode(expected: secondID, found: NodeID("f" * 40)!)),
                Challenge(
                    version: WireVersion(1), hasSecret: true, node: NodeID("f" * 40)!,
                    nonce: nonce(5))
            ),
            (
                .handshake(.secretOnOneSide(isOurs: true)),
                Challenge(
                    version: WireVersion(1), hasSecret: false, node: secondID, nonce: nonce(5))
            ),
            (
                .handshake(.malformed(.challenge, .value)),
                Challenge(
                    version: WireVersion(2), hasSecret: true, node: secondID, nonce: nonce(5))
            ),
        ]
        for (end, challenge) in cases {
            var side = Side(dialling: node(firstID), expected: secondID)
            _ = side.take()
            let body = written { challenge.append(to: &$0) }
            let frame = forged(FrameKind.challenge.rawValue, counter: 0, body)
            #expect(side.receive(magic + frame) == [.closed])
            #expect(side.link.end == end)
            let answers = frames(side.take())
            #expect(answers.map { $0[FrameLayout.kind] } == [FrameKind.refusal.rawValue])
        }
    }

    @Test func messagesOutOfTurn() {
        for kind in FrameKind.allCases where kind != .hello {
            var side = Side(accepting: node(secondID))
            let frame = forged(kind.rawValue, counter: 0, [UInt8](repeating: 0, count: 32))
            #expect(side.receive(magic + frame) == [.closed])
            #expect(side.link.end == .handshake(.outOfTurn(kind)))
            #expect(!frames(side.take()).isEmpty, "the peer is told")
        }
        for kind in FrameKind.allCases where kind != .challenge && kind != .refusal {
            var side = Side(dialling: node(firstID))
            let frame = forged(kind.rawValue, counter: 0, [UInt8](repeating: 0, count: 32))
            #expect(side.receive(magic + frame) == [.closed])
            #expect(side.link.end == .handshake(.outOfTurn(kind)))
        }
    }

    @Test func aClientOnTheWrongPortGetsNoAnswer() {
        for text in ["*1\r\n$4\r\nPING\r\n", "GET / HTTP/1.1\r\n", "\u{16}\u{3}\u{1}", "gyre.nez"] {
            for piece in [1, 3, 100] {
                var side = Side(accepting: node(secondID))
                #expect(side.receive(Array(text.utf8), piece: piece).last == .closed)
                #expect(side.link.end == .frame(.notGyre))
                #expect(side.output.isEmpty == true)
            }
        }
    }

    /// What has not proved itself cannot make a node hold more than the page says.
    @Test func aStrangerIsHeldShort() {
        var side = Side(accepting: node(secondID))
        let tooLong = forged(FrameKind.hello.rawValue, counter: 0, length: 257, [])
        #expect(side.receive(magic + tooLong) == [.closed])
        #expect(side.link.end == .frame(.tooLong(size: 257, sizeMax: 256)))

        side = Side(accepting: node(secondID))
        let longest = forged(
            FrameKind.hello.rawValue, counter: 0, [UInt8](repeating: 1, count: 256))
        var held = 0
        for byte in magic + longest.dropLast() {
            #expect(side.receive([byte]).isEmpty)
            held = max(held, side.link.pendingSize)
        }
        #expect(held < 288)
        #expect(side.receive([longest.last!]) == [.closed])
        #expect(side.link.pendingSize == 0)
    }

    @Test func everyReasonSaysWhichSideWhatAndHow() {
        let range = VersionRange(WireVersion(2), WireVersion(3))
        let name = ClusterName("orders")!
        var faults: [HandshakeFault] = [
            .versionsApart(theirs: range, ours: .ours),
            .otherCluster(theirs: name, ours: ClusterName("users")!),
            .secretOnOneSide(isOurs: true), .secretOnOneSide(isOurs: false), .wrongSecret, .itself,
            .otherNode(expected: firstID, found: secondID), .notMeant(expected: firstID),
            .noSuchCore(CoreIndex(4), count: 2), .outOfTurn(.ping), .malformed(.hello, .size),
            .timedOut,
        ]
        faults += RefusalCode.allCases.map { .refused($0, theirs: range) }
        let frameFaults: [FrameFault] = [
            .notGyre, .headerDamaged, .frameDamaged, .outOfOrder(expected: 3, found: 5),
            .unknownKind(99), .unknownFlags(4), .tooLong(size: 9, sizeMax: 8), .outOfPlace(.raft),
            .malformed(.ring, .empty),
        ]
        let ends: [LinkEnd] =
            faults.map { .handshake($0) } + frameFaults.map { .frame($0) }
            + StopReason.allCases.map { .stopped($0) } + StopReason.allCases.map { .ended($0) }
        var sentences: Set<String> = []
        for end in ends {
            let sentence = end.message(peer: "10.0.0.7:16379")
            #expect(sentence.contains("10.0.0.7:16379"))
            #expect(sentence.hasSuffix("."))
            #expect(!sentence.contains(someSecret))
            #expect(sentences.insert(sentence).inserted || end == .frame(.frameDamaged), "\(end)")
        }
        #expect(
            LinkEnd.handshake(.otherCluster(theirs: name, ours: ClusterName("users")!))
                .message(peer: "10.0.0.7:16379")
                == "The node at 10.0.0.7:16379 is of the cluster “orders” and this node of "
                + "“users”: give both the same --cluster-name, or correct the addresses that the "
                + "other node was given.")
    }
}

extension String {
    fileprivate static func * (text: String, count: Int) -> String {
        String(repeating: text, count: count)
    }
}
