import Base

@testable import Gossip

// Networks that lose, delay and cut.
extension Scenario {
    static let networks = [badNetwork, cutLink, oneWay, bridge, partition, quiet]

    private static let badNetwork = Scenario(description: "loss, jitter and repetition") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(4)
        simulation.jitter = 100
        simulation.lossPermille = 50
        simulation.duplicationPermille = 20
        simulation.checkInterval = 100
        simulation.run(for: 40_000)
        verdict.require(simulation.deathCount == 0, "nobody is dead: \(simulation.deathCount)")
        return verdict.failures
    }

    private static let cutLink = Scenario(description: "two nodes cannot reach each other") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        simulation.isCut = { Set([$0, $1]) == [1, 2] }
        simulation.run(for: 12_000)
        let suspicions = simulation.members.reduce(0) { $0 + $1.count { $0.isSuspicion } }
        verdict.require(suspicions == 0, "others answer for a cut link: \(suspicions)")
        verdict.require(simulation.isConverged, "all are alive for all")
        return verdict.failures
    }

    private static let oneWay = Scenario(description: "a link works in one direction") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        simulation.isCut = { $0 == 1 && $1 == 2 }
        simulation.run(for: 12_000)
        verdict.require(simulation.deathCount == 0, "nobody is dead")
        verdict.require(simulation.isConverged, "all are alive for all")
        // A node that hears and is not heard is dead for the others, and they for it.
        simulation.isCut = { from, _ in from == 3 }
        simulation.run(for: 5_000)
        for member in simulation.members where member.index != 3 {
            verdict.require(
                member.status(of: simulation.members[3]) == .dead, "who is not heard is dead")
        }
        simulation.isCut = { _, _ in false }
        simulation.run(for: 10_000)
        verdict.require(simulation.isConverged, "who is heard again is alive")
        return verdict.failures
    }

    private static let bridge = Scenario(description: "one node holds two halves together") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        let half = [0, 0, 2, 1, 1]
        simulation.isCut = { half[$0] + half[$1] == 1 }
        simulation.run(for: 20_000)
        verdict.require(simulation.deathCount == 0, "nobody is dead")
        simulation.isCut = { _, _ in false }
        simulation.run(for: 5_000)
        verdict.require(simulation.isConverged, "all are alive for all")
        return verdict.failures
    }

    private static let partition = Scenario(description: "a partition heals") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        simulation.isCut = { ($0 < 2) != ($1 < 2) }
        simulation.run(for: 12_000)
        for member in simulation.members {
            for other in simulation.members where (member.index < 2) != (other.index < 2) {
                verdict.require(member.status(of: other) == .dead, "the far side is dead")
            }
        }
        let deaths = simulation.deathCount
        verdict.require(deaths == 12, "each death is reported once: \(deaths)")
        simulation.isCut = { _, _ in false }
        simulation.run(for: 10_000)
        verdict.require(simulation.isConverged, "the sides find each other")
        verdict.require(simulation.deathCount == deaths, "nobody dies of healing")
        return verdict.failures
    }

    private static let quiet = Scenario(description: "nothing happens") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(6)
        simulation.run(for: 10_000)
        let before = simulation.members.reduce(0) { $0 + $1.node.counts.sentBytes }
        simulation.run(for: 20_000)
        let after = simulation.members.reduce(0) { $0 + $1.node.counts.sentBytes }
        let rate = (after - before) / 20 / 6
        verdict.require(rate < 2_500, "old news costs nothing: \(rate) bytes/s")
        let pending = simulation.members.reduce(0) { $0 + $1.node.rumors.count }
        verdict.require(pending == 0, "old news is not told: \(pending)")
        return verdict.failures
    }
}
