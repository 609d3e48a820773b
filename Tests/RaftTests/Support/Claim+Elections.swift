import Log

@testable import Raft

extension Claim {
    static let elections = [
        Claim(
            name: "a vote is durable before it leaves", source: "paper, figure 2",
            faults: [.voteNotDurable], check: voteIsDurable),
        Claim(
            name: "a node votes once in a term", source: "paper 5.2", faults: [.votesTwice],
            check: oneVote),
        Claim(
            name: "a candidate lacks nothing that is committed", source: "paper 5.4.1",
            faults: [.voteIgnoresLog], check: completeCandidate),
        Claim(
            name: "a node that was cut off deposes nobody", source: "thesis 9.6",
            faults: [.noPreVote], check: preVote),
        Claim(
            name: "a leader that hears no majority steps down", source: "thesis 6.2",
            faults: [.noCheckQuorum], check: checkQuorum),
    ]

    private static func voteIsDurable(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.advance(1001)
        cluster.campaign(1)
        cluster.sync(1)
        cluster.deliver(1, 2)
        cluster.deliver(2, 1)
        cluster.crash(cluster[2], [.absent])
        cluster.restart(cluster[2])
        cluster.drop()
        cluster.advance(1001)
        cluster.lead(3, with: 2)
        return cluster.checker.failures
    }

    private static func oneVote(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.advance(1001)
        cluster.campaign(1)
        cluster.campaign(3)
        cluster.settle()
        return cluster.checker.failures
    }

    private static func completeCandidate(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        cluster.partition([[1, 2], [3]])
        cluster.propose(cluster[1], "a")
        cluster.settle()
        cluster.partition([[1], [2, 3]])
        cluster.advance(1001)
        cluster.campaign(3)
        cluster.settle()
        if cluster[3].isLeader { cluster.checker.fail("3 leads without an entry") }
        return cluster.checker.failures
    }

    private static func preVote(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        let term = cluster[1].raft.term
        cluster.partition([[1, 2], [3]])
        cluster.run(10_000)
        cluster.cuts = []
        cluster.run(3_000)
        if cluster[1].raft.term != term { cluster.checker.fail("1 was deposed") }
        if !cluster[1].isLeader { cluster.checker.fail("1 does not lead any more") }
        return cluster.checker.failures
    }

    private static func checkQuorum(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        // It is heard, so nobody else begins an election; it hears nobody.
        cluster.cuts = [[node(2), node(1)], [node(3), node(1)]]
        cluster.run(6_000)
        if cluster[1].isLeader { cluster.checker.fail("1 leads without hearing anybody") }
        if cluster.leader == nil { cluster.checker.fail("nobody leads") }
        return cluster.checker.failures
    }
}
