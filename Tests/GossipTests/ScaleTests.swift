import Base
import Testing

@testable import Gossip

/// What gossip costs and how fast it is, whatever the number of nodes.
@Suite(.serialized) struct ScaleTests {
    private func sentBytes(_ simulation: Simulation) -> Int {
        simulation.members.reduce(0) { $0 + $1.node.counts.sentBytes }
    }

    private func sentDatagrams(_ simulation: Simulation) -> Int {
        simulation.members.reduce(0) { $0 + $1.node.counts.sentDatagrams }
    }

    @Test func costDoesNotGrowWithTheCluster() {
        var rates: [Int] = []
        for (count, seconds) in [(10, 60), (100, 20), (1_000, 5)] {
            let simulation = Simulation(seed: UInt64(count))
            simulation.checkInterval = 0
            simulation.foundKnown(count)
            simulation.run(for: 1_000)
            let (bytes, datagrams) = (sentBytes(simulation), sentDatagrams(simulation))
            simulation.run(for: Int64(seconds) * 1_000)
            let rate = (sentBytes(simulation) - bytes) / seconds / count
            let frequency = (sentDatagrams(simulation) - datagrams) / seconds / count
            print("gossip: \(count) nodes: each sends \(rate) bytes/s in \(frequency) datagrams/s")
            rates.append(rate)
            #expect(simulation.members.allSatisfy { $0.node.liveCount == count - 1 })
        }
        #expect(rates.allSatisfy { $0 < 2_500 })
        #expect(rates[2] < rates[0] * 5 / 4)
    }

    @Test func anEpochAndADeathReachAThousandNodes() throws {
        let simulation = Simulation(seed: 1)
        simulation.checkInterval = 0
        simulation.foundKnown(1_000)
        simulation.run(for: 500)
        let start = simulation.now
        simulation.call(simulation.members[17]) {
            $0.node.setRingEpoch(RingEpoch(42), now: simulation.now)
        }
        simulation.run(until: start + 2_000) {
            $0.members.allSatisfy { $0.node.ringEpoch == RingEpoch(42) }
        }
        let epochTime = simulation.now - start
        #expect(simulation.members.allSatisfy { $0.node.ringEpoch == RingEpoch(42) })
        print("gossip: a ring epoch reaches 1,000 nodes in \(epochTime) ms")

        let victim = simulation.members[400]
        simulation.kill(victim)
        let killed = simulation.now
        let isKnown = simulation.run(until: killed + 5_000) {
            $0.living.allSatisfy { $0.status(of: victim) == .dead }
        }
        #expect(isKnown)
        let deaths = simulation.deathCount
        #expect(deaths == 999)
        print(
            "gossip: a death is known to 999 nodes after \(simulation.now - killed) ms; largest "
                + "datagram \(simulation.sizeMax) bytes")
        #expect(simulation.sizeMax <= DatagramLayout.sizeMax)
    }

    /// Nodes that start together and know one seed.
    @Test func aHundredNodesFindEachOther() {
        let simulation = Simulation(seed: 5)
        simulation.checkInterval = 50
        simulation.found(100, patience: 30_000)
        print("gossip: 100 nodes know each other \(simulation.now) ms after they started")
        #expect(simulation.deathCount == 0)
        #expect(simulation.sizeMax <= DatagramLayout.sizeMax)
    }

    /// The larger half and the smaller half of a cluster that was cut in two for a minute.
    @Test func aPartitionOfFiftyHeals() {
        let simulation = Simulation(seed: 6)
        simulation.checkInterval = 50
        simulation.found(50, patience: 30_000)
        simulation.isCut = { ($0 < 20) != ($1 < 20) }
        simulation.run(for: 20_000)
        #expect(simulation.deathCount == 2 * 20 * 30)
        simulation.isCut = { _, _ in false }
        let start = simulation.now
        let isHealed = simulation.run(until: start + 20_000) { $0.isConverged }
        #expect(isHealed)
        print("gossip: a partition of 20 and 30 nodes heals in \(simulation.now - start) ms")
    }
}
