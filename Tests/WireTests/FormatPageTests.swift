import Base
import Foundation
import TestSupport
import Testing

@testable import Wire

/// `docs/internals/wire.md` and the code say the same.
struct FormatPageTests {
    private let page: String

    init() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/internals/wire.md").standardized
        page = try String(contentsOf: path, encoding: .utf8)
    }

    /// The rows of the table whose head begins with these cells.
    private func table(_ head: String) throws -> [[String]] {
        let start = try #require(page.range(of: "| \(head) |"), "no table \(head)")
        var rows: [[String]] = []
        for line in page[start.lowerBound...].split(
            separator: "\n", omittingEmptySubsequences: false
        ).dropFirst(2) {
            guard line.hasPrefix("|") else { break }
            rows.append(
                line.dropFirst().split(separator: "|", omittingEmptySubsequences: false)
                    .map { $0.trimmingCharacters(in: .whitespaces) })
        }
        return rows
    }

    @Test func everyKindHasItsNumber() throws {
        let rows = try table("kind | number")
        #expect(rows.count == FrameKind.allCases.count)
        for kind in FrameKind.allCases {
            let row = try #require(rows.first { $0[0] == "\(kind)" }, "\(kind)")
            #expect(row[1] == "\(kind.rawValue)")
            for (name, purpose) in [
                ("control", LinkPurpose.control), ("forwarding", forwarding),
                ("slots", .slots(from: CoreIndex(0), to: CoreIndex(0))),
            ] where kind.rawValue > 5 {
                for role in [LinkRole.initiator, .acceptor] {
                    let isPurpose = row[2] == "any" || row[2] == name
                    let isSender = row[3] == "both" || row[3] == "\(role)"
                    let isAllowed = isPurpose && isSender
                    #expect(kind.belongs(to: purpose, from: role) == isAllowed, "\(kind)")
                }
            }
        }
    }

    @Test func everyCodeHasItsNumber() throws {
        let refusals = try table("refusal | code")
        #expect(refusals.map { $0[0] } == RefusalCode.allCases.map { "\($0)" })
        #expect(refusals.map { $0[1] } == RefusalCode.allCases.map { "\($0.rawValue)" })
        let stops = try table("stop | code")
        #expect(stops.map { $0[0] } == StopReason.allCases.map { "\($0)" })
        #expect(stops.map { $0[1] } == StopReason.allCases.map { "\($0.rawValue)" })
        let outcomes = try table("outcome | code")
        #expect(outcomes.map { $0[0] } == ForwardOutcome.allCases.map { "\($0)" })
        #expect(outcomes.map { $0[1] } == ForwardOutcome.allCases.map { "\($0.rawValue)" })
        for (row, outcome) in zip(outcomes, ForwardOutcome.allCases) {
            #expect((row[3] == "surely not done") == outcome.isSurelyNotDone, "\(outcome)")
        }
        let flags = try table("request flag | value")
        let names = ["more", "continued", "noReply", "noTouch", "noEvict", "asking"]
        #expect(flags.map { $0[0] } == names)
        let values: [ForwardRequestFlags] = [
            .more, .continued, .noReply, .noTouch, .noEvict, .asking,
        ]
        #expect(flags.map { $0[1] } == values.map { "\($0.rawValue)" })
    }

    @Test func theHeaderIsWhereThePageSays() throws {
        let rows = try table("offset | bytes | frame field")
        let places = [
            "check": FrameLayout.check, "counter": FrameLayout.counter,
            "length": FrameLayout.length, "kind": FrameLayout.kind, "flags": FrameLayout.flags,
            "header check": FrameLayout.headerCheck, "body": FrameLayout.headerSize,
        ]
        #expect(rows.count == places.count)
        for row in rows { #expect(Int(row[0]) == places[row[2]], "\(row[2])") }
    }

    /// Fields follow each other without gaps, and end where the code says.
    @Test func theFieldsAddUp() throws {
        for (name, size) in [
            ("frame", FrameLayout.headerSize), ("hello", Hello.fixedSize),
            ("challenge", Challenge.size), ("refusal", Refusal.size), ("batch", 8),
            ("request", ForwardRequest.headerSize), ("reply", ForwardReply.headerSize),
        ] {
            var end = 0
            for row in try table("offset | bytes | \(name) field") {
                #expect(Int(row[0]) == end, "\(name): \(row[2])")
                // What has no fixed length comes last.
                if let size = Int(row[1]) { end += size }
            }
            #expect(end == size, "\(name)")
        }
    }

    @Test func theLimitsAreThePages() throws {
        let rows = try table("limit | value")
        let values = [
            "handshake": "5,000 ms", "body before establishment": "256 bytes",
            "body": "1,048,576 bytes", "batch": "65,536 bytes", "piece": "524,288 bytes",
            "requests in flight": "16,384",
            "silence": "ping after 1,000 ms, end after 4,000 ms",
        ]
        #expect(rows.count == values.count)
        for row in rows { #expect(row[1].hasPrefix(values[row[0]] ?? "?"), "\(row[0])") }
        #expect(WireLimits.handshakeMilliseconds == 5_000)
        #expect(WireLimits.handshakeBodySizeMax == 256)
        #expect(WireLimits.bodySizeMax == 1_048_576)
        #expect(WireLimits.batchSize == 65_536)
        #expect(WireLimits.pieceSizeMax == 524_288)
        let longest = WireLimits.batchSize + ForwardRequest.headerSize + WireLimits.pieceSizeMax
        #expect(longest <= WireLimits.bodySizeMax, "an open batch has room for one more piece")
        #expect(WireLimits.requestsInFlightMax == 16_384)
        #expect(WireLimits.pingMilliseconds == 1_000)
        #expect(WireLimits.silenceMilliseconds == 4_000)
    }

    /// The bytes of the block behind a remark, without the offsets in front and the words behind.
    private func hexBlock(_ remark: String) throws -> [UInt8] {
        let start = try #require(page.range(of: "<!-- \(remark) -->\n```\n"))
        let end = try #require(page.range(of: "\n```", range: start.upperBound..<page.endIndex))
        var bytes: [UInt8] = []
        for line in page[start.upperBound..<end.lowerBound].split(separator: "\n") {
            let columns = line.components(separatedBy: "  ")
            #expect(columns.first == String(format: "%04x", bytes.count))
            for pair in try #require(columns.dropFirst().first).split(separator: " ") {
                bytes.append(try #require(UInt8(pair, radix: 16)))
            }
        }
        return bytes
    }

    static func counting(from first: UInt8) -> Nonce {
        withBytes((0..<32).map { first + UInt8($0) }) { Nonce($0, at: 0) }
    }

    /// What the two of the page's example send.
    static func example() -> (toAcceptor: [UInt8], toInitiator: [UInt8]) {
        var sent = OutputBuffer()
        var answered = OutputBuffer()
        var initiator = Link(
            dialling: node(firstID), forwarding, expected: secondID, nonce: counting(from: 0),
            now: 0, into: &sent)
        var acceptor = Link(accepting: node(secondID), nonce: counting(from: 128), now: 0)
        // Hello, and its answer; the proof, and its answer.
        var received = 0
        var heard = 0
        for _ in 0..<2 {
            withBytes(Array(array(sent.bytes)[received...])) { piece in
                received += piece.count
                var input = piece
                _ = acceptor.next(&input, into: &answered)
            }
            withBytes(Array(array(answered.bytes)[heard...])) { piece in
                heard += piece.count
                var input = piece
                _ = initiator.next(&input, into: &sent)
            }
        }
        withBytes(Array("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n".utf8)) { content in
            initiator.beginFrame(.forwardRequests, into: &sent)
            ForwardRequestBatch.begin(RingEpoch(9), in: &sent)
            ForwardRequest(
                id: RequestID(7), client: 42, millisecondsLeft: 250, flags: [.noTouch],
                replyProtocol: .resp2, content: content
            ).append(to: &sent)
            initiator.endFrame(into: &sent)
        }
        withBytes(Array("$5\r\nhello\r\n".utf8)) { content in
            acceptor.beginFrame(.forwardReplies, into: &answered)
            ForwardReplyBatch.begin(RingEpoch(9), in: &answered)
            ForwardReply(id: RequestID(7), outcome: .answered, content: content)
                .append(to: &answered)
            acceptor.endFrame(into: &answered)
        }
        return (array(sent.bytes), array(answered.bytes))
    }

    @Test func theExampleIsWhatIsSent() throws {
        let example = Self.example()
        #expect(try hexBlock("example: to the acceptor") == example.toAcceptor)
        #expect(try hexBlock("example: to the initiator") == example.toInitiator)
    }

    /// Who was given the page's bytes takes them.
    @Test func theExampleReadsBack() throws {
        var output = OutputBuffer()
        var initiator = Link(
            dialling: node(firstID), forwarding, expected: secondID,
            nonce: Self.counting(from: 0), now: 0, into: &output)
        var kinds: [FrameKind] = []
        withBytes(try hexBlock("example: to the initiator")) { bytes in
            var input = bytes
            while true {
                switch initiator.next(&input, into: &output) {
                case .frame(let frame): kinds.append(frame.kind)
                case .established(let peer): #expect(peer.node == secondID)
                case .more, .closed: return
                }
            }
        }
        #expect(initiator.isOpen == true)
        #expect(kinds == [.forwardReplies])
    }
}
