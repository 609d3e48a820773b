import Base

@testable import Gossip

// What is told, kept and forgotten.
extension Scenario {
    static let knowledge = [epoch, missedRumor, oldRumor, churn, metadata]

    private static let epoch = Scenario(description: "a ring epoch travels along a line") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        simulation.run(for: 3_000)
        simulation.isCut = { abs($0 - $1) > 1 }
        simulation.call(simulation.members[0]) {
            $0.node.setRingEpoch(RingEpoch(7), now: simulation.now)
        }
        simulation.run(for: 300)
        for member in simulation.members.dropFirst() {
            let seen = member.count { effect in
                if case .epochSeen(RingEpoch(7), _) = effect { return true }
                return false
            }
            verdict.require(seen == 1, "the epoch is seen once: \(seen)")
        }
        return verdict.failures
    }

    private static let missedRumor = Scenario(description: "a rumour was missed") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        simulation.run(for: 3_000)
        let (teller, misser) = (simulation.members[1], simulation.members[2])
        guard let before = misser.node.find(teller.id) else { return ["a member is known"] }
        var changed = teller.node.metadata
        changed.ports.http = 8_080
        simulation.call(teller) { $0.node.setMetadata(changed, now: simulation.now) }
        simulation.run(for: 5_000)
        for member in simulation.members where member.index != teller.index {
            verdict.require(
                member.node.find(teller.id)?.metadata.ports.http == 8_080, "a change is told")
        }
        // As if none of it had arrived.
        misser.node.table.revert(before)
        simulation.run(for: 21_000)
        let found = misser.node.find(teller.id)?.metadata.ports.http
        verdict.require(found == 8_080, "an exchange brings what rumours did not")
        return verdict.failures
    }

    private static let oldRumor = Scenario(description: "old news of a dead member") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(5)
        let victim = simulation.members[4]
        let entry = victim.node.ownEntry
        simulation.kill(victim)
        simulation.run(for: 15_000)
        for member in simulation.living {
            let news = simulation.members[member.index == 0 ? 1 : 0].node.rumor(entry)
            simulation.handle(member, news)
        }
        simulation.run(for: 5_000)
        for member in simulation.living {
            let again = member.count { $0.isAlive(of: victim.id) }
            verdict.require(again == 1, "old news revives nobody: \(again)")
            verdict.require(member.status(of: victim) == .dead, "the dead are remembered")
        }
        return verdict.failures
    }

    private static let churn = Scenario(description: "thousands of ids come and go") {
        var options = GossipOptions()
        options.membersMax = 64
        let simulation = Simulation(seed: $0, fault: $1, options: options)
        var verdict = Verdict()
        simulation.found(4)
        simulation.checkInterval = 0
        var largest = 0
        for round in 0..<2_000 {
            let id = NodeID(using: &simulation.random)
            let life = Life(generation: 0, salt: UInt32(round))
            let dead = Entry(
                id, Standing(life, .first, round % 2 == 0 ? .dead : .left),
                .gone(ageSeconds: 0))
            let target = simulation.members[round % 4]
            let teller = simulation.members[(round + 1) % 4]
            simulation.handle(target, teller.node.rumor(dead))
            simulation.run(for: 5)
            largest = max(largest, target.node.memberCount)
        }
        verdict.require(largest <= 64, "the table is bounded: \(largest)")
        verdict.require(largest == 64, "the dead are remembered as long as there is room")
        let living = simulation.members.map { $0.node.liveCount }
        verdict.require(living == [3, 3, 3, 3], "the dead do not push out the living")
        return verdict.failures
    }

    private static let metadata = Scenario(description: "what members tell of themselves") {
        let simulation = Simulation(seed: $0, fault: $1)
        var verdict = Verdict()
        simulation.found(6)
        for member in simulation.members {
            for other in simulation.members where other.index != member.index {
                let known = member.node.find(other.id)
                verdict.require(known?.metadata == other.node.metadata, "it is known to all")
            }
        }
        return verdict.failures
    }
}

extension MemberTable {
    /// Knows of a member what was known before.
    mutating func revert(_ member: Member) {
        guard let place = find(member.id) else { return }
        update(place, member)
    }
}

extension GossipNode {
    /// A datagram of this node with one entry.
    func rumor(_ entry: Entry) -> [UInt8] {
        var outbox = GossipOutbox()
        let start = begin(.rumors, sequence: 0, &outbox)
        entry.append(to: &outbox.bytes)
        outbox.bytes.overwrite(1, at: start + DatagramLayout.entryCountOffset)
        return unsafe [UInt8](outbox.bytes.bytes.buffer)
    }
}
