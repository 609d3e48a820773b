import Foundation
import Testing

@testable import Raft

/// docs/internals/raft.md says what the code does: its numbers are read from its tables.
struct PageTests {
    private static let page = URL(filePath: #filePath)
        .appending(path: "../../../docs/internals/raft.md").standardized

    /// The first two cells of each row of the table that begins with this heading.
    private func table(_ heading: String) throws -> [String: String] {
        let lines = try String(contentsOf: Self.page, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(where: { $0.hasPrefix(heading) }) else { return [:] }
        var rows: [String: String] = [:]
        for line in lines[(start + 2)...] {
            guard line.hasPrefix("|") else { break }
            let cells = line.split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            rows[cells[0]] = cells.count > 1 ? cells[1] : ""
        }
        return rows
    }

    @Test func kindsHaveTheirNumbers() throws {
        let messages = try table("| kind | number | what follows")
        #expect(messages.count == MessageKind.allCases.count)
        for kind in MessageKind.allCases { #expect(messages["\(kind)"] == "\(kind.rawValue)") }
        let records = try table("| kind | number | first")
        #expect(records.count == RaftRecordKind.allCases.count)
        for kind in RaftRecordKind.allCases { #expect(records["\(kind)"] == "\(kind.rawValue)") }
        let payloads = try table("| payload | number")
        #expect(payloads["blank"] == "\(PayloadKind.blank)")
        #expect(payloads["command"] == "\(PayloadKind.command)")
        #expect(payloads["configuration"] == "\(PayloadKind.configuration)")
    }

    @Test func boundsAndTimersAreTheDefaults() throws {
        func text(_ number: some BinaryInteger) -> String {
            var digits = String(number)
            var groups: [String] = []
            while digits.count > 3 {
                groups.insert(String(digits.suffix(3)), at: 0)
                digits.removeLast(3)
            }
            return ([digits] + groups).joined(separator: ",")
        }
        let options = RaftOptions()
        let bounds = try table("| bound | default")
        let expected = [
            "entries in flight to a follower": options.entriesInFlightMax,
            "bytes of entries or of a snapshot in a message": options.bytesPerMessageMax,
            "size of a command": options.commandSizeMax,
            "uncommitted entries": options.uncommittedEntriesMax,
            "uncommitted bytes": options.uncommittedBytesMax,
            "reads waiting": options.readsMax,
            "entries behind a snapshot before another is wanted": options.snapshotAfterEntries,
            "entries kept behind a snapshot": options.entriesKeptMax,
            "size of a snapshot": options.snapshotSizeMax,
            "a learner's lag at its promotion": options.promotionLagMax,
            "voters": Configuration.votersMax,
        ]
        #expect(bounds == expected.mapValues { text($0) })
        let timers = try table("| setting | default")
        #expect(timers["heartbeat interval"] == "\(options.heartbeatInterval) ms")
        let low = text(options.electionTimeoutMin)
        let high = text(options.electionTimeoutMax)
        #expect(timers["election time-out"]?.hasPrefix("\(low) ms to \(high) ms") == true)
        #expect(timers["lease margin"] == "\(options.leaseMargin) ms")
        #expect(timers["transfer time-out"] == "\(text(options.transferTimeout)) ms")
    }
}
