import Base
import TestSupport
import Testing

@testable import Wire

/// Frames come out once, whole and in order, or the link ends.
struct FrameTests {
    /// A few frames of an established link, as they leave, and what they must come out as.
    private func some(_ pair: inout Pair) -> (bytes: [UInt8], events: [Event]) {
        var events: [Event] = []
        for (kind, size) in [
            (FrameKind.gossip, 0), (.raft, 1), (.ring, 300), (.gossip, 31), (.ringAnnouncement, 8),
        ] {
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ size) }
            pair.initiator.send(kind, body)
            events.append(.frame(kind, body))
        }
        return (pair.initiator.take(), events)
    }

    @Test func everyKindGoesWhereItBelongs() {
        for purpose in [
            LinkPurpose.control, forwarding, .slots(from: CoreIndex(0), to: CoreIndex(0)),
        ] {
            for kind in FrameKind.allCases {
                for sender in [LinkRole.initiator, .acceptor] {
                    var recorded = Recorded(purpose)
                    let body: [UInt8] = kind == .stop ? [1] : [1, 2, 3, 4, 5, 6, 7, 8]
                    let frame = forged(
                        kind.rawValue, counter: 2, body, recorded.seal(to: sender.peer))
                    let events: [Event]
                    if sender == .initiator {
                        events = recorded.pair.acceptor.receive(frame)
                    } else {
                        events = recorded.pair.initiator.receive(frame)
                    }
                    let belongs = Self.belongs(kind, purpose, sender)
                    if kind == .stop {
                        #expect(events == [.closed])
                    } else {
                        #expect(events == (belongs ? [.frame(kind, body)] : [.closed]), "\(kind)")
                    }
                }
            }
        }
    }

    /// As the page's table says.
    private static func belongs(
        _ kind: FrameKind, _ purpose: LinkPurpose, _ sender: LinkRole
    ) -> Bool {
        switch kind.rawValue {
        case 8...10: true
        case 16...20: purpose.number == 1
        case 32: purpose.number == 2 && sender == .initiator
        case 33: purpose.number == 2 && sender == .acceptor
        case 48: purpose.number == 3
        default: false
        }
    }

    @Test(arguments: [someSecret, nil])
    func framesMayComeCutAnywhere(secret: String?) {
        var pair = Pair.established(secret: secret)
        let size = some(&pair).bytes.count
        for cut in 0...size {
            var pair = Pair.established(secret: secret)
            let (bytes, events) = some(&pair)
            #expect(pair.acceptor.receive(bytes, cutAt: cut) == events, "cut at \(cut)")
        }
        for piece in [1, 2, 3, 5, 31, 32, 33, 64] {
            var pair = Pair.established(secret: secret)
            let (bytes, events) = some(&pair)
            #expect(pair.acceptor.receive(bytes, piece: piece) == events, "pieces of \(piece)")
        }
    }

    /// Nothing comes out of a frame before its last byte.
    @Test func aTruncatedFrameIsNone() {
        var pair = Pair.established()
        pair.initiator.send(.raft, [UInt8](repeating: 5, count: 100))
        let bytes = pair.initiator.take()
        for cut in 0..<bytes.count {
            var pair = Pair.established()
            #expect(pair.acceptor.receive(Array(bytes[..<cut])).isEmpty)
            #expect(pair.acceptor.link.isOpen == true)
        }
    }

    /// Any one bit of a frame: the link ends, and waits for nothing beyond the frame.
    @Test(arguments: [someSecret, nil])
    func everyBitOfAFrameCounts(secret: String?) {
        var pair = Pair.established(secret: secret)
        let body: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
        pair.initiator.send(.gossip, body)
        let frame = pair.initiator.take()
        for bit in 0..<frame.count * 8 {
            var pair = Pair.established(secret: secret)
            var flipped = frame
            flipped[bit / 8] ^= 1 << (bit % 8)
            #expect(pair.acceptor.receive(flipped) == [.closed], "bit \(bit)")
            let answers = frames(pair.acceptor.take())
            #expect(answers.count == 1, "the peer is told")
            #expect(answers.first?[FrameLayout.kind] == FrameKind.stop.rawValue)
        }
    }

    private func threeFrames(_ secret: String?) -> (pair: [[UInt8]], bodies: [[UInt8]]) {
        var pair = Pair.established(secret: secret)
        for number in 1...3 { pair.initiator.send(.raft, [UInt8(number)]) }
        return (frames(pair.initiator.take()), [[1], [2], [3]])
    }

    @Test(arguments: [someSecret, nil])
    func droppedRepeatedAndReorderedFramesEndTheLink(secret: String?) {
        let sent = threeFrames(secret).pair
        let cases: [(order: [Int], taken: Int, end: FrameFault)] = [
            ([1], 0, .outOfOrder(expected: 2, found: 3)),
            ([0, 2], 1, .outOfOrder(expected: 3, found: 4)),
            ([0, 0], 1, .outOfOrder(expected: 3, found: 2)),
            ([0, 1, 0], 2, .outOfOrder(expected: 4, found: 2)),
            ([1, 0, 2], 0, .outOfOrder(expected: 2, found: 3)),
        ]
        for (order, taken, end) in cases {
            var pair = Pair.established(secret: secret)
            let events = pair.acceptor.receive(order.flatMap { sent[$0] })
            #expect(events.count == taken + 1)
            #expect(events.last == .closed)
            #expect(pair.acceptor.link.end == .frame(end))
        }
    }

    @Test func afterTheEndNothingComesOut() {
        let sent = threeFrames(someSecret).pair
        var pair = Pair.established()
        _ = pair.acceptor.receive(sent[1])
        _ = pair.acceptor.take()
        #expect(pair.acceptor.receive(sent[0] + sent[1] + sent[2]) == [.closed])
        #expect(pair.acceptor.output.isEmpty == true)
        #expect(pair.acceptor.link.pendingSize == 0)
    }

    @Test func headersThatSayWhatCannotBe() {
        let cases: [((FrameSeal) -> [UInt8], FrameFault)] = [
            ({ forged(7, counter: 2, [], $0) }, .unknownKind(7)),
            ({ forged(16, counter: 2, flags: 1, [], $0) }, .unknownFlags(1)),
            (
                { forged(16, counter: 2, length: 1_048_577, [], $0) },
                .tooLong(size: 1_048_577, sizeMax: 1_048_576)
            ),
            (
                { forged(16, counter: 2, length: 0xFFFF_FFFF, [], $0) },
                .tooLong(size: 0xFFFF_FFFF, sizeMax: 1_048_576)
            ),
            (
                { forged(16, counter: .max, [], $0) },
                .outOfOrder(expected: 2, found: .max)
            ),
            ({ forged(10, counter: 2, [], $0) }, .malformed(.stop, .size)),
            ({ forged(10, counter: 2, [99], $0) }, .malformed(.stop, .value)),
        ]
        for (make, fault) in cases {
            var recorded = Recorded()
            let frame = make(recorded.seal(to: .acceptor))
            #expect(recorded.pair.acceptor.receive(frame) == [.closed])
            #expect(recorded.pair.acceptor.link.end == .frame(fault))
        }
    }

    /// The longest body goes over, and what it was collected in is given back.
    @Test(arguments: [someSecret, nil])
    func theLongestBodyGoesOver(secret: String?) {
        var pair = Pair.established(secret: secret)
        let body = (0..<WireLimits.bodySizeMax).map { UInt8(truncatingIfNeeded: $0 / 251) }
        pair.initiator.send(.ring, body)
        let bytes = pair.initiator.take()
        #expect(pair.acceptor.receive(bytes, piece: 50_000) == [.frame(.ring, body)])
        pair.initiator.send(.gossip, [1])
        #expect(pair.acceptor.receive(pair.initiator.take()) == [.frame(.gossip, [1])])
    }

    /// A whole frame is handed on where it was received, and a cut one is not kept for ever.
    @Test func wholeFramesAreNotCopied() {
        var reader = FrameReader()
        let hello = forged(FrameKind.hello.rawValue, counter: 0, [1, 2, 3])
        withBytes(magic + hello) { all in
            var input = all
            guard case .frame(let frame) = reader.next(&input) else {
                Issue.record("no frame")
                return
            }
            unsafe #expect(frame.body.start == all.start + 8 + FrameLayout.headerSize)
            #expect(reader.pendingCapacity == 0)
        }
        var recorded = Recorded(secret: nil)
        recorded.pair.initiator.send(.ring, [UInt8](repeating: 1, count: 500_000))
        var bytes = recorded.pair.initiator.take()
        bytes.append(0)
        reader = FrameReader()
        withBytes(magic) { magic in
            var input = magic
            _ = reader.next(&input)
        }
        // As if the handshake's two frames had come.
        for kind in [FrameKind.hello, .proof] {
            withBytes(forged(kind.rawValue, counter: kind == .hello ? 0 : 1, [])) { frame in
                var input = frame
                _ = reader.next(&input)
            }
        }
        reader.establish(recorded.seal(to: .acceptor))
        withBytes(Array(bytes[..<300_000])) { piece in
            var input = piece
            guard case .more = reader.next(&input) else {
                Issue.record("a frame too early")
                return
            }
        }
        #expect(reader.pendingSize == 300_000)
        withBytes(Array(bytes[300_000...])) { piece in
            var input = piece
            guard case .frame(let frame) = reader.next(&input) else {
                Issue.record("no frame")
                return
            }
            #expect(frame.body.count == 500_000)
            _ = reader.next(&input)
        }
        #expect(reader.pendingCapacity <= WireLimits.reassemblyKept)
        #expect(reader.pendingSize == 1)
    }

    @Test func aFrameCanBeTakenBack() {
        var pair = Pair.established()
        pair.initiator.link.beginFrame(.gossip, into: &pair.initiator.output)
        pair.initiator.output.append("never mind")
        #expect(pair.initiator.link.bodySize(in: pair.initiator.output) == 10)
        pair.initiator.link.cancelFrame(into: &pair.initiator.output)
        #expect(pair.initiator.output.isEmpty == true)
        pair.initiator.send(.gossip, [1])
        #expect(pair.run().acceptor == [.frame(.gossip, [1])])
    }

    @Test func stoppingTellsThePeerWhy() {
        for reason in StopReason.allCases {
            var pair = Pair.established()
            // A frame that is open is not sent.
            pair.acceptor.link.beginFrame(.gossip, into: &pair.acceptor.output)
            pair.acceptor.output.append("half a rumour")
            pair.acceptor.link.stop(reason, into: &pair.acceptor.output)
            #expect(pair.acceptor.link.end == .ended(reason))
            #expect(pair.run().initiator == [.closed])
            #expect(pair.initiator.link.end == .stopped(reason))
            #expect(pair.initiator.link.isOpen == false)
        }
    }

    @Test func aBodyThatIsRefusedEndsTheLink() {
        var pair = Pair.established()
        pair.initiator.send(.ringAnnouncement, [1, 2, 3])
        withBytes(pair.initiator.take()) { bytes in
            var input = bytes
            guard
                case .frame(let frame) = pair.acceptor.link.next(
                    &input, into: &pair.acceptor.output)
            else {
                Issue.record("no frame")
                return
            }
            #expect(throws: BodyFault.size) { try frame.ringEpoch() }
            pair.acceptor.link.refuse(frame, .size, into: &pair.acceptor.output)
        }
        #expect(pair.acceptor.link.end == .frame(.malformed(.ringAnnouncement, .size)))
        _ = pair.run()
        #expect(pair.initiator.link.end == .stopped(.violation))
    }
}
