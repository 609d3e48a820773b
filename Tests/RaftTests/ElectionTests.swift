import Base
import Log
import Testing

@testable import Raft

/// Claims of the paper's section 5.2 and 5.4.1, and of the thesis about pre-votes and loyalty.
struct ElectionTests {
    @Test func aClusterElectsOneLeader() throws {
        for voters in [1, 2, 3, 5] {
            let cluster = RaftCluster(voters: voters)
            let leader = try #require(cluster.elect())
            cluster.propose(leader, "a")
            cluster.run(300)
            #expect(cluster.nodes.filter { $0.isLeader }.count == 1)
            for node in cluster.nodes {
                #expect(node.raft.leader == leader.id)
                #expect(node.raft.applied == LogIndex(2))
            }
            #expect(cluster.checker.failures == [])
        }
    }
}
