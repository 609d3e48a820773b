/// How many slots each node, and each core of each node, owns: what token allocation balances.
struct RingLoads {
    private let weights: [Int]
    private let coreCounts: [Int]
    /// Slots per node.
    private(set) var nodes: [Int]
    /// Slots per core, the cores of all nodes one after the other.
    private(set) var cores: [Int]
    /// Where a node's cores begin in ``cores``.
    let firstCore: [Int]

    init(_ ring: Ring) {
        weights = ring.members.map(\.weight)
        coreCounts = ring.members.map(\.coreCount)
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
        firstCore[node]..<firstCore[node] + coreCounts[node]
    }

    /// The node that owns most for its weight and more than one slot; among equals `start`, then
    /// the first.
    func findMostLoadedNode(from start: Int) -> Int? {
        var best = start
        for node in nodes.indices where nodes[node] > 1 {
            if nodes[node] * weights[best] > nodes[best] * weights[node] { best = node }
        }
        return nodes[best] > 1 ? best : nodes.firstIndex { $0 > 1 }
    }

    /// The core, as a position in ``cores``, of `node` that owns most; among equals one that
    /// `start` chooses.
    func mostLoadedCore(ofNode node: Int, from start: Int) -> Int {
        var best = firstCore[node] + start % coreCounts[node]
        for core in coreIndices(ofNode: node) where cores[core] > cores[best] { best = core }
        return best
    }
}
