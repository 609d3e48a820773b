import Base
import Log

@testable import Raft

/// Small things that tests are made of.
enum Sample {
    static func id(_ index: UInt64, _ term: UInt64) -> EntryID {
        EntryID(index: LogIndex(index), term: Term(term))
    }

    static func entry(_ index: UInt64, _ term: UInt64, _ text: String = "") -> Entry {
        Entry(id(index, term), text.isEmpty ? .blank : .command(OwnedBytes(text)))
    }

    static func members(_ voters: [Int], _ learners: [Int] = []) -> Configuration {
        Configuration(voters: voters.map(node), learners: learners.map(node)) ?? Configuration()
    }

    static func request(
        _ sequence: UInt64, term: UInt64, vote: Int? = nil, _ entries: [Entry] = []
    ) -> PersistRequest {
        PersistRequest(
            sequence: PersistSequence(sequence),
            hardState: HardState(term: Term(term), vote: vote.map(node)), snapshot: nil,
            base: .zero, entries: entries)
    }

    /// One message of each kind, and of the forms that it has.
    static var messages: [MessageBody] {
        let part = SnapshotPart(
            last: id(9, 2), configuration: members([1, 2, 3], [4]), totalSize: 10, offset: 4,
            round: Round(6), bytes: [1, 2, 3])
        let entries = [
            entry(5, 2), entry(6, 2, "command"),
            Entry(id(7, 3), .configuration(members([1, 2], [3]))),
        ]
        let request = AppendRequest(
            previous: id(4, 2), commit: LogIndex(3), round: Round(8), entries: entries)
        return [
            .preVoteRequest(last: id(4, 2)), .preVoteRequest(last: .zero),
            .preVoteReply(granted: true), .preVoteReply(granted: false),
            .voteRequest(last: id(4, 2), forced: true), .voteRequest(last: .zero, forced: false),
            .voteReply(granted: true), .voteReply(granted: false), .append(request),
            .append(AppendRequest(previous: .zero, commit: .zero, round: .zero, entries: [])),
            .appendReply(matched: LogIndex(3), received: LogIndex(4), round: Round(7)),
            .appendRejection(previous: LogIndex(9), hint: id(4, 2), round: Round(7)),
            .snapshotPart(part),
            .snapshotReply(last: id(9, 2), received: 7, round: Round(1)), .timeoutNow,
        ]
    }
}

extension OutputBuffer {
    /// The content as an array.
    var array: [UInt8] { unsafe [UInt8](bytes.buffer) }
}
