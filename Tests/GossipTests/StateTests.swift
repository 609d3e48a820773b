import Base
import Testing

@testable import Gossip

/// The parts of a node, each against what it promises.
@Suite struct StateTests {
    @Test func standingsAreOrderedByLifeThenIncarnationThenStatus() {
        let lives = [
            Life(generation: 0, salt: 1), Life(generation: 0, salt: 2),
            Life(generation: 1, salt: 0),
        ]
        var ordered: [Standing] = []
        for life in lives {
            for incarnation in 0..<3 as Range<UInt32> {
                for status in [MemberStatus.alive, .suspect, .dead, .left] {
                    ordered.append(Standing(life, Incarnation(incarnation), status))
                }
            }
        }
        for (place, left) in ordered.enumerated() {
            for (otherPlace, right) in ordered.enumerated() {
                #expect((left < right) == (place < otherPlace))
            }
        }
    }

    @Test func suspicionsShortenAsOthersAgree() {
        func time(_ nodes: Int, _ agreeing: Int) -> Int64 {
            SuspicionTime.milliseconds(
                base: 400, longestFactor: 3, nodeCount: nodes, agreeing: agreeing)
        }
        #expect((0...4).map { time(5, $0) } == [1_200, 800, 567, 400, 400])
        #expect((0...2).map { time(4, $0) } == [1_200, 696, 400])
        #expect((0...1).map { time(3, $0) } == [1_200, 400])
        #expect(time(2, 0) == 800)
        #expect(time(1_000, 3) == 1_200)
    }

    @Test func rumoursAreSentLogarithmicallyOften() {
        let sends = [2, 5, 10, 100, 1_000].map { RumorQueue.sendsMax(nodeCount: $0) }
        #expect(sends == [4, 4, 8, 12, 16])
    }

    @Test func whatWasToldLeastIsToldFirst() {
        func id(_ number: UInt64) -> NodeID { NodeID(high: number, middle: 0, low: 0) }
        var queue = RumorQueue()
        for number in 1...3 as ClosedRange<UInt64> { queue.add(id(number)) }
        queue.told(2, limit: 2)
        #expect(queue.member(0) == id(1))
        queue.add(id(9))
        #expect(queue.member(0) == id(9))
        queue.told(queue.count, limit: 2)
        // Those told before are done; the others have one time left.
        #expect(queue.count == 2)
        queue.add(id(1))
        #expect(queue.count == 2)
        queue.told(2, limit: 2)
        #expect(queue.count == 1)
        queue.checkInvariants(limit: 2)
    }

    @Test func aNodeThatMissesNacksDoubtsItself() {
        var health = LocalHealth()
        health.probeFailed(nacksExpected: 3, nacksReceived: 3)
        #expect(health.factor == 1)
        health.probeFailed(nacksExpected: 3, nacksReceived: 1)
        #expect(health.factor == 3)
        health.probeFailed(nacksExpected: 0, nacksReceived: 0)
        #expect(health.factor == 4)
        health.worsen(by: 100)
        #expect(health.factor == 9)
        for _ in 0..<20 { health.improve() }
        #expect(health.factor == 1)
    }

    /// The table against a dictionary, under random changes.
    @Test func theTableIsADictionaryWithTheLivingInFront() {
        var random = SplitMix64(seed: 5)
        var table = MemberTable(capacity: 40)
        var oracle: [NodeID: Member] = [:]
        for round in 0..<20_000 {
            let id = NodeID(high: 1, middle: 2, low: UInt32(random.next() % 60))
            let status = [MemberStatus.alive, .suspect, .dead, .left][Int(random.next() % 4)]
            let standing = Standing(
                Life(generation: 0, salt: 0), Incarnation(UInt32(round)), status)
            let member = Member(
                id: id, standing: standing,
                metadata: MemberMetadata(address: Simulation.address(1)),
                ringEpoch: RingEpoch(0), heardAt: nil, since: Int64(round))
            if let place = table.find(id) {
                table.update(place, member)
                oracle[id] = member
            } else {
                let isFull = oracle.count == 40
                let oldest = oracle.values.filter { !$0.status.isLive }
                    .min { $0.since < $1.since }
                let isInserted = table.insert(member)
                #expect(isInserted == (!isFull || oldest != nil))
                if isInserted {
                    if isFull, let oldest { oracle[oldest.id] = nil }
                    oracle[id] = member
                }
            }
            if round % 500 == 0 {
                table.forget(goneBy: Int64(round - 200))
                oracle = oracle.filter {
                    $0.value.status.isLive || $0.value.since > Int64(round - 200)
                }
            }
            if round % 20 > 0 { continue }
            table.checkInvariants()
            #expect(table.count == oracle.count)
            for (id, member) in oracle {
                #expect(table.find(id).map { table[$0].standing } == member.standing)
            }
        }
    }

    /// Equal knowledge has equal digests, whatever the order in which it came.
    @Test func digestsDoNotDependOnOrder() {
        var random = SplitMix64(seed: 6)
        var members = (0..<50).map { number in
            Member(
                id: NodeID(using: &random),
                standing: Standing(Life(generation: 0, salt: 0), .first, .alive),
                metadata: MemberMetadata(address: Simulation.address(number + 1)),
                ringEpoch: RingEpoch(0), heardAt: nil, since: 0)
        }
        var tables = (MemberTable(capacity: 50), MemberTable(capacity: 50))
        for member in members {
            let isInserted = tables.0.insert(member)
            #expect(isInserted)
        }
        members.shuffle(using: &random)
        for member in members {
            let isInserted = tables.1.insert(member)
            #expect(isInserted)
        }
        #expect(tables.0.digests == tables.1.digests)
        var changed = members[0]
        changed.standing.incarnation = Incarnation(1)
        if let place = tables.1.find(changed.id) { tables.1.update(place, changed) }
        #expect(tables.0.digests != tables.1.digests)
    }

    // MARK: A node alone

    @Test func aNodeThatKnowsNobodyWaitsForNothing() {
        var node = GossipNode(
            id: CodecTests.sender, generation: 0,
            metadata: MemberMetadata(address: Simulation.address(1)), seed: 1)
        var outbox = GossipOutbox()
        node.found(into: &outbox)
        node.setRingEpoch(RingEpoch(3), now: 0)
        while let next = node.nextTick { node.tick(now: next, into: &outbox) }
        node.checkInvariants()
        let effects = outbox.effects.count
        #expect(effects == 1)
        node.leave(now: 10, into: &outbox)
        node.tick(now: 10, into: &outbox)
        let isRunning = node.isRunning
        #expect(!isRunning)
    }

    @Test func callsBeforeTheDeadlineDoNothing() {
        let simulation = Simulation(seed: 8)
        simulation.found(3)
        let member = simulation.members[0]
        for _ in 0..<200 {
            guard let next = member.node.nextTick else { break }
            if next > simulation.now {
                member.node.tick(now: next - 1, into: &member.outbox)
                let effects = member.outbox.effects.count
                #expect(effects == 0)
                let still = member.node.nextTick
                #expect(still == next)
            }
            simulation.run(for: 7)
        }
    }

    /// What a peer says of this node in absurd incarnations does not end its refutations.
    @Test func theLargestIncarnationIsRefutedByALaterLife() {
        let simulation = Simulation(seed: 9)
        simulation.found(3)
        let (member, liar) = (simulation.members[0], simulation.members[1])
        let before = member.node.life
        let absurd = Entry(
            member.id, Standing(before, .max, .dead), .gone(ageSeconds: 0))
        for other in simulation.members {
            simulation.handle(other, liar.node.rumor(absurd))
        }
        simulation.run(for: 3_000)
        #expect(simulation.isConverged)
        let generation = member.node.life.generation
        #expect(generation == before.generation + 1)
    }

    @Test func theDeadAreForgottenAfterADay() {
        let simulation = Simulation(seed: 10)
        simulation.found(3)
        let victim = simulation.members[2]
        simulation.kill(victim)
        simulation.run(for: 5_000)
        let member = simulation.members[0]
        let known = member.status(of: victim)
        #expect(known == .dead)
        // A clock that jumps is what a day of idle calls would be.
        let day = simulation.now + member.node.options.memoryOfDead
        member.node.tick(now: day, into: &member.outbox)
        let forgotten = member.status(of: victim)
        #expect(forgotten == nil)
        member.node.checkInvariants()
    }
}
