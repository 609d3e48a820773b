import Base

extension Ring {
    /// The ring after the member `id` left: the others share what it owned evenly by their weights,
    /// and nothing else changes its owner.
    ///
    /// Deterministic: the same ring and id give the same tokens on every machine.
    public func left(by id: NodeID) throws(RingChangeError) -> Ring {
        guard let leaver = findNode(id) else { throw .notMember }
        guard members.count > 1 else { throw .lastMember }
        var leave = LeaveAllocation(ring: self, leaver: Int(leaver.rawValue))
        leave.dealRuns()
        for _ in 0..<LeaveAllocation.evenOutCount { leave.evenOut() }
        return leave.makeRing()
    }
}

/// The allocation of a leaving node's slots: run by run, each to the nodes with most room there.
///
/// A taker serves what it gets with the core of its own first token at or after it, as it already
/// does if it is a replica there. So a slot can go to one core of each node only, and the choice of
/// the node has to balance the cores too.
struct LeaveAllocation {
    let ring: Ring
    let leaver: Int
    private let coreMaps: CoreMaps
    private var loads: RingLoads
    /// What each node, and each of its cores, may own after the leave: its fair share, rounded up.
    private var nodeShares: [Int] = []
    private var coreShares: [Int] = []
    /// For each node the core that would serve the run being dealt.
    private var cores: [Int]
    private var dealt: [RingArc] = []

    /// A node may get one 64th, a core one 32nd more than its share where this saves a token.
    private static let nodeSlackDivisor = 64
    private static let coreSlackDivisor = 32

    /// How often the deal is gone through to even it out; more changes nothing any more.
    static let evenOutCount = 4

    init(ring: Ring, leaver: Int) {
        self.ring = ring
        self.leaver = leaver
        coreMaps = CoreMaps(ring)
        loads = RingLoads(ring)
        cores = [Int](repeating: 0, count: ring.members.count)
        let weights = ring.members.reduce(-ring.members[leaver].weight) { $0 + $1.weight }
        for member in ring.members {
            let slots = SlotIndex.count * member.weight
            nodeShares.append((slots + weights - 1) / weights)
            let divisor = weights * member.coreCount
            coreShares.append((slots + divisor - 1) / divisor)
        }
    }

    /// Deals the leaver's runs, the longest first: to the node whose token comes next, which needs
    /// no token of its own for it, if that has room for all of it; else to those with most room.
    mutating func dealRuns() {
        let runs = runs
        let grain = max(1, loads.nodes[leaver] / runs.elements.count)
        for run in runs.elements.sorted(by: { ($1.count, $0.start) < ($0.count, $1.start) }) {
            findCores(serving: run)
            let neighbour = nodeAfter(run)
            var rest = run
            while rest.count > 0 {
                if roomWithSlack(ofNode: neighbour) >= rest.count {
                    deal(rest.count, of: &rest, to: neighbour)
                    continue
                }
                let node = roomiestNode(from: rest.start, by: { room(ofNode: $0) })
                let count = min(rest.count, max(grain, room(ofNode: node)))
                deal(rest.count - count < grain / 2 ? rest.count : count, of: &rest, to: node)
            }
        }
    }

    /// Moves dealt slots to where nodes and cores own less, by the amount that makes the sum of the
    /// squared distances from all shares least; too small amounts are not worth a token.
    mutating func evenOut() {
        for index in dealt.indices {
            let giver = dealt[index].node
            findCores(serving: dealt[index])
            let taker = roomiestNode(from: dealt[index].start, by: { sumOfRooms(ofNode: $0) })
            let wanted = (sumOfRooms(ofNode: taker) - sumOfRooms(ofNode: giver)) / 4
            let least = max(1, coreShares[giver] / LeaveAllocation.coreSlackDivisor)
            guard taker != giver, wanted >= min(least, dealt[index].count) else { continue }
            let count = min(wanted, dealt[index].count)
            guard count > 0 else { continue }
            loads.add(-count, node: giver, core: cores[giver])
            var head = dealt[index]
            head.count = count
            dealt[index].start = (head.start + count) % SlotIndex.count
            dealt[index].count -= count
            deal(count, of: &head, to: taker)
        }
        dealt.removeAll { $0.count == 0 }
    }

    /// How far a node and its core at the run being dealt are below their shares together.
    private func sumOfRooms(ofNode node: Int) -> Int {
        nodeShares[node] - loads.nodes[node] + coreShares[node] - loads.cores[cores[node]]
    }

    /// Deals the first `count` slots of `rest` to `node`.
    private mutating func deal(_ count: Int, of rest: inout RingArc, to node: Int) {
        let core = cores[node]
        dealt.append(
            RingArc(
                start: rest.start, count: count, node: node, core: core - loads.firstCore[node]))
        loads.add(count, node: node, core: core)
        rest.start = (rest.start + count) % SlotIndex.count
        rest.count -= count
    }

    /// How many slots of the run being dealt `node` may get: as many as it and its core there still
    /// lack; below 0 if one of them owns too much already.
    private func room(ofNode node: Int) -> Int {
        let nodeRoom = nodeShares[node] - loads.nodes[node]
        return min(nodeRoom, coreShares[node] - loads.cores[cores[node]])
    }

    private func roomWithSlack(ofNode node: Int) -> Int {
        let nodeShare = nodeShares[node] + nodeShares[node] / LeaveAllocation.nodeSlackDivisor
        let coreShare = coreShares[node] + coreShares[node] / LeaveAllocation.coreSlackDivisor
        return min(nodeShare - loads.nodes[node], coreShare - loads.cores[cores[node]])
    }

    /// The node with most room; among equals the first from `start` on, round all nodes.
    private func roomiestNode(from start: Int, by room: (Int) -> Int) -> Int {
        var best = -1
        var bestRoom = Int.min
        for offset in cores.indices {
            let node = (start + offset) % cores.count
            guard node != leaver else { continue }
            let nodeRoom = room(node)
            if nodeRoom > bestRoom { (best, bestRoom) = (node, nodeRoom) }
        }
        return best
    }

    /// The node whose token comes next after `run`.
    private func nodeAfter(_ run: RingArc) -> Int {
        let following = SlotIndex(UInt16((run.start + run.count) % SlotIndex.count))
        return Int(ring.token(of: following).node.rawValue)
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

    /// The next epoch's ring without the leaver.
    func makeRing() -> Ring {
        var members = ring.members
        members.remove(at: leaver)
        var arcs = RingArcs(ring).elements.filter { $0.node != leaver } + dealt
        for index in arcs.indices where arcs[index].node > leaver { arcs[index].node -= 1 }
        return Ring(epoch: ring.epoch.next, members: members, arcs: arcs)
    }
}
