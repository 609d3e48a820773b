import Base
import Testing

@testable import Placement

struct RingLookupTests {
    /// A ring whose tokens lie anywhere, for what must hold for every ring.
    static func scatteredRing(nodes: Int, tokens: Int, cores: Int, seed: UInt64) -> Ring {
        var generator = SplitMix64(seed: seed)
        let members = (0..<nodes).map { index in
            member(&generator, cores: cores, zone: "z\(index % 4)")
        }.sorted { $0.id < $1.id }
        let slots = (0..<UInt16(SlotIndex.count)).shuffled(using: &generator)
        let all = (0..<nodes * tokens).map { index in
            Token(
                slot: SlotIndex(slots[index]), node: NodeIndex(UInt16(index % nodes)),
                core: CoreIndex(UInt16.random(in: 0..<UInt16(cores), using: &generator)))
        }
        return Ring(epoch: .first, members: members, tokens: all.sorted { $0.slot < $1.slot })
    }

    @Test(arguments: [(1, 1), (1, 32), (2, 1), (3, 33), (10, 16), (100, 32), (1_000, 16)])
    func everyLookupFindsWhatAScanFinds(nodes: Int, tokens: Int) {
        let ring = Self.scatteredRing(nodes: nodes, tokens: tokens, cores: 3, seed: UInt64(nodes))
        let local = ring.members[nodes / 2].id
        let table = RoutingTable(ring: ring, localNode: local)
        table.checkInvariants()
        let stride = nodes * tokens > 1_000 ? 37 : 1
        for slot in Swift.stride(from: 0, to: SlotIndex.count, by: stride) {
            let expected = scannedOwner(ring, slot)
            let slot = SlotIndex(UInt16(slot))
            #expect(ring.token(of: slot) == expected)
            let owner = table.owner(of: slot)
            #expect(owner.node == expected.node)
            #expect(owner.isRemote == (expected.node != table.localNode))
            if !owner.isRemote { #expect(owner.core == expected.core) }
        }
    }

    /// Any number of arcs is padded to a power of two; each of these paddings has its edges.
    @Test func findsEveryArcAtEverySize() {
        for count in (1...70).map({ $0 }) + [127, 128, 129, 4_095, 4_096, 8_193, 16_383, 16_384] {
            let arcs = (0..<count).map { index in
                let end = index == count - 1 ? 16_383 : index * (16_384 / count)
                let owner = Owner(node: NodeIndex(UInt16(index)), core: Owner.remoteCore)
                return OwnedArc(end: SlotIndex(UInt16(end)), owner: owner)
            }
            let table = RoutingTable(arcs: arcs, localNode: nil, epoch: .first)
            var first = 0
            for (index, arc) in arcs.enumerated() {
                #expect(table.arcIndex(of: SlotIndex(UInt16(first))) == index)
                #expect(table.arcIndex(of: arc.end) == index)
                first = Int(arc.end.rawValue) + 1
            }
        }
    }

    @Test(arguments: [1, 2, 3, 4, 7, 8, 16, 64, 128, 1_024])
    func oneNodeServesEverySlotWithEvenCores(cores: Int) {
        let table = RoutingTable(singleNodeWithCores: cores)
        var total = 0
        for core in 0..<cores {
            let ranges = SlotRanges(ofLocalCore: CoreIndex(UInt16(core)), in: table)
            #expect(Double(ranges.slotCount) <= 1.10 * Double(SlotIndex.count) / Double(cores))
            total += ranges.slotCount
        }
        #expect(total == SlotIndex.count)
        let all = SlotRanges(ofNode: NodeIndex(0), in: table)
        #expect(all.ranges == [SlotRange.all])
    }

    @Test(arguments: [1, 2, 3, 5, 40])
    func replicasAreDistinctAndInDistinctZones(nodes: Int) {
        let ring = Self.scatteredRing(nodes: nodes, tokens: 16, cores: 1, seed: 21)
        for factor in 1...5 {
            let assignment = Assignment(following: ring, replicationFactor: factor)
            for arc in assignment.arcs {
                let holders = (0..<arc.holders.count).map { Int(arc.holders[$0].rawValue) }
                #expect(holders.count == min(factor, nodes))
                #expect(Set(holders).count == holders.count)
                let zones = Set(holders.map { ring.members[$0].zone })
                #expect(zones.count == min(holders.count, min(4, nodes)))
                #expect(ring.token(of: arc.end).node == arc.holders.primary)
            }
        }
    }

    @Test func rangesCoverEverySlotOnce() throws {
        let ring = try grownRing(nodes: 7, cores: 3, seed: 22)
        let assignment = Assignment(following: ring, replicationFactor: 3)
        var seen = [Int](repeating: 0, count: SlotIndex.count)
        for node in ring.members.indices {
            let index = NodeIndex(UInt16(node))
            let ranges = SlotRanges(ofPrimary: index, in: assignment)
            let table = RoutingTable(ring: ring, localNode: ring.members[node].id)
            #expect(SlotRanges(ofNode: index, in: table) == ranges)
            var coreSlots = 0
            for core in 0..<3 {
                coreSlots += SlotRanges(ofLocalCore: CoreIndex(UInt16(core)), in: table).slotCount
            }
            #expect(coreSlots == ranges.slotCount)
            for range in ranges.ranges {
                for slot in range.first.rawValue...range.last.rawValue { seen[Int(slot)] += 1 }
            }
        }
        #expect(seen.allSatisfy { $0 == 1 })
    }
}
