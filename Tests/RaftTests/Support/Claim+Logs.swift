import Base
import Log

@testable import Raft

extension Claim {
    static let logs = [
        Claim(
            name: "entries of older terms commit only with one of the leader's",
            source: "paper 5.4.2, figure 8", faults: [.olderTermCounted], check: figure8),
        Claim(
            name: "an entry is matched when it is durable", source: "thesis 10.2.1",
            faults: [.entriesNotDurable, .failureIgnored], check: durableEntries),
        Claim(
            name: "a late request takes nothing back", source: "paper 5.3",
            faults: [.appendTruncates], check: lateAppend),
        Claim(
            name: "a follower commits what it has compared", source: "paper, figure 2",
            faults: [.commitNotCompared], check: comparedCommit),
        Claim(
            name: "a reply counts in its term", source: "paper 5.1",
            faults: [.olderRepliesCounted], check: lateReply),
        Claim(
            name: "what is not known is not called superseded", source: "raft.md, promise 6",
            faults: [.unknownCalledSuperseded], check: unknownOutcome),
    ]

    private static func figure8(_ fault: PlantedRaftFault?) -> [String] {
        var options = RaftOptions()
        options.bytesPerMessageMax = 1
        let cluster = cluster(5, options: options, fault)
        cluster.lead(1)
        // (a) 1 leads and has an entry on 2 alone.
        cluster.propose(cluster[1], "a")
        cluster.settle(1, 2)
        // (b) 1 stops; 5 is elected by 3 and 4, and has another entry at that index.
        cluster.crash(cluster[1])
        cluster.drop()
        cluster.advance(1001)
        cluster.lead(5, with: 3, 4)
        cluster.sync(5)
        cluster.crash(cluster[5])
        cluster.drop()
        // (c) 1 comes back, is elected by 2 and 3, and 3 gets the old entry, but none of the new
        // term.
        cluster.restart(cluster[1])
        cluster.advance(1001)
        cluster.campaign(1)
        cluster.sync(1)
        // 3 has heard of the term that 5 began, so the first try may tell 1 of it.
        for voter in [2, 3] {
            cluster.deliver(1, voter)
            cluster.sync(voter)
            cluster.deliver(voter, 1)
        }
        if !cluster[1].isLeader {
            cluster.drop()
            cluster.lead(1, with: 2, 3)
        }
        cluster.sync(1)
        let entry = LogIndex(2)
        for _ in 0..<10 {
            for follower in [2, 3] {
                if cluster[follower].raft.lastEntry.index >= entry, follower == 3 { continue }
                cluster.deliver(1, follower, countMax: 1)
                cluster.sync(follower)
                cluster.deliver(follower, 1)
            }
        }
        // (d) 1 stops; 5 comes back, is elected, and replaces the entry.
        cluster.crash(cluster[1])
        cluster.drop()
        cluster.restart(cluster[5])
        cluster.advance(1001)
        for _ in 0..<5 where !cluster[5].isLeader {
            cluster.campaign(5)
            cluster.settle(5, 3, 4)
        }
        cluster.settle(5, 3, 4)
        if !cluster[5].isLeader { cluster.checker.fail("5 does not lead") }
        return cluster.checker.failures
    }

    private static func durableEntries(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        cluster.partition([[1, 2], [3]])
        cluster.propose(cluster[1], "a")
        cluster.sync(1)
        cluster.deliver(1, 2)
        if fault == .failureIgnored { cluster.failDisk(cluster[2]) }
        cluster.deliver(2, 1)
        if cluster[1].raft.commit >= LogIndex(2) {
            cluster.checker.fail("committed on one disk")
        }
        return cluster.checker.failures
    }

    private static func lateAppend(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        cluster.propose(cluster[1], "a")
        let late = cluster.messages.filter { $0.to == node(2) }
        cluster.propose(cluster[1], "b")
        cluster.settle()
        for message in late { cluster.receive(message) }
        if cluster[2].raft.lastEntry != cluster[1].raft.lastEntry {
            cluster.checker.fail("2 lost an entry")
        }
        return cluster.checker.failures
    }

    private static func comparedCommit(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        cluster.partition([[1], [2, 3]])
        cluster.propose(cluster[1], "old")
        cluster.sync(1)
        cluster.advance(1001)
        cluster.lead(2, with: 3)
        cluster.settle(2, 3)
        cluster.cuts = []
        let leader = cluster[2].raft.term
        let request = AppendRequest(
            previous: EntryID(index: LogIndex(1), term: Term(1)), commit: LogIndex(2),
            round: Round(1), entries: [])
        cluster.receive(Message(from: node(2), to: node(1), term: leader, .append(request)))
        if cluster[1].raft.commit > LogIndex(1) { cluster.checker.fail("1 committed its own") }
        return cluster.checker.failures
    }

    private static func lateReply(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        let old = cluster[1].raft.term
        cluster.lead(2)
        cluster.lead(1)
        cluster.partition([[1], [2, 3]])
        cluster.propose(cluster[1], "a")
        cluster.sync(1)
        let last = cluster[1].raft.lastEntry.index
        cluster.receive(
            Message(
                from: node(2), to: node(1), term: old,
                .appendReply(matched: last, received: last, round: Round(1))))
        return cluster.checker.failures
    }

    private static func unknownOutcome(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        guard case .success(let id) = cluster.propose(cluster[1], "a") else { return ["refused"] }
        var isUnknown = false
        cluster.onEffect = { if $1 == .proposalUnknown(id) { isUnknown = true } }
        cluster.deliver(1, 2)
        cluster.sync(2)
        cluster.drop()
        cluster.advance(1001)
        cluster.tick(cluster[1])
        if !isUnknown { cluster.checker.fail("the owner was not told") }
        if cluster[1].raft.proposalOutcome(id) == .superseded { cluster.checker.toldSuperseded(id) }
        cluster.campaign(2)
        cluster.settle()
        if cluster[1].raft.proposalOutcome(id) != .committed {
            cluster.checker.fail("what was unknown is not committed now")
        }
        return cluster.checker.failures
    }
}
