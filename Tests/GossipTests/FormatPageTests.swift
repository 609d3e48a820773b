import Base
import Foundation
import Testing

@testable import Gossip

/// `docs/internals/gossip.md` and the code say the same.
@Suite struct FormatPageTests {
    private let page: String

    init() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/internals/gossip.md").standardized
        page = try String(contentsOf: path, encoding: .utf8)
    }

    @Test func theExampleIsWhatIsWritten() throws {
        let start = try #require(page.range(of: "<!-- a ping -->\n```\n"))
        let end = try #require(page.range(of: "\n```", range: start.upperBound..<page.endIndex))
        var bytes: [UInt8] = []
        for line in page[start.upperBound..<end.lowerBound].split(separator: "\n") {
            for pair in line.dropFirst(6).split(separator: " ") {
                bytes.append(try #require(UInt8(pair, radix: 16)))
            }
        }
        #expect(bytes == CodecTests.example())
    }

    @Test func everyKindHasItsNumber() {
        let names: [(MessageKind, String)] = [
            (.ping, "ping"), (.ack, "ack"), (.pingRequest, "ping request"),
            (.relayedAck, "relayed ack"), (.nack, "nack"), (.rumors, "rumours"), (.sync, "sync"),
            (.page, "page"), (.refusal, "refusal"),
        ]
        #expect(names.map(\.0) == MessageKind.allCases)
        for (kind, name) in names {
            #expect(page.contains("\n| \(kind.rawValue) | \(name) | "), "\(name)")
        }
    }

    @Test func everyDefaultIsTheOneOnThePage() {
        let options = GossipOptions()
        let rows: [(String, Int64, String)] = [
            ("probe interval", options.probeInterval, "ms"),
            ("direct answer", options.directTimeout, "ms"),
            ("whole probe", options.probeTimeout, "ms"),
            ("urgent probe", options.urgentTimeout, "ms"),
            ("nack of a proxy", options.nackDelay, "ms"),
            ("suspicion, shortest", options.suspicionTime, "ms"),
            ("repeated ping of a suspect", options.suspectPingInterval, "ms"),
            ("rumour interval", options.gossipInterval, "ms"),
            ("exchange", options.exchangeInterval / 1_000, "s"),
            ("contact with a dead member", options.contactInterval / 1_000, "s"),
            ("memory of the dead", options.memoryOfDead / 3_600_000, "h"),
            ("late by", options.stallMin, "ms"),
        ]
        for (name, value, unit) in rows {
            #expect(page.contains("\n| \(name) | \(value) \(unit)"), "\(name)")
        }
        #expect(options.membersMax == 4_096)
        #expect(page.contains("at most 4,096 members"))
        #expect(page.contains("\n| suspicion, longest | \(options.suspicionFactor) × "))
    }
}
