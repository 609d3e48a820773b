import Base
import Foundation
import Testing

@testable import Gossip

/// Healthy nodes on a bad network are not confirmed dead.
@Suite struct StabilityTests {
    /// `GYRE_GOSSIP_HOURS` simulated hours for each size; by default a few minutes.
    private static let hours =
        ProcessInfo.processInfo.environment["GYRE_GOSSIP_HOURS"].flatMap(Double.init) ?? 0.1

    @Test(arguments: [3, 4, 5])
    func nobodyDiesOfLossAndJitter(_ nodeCount: Int) {
        let simulation = Simulation(seed: UInt64(nodeCount))
        simulation.found(nodeCount)
        simulation.checkInterval = 1_000
        simulation.latency = 1
        simulation.jitter = 100
        simulation.lossPermille = 50
        simulation.duplicationPermille = 10
        simulation.run(for: Int64(Self.hours * 3_600_000))
        let suspicions = simulation.members.reduce(0) { $0 + $1.node.counts.suspicions }
        let refutations = simulation.members.reduce(0) { $0 + $1.node.counts.refutations }
        print(
            "gossip: \(nodeCount) nodes, \(Self.hours) h with 5 % loss and 100 ms jitter: "
                + "\(simulation.deliveredCount) datagrams, \(suspicions) suspicions, "
                + "\(refutations) refutations, \(simulation.deathCount) deaths")
        #expect(simulation.deathCount == 0)
        #expect(suspicions > 0, "the network is bad enough to matter")
        simulation.lossPermille = 0
        simulation.jitter = 0
        let converged = simulation.run(until: simulation.now + 10_000) { $0.isConverged }
        #expect(converged)
    }
}
