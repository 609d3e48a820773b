import Log

@testable import Raft

extension Claim {
    static let leases = [
        Claim(
            name: "a leader that is heard is not deposed while it has a lease",
            source: "thesis 6.4.1", faults: [.voteDisloyal], check: loyalty),
        Claim(
            name: "a start does not end loyalty", source: "raft.md, loyalty",
            faults: [.loyaltyForgotten], check: loyaltyOverStart),
        Claim(
            name: "a lease begins with its round", source: "thesis 6.4.1",
            faults: [.leaseFromReply], check: leaseStart),
        Claim(
            name: "a lease ends before a drifting clock lets others vote",
            source: "raft.md, timers", faults: [.leaseWithoutMargin], check: drift),
        Claim(
            name: "an order to take over ends all leases", source: "raft.md, loyalty",
            faults: [.leaseKeptInTransfer], check: lateOrder),
        Claim(
            name: "a read asks a majority", source: "thesis 6.4", faults: [.readWithoutRound],
            check: readOfDeposed),
        Claim(
            name: "a leader reads when it knows what is committed", source: "paper 8",
            faults: [.readBeforeOwnTerm], check: readOfNewLeader),
    ]

    /// 3 asks 2 for its vote, and commits with it what 1 does not hear of.
    private static func usurp(_ cluster: RaftCluster) {
        cluster.partition([[1], [2, 3]])
        cluster.drop()
        cluster.campaign(3)
        cluster.settle(2, 3)
        if cluster[3].isLeader {
            cluster.propose(cluster[3], "new")
            cluster.settle(2, 3)
        }
    }

    private static func loyalty(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        cluster.advance(100)
        cluster.tick(cluster[1])
        cluster.settle()
        cluster.advance(10)
        if case .refused = cluster.lease(cluster[1]) { cluster.checker.fail("there is no lease") }
        usurp(cluster)
        return cluster.checker.failures
    }

    private static func loyaltyOverStart(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.advance(1)
        cluster.lead(1)
        cluster.advance(100)
        cluster.tick(cluster[1])
        cluster.settle()
        cluster.advance(10)
        cluster.crash(cluster[2], [])
        cluster.restart(cluster[2])
        usurp(cluster)
        return cluster.checker.failures
    }

    private static func leaseStart(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        cluster.advance(100)
        cluster.tick(cluster[1])
        cluster.deliver(1, 2)
        cluster.deliver(1, 3)
        cluster.advance(900)
        cluster.deliver(2, 1)
        cluster.deliver(3, 1)
        cluster.advance(150)
        usurp(cluster)
        if !cluster[3].isLeader { cluster.checker.fail("3 should lead by now") }
        return cluster.checker.failures
    }

    private static func drift(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        for (place, rate) in [(1, 950), (2, 1050), (3, 1050)] {
            let node = cluster[place]
            let before = node.clock(cluster.now)
            node.clockRate = Int64(rate)
            node.clockOffset += before - node.clock(cluster.now)
        }
        cluster.advance(200)
        cluster.tick(cluster[1])
        cluster.settle()
        cluster.advance(960)
        usurp(cluster)
        if !cluster[3].isLeader { cluster.checker.fail("3 should lead by now") }
        return cluster.checker.failures
    }

    private static func lateOrder(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        cluster.step(cluster[1]) { raft, now, outbox in
            _ = raft.transferLeadership(to: node(3), now: now, into: &outbox)
        }
        let orders = cluster.messages.filter { $0.body == .timeoutNow }
        if orders.count != 1 { cluster.checker.fail("there is one order") }
        cluster.messages.removeAll { $0.body == .timeoutNow }
        var hasEnded = false
        cluster.onEffect = { if $1 == .transferAborted(node(3)) { hasEnded = true } }
        for _ in 0..<12 {
            cluster.settle()
            cluster.advance(100)
            cluster.tick(cluster[1])
        }
        cluster.settle()
        if !hasEnded { cluster.checker.fail("the hand-over was not given up") }
        cluster.partition([[1], [2, 3]])
        for message in orders { cluster.receive(message) }
        cluster.settle(2, 3)
        if !cluster[3].isLeader { cluster.checker.fail("the order is obeyed") }
        cluster.propose(cluster[3], "new")
        cluster.settle(2, 3)
        return cluster.checker.failures
    }

    private static func readOfDeposed(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        cluster.advance(1001)
        usurp(cluster)
        // 1 was frozen all the while, and believes that it leads.
        if !cluster[1].isLeader { cluster.checker.fail("1 knows of nothing") }
        cluster.checker.asked(ReadID(1))
        cluster.step(cluster[1]) { raft, now, outbox in
            _ = raft.read(ReadID(1), now: now, into: &outbox)
        }
        var isRefused = false
        cluster.onEffect = { if $1 == .readRefused(ReadID(1)) { isRefused = true } }
        cluster.cuts = []
        cluster.run(1000)
        if !isRefused { cluster.checker.fail("the read was not refused") }
        return cluster.checker.failures
    }

    private static func readOfNewLeader(_ fault: PlantedRaftFault?) -> [String] {
        let cluster = cluster(3, fault)
        cluster.lead(1)
        cluster.propose(cluster[1], "a")
        cluster.sync(1)
        cluster.deliver(1, 2)
        cluster.sync(2)
        cluster.deliver(2, 1)
        // 1 has committed and told the client; 2 has the entry and does not know that.
        cluster.partition([[1], [2, 3]])
        cluster.drop()
        cluster.advance(1001)
        cluster.lead(2, with: 3)
        cluster.checker.asked(ReadID(1))
        cluster.step(cluster[2]) { raft, now, outbox in
            _ = raft.read(ReadID(1), now: now, into: &outbox)
        }
        cluster.settle(2, 3)
        return cluster.checker.failures
    }
}
