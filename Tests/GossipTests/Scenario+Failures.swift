import Base

@testable import Gossip

// Processes that die, stop, lag, start again or leave.
extension Scenario {
    static let failures = [
        killed, paused, pausedInDoubt, lagging, restarted, moved, left, silentLoss, imitatedAnswer,
    ]

    private static let killed = Scenario(description: "a killed node is dead for all") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        simulation.run(for: 3_000 + Int64($0 % 50) * 17)
        let victim = simulation.members[Int($0 % 5)]
        let time = simulation.now
        simulation.kill(victim)
        simulation.run(for: 5_000)
        for member in simulation.living {
            let found = member.confirmedDeath(of: victim.id)
            verdict.require(found ?? .max <= time + 1_100, "a death is seen within 1.1 s")
            verdict.require(found ?? 0 >= time + 400, "a death is not seen too soon")
            verdict.require(member.status(of: victim) == .dead, "the dead stay known")
        }
        return verdict.failures
    }

    private static let paused = Scenario(description: "a node stops for a while and goes on") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        simulation.run(for: 3_000)
        let sleeper = simulation.members[2]
        for keepsMail in [true, false] {
            simulation.pause(sleeper, for: 4_000, keepsMail: keepsMail)
            simulation.run(for: 4_000)
            for member in simulation.living where member.index != sleeper.index {
                verdict.require(
                    member.status(of: sleeper) == .dead, "who is silent counts as dead")
            }
            simulation.run(for: 3_000)
            verdict.require(simulation.isConverged, "who wakes is alive for all")
        }
        let deaths = sleeper.count { $0.isDeath }
        verdict.require(deaths == 0, "who wakes believes nobody dead")
        let suspicions = sleeper.count { $0.isSuspicion }
        verdict.require(suspicions == 0, "who wakes suspects nobody")
        return verdict.failures
    }

    private static let pausedInDoubt = Scenario(description: "a node stops while it suspects") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        simulation.run(for: 3_000)
        let (sleeper, suspect) = (simulation.members[0], simulation.members[3])
        simulation.isCut = { from, _ in from == suspect.index }
        simulation.run(until: simulation.now + 1_000) { _ in
            sleeper.status(of: suspect) == .suspect
        }
        simulation.isCut = { _, _ in false }
        simulation.pause(sleeper, for: 3_000, keepsMail: false)
        simulation.run(for: 6_000)
        let deaths = sleeper.count { $0.isDeath }
        verdict.require(deaths == 0, "a pause of ours is not their silence")
        verdict.require(simulation.isConverged, "all are alive for all")
        return verdict.failures
    }

    private static let lagging = Scenario(description: "a node lags behind its messages") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        let slow = simulation.members[1]
        slow.backlog = 500
        simulation.run(for: 30_000)
        for member in simulation.members where member.index != slow.index {
            let deaths = simulation.members.reduce(0) {
                $0 + $1.count { $0.isDeath(of: member.id) }
            }
            verdict.require(deaths == 0, "the healthy are not dead for a slow one's sake")
        }
        let refutations = simulation.members.reduce(0) { $0 + $1.node.counts.refutations }
        let accused = refutations - slow.node.counts.refutations
        verdict.require(accused <= 40, "the slow one doubts itself: \(accused) accusations")
        slow.backlog = 0
        simulation.run(for: 10_000)
        verdict.require(simulation.isConverged, "all are alive when the slow one has caught up")
        return verdict.failures
    }

    private static let restarted = Scenario(description: "a node starts again where it was") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        for round in 0..<4 {
            let member = simulation.members[1 + round]
            simulation.kill(member)
            simulation.run(for: round % 2 == 0 ? 100 : 4_000)
            simulation.restart(member)
            simulation.run(for: 3_000)
            verdict.require(simulation.isConverged, "a node is back after its start \(round)")
        }
        let conflicts = simulation.members.flatMap(\.conflicts)
        verdict.require(conflicts.isEmpty, "a start is no conflict")
        return verdict.failures
    }

    private static let moved = Scenario(description: "a node starts again at another address") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        for round in 0..<4 {
            let member = simulation.members[1 + round]
            simulation.kill(member)
            simulation.run(for: round % 2 == 0 ? 100 : 4_000)
            simulation.restart(member, address: Simulation.address(100 + round))
            simulation.run(for: 4_000)
            verdict.require(simulation.isConverged, "a node is back after its move \(round)")
            for other in simulation.living where other.index != member.index {
                let known = other.node.find(member.id)?.metadata.address
                verdict.require(known == member.address, "its new address is known")
            }
        }
        let conflicts = simulation.members.flatMap(\.conflicts)
        verdict.require(conflicts.isEmpty, "a move is no conflict")
        return verdict.failures
    }

    private static let left = Scenario(description: "a node leaves") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        let leaver = simulation.members[3]
        simulation.call(leaver) { $0.node.leave(now: simulation.now, into: &$0.outbox) }
        simulation.run(for: 5_000)
        verdict.require(!leaver.node.isRunning, "who has left does nothing more")
        for member in simulation.living {
            let hasLeft = member.count { effect in
                if case .memberLeft(leaver.id) = effect { return true }
                return false
            }
            verdict.require(hasLeft == 1, "a leave is reported")
            let deaths = member.count { $0.isDeath || $0.isSuspicion }
            verdict.require(deaths == 0, "a leave is no failure")
        }
        simulation.restart(leaver)
        simulation.run(for: 4_000)
        verdict.require(simulation.isConverged, "who has left may come back")
        return verdict.failures
    }

    private static let silentLoss = Scenario(description: "two of five die at once") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        simulation.run(for: 3_000)
        simulation.kill(simulation.members[0])
        simulation.kill(simulation.members[4])
        simulation.run(for: 4_000)
        verdict.require(simulation.isConverged, "the survivors know who is left")
        return verdict.failures
    }

    /// Another node answers with the sequence of a ping that was for a dead one.
    private static let imitatedAnswer = Scenario(description: "an answer of somebody else") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(3)
        simulation.run(for: 2_000)
        let victim = simulation.members[2]
        let imitator = simulation.members[1]
        simulation.kill(victim)
        simulation.witness = { sender, address, bytes in
            if sender.index == imitator.index || address != victim.address { return }
            if bytes[1] != MessageKind.ping.rawValue { return }
            let answer = imitator.node.answer(toSequenceOf: bytes)
            simulation.at(simulation.now + 2) { $0.handle(sender, answer) }
        }
        simulation.run(for: 1_500)
        let found = simulation.members[0].count { $0.isSuspicion }
        let failed = simulation.members[0].node.counts.failedProbes
        verdict.require(found > 0, "the dead one is suspected")
        verdict.require(failed > 0, "a probe is answered by its target only")
        return verdict.failures
    }
}

extension GossipNode {
    /// An ack of this node with the sequence of a datagram.
    func answer(toSequenceOf bytes: [UInt8]) -> [UInt8] {
        var outbox = GossipOutbox()
        var sequence: UInt32 = 0
        for index in 0..<4 { sequence |= UInt32(bytes[4 + index]) << UInt32(8 * index) }
        _ = begin(.ack, sequence: sequence, &outbox)
        return unsafe [UInt8](outbox.bytes.bytes.buffer)
    }
}
