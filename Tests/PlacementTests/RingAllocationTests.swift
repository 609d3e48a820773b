import Base
import Testing

@testable import Placement

struct RingAllocationTests {
    @Test(arguments: [1, 2, 4, 8])
    func growingKeepsTheBalanceAndMovesOnlyToTheNewNode(cores: Int) throws {
        var generator = SplitMix64(seed: UInt64(cores))
        var ring = Ring.founded(by: member(&generator, cores: cores))
        var before = owners(ring)
        for count in 2...100 {
            let joiner = member(&generator, cores: cores)
            ring = try ring.joined(by: joiner)
            let after = owners(ring)
            let moved = zip(before, after).filter { $0 != $1 }
            #expect(moved.allSatisfy { $0.1 == joiner.id })
            #expect(moved.count == SlotIndex.count / count)
            expectBalance(ring)
            before = after
        }
    }

    @Test(arguments: [1, 4])
    func shrinkingKeepsTheBalanceAndMovesOnlyWhatTheLeaverOwned(cores: Int) throws {
        var generator = SplitMix64(seed: UInt64(cores))
        var ring = try grownRing(nodes: 60, cores: cores, seed: 11)
        var before = owners(ring)
        while ring.members.count > 1 {
            let leaver = try #require(ring.members.randomElement(using: &generator))
            ring = try ring.left(by: leaver.id)
            let after = owners(ring)
            #expect(zip(before, after).allSatisfy { $0 == $1 || $0 == leaver.id })
            #expect(!after.contains(leaver.id))
            if ring.members.count >= 3 { expectBalance(ring) }
            before = after
        }
    }

    @Test(arguments: [(3, 1), (3, 4), (3, 16), (10, 4), (30, 1), (30, 8), (100, 4)])
    func longChurnKeepsTheBalance(nodes: Int, cores: Int) throws {
        var generator = SplitMix64(seed: UInt64(nodes))
        var ring = try grownRing(nodes: nodes, cores: cores, seed: UInt64(cores))
        for _ in 0..<80 {
            let joins = Bool.random(using: &generator) || ring.members.count <= nodes
            if joins, ring.members.count < nodes + 3 {
                ring = try ring.joined(by: member(&generator, cores: cores))
            } else {
                ring = try ring.left(by: ring.members.randomElement(using: &generator)!.id)
            }
            expectBalance(ring)
        }
        let tokens = ring.tokens.count / ring.members.count
        #expect(tokens >= 4 * cores, "\(tokens) tokens a node")
        let due = TokenCount.perNode(coreCount: cores, nodeCount: nodes)
        #expect(tokens <= 4 * due, "\(tokens) tokens a node: the ring falls to pieces")
    }

    /// At most 1.05 per node and 1.10 per core, or the next whole slot above the mean where cores
    /// own so few that nothing lies between.
    private func expectBalance(_ ring: Ring, sourceLocation: SourceLocation = #_sourceLocation) {
        let balance = Balance(ring)
        let count = ring.members.count
        let coreMaxAllowed = max(Int(balance.coreMean * 1.10), Int(balance.coreMean) + 1)
        #expect(balance.nodes <= 1.05, "\(count) nodes", sourceLocation: sourceLocation)
        #expect(balance.coreMax <= coreMaxAllowed, "\(count) nodes", sourceLocation: sourceLocation)
    }

    @Test func thousandNodesHaveSixteenTokensEach() throws {
        let ring = try grownRing(nodes: 1_000, cores: 1, seed: 5)
        ring.checkInvariants()
        #expect(15...17 ~= ring.tokens.count / 1_000)
        #expect(RingLoads(ring).nodes.allSatisfy { 16...17 ~= $0 })
    }

    @Test func sharesFollowTheWeights() throws {
        var generator = SplitMix64(seed: 6)
        let weights = [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 10, 20]
        var ring = Ring.founded(by: member(&generator, cores: 2, weight: 4))
        for weight in weights {
            ring = try ring.joined(by: member(&generator, cores: 2, weight: weight))
        }
        expectShares(ring)
        for _ in 0..<6 {
            ring = try ring.left(by: ring.members.randomElement(using: &generator)!.id)
            expectShares(ring)
        }
    }

    private func expectShares(_ ring: Ring) {
        let loads = RingLoads(ring)
        let weights = ring.members.reduce(0) { $0 + $1.weight }
        for (index, member) in ring.members.enumerated() {
            let share = Double(SlotIndex.count * member.weight) / Double(weights)
            #expect(Double(loads.nodes[index]) <= 1.05 * share + 1)
            #expect(Double(loads.nodes[index]) >= 0.85 * share - 1)
        }
    }

    @Test func theSameChangesGiveTheSameRing() throws {
        let ring = try grownRing(nodes: 20, cores: 4, seed: 8)
        #expect(try grownRing(nodes: 20, cores: 4, seed: 8) == ring)
        let id = ring.members[7].id
        #expect(try ring.left(by: id) == ring.left(by: id))
        #expect(try ring.left(by: id).epoch == RingEpoch(21))
    }

    /// While there are slots to go round, what other nodes do moves nothing between a node's own
    /// cores.
    @Test func otherNodesChangesKeepCoresApart() throws {
        var generator = SplitMix64(seed: 9)
        var ring = try grownRing(nodes: 6, cores: 4, seed: 10)
        for round in 0..<40 {
            let old = ring
            if round % 2 == 0 {
                ring = try ring.joined(by: member(&generator, cores: 4))
            } else {
                ring = try ring.left(by: ring.members.randomElement(using: &generator)!.id)
            }
            for member in old.members {
                guard let after = ring.findNode(member.id) else { continue }
                let oldMap = CoreMap(ring: old, node: try #require(old.findNode(member.id)))
                let newMap = CoreMap(ring: ring, node: after)
                for slot in stride(from: 0, to: SlotIndex.count, by: 7) {
                    let slot = SlotIndex(UInt16(slot))
                    #expect(oldMap.core(of: slot) == newMap.core(of: slot))
                }
            }
        }
    }

    @Test func refusesWhatCannotBe() throws {
        let ring = try grownRing(nodes: 2, cores: 1, seed: 12)
        let single = try ring.left(by: ring.members[0].id)
        let stranger = NodeID(high: 1, middle: 2, low: 3)
        #expect(throws: RingChangeError.alreadyMember) { try ring.joined(by: ring.members[1]) }
        #expect(throws: RingChangeError.notMember) { try ring.left(by: stranger) }
        #expect(throws: RingChangeError.lastMember) { try single.left(by: single.members[0].id) }
        #expect(throws: RingChangeError.memberOutOfRange) {
            try ring.joined(by: RingMember(id: stranger, coreCount: 0))
        }
        #expect(throws: RingChangeError.memberOutOfRange) {
            try ring.joined(by: RingMember(id: stranger, coreCount: 1, weight: 65_536))
        }
    }
}
