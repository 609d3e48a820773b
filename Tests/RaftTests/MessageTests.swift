import Base
import Log
import Testing

@testable import Raft

/// The encoding of messages: what is written is read, and nothing else is.
struct MessageTests {
    private func encode(_ body: MessageBody, term: UInt64 = 5) -> [UInt8] {
        var output = OutputBuffer()
        Message(from: node(1), to: node(2), term: Term(term), body).encode(into: &output)
        return output.array
    }

    private func decode(_ bytes: [UInt8]) -> Result<Message, DecodeRefusal> {
        withBytes(bytes) { view in
            do throws(DecodeRefusal) {
                return .success(try Message(decoding: view, from: node(1), to: node(2)))
            } catch {
                return .failure(error)
            }
        }
    }

    private func refusal(_ bytes: [UInt8]) -> DecodeRefusal? {
        if case .failure(let refusal) = decode(bytes) { return refusal }
        return nil
    }

    @Test func everyKindIsReadAsItWasWritten() throws {
        for body in Sample.messages {
            let message = Message(from: node(1), to: node(2), term: Term(5), body)
            #expect(try decode(encode(body)).get() == message)
        }
    }

    @Test func nothingShorterOrLongerIsAMessage() {
        for body in Sample.messages {
            let bytes = encode(body)
            for count in 0..<bytes.count {
                #expect(refusal(Array(bytes.prefix(count))) != nil, "\(body) cut to \(count)")
            }
            #expect(refusal(bytes + [0]) == .trailing)
        }
    }

    @Test func theHeadIsChecked() {
        let bytes = encode(.timeoutNow)
        for (place, value, expected) in [
            (0, UInt8(2), DecodeRefusal.version), (1, 0, .kind), (1, 11, .kind), (2, 1, .flags),
            (3, 1, .flags), (4, 0, .order),
        ] {
            var changed = bytes
            changed[place] = value
            #expect(refusal(changed) == expected)
        }
    }

    @Test func termsAndIndexesMustBePossible() {
        let bad: [(MessageBody, DecodeRefusal)] = [
            (.preVoteRequest(last: Sample.id(4, 5)), .order),
            (.voteRequest(last: Sample.id(0, 1), forced: false), .order),
            (.voteRequest(last: Sample.id(1, 0), forced: false), .order),
            (.voteRequest(last: Sample.id(1 << 62, 1), forced: false), .order),
            (.appendReply(matched: LogIndex(5), received: LogIndex(4), round: Round(1)), .order),
            (
                .appendRejection(previous: LogIndex(4), hint: Sample.id(4, 1), round: Round(1)),
                .order
            ),
            (append(previous: Sample.id(4, 6), []), .order),
            (append(previous: Sample.id(4, 3), [Sample.entry(5, 2)]), .order),
            (append(previous: Sample.id(4, 3), [Sample.entry(5, 6)]), .order),
            (part(offset: 8, total: 10, count: 3), .size),
            (part(offset: 11, total: 10, count: 0), .size),
        ]
        for (body, expected) in bad { #expect(refusal(encode(body)) == expected, "\(body)") }
    }

    private func append(previous: EntryID, _ entries: [Entry]) -> MessageBody {
        .append(
            AppendRequest(previous: previous, commit: .zero, round: .zero, entries: entries))
    }

    private func part(offset: UInt64, total: UInt64, count: Int) -> MessageBody {
        .snapshotPart(
            SnapshotPart(
                last: Sample.id(9, 2), configuration: Configuration(), totalSize: total,
                offset: offset, round: .zero, bytes: [UInt8](repeating: 0, count: count)))
    }

    @Test func membersMustBeAConfiguration() {
        let body = MessageBody.snapshotPart(
            SnapshotPart(
                last: Sample.id(9, 2), configuration: Sample.members([1, 2]), totalSize: 0,
                offset: 0, round: .zero, bytes: []))
        let bytes = encode(body)
        // The voters' ids begin behind the head, the part's five numbers and the two counts.
        let first = 12 + 40 + 4
        var swapped = bytes
        swapped[first + 19] = 2
        swapped[first + 39] = 1
        #expect(refusal(swapped) == .configuration)
        var doubled = bytes
        doubled[first + 39] = 1
        #expect(refusal(doubled) == .configuration)
    }

    /// Whatever bytes come, they are refused, or are exactly the encoding of what is read.
    @Test func mutatedMessagesAreRefusedOrExact() {
        var random = SplitMix64(seed: 3)
        var taken = 0
        for round in 0..<20_000 {
            var bytes = encode(Sample.messages[round % Sample.messages.count])
            for _ in 0...random.next() % 3 {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[place] ^= 1 << UInt8(random.next() % 8)
                case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                default: bytes = Array(bytes.prefix(max(place, 1)))
                }
            }
            guard case .success(let message) = decode(bytes) else { continue }
            taken += 1
            var output = OutputBuffer()
            message.encode(into: &output)
            #expect(output.array == bytes)
        }
        #expect(taken > 100)
    }

    @Test func randomBytesAreRefused() {
        var random = SplitMix64(seed: 4)
        for count in 0..<2_000 {
            let bytes = (0..<count % 200).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if case .success(let message) = decode(bytes) { #expect(encode(message.body) != []) }
        }
    }
}
