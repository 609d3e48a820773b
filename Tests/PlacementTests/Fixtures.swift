import Base

@testable import Placement

/// The owner of every slot by a scan over all tokens: the dumb oracle.
func scannedOwner(_ ring: Ring, _ slot: Int) -> Token {
    ring.tokens.first { Int($0.slot.rawValue) >= slot } ?? ring.tokens[0]
}

/// The owner of every slot, with the node's lasting name in place of its position.
func owners(_ ring: Ring) -> [NodeID] {
    RingArcs(ring).elements.reduce(into: [NodeID](repeating: ring.members[0].id, count: 16_384)) {
        for offset in 0..<$1.count {
            $0[($1.start + offset) % SlotIndex.count] = ring.members[$1.node].id
        }
    }
}

/// A member with a random id.
func member(_ generator: inout SplitMix64, cores: Int, weight: Int? = nil, zone: String = "")
    -> RingMember
{
    RingMember(
        id: NodeID(using: &generator), zone: ZoneID(zone), coreCount: cores, weight: weight)
}

/// A ring that grew by one join after another.
func grownRing(nodes: Int, cores: Int, seed: UInt64) throws -> Ring {
    var generator = SplitMix64(seed: seed)
    var ring = Ring.founded(by: member(&generator, cores: cores))
    for _ in 1..<max(nodes, 1) where ring.members.count < nodes {
        ring = try ring.joined(by: member(&generator, cores: cores))
    }
    return ring
}

/// The largest load over the mean.
struct Balance {
    let nodes: Double
    let cores: Double
    /// The most slots of a core, and the mean.
    let coreMax: Int
    let coreMean: Double

    init(_ ring: Ring) {
        let loads = RingLoads(ring)
        nodes = Double(loads.nodes.max()! * loads.nodes.count) / Double(SlotIndex.count)
        coreMax = loads.cores.max()!
        coreMean = Double(SlotIndex.count) / Double(loads.cores.count)
        cores = Double(coreMax) / coreMean
    }
}
