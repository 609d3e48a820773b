import Base
import Log

@testable import Raft

/// Judges a cluster after each step by what the paper promises (figure 3) and
/// docs/internals/raft.md adds.
final class RaftChecker {
    private(set) var failures: [String] = []
    /// Counts for the reader of a test's output.
    private(set) var elections = 0
    private(set) var leaseReads = 0
    private(set) var confirmedReads = 0
    private(set) var restores = 0

    private var leaders: [Term: NodeBits] = [:]
    /// What each entry said, and which one stood before it.
    private var known: [EntryID: (payload: EntryPayload, before: EntryID?)] = [:]
    /// The entries that somebody called committed, from index 1 on.
    private(set) var committed: [EntryID] = []
    private var chains: [UInt64: UInt64] = [:]
    private var seenCommit: [NodeBits: LogIndex] = [:]
    private var votes: [String: NodeBits] = [:]
    private var reads: [ReadID: Int] = [:]
    private var superseded: Set<EntryID> = []

    func fail(_ what: String) {
        if failures.count < 20 { failures.append(what) }
    }

    // MARK: Effects

    func onEffect(_ effect: RaftEffect, _ node: SimNode, _ cluster: RaftCluster) {
        switch effect {
        case .becameLeader(let term): onLeader(term, node)
        case .persist(let request): onPersist(request, node)
        case .send(let message): onSend(message)
        case .apply(let entry):
            let expected = node.state.index + 1
            if entry.id.index.rawValue != expected { fail("applied out of order: \(entry.id)") }
            checkCommitted(entry.id, node, cluster)
        case .restore: restores += 1
        case .readConfirmed(let read, let index): onRead(read, index, node)
        case .readRefused(let read): reads[read] = nil
        case .halted(let reason):
            if reason != .diskFailed { fail("\(number(node.id)) halted: \(reason)") }
        default: break
        }
    }

    func afterEffect(_ effect: RaftEffect, _ node: SimNode) {
        switch effect {
        case .apply, .restore:
            let state = node.state
            if let chain = chains[state.index], chain != state.chain {
                fail("\(number(node.id)) has another state at \(state.index)")
            }
            chains[state.index] = state.chain
        default: break
        }
    }

    private func onLeader(_ term: Term, _ node: SimNode) {
        elections += 1
        if let other = leaders[term], other != node.id {
            fail("two leaders in term \(term.rawValue)")
        }
        leaders[term] = node.id
        for id in committed where id.index > node.raft.log.snapshot.last.index {
            if !node.raft.log.contains(id) {
                fail("leader \(number(node.id)) lacks committed \(id.index.rawValue)")
                return
            }
        }
    }

    /// Log matching, by induction: each entry says the same and follows the same one everywhere.
    private func onPersist(_ request: PersistRequest, _ node: SimNode) {
        for entry in request.entries {
            let before = node.raft.log.term(at: entry.id.index.previous).map {
                EntryID(index: entry.id.index.previous, term: $0)
            }
            if let known = known[entry.id] {
                if known.payload != entry.payload { fail("entry \(entry.id) says two things") }
                if let left = known.before, let right = before, left != right {
                    fail("entry \(entry.id) follows two")
                }
            }
            known[entry.id] = (entry.payload, before ?? known[entry.id]?.before)
        }
    }

    private func onSend(_ message: Message) {
        guard case .voteReply(granted: true) = message.body else { return }
        let key = "\(message.from) \(message.term.rawValue)"
        if let other = votes[key], other != message.to {
            fail("\(number(message.from)) voted twice in \(message.term.rawValue)")
        }
        votes[key] = message.to
    }

    // MARK: Reads

    func asked(_ read: ReadID) { reads[read] = committed.count }

    private func onRead(_ read: ReadID, _ index: LogIndex, _ node: SimNode) {
        confirmedReads += 1
        if Int(index.rawValue) < reads[read] ?? 0 {
            fail("read \(read.rawValue) sees \(index.rawValue) of \(reads[read] ?? 0)")
        }
        if node.state.index < index.rawValue { fail("read before it was applied") }
        reads[read] = nil
    }

    /// A lease, if there is one, covers all that is committed anywhere.
    private func checkLease(_ node: SimNode, _ cluster: RaftCluster) {
        guard case .covered(let index, _) = cluster.lease(node) else { return }
        leaseReads += 1
        if Int(index.rawValue) < committed.count {
            fail("\(number(node.id)) has a lease on \(index.rawValue) of \(committed.count)")
        }
    }

    // MARK: Commits

    func afterStep(_ node: SimNode, _ cluster: RaftCluster) {
        let from = seenCommit[node.id] ?? .zero
        if node.raft.commit < from { fail("\(number(node.id)) takes commits back") }
        var index = max(from, node.raft.log.base.index)
        while index < node.raft.commit {
            index = index.next
            guard let term = node.raft.log.term(at: index) else { break }
            let id = EntryID(index: index, term: term)
            checkCommitted(id, node, cluster)
        }
        seenCommit[node.id] = node.raft.commit
        for other in cluster.nodes { checkLease(other, cluster) }
    }

    private func checkCommitted(_ id: EntryID, _ node: SimNode, _ cluster: RaftCluster) {
        let place = Int(id.index.rawValue) - 1
        if place < committed.count {
            if committed[place] != id {
                fail("\(number(node.id)) committed another at \(place + 1)")
            }
        } else if place == committed.count {
            checkMajority(id, node, cluster)
            committed.append(id)
            if superseded.contains(id) { fail("what was called superseded is committed: \(id)") }
        }
    }

    /// What is committed is on the disks of a majority.
    private func checkMajority(_ id: EntryID, _ node: SimNode, _ cluster: RaftCluster) {
        guard node.isLeader else { return }
        let configuration = node.raft.configuration
        let holders = configuration.voters.filter { voter in
            let durable = cluster[voter].disk.durable
            if id.index <= durable.snapshot.last.index { return true }
            let place = id.index.distance(behind: durable.base.index) - 1
            return durable.entries.indices.contains(place) && durable.entries[place].id == id
        }
        if holders.count < configuration.majority {
            fail("\(id.index.rawValue) is committed and durable on \(holders.count)")
        }
    }

    /// An owner was told that a proposal is surely not done.
    func toldSuperseded(_ id: EntryID) {
        superseded.insert(id)
        let place = Int(id.index.rawValue) - 1
        if committed.indices.contains(place), committed[place] == id {
            fail("what is committed was called superseded: \(id)")
        }
    }

    func crashed(_ node: SimNode) {
        seenCommit[node.id] = .zero
    }
}
