import Base

/// Walks a ring clockwise for the nodes that should hold an arc: the owner of its token and the
/// next distinct nodes, in distinct zones while there are enough.
public struct ReplicaChooser: Sendable {
    let ring: Ring
    /// How many nodes should hold each slot, the primary included.
    let factor: Int
    private let zoneOfNode: [Int]
    private let zoneCount: Int

    /// - Parameter factor: 1…8; where the ring has fewer nodes, all of them hold every slot.
    public init(ring: Ring, factor: Int) {
        invariant(1...ReplicaSet.countMax ~= factor, "the replication factor is in range")
        self.ring = ring
        self.factor = min(factor, ring.members.count)
        var numbers: [ZoneID: Int] = [:]
        zoneOfNode = ring.members.map { member in
            let number = numbers[member.zone] ?? numbers.count
            numbers[member.zone] = number
            return number
        }
        zoneCount = numbers.count
    }

    /// The nodes that should hold the slots of the token at `index`.
    public func replicaSet(ofToken index: Int) -> ReplicaSet {
        var chosen = ReplicaSet(primary: ring.tokens[index].node)
        var count = 1
        var zonesLeft = zoneCount - 1
        var step = 1
        while count < factor, zonesLeft > 0, step < ring.tokens.count {
            let node = ring.tokens[(index + step) % ring.tokens.count].node
            if !holdsZone(of: node, chosen, count) {
                chosen.append(node)
                count += 1
                zonesLeft -= 1
            }
            step += 1
        }
        step = 1
        while count < factor, step < ring.tokens.count {
            let node = ring.tokens[(index + step) % ring.tokens.count].node
            if !chosen.contains(node) {
                chosen.append(node)
                count += 1
            }
            step += 1
        }
        return chosen
    }

    private func holdsZone(of node: NodeIndex, _ chosen: ReplicaSet, _ count: Int) -> Bool {
        let zone = zoneOfNode[Int(node.rawValue)]
        for index in 0..<count where zoneOfNode[Int(chosen[index].rawValue)] == zone { return true }
        return false
    }
}
