/// How many slots each node, and each core of each node, owns: what token allocation balances.
struct RingLoads {
    let members: [RingMember]
    /// Slots per node.
    private(set) var nodes: [Int]
    /// Slots per core, the cores of all nodes one after the other.
    private(set) var cores: [Int]
    /// Where a node's cores begin in ``cores``.
    let firstCore: [Int]

    init(_ ring: Ring) {
        members = ring.members
        nodes = [Int](repeating: 0, count: ring.members.count)
        var coreCount = 0
        var firstCore: [Int] = []
        for member in ring.members {
            firstCore.append(coreCount)
            coreCount += member.coreCount
        }
        self.firstCore = firstCore
        cores = [Int](repeating: 0, count: coreCount)
        for arc in RingArcs(ring).elements {
            add(arc.count, node: arc.node, core: firstCore[arc.node] + arc.core)
        }
    }

    /// Adds `count` slots, which may be negative, to a node and to one of its cores.
    mutating func add(_ count: Int, node: Int, core: Int) {
        nodes[node] += count
        cores[core] += count
    }

    /// The positions in ``cores`` of a node's cores.
    func coreIndices(ofNode node: Int) -> Range<Int> {
        firstCore[node]..<firstCore[node] + members[node].coreCount
    }

    /// The node that owns most for its weight and more than one slot; among equals the first from `start`.
    func findMostLoadedNode(from start: Int) -> Int? {
        var best: Int?
        for offset in nodes.indices {
            let node = (start + offset) % nodes.count
            guard nodes[node] > 1 else { continue }
            guard let other = best else { best = node; continue }
            if nodes[node] * members[other].weight > nodes[other] * members[node].weight {
                best = node
            }
        }
        return best
    }

    /// The node, other than `excluded`, that would own least for its weight if it got one slot more;
    /// among equals the first from `start`.
    func leastLoadedNode(from start: Int, excluding excluded: Int) -> Int {
        var best = -1
        for offset in nodes.indices {
            let node = (start + offset) % nodes.count
            if node == excluded { continue }
            if best < 0 { best = node; continue }
            let (load, otherLoad) = (nodes[node] + 1, nodes[best] + 1)
            if load * members[best].weight < otherLoad * members[node].weight { best = node }
        }
        return best
    }

    /// The core, as a position in ``cores``, of `node` that owns most (least); among equals one that
    /// `start` chooses.
    func mostLoadedCore(ofNode node: Int, from start: Int) -> Int {
        var best = firstCore[node] + start % members[node].coreCount
        for core in coreIndices(ofNode: node) where cores[core] > cores[best] { best = core }
        return best
    }

    func leastLoadedCore(ofNode node: Int, from start: Int) -> Int {
        var best = firstCore[node] + start % members[node].coreCount
        for core in coreIndices(ofNode: node) where cores[core] < cores[best] { best = core }
        return best
    }
}
