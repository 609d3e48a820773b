import Log

@testable import Raft

extension Claim {
    static let memberships = [
        Claim(
            name: "learners do not count", source: "thesis 4.2.1", faults: [.learnersCounted],
            check: learners),
        Claim(
            name: "members of a dropped entry are dropped", source: "thesis 4.1",
            faults: [.configurationKept], check: droppedConfiguration),
        Claim(
            name: "members change after an entry of the term", source: "thesis 4.1, erratum",
            faults: [.changeBeforeOwnTerm], check: changeBeforeOwnTerm),
        Claim(
            name: "members change one at a time", source: "thesis 4.1",
            faults: [.changesOverlap], check: overlappingChanges),
    ]

    private static func learners(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, spares: 2, fault)
        cluster.lead(1)
        for spare in [4, 5] {
            cluster.change(cluster[1], .addLearner(node(spare)))
            cluster.settle()
        }
        cluster.partition([[1, 4, 5], [2, 3]])
        cluster.propose(cluster[1], "a")
        cluster.settle()
        let last = cluster[1].raft.lastEntry.index
        if cluster[1].raft.commit == last { cluster.checker.fail("committed by learners") }
        if cluster[4].raft.lastEntry.index != last { cluster.checker.fail("4 learns nothing") }
        return cluster.checker.failures
    }

    private static func droppedConfiguration(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, spares: 1, fault)
        cluster.lead(1)
        cluster.partition([[1], [2, 3]])
        cluster.change(cluster[1], .addLearner(node(4)))
        if !cluster[1].raft.configuration.contains(node(4)) {
            cluster.checker.fail("the change is not in force at once")
        }
        cluster.drop()
        cluster.advance(1001)
        cluster.campaign(2)
        cluster.settle(2, 3)
        cluster.cuts = []
        cluster.run(300)
        if cluster[1].raft.configuration != cluster[2].raft.configuration {
            cluster.checker.fail("1 has other members")
        }
        return cluster.checker.failures
    }

    /// The order of events that was published when the flaw in the first version was found (2015).
    private static func changeBeforeOwnTerm(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(4, spares: 1, fault)
        cluster.lead(1)
        cluster.change(cluster[1], .addLearner(node(5)))
        cluster.settle()
        cluster.partition([[1, 5], [2, 3, 4]])
        cluster.change(cluster[1], .promote(node(5)))
        cluster.settle()
        cluster.advance(1001)
        cluster.lead(2, with: 3, 4)
        cluster.partition([[1], [5], [2, 3], [4]])
        _ = cluster.change(cluster[2], .remove(node(1)))
        cluster.settle()
        cluster.advance(1001)
        cluster.partition([[1, 4, 5], [2, 3]])
        cluster.tick(cluster[1])
        cluster.settle()
        for _ in 0..<5 where !cluster[1].isLeader {
            cluster.campaign(1)
            cluster.settle()
        }
        if !cluster[1].isLeader { cluster.checker.fail("1 does not lead") }
        return cluster.checker.failures
    }

    private static func overlappingChanges(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        cluster.partition([[1], [2, 3]])
        cluster.change(cluster[1], .remove(node(3)))
        cluster.change(cluster[1], .remove(node(2)))
        cluster.settle()
        cluster.advance(1001)
        cluster.campaign(2)
        cluster.settle(2, 3)
        if !cluster[2].isLeader { cluster.checker.fail("2 does not lead") }
        return cluster.checker.failures
    }
}
