import Base
import TestSupport
import Testing

@testable import Wire

/// Batches of requests and replies come over as they were, and malformed ones not at all.
struct ForwardTests {
    static let requests: [(UInt64, UInt64, UInt32, ForwardRequestFlags, ReplyProtocol, String)] = [
        (1, 77, 250, [], .resp2, "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"),
        (.max, .max, .max, [.noReply, .noTouch, .noEvict], .resp3, "*1\r\n$4\r\nPING\r\n"),
        (3, 78, 0, [.asking, .more], .resp2, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$6\r\nabc"),
        (3, 78, 0, [.asking, .continued], .resp2, "def\r\n"),
    ]

    static func requestBody() -> [UInt8] {
        written { output in
            ForwardRequestBatch.begin(RingEpoch(9), in: &output)
            for (id, client, left, flags, version, text) in requests {
                withBytes(Array(text.utf8)) { content in
                    ForwardRequest(
                        id: RequestID(id), client: client, millisecondsLeft: left, flags: flags,
                        replyProtocol: version, content: content
                    ).append(to: &output)
                }
            }
        }
    }

    static let replies: [(UInt64, ForwardOutcome, Bool, String)] = [
        (1, .answered, false, "$1\r\nv\r\n"), (.max, .answered, false, ""),
        (3, .answered, true, "$6\r\nabc"), (3, .answered, false, "def\r\n"),
        (4, .notOwner, false, ""), (5, .expired, false, ""), (6, .overloaded, false, ""),
        (7, .stopping, false, ""), (8, .uncertain, false, ""),
    ]

    static func replyBody() -> [UInt8] {
        written { output in
            ForwardReplyBatch.begin(RingEpoch(10), in: &output)
            for (id, outcome, hasMore, text) in replies {
                withBytes(Array(text.utf8)) { content in
                    ForwardReply(
                        id: RequestID(id), outcome: outcome, hasMore: hasMore, content: content
                    ).append(to: &output)
                }
            }
        }
    }

    @Test func requestsComeOverAsTheyWere() throws {
        try withBytes(Self.requestBody()) { body in
            var batch = try ForwardRequestBatch(body)
            #expect(batch.epoch == RingEpoch(9))
            #expect(batch.requestCount == 3, "a request in two pieces is one")
            for (id, client, left, flags, version, text) in Self.requests {
                let next = batch.next()
                let item = try #require(next)
                #expect(item.id == RequestID(id))
                #expect(item.client == client)
                #expect(item.millisecondsLeft == left)
                #expect(item.flags == flags)
                #expect(item.replyProtocol == version)
                #expect(item.content.string == text)
            }
            let end = batch.next()
            #expect(end == nil)
        }
    }

    @Test func repliesComeOverAsTheyWere() throws {
        try withBytes(Self.replyBody()) { body in
            var batch = try ForwardReplyBatch(body)
            #expect(batch.epoch == RingEpoch(10))
            #expect(batch.replyCount == 8, "a reply in two pieces is one")
            for (id, outcome, hasMore, text) in Self.replies {
                let next = batch.next()
                let item = try #require(next)
                #expect(item.id == RequestID(id))
                #expect(item.outcome == outcome)
                #expect(item.hasMore == hasMore)
                #expect(item.content.string == text)
            }
            let end = batch.next()
            #expect(end == nil)
        }
    }

    private func requestFault(_ change: (inout [UInt8]) -> Void) -> BodyFault? {
        var body = Self.requestBody()
        change(&body)
        return withBytes(body) { body in
            do throws(BodyFault) {
                _ = try ForwardRequestBatch(body)
                return nil
            } catch {
                return error
            }
        }
    }

    private func replyFault(_ change: (inout [UInt8]) -> Void) -> BodyFault? {
        var body = Self.replyBody()
        change(&body)
        return withBytes(body) { body in
            do throws(BodyFault) {
                _ = try ForwardReplyBatch(body)
                return nil
            } catch {
                return error
            }
        }
    }

    /// Also one that is malformed in its last item only is refused before its first comes out.
    @Test func malformedBatchesAreRefusedWhole() {
        #expect(requestFault { _ in } == nil)
        #expect(requestFault { $0.removeLast() } == .size)
        #expect(requestFault { $0.append(0) } == .size)
        #expect(requestFault { $0.removeSubrange(7...) } == .size)
        #expect(requestFault { $0.removeSubrange(8...) } == .empty)
        #expect(requestFault { $0.removeSubrange(20...) } == .size)
        #expect(requestFault { $0[8 + 27] = 1 } == .reserved)
        #expect(requestFault { $0[8 + 25] = 1 } == .reserved)
        #expect(requestFault { $0[8 + 24] = 64 } == .reserved)
        #expect(requestFault { $0[8 + 26] = 4 } == .value)
        #expect(requestFault { $0[8 + 26] = 0 } == .value)
        #expect(requestFault { $0[8 + 20] = 0 } == .empty)
        #expect(requestFault { $0[8 + 23] = 0xFF } == .size)
        #expect(requestFault { $0[$0.count - 5 - 1] = 1 } == .reserved, "the last item")

        #expect(replyFault { _ in } == nil)
        #expect(replyFault { $0.removeLast() } == .size)
        #expect(replyFault { $0.append(0) } == .size)
        #expect(replyFault { $0.removeSubrange(8...) } == .empty)
        #expect(replyFault { $0[8 + 12] = 6 } == .value)
        #expect(replyFault { $0[8 + 12] = 1 } == .value, "a content where it was not answered")
        #expect(replyFault { $0[$0.count - 3] = 1 } == .value, "pieces where it was not answered")
        #expect(replyFault { $0[8 + 13] = 2 } == .reserved)
        #expect(replyFault { $0[8 + 15] = 1 } == .reserved)
    }

    /// Which outcomes allow to send a request again: a mistake here runs commands twice.
    @Test func onlyWhatSurelyDidNotRunMayBeSentAgain() {
        let surelyNot = ForwardOutcome.allCases.filter(\.isSurelyNotDone)
        #expect(surelyNot == [.notOwner, .expired, .overloaded, .stopping])
    }

    @Test(arguments: [someSecret, nil])
    func aBatchIsWrittenWhereItIsSent(secret: String?) throws {
        var pair = Pair.established(forwarding, secret: secret)
        pair.initiator.link.beginFrame(.forwardRequests, into: &pair.initiator.output)
        for byte in Self.requestBody() { pair.initiator.output.append(byte) }
        let bodySize = pair.initiator.link.bodySize(in: pair.initiator.output)
        #expect(bodySize == Self.requestBody().count)
        pair.initiator.link.endFrame(into: &pair.initiator.output)
        pair.acceptor.send(.forwardReplies, Self.replyBody())
        let seen = pair.run()
        #expect(seen.acceptor == [.frame(.forwardRequests, Self.requestBody())])
        #expect(seen.initiator == [.frame(.forwardReplies, Self.replyBody())])
    }

    @Test func theWindowIsKeptByBothSides() {
        var window = FlightWindow(countMax: 3)
        let first = window.add(2)
        #expect(first)
        #expect(window.room == 1)
        let tooMany = window.add(2)
        #expect(!tooMany)
        #expect(window.count == 2, "what was refused is not counted")
        let last = window.add(1)
        #expect(last)
        let done = window.remove(3)
        #expect(done)
        let doneTwice = window.remove(1)
        #expect(!doneTwice)
        window.checkInvariants()
    }

    @Test func numbersOfControlFramesComeOver() {
        var pair = Pair.established()
        pair.initiator.link.sendPing(0x0102_0304_0506_0708, into: &pair.initiator.output)
        pair.initiator.link.sendRingAnnouncement(RingEpoch(5), into: &pair.initiator.output)
        pair.initiator.link.sendRingRequest(newerThan: RingEpoch(4), into: &pair.initiator.output)
        pair.initiator.link.sendPong(3, into: &pair.initiator.output)
        withBytes(pair.initiator.take()) { bytes in
            var input = bytes
            var seen: [UInt64?] = []
            while case .frame(let frame) = pair.acceptor.link.next(
                &input, into: &pair.acceptor.output)
            {
                switch frame.kind {
                case .ping, .pong: seen.append(try? frame.pingNumber())
                default: seen.append((try? frame.ringEpoch())?.rawValue)
                }
            }
            #expect(seen == [0x0102_0304_0506_0708, 5, 4, 3])
        }
    }
}
