import Base
import TestSupport
import Testing

@testable import Wire

/// Whatever bytes a node is given, it answers, holds little, and takes nothing that was not sent.
struct FuzzTests {
    private func mutated(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where !bytes.isEmpty:
                bytes[place % bytes.count] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes = Array(bytes.prefix(place))
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 3: bytes.removeSubrange(place..<min(place + 8, bytes.count))
            default:
                let end = min(place + 40, bytes.count)
                bytes.insert(contentsOf: bytes[place..<end], at: place)
            }
        }
        return bytes
    }

    private func piece(_ random: inout SplitMix64) -> Int {
        [1, 7, 33, 1_000][Int.random(in: 0..<4, using: &random)]
    }

    @Test func garbageOpensNothing() {
        var random = SplitMix64(seed: 21)
        for round in 0..<3_000 {
            var side = Side(accepting: node(secondID))
            let count = Int.random(in: 0..<600, using: &random)
            var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            if round % 2 == 0 { bytes = magic + bytes }
            _ = side.receive(bytes, piece: piece(&random))
            #expect(side.link.peer == nil)
            #expect(side.link.pendingSize <= 288)
        }
    }

    @Test func changedHandshakesOpenNothing() {
        let recorded = Recorded()
        var random = SplitMix64(seed: 22)
        let sound = recorded.hello + recorded.proof
        for _ in 0..<3_000 {
            let changed = mutated(sound, &random)
            var side = Side(accepting: node(secondID), seed: 1001)
            _ = side.receive(changed, piece: piece(&random))
            let isThrough = side.link.peer != nil
            #expect(isThrough == changed.starts(with: sound))
        }
    }

    /// Messages of any form under a right check.
    @Test func formsOfHandshakeMessages() {
        let recorded = Recorded()
        let messages = [recorded.hello, recorded.challenge].map { frames($0)[0] }
        var random = SplitMix64(seed: 23)
        var parts = 0
        for round in 0..<4_000 {
            let isHello = round % 2 == 0
            let changed =
                magic
                + tampered(messages[isHello ? 0 : 1]) { $0 = mutated($0, &random) }
            var side = isHello ? Side(accepting: node(secondID)) : Side(dialling: node(firstID))
            let events = side.receive(changed, piece: piece(&random))
            #expect(side.link.peer == nil)
            parts += events.isEmpty ? 0 : 1
        }
        #expect(parts > 1_000, "many of them are refused")
    }

    /// Frames: what comes out of changed ones is a prefix of what was sent.
    @Test(arguments: [someSecret, nil])
    func changedFramesAreAPrefix(secret: String?) {
        var random = SplitMix64(seed: 24)
        var pair = Pair.established(secret: secret)
        var sent: [Event] = []
        for size in [0, 5, 40, 100, 8] {
            let body = [UInt8](repeating: UInt8(size), count: size)
            pair.initiator.send(.gossip, body)
            sent.append(.frame(.gossip, body))
        }
        let bytes = pair.initiator.take()
        for _ in 0..<2_000 {
            var pair = Pair.established(secret: secret)
            let changed = mutated(bytes, &random)
            var events = pair.acceptor.receive(changed, piece: piece(&random))
            if events.last == .closed { events.removeLast() }
            #expect(events.count <= sent.count)
            #expect(events == Array(sent.prefix(events.count)))
            #expect(changed.starts(with: bytes) || events.count < sent.count)
        }
    }

    /// Bodies: taken apart or refused, and what is taken apart is written again as it was.
    @Test func formsOfBatches() throws {
        var random = SplitMix64(seed: 25)
        var taken = 0
        for round in 0..<40_000 {
            let isRequests = round % 2 == 0
            let sound = isRequests ? ForwardTests.requestBody() : ForwardTests.replyBody()
            let changed = mutated(sound, &random)
            let again = withBytes(changed) { body in
                isRequests ? rewrittenRequests(body) : rewrittenReplies(body)
            }
            guard let again else { continue }
            taken += 1
            #expect(again == changed)
        }
        #expect(taken > 1_000)
    }

    private func rewrittenRequests(_ body: Bytes) -> [UInt8]? {
        guard var batch = try? ForwardRequestBatch(body) else { return nil }
        return written { output in
            ForwardRequestBatch.begin(batch.epoch, in: &output)
            while let item = batch.next() { item.append(to: &output) }
        }
    }

    private func rewrittenReplies(_ body: Bytes) -> [UInt8]? {
        guard var batch = try? ForwardReplyBatch(body) else { return nil }
        return written { output in
            ForwardReplyBatch.begin(batch.epoch, in: &output)
            while let item = batch.next() { item.append(to: &output) }
        }
    }
}
