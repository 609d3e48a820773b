// What a leader knows of the others, for as long as it leads.
//
// Invariants:
// 1. There is one `Progress` for each member but the leader itself, ascending by id.
// 2. matched < next ≤ last index + 1.
// 3. `rounds` ascend in number and in time.

import Base
import Log

/// How entries get to a member.
enum ReplicationMode: Equatable {
    /// Where the logs part is not known: one message at a time.
    case probe(isSent: Bool)
    /// Messages follow each other without waiting.
    case stream
    /// The member lacks what is gone: so many bytes of that snapshot are there.
    case snapshot(last: EntryID, received: UInt64)
}

/// What a leader knows of a member.
struct Progress {
    let node: NodeBits
    /// Durable there and alike up to here.
    var matched = LogIndex.zero
    /// The next entry to send.
    var next: LogIndex
    var mode = ReplicationMode.probe(isSent: false)
    /// The newest round that it answered, and when that began.
    var ackedRound = Round.zero
    var ackedStart = Int64.min
}

/// A read that waits for a majority to answer a round, or for the state to be applied.
struct PendingRead {
    let id: ReadID
    /// What the state must have before it is read.
    let index: LogIndex
    /// The first round that began after the read was asked for.
    let round: Round
}

/// A hand-over of leadership.
struct Transfer {
    let target: NodeBits
    let deadline: Int64
    var isOrdered = false
}

/// A leader's knowledge; see the essay above.
struct Leadership {
    /// When it began.
    let since: Int64
    /// The blank entry of this term.
    let firstIndex: LogIndex
    var peers: [Progress] = []
    private(set) var round = Round.zero
    private var rounds: [(number: Round, start: Int64)] = []
    var heartbeatDeadline: Int64
    var reads: [PendingRead] = []
    var transfer: Transfer?
    /// Whether somebody was ever told to begin an election in this term: there are no leases any
    /// more.
    var hasOrderedTransfer = false

    init(since: Int64, firstIndex: LogIndex) {
        self.since = since
        self.firstIndex = firstIndex
        heartbeatDeadline = since
    }

    /// Numbers a new round; starts that are older than `horizon` are forgotten.
    mutating func beginRound(_ now: Int64, horizon: Int64) {
        round = round.next
        // Rounds of one millisecond share a start; it is not later than any of theirs.
        if now > rounds.last?.start ?? Int64.min { rounds.append((round, now)) }
        let old = rounds.prefix { $0.start < horizon }
        rounds.removeFirst(old.count)
    }

    /// A member answered a round.
    mutating func acknowledge(_ place: Int, _ answered: Round, fromReply now: Int64?) {
        if answered > round || answered <= peers[place].ackedRound { return }
        peers[place].ackedRound = answered
        guard let begun = rounds.last(where: { $0.number <= answered }) else { return }
        peers[place].ackedStart = max(peers[place].ackedStart, now ?? begun.start)
    }

    func place(of node: NodeBits) -> Int? { peers.firstIndex { $0.node == node } }

    /// Keeps what is known of the members that stay.
    mutating func setMembers(_ members: [NodeBits], next: LogIndex) {
        peers = members.sorted { $0.precedes($1) }.map { node in
            place(of: node).map { peers[$0] } ?? Progress(node: node, next: next)
        }
    }

    /// Checks the invariants; see the essay.
    func checkInvariants(last: LogIndex) {
        for (left, right) in zip(peers, peers.dropFirst()) {
            invariant(left.node.precedes(right.node), "members ascend")
        }
        for peer in peers {
            invariant(peer.matched < peer.next, "what is matched is not sent again")
            invariant(peer.next <= last.next, "what is sent is in the log")
            invariant(peer.ackedRound <= round, "rounds are answered after they began")
        }
        for (left, right) in zip(rounds, rounds.dropFirst()) {
            invariant(left.number < right.number, "rounds ascend")
            invariant(left.start < right.start, "starts ascend")
        }
    }
}
