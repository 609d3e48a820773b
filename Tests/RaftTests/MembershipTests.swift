import Base
import Log
import Testing

@testable import Raft

/// Configurations and their changes.
struct MembershipTests {
    /// Any two majorities of two configurations that are one change apart share a voter.
    @Test func majoritiesOneChangeApartMeet() {
        func subsets(_ nodes: [NodeBits]) -> [[NodeBits]] {
            nodes.reduce([[]]) { sets, node in sets + sets.map { $0 + [node] } }
        }
        for count in 1...5 {
            let before = Sample.members(Array(1...count), [6])
            let changes: [MembershipChange] = [
                .promote(node(6)), .remove(node(1)), .demote(node(1)), .addLearner(node(7)),
            ]
            for change in changes {
                guard case .success(let after) = before.applying(change) else { continue }
                after.checkInvariants()
                for left in subsets(before.voters) where left.count >= before.majority {
                    for right in subsets(after.voters) where right.count >= after.majority {
                        #expect(left.contains { right.contains($0) }, "\(change) of \(count)")
                    }
                }
            }
        }
    }

    /// Against the plainest way to say it: the highest value that more than half have reached.
    @Test func aMajorityReachesWhatMoreThanHalfHave() {
        var random = SplitMix64(seed: 2)
        for round in 0..<500 {
            let count = round % 7 + 1
            let values = (0..<count).map { _ in Int(random.next() % 10) }
            let members = Sample.members(Array(1...count))
            let reached = members.reachedByMajority { values[number($0) - 1] }
            let expected = (0...10).last { value in
                values.filter { $0 >= value }.count * 2 > count
            }
            #expect(reached == expected)
        }
        #expect(Configuration().reachedByMajority { _ in 1 } == nil)
    }

    @Test func whatIsNoStepIsRefused() {
        let members = Sample.members([1, 2], [3])
        let bad: [(MembershipChange, ChangeRefusal)] = [
            (.addLearner(node(1)), .alreadyMember), (.addLearner(node(3)), .alreadyMember),
            (.promote(node(1)), .notLearner), (.promote(node(9)), .notLearner),
            (.demote(node(3)), .notVoter), (.remove(node(9)), .notMember),
        ]
        for (change, refusal) in bad { #expect(members.applying(change) == .failure(refusal)) }
        let alone = Sample.members([1])
        #expect(alone.applying(.remove(node(1))) == .failure(.lastVoter))
        #expect(alone.applying(.demote(node(1))) == .failure(.lastVoter))
        let full = Sample.members(Array(1...7), [8])
        #expect(full.applying(.promote(node(8))) == .failure(.tooManyVoters))
        #expect(Configuration(voters: [node(1)], learners: [node(1)]) == nil)
        #expect(Configuration(voters: (1...8).map(node)) == nil)
    }

    @Test func changesWaitForTheirTime() {
        let cluster = RaftCluster(voters: 3, spares: 2)
        #expect(cluster.change(cluster[1], .remove(node(3))) == .failure(.notLeader))
        cluster.advance(1001)
        cluster.lead(1, with: 2)
        #expect(cluster.change(cluster[1], .remove(node(3))) == .failure(.ownTermNotCommitted))
        cluster.settle()
        #expect(throws: Never.self) { try cluster.change(cluster[1], .addLearner(node(4))).get() }
        #expect(
            cluster.change(cluster[1], .addLearner(node(5))) == .failure(.changeInProgress))
        cluster.settle()
        #expect(cluster[1].raft.isConfigurationCommitted == true)
    }

    /// A learner that lacks much does not become a voter: the cluster could not commit meanwhile.
    @Test func aLearnerCatchesUpFirst() {
        var options = RaftOptions()
        options.promotionLagMax = 3
        let cluster = RaftCluster(voters: 3, spares: 1, options: options)
        cluster.lead(1)
        cluster.partition([[1, 2, 3], [4]])
        cluster.change(cluster[1], .addLearner(node(4)))
        for count in 0..<5 { cluster.propose(cluster[1], "entry \(count)") }
        cluster.settle()
        #expect(cluster.change(cluster[1], .promote(node(4))) == .failure(.lagging))
        cluster.cuts = []
        cluster.run(300)
        #expect(throws: Never.self) { try cluster.change(cluster[1], .promote(node(4))).get() }
        cluster.run(300)
        #expect(cluster[4].raft.configuration.isVoter(node(4)))
    }

    /// A node that is no voter begins no election, however long it hears nobody.
    @Test func learnersDoNotAskForVotes() {
        let cluster = RaftCluster(voters: 1, spares: 1)
        cluster.settle()
        cluster.change(cluster[1], .addLearner(node(2)))
        cluster.run(300)
        #expect(cluster[2].raft.applied == cluster[1].raft.applied)
        cluster.crash(cluster[1])
        cluster.run(20_000)
        #expect(cluster[2].raft.role == .follower)
        #expect(cluster[2].raft.term == cluster[1].raft.term)
    }

    /// From one voter to five and back, with a proposal after each step.
    @Test func aClusterGrowsAndShrinks() {
        let cluster = RaftCluster(voters: 1, spares: 4)
        cluster.settle()
        func change(_ change: MembershipChange) {
            guard let leader = cluster.leader else { return cluster.checker.fail("nobody leads") }
            #expect(throws: Never.self) { try cluster.change(leader, change).get() }
            cluster.run(300)
            if cluster.leader == nil { cluster.elect() }
            #expect(throws: Never.self) {
                try cluster.propose(cluster.leader ?? leader, "\(change)").get()
            }
            cluster.run(300)
        }
        for place in 2...5 {
            change(.addLearner(node(place)))
            change(.promote(node(place)))
        }
        #expect(cluster[5].raft.configuration.voters.count == 5)
        // The leader among them.
        for place in 1...4 { change(.remove(node(place))) }
        #expect(cluster[5].isLeader)
        #expect(cluster[5].raft.configuration == Sample.members([5]))
        #expect(cluster.checker.failures == [])
    }
}
