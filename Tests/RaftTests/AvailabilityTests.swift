import Base
import Log
import Testing

@testable import Raft

/// Somebody leads within a bound, whatever of the network is left to a majority.
struct AvailabilityTests {
    /// Twice the longest time-out, and some.
    private let bound: Int64 = 6_000

    @Test func aFounderLeadsAtOnceAndAStartWaits() {
        let cluster = RaftCluster(voters: 1)
        cluster.settle()
        #expect(cluster[1].isLeader)
        #expect(cluster[1].raft.hasCommittedInTerm == true)
        cluster.crash(cluster[1])
        cluster.restart(cluster[1])
        cluster.run(900)
        #expect(!cluster[1].isLeader)
        cluster.run(1_200)
        #expect(cluster[1].isLeader)
        #expect(cluster[1].raft.term == Term(2))
    }

    @Test func aStoppedLeaderIsReplaced() {
        let cluster = RaftCluster(voters: 5)
        cluster.lead(1)
        cluster.crash(cluster[1])
        cluster.run(bound)
        #expect(cluster.leader != nil)
        cluster.propose(cluster.leader ?? cluster[2], "a")
        cluster.run(500)
        #expect(cluster.checker.committed.count >= 3)
        #expect(cluster.checker.failures == [])
    }

    /// Two halves that only one node can reach (etcd at Cloudflare, 2020): one leader that stays.
    @Test func aBridgeBetweenTwoHalvesHasOneStableLeader() {
        for old in 1...5 {
            let cluster = RaftCluster(voters: 5)
            cluster.lead(old)
            // 3 reaches everybody; 1 and 2 do not reach 4 and 5.
            cluster.partition([[1, 2], [4, 5]])
            cluster.run(bound)
            let settled = cluster.leader
            let term = settled?.raft.term
            cluster.run(20_000)
            #expect(cluster.leader?.id == settled?.id, "first led by \(old)")
            #expect(cluster.leader?.raft.term == term)
            #expect(cluster.checker.failures == [])
        }
    }

    /// Every one-way cut between two of three nodes, with every leader.
    @Test func everyOneWayCutLeavesALeader() {
        for old in 1...3 {
            for from in 1...3 {
                for to in 1...3 where from != to {
                    let cluster = RaftCluster(voters: 3)
                    cluster.lead(old)
                    cluster.cuts = [[node(from), node(to)]]
                    cluster.run(bound)
                    let leader = cluster.leader
                    let term = leader?.raft.term
                    cluster.run(bound)
                    #expect(cluster.leader?.raft.term == term, "\(old), \(from) to \(to)")
                    let before = cluster.checker.committed.count
                    if let leader { cluster.propose(leader, "a") }
                    cluster.run(500)
                    #expect(cluster.checker.committed.count > before)
                    #expect(cluster.checker.failures == [])
                }
            }
        }
    }

    /// A node with a higher term that nobody elected is not shut out: the others meet it.
    @Test func aNodeWithAHigherTermComesBack() {
        let cluster = RaftCluster(voters: 3)
        cluster.lead(1)
        cluster.partition([[1, 2], [3]])
        cluster.campaign(3)
        cluster.sync(3)
        cluster.drop()
        cluster.cuts = []
        cluster.run(bound)
        #expect(cluster.leader != nil)
        #expect(cluster.nodes.allSatisfy { $0.raft.term == cluster[3].raft.term })
        #expect(cluster.nodes.allSatisfy { $0.raft.leader == cluster.leader?.id })
    }

    /// Handing over takes no time-out, and loses nothing.
    @Test func aHandOverTakesNoTimeout() {
        let cluster = RaftCluster(voters: 3)
        cluster.lead(1)
        for count in 0..<10 { cluster.propose(cluster[1], "entry \(count)") }
        let refusal = cluster.step(cluster[1]) { raft, now, outbox in
            raft.transferLeadership(to: node(2), now: now, into: &outbox)
        }
        #expect(refusal == .some(nil))
        cluster.settle()
        #expect(cluster[2].isLeader)
        #expect(cluster[2].raft.applied == LogIndex(12))
        #expect(cluster.checker.failures == [])
    }

    @Test func handOversAreRefused() {
        let cluster = RaftCluster(voters: 3, spares: 1)
        func transfer(_ from: Int, _ to: Int) -> TransferRefusal? {
            cluster.step(cluster[from]) { raft, now, outbox in
                raft.transferLeadership(to: node(to), now: now, into: &outbox)
            } ?? nil
        }
        #expect(transfer(1, 2) == .notLeader)
        cluster.lead(1)
        #expect(transfer(1, 1) == .notVoter)
        #expect(transfer(1, 4) == .notVoter)
        #expect(transfer(1, 2) == nil)
        #expect(transfer(1, 3) == .transferring)
        #expect(cluster.change(cluster[1], .remove(node(3))) == .failure(.transferring))
    }

    /// A disk that failed: no message leaves any more, and none is taken.
    @Test func aHaltedNodeIsSilent() {
        let cluster = RaftCluster(voters: 3)
        cluster.lead(1)
        cluster.propose(cluster[1], "a")
        cluster.failDisk(cluster[1])
        #expect(cluster[1].raft.halted == .diskFailed)
        #expect(cluster[1].raft.deadline == .max)
        var effects = 0
        cluster.onEffect = { id, _ in if id == node(1) { effects += 1 } }
        cluster.run(bound)
        #expect(effects == 0)
        #expect(cluster.leader?.id != node(1))
        #expect(cluster.propose(cluster[1], "b") == .failure(.notLeader))
        let refusal = cluster.step(cluster[1]) { raft, now, outbox in
            raft.step(
                Message(from: node(2), to: node(1), term: Term(9), .timeoutNow), now: now,
                into: &outbox)
        }
        #expect(refusal == .halted)
    }

    /// A leader that contradicts what is committed is not followed.
    @Test func aContradictionHalts() {
        let cluster = RaftCluster(voters: 3)
        cluster.lead(1)
        let request = AppendRequest(
            previous: .zero, commit: .zero, round: Round(1), entries: [Sample.entry(1, 2, "x")])
        var outbox = RaftOutbox()
        cluster[2].raft.step(
            Message(from: node(3), to: node(2), term: Term(2), .append(request)),
            now: cluster.now, into: &outbox)
        #expect(outbox.effects.contains(.halted(.contradiction)))
        #expect(cluster[2].raft.lastEntry == Sample.id(1, 1))
    }

    @Test func misaddressedMessagesAreRefused() {
        let cluster = RaftCluster(voters: 3)
        var outbox = RaftOutbox()
        for (from, to) in [(2, 3), (1, 1)] {
            let message = Message(from: node(from), to: node(to), term: Term(9), .timeoutNow)
            let refusal = cluster[1].raft.step(message, now: 0, into: &outbox)
            #expect(refusal == .misaddressed)
        }
        #expect(outbox.effects.isEmpty)
        #expect(cluster[1].raft.term == .zero)
    }
}
