import Base
import Testing

@testable import Gossip

/// A node that dies is confirmed dead in time, by everybody.
@Suite struct DetectionTests {
    /// When every survivor had confirmed the death, in milliseconds after it; nil: not all did.
    private func detection(_ nodeCount: Int, seed: UInt64) -> Int64? {
        let simulation = Simulation(seed: seed)
        simulation.found(nodeCount)
        simulation.run(for: 2_000 + Int64(seed % 97) * 13)
        let victim = simulation.members[Int(seed) % nodeCount]
        let killedAt = simulation.now
        simulation.kill(victim)
        simulation.run(for: 3_000)
        var latest: Int64 = 0
        for member in simulation.living {
            guard let time = member.confirmedDeath(of: victim.id) else { return nil }
            latest = max(latest, time - killedAt)
        }
        #expect(simulation.deathCount == nodeCount - 1)
        return latest
    }

    @Test(arguments: [3, 4, 5])
    func aKilledNodeIsDeadForAllWithinASecond(_ nodeCount: Int) throws {
        var times: [Int64] = []
        for seed in 1...40 as ClosedRange<UInt64> {
            times.append(try #require(detection(nodeCount, seed: seed)))
        }
        times.sort()
        let mean = times.reduce(0, +) / Int64(times.count)
        print(
            "gossip: of \(nodeCount) nodes a killed one is dead for all after \(times[0]) to "
                + "\(times[times.count - 1]) ms, mean \(mean) ms (\(times.count) runs)")
        #expect(times[times.count - 1] <= 1_100)
    }

    @Test func twoNodesTakeLonger() throws {
        let time = try #require(detection(2, seed: 1))
        #expect(time > 1_000)
        #expect(time < 2_000)
    }

    @Test func aBrokenConnectionIsLookedAtAtOnce() {
        let simulation = Simulation(seed: 4)
        simulation.found(5)
        simulation.run(for: 5_000)
        let victim = simulation.members[3]
        simulation.kill(victim)
        let killedAt = simulation.now
        for member in simulation.living {
            simulation.call(member) {
                $0.node.connectionLost(
                    to: victim.id, now: simulation.now, into: &$0.outbox)
            }
        }
        simulation.run(for: 800)
        for member in simulation.living {
            let time = member.confirmedDeath(of: victim.id).map { $0 - killedAt }
            #expect(time != nil)
            #expect(time ?? 0 <= 760)
        }
    }
}
