import Base

@testable import Gossip

// Two processes under one id.
extension Scenario {
    static let identities = [newcomer, cloned, restartedAsOther]

    /// A second process with a living member's id, in a later life, as a copy of its disk would be.
    private static let newcomer = Scenario(description: "a second process with a member's id") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        let first = simulation.members[3]
        let second = simulation.add(id: first.id, generation: $0 % 2 == 0 ? 0 : 7)
        simulation.join(
            second, seeds: [simulation.members[0].address, simulation.members[1].address])
        simulation.run(for: 10_000)
        verdict.require(!second.node.isRunning, "the newcomer yields")
        verdict.require(second.conflicts.first?.yields == true, "the newcomer says so")
        verdict.require(first.node.isRunning, "the first process goes on")
        let reports = simulation.members.filter { $0.index < 5 }.flatMap(\.conflicts)
        verdict.require(!reports.isEmpty, "a member reports it")
        verdict.require(reports.allSatisfy { !$0.yields }, "and nobody else yields")
        for member in simulation.living where member.index != first.index {
            let again = member.count { $0.isAlive(of: first.id) }
            verdict.require(again == 1, "the first process was always alive: \(again)")
            let address = member.node.find(first.id)?.metadata.address
            verdict.require(address == first.address, "its address is the one")
        }
        return verdict.failures
    }

    /// Each side of a partition has admitted one of two.
    private static let cloned = Scenario(description: "two processes meet after a partition") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(6)
        let first = simulation.members[0]
        var side = [0, 0, 0, 1, 1, 1]
        simulation.isCut = { side[$0] != side[$1] }
        simulation.run(for: 5_000)
        side.append(1)
        let second = simulation.add(id: first.id)
        simulation.join(second, seeds: [simulation.members[4].address])
        simulation.run(for: 3_000)
        verdict.require(second.node.isMember, "the far side takes the second one for the first")
        simulation.isCut = { _, _ in false }
        simulation.run(for: 15_000)
        let running = [first, second].filter { $0.node.isRunning }
        verdict.require(running.count == 1, "one of two goes on: \(running.count)")
        let conflicts = first.conflicts + second.conflicts
        verdict.require(conflicts.contains { $0.yields }, "who yields says so")
        simulation.run(for: 5_000)
        if let winner = running.first, running.count == 1 {
            for member in simulation.living where member.index != winner.index {
                let known = member.node.find(first.id)
                verdict.require(known?.status == .alive, "the one that goes on is alive")
                verdict.require(
                    known?.metadata.address == winner.address, "at its own address")
                let changes = member.count { $0.isAlive(of: first.id) }
                verdict.require(changes <= 3, "the address does not flap: \(changes)")
            }
        }
        return verdict.failures
    }

    /// The address of a dead node is another node's now.
    private static let restartedAsOther = Scenario(description: "another id at an old address") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(4)
        let member = simulation.members[2]
        let old = member.id
        simulation.kill(member)
        member.id = NodeID(high: 1, middle: 2, low: 3)
        simulation.restart(member)
        simulation.run(for: 5_000)
        for other in simulation.living {
            verdict.require(
                other.index == member.index || other.node.find(old)?.status == .dead,
                "the old id is dead")
        }
        verdict.require(simulation.isConverged, "the new one is alive")
        return verdict.failures
    }
}
