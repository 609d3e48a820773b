import Base

extension Ring {
    /// The ring after the member `id` left: the others share what it owned evenly by their weights, and
    /// nothing else changes its owner.
    ///
    /// Deterministic: the same ring and id give the same tokens on every machine.
    public func left(by id: NodeID) throws(RingChangeError) -> Ring {
        guard let leaver = findNode(id) else { throw .notMember }
        guard members.count > 1 else { throw .lastMember }
        var leave = LeaveAllocation(ring: self, leaver: Int(leaver.rawValue))
        leave.chooseTakers()
        leave.dealRuns()
        return leave.makeRing()
    }
}

/// The allocation of a leaving node's slots, in two steps: how many slots each core of the others should
/// get (``chooseTakers()``), and who gets which (``dealRuns()``).
///
/// A taker serves what it gets with the core of its own first token at or after it, as it already does if
/// it is a replica there; so a slot can go to one core of each node only, and the second step chooses the
/// nodes so that the cores get what the first step wants.
struct LeaveAllocation {
    let ring: Ring
    let leaver: Int
    private var loads: RingLoads
    private let coreMaps: CoreMaps
    /// A node may get one 64th, a core one 32nd more than its fair load where this saves a token.
    private static let nodeSlackDivisor = 64
    private static let coreSlackDivisor = 32
    /// Slots that each node, and each core, should still get.
    private var nodeWants: [Int]
    private var coreWants: [Int]
    /// For each node the core that would serve the run being dealt.
    private var cores: [Int]
    private var dealt: [RingArc] = []

    init(ring: Ring, leaver: Int) {
        self.ring = ring
        self.leaver = leaver
        loads = RingLoads(ring)
        coreMaps = CoreMaps(ring)
        nodeWants = [Int](repeating: 0, count: loads.nodes.count)
        coreWants = [Int](repeating: 0, count: loads.cores.count)
        cores = [Int](repeating: 0, count: loads.nodes.count)
    }

    /// Gives slot by slot, each to the core that owns least of the node that owns least for its weight.
    mutating func chooseTakers() {
        var after = loads
        let id = ring.members[leaver].id
        let start = Int(id.hash(index: -1) % UInt64(ring.members.count))
        for index in 0..<loads.nodes[leaver] {
            let node = after.leastLoadedNode(from: start, excluding: leaver)
            let core = after.leastLoadedCore(ofNode: node, from: start + index)
            after.add(1, node: node, core: core)
            nodeWants[node] += 1
            coreWants[core] += 1
        }
    }

    /// Deals the leaver's runs, the longest first, each to the takers that want most there.
    mutating func dealRuns() {
        let runs = runs
        let grain = max(1, loads.nodes[leaver] / runs.elements.count)
        for run in runs.elements.sorted(by: { ($1.count, $0.start) < ($0.count, $1.start) }) {
            findCores(serving: run)
            let neighbour = nodeAfter(run)
            var rest = run
            while rest.count > 0 {
                let isNeighbourFit = room(ofNode: neighbour) >= rest.count
                let node = isNeighbourFit ? neighbour : bestTaker()
                let wanted = max(grain, min(nodeWants[node], coreWants[cores[node]]))
                var head = rest
                head.count = isNeighbourFit ? rest.count : min(rest.count, wanted)
                if rest.count - head.count < grain / 2 { head.count = rest.count }
                head.node = node
                head.core = cores[node] - loads.firstCore[node]
                dealt.append(head)
                nodeWants[node] -= head.count
                coreWants[cores[node]] -= head.count
                loads.add(head.count, node: node, core: cores[node])
                rest.start = (rest.start + head.count) % SlotIndex.count
                rest.count -= head.count
            }
        }
    }

    /// The leaver's arcs, neighbouring ones joined.
    private var runs: RingArcs {
        var runs = RingArcs()
        for arc in RingArcs(ring).elements where arc.node == leaver {
            runs.append(arc, joiningIf: { _ in true })
        }
        runs.joinEnds()
        return runs
    }

    /// Sets for each node the core, as a position among all cores, that would serve `run`.
    private mutating func findCores(serving run: RingArc) {
        for node in cores.indices {
            cores[node] = loads.firstCore[node] + Int(coreMaps[node].core(of: run.end).rawValue)
        }
    }

    /// The node whose token comes next: what it gets of the run needs no token of its own.
    private func nodeAfter(_ run: RingArc) -> Int {
        let following = SlotIndex(UInt16((run.start + run.count) % SlotIndex.count))
        return Int(ring.token(of: following).node.rawValue)
    }

    /// How much `node` may get of the run being dealt to save tokens: a little more than it wants.
    private func room(ofNode node: Int) -> Int {
        let core = cores[node]
        return min(
            nodeWants[node] + loads.nodes[node] / LeaveAllocation.nodeSlackDivisor,
            coreWants[core] + loads.cores[core] / LeaveAllocation.coreSlackDivisor)
    }

    /// The node that wants slots most: by its core there, then by itself.
    private func bestTaker() -> Int {
        var best = -1
        var bestScore = Int.min
        for node in cores.indices where node != leaver {
            let wanted = min(nodeWants[node], coreWants[cores[node]])
            let score = (wanted > 0 ? wanted : min(nodeWants[node], 0) + wanted)
            if score > bestScore {
                best = node
                bestScore = score
            }
        }
        return best
    }

    /// The next epoch's ring without the leaver.
    func makeRing() -> Ring {
        var members = ring.members
        members.remove(at: leaver)
        var arcs = RingArcs(ring).elements.filter { $0.node != leaver } + dealt
        for index in arcs.indices where arcs[index].node > leaver { arcs[index].node -= 1 }
        return Ring(epoch: ring.epoch.next, members: members, arcs: arcs)
    }
}
