import Base

extension Ring {
    /// The ring after `member` joined: it owns its weighted share, taken a little from everyone,
    /// most from the most loaded; no slot changes its owner but to the new node.
    ///
    /// Deterministic: the same ring and member give the same tokens on every machine.
    public func joined(by member: RingMember) throws(RingChangeError) -> Ring {
        guard 1...RingMember.weightMax ~= member.weight,
            1...RingMember.coreCountMax ~= member.coreCount
        else { throw .memberOutOfRange }
        guard findNode(member.id) == nil else { throw .alreadyMember }
        guard members.count < SlotIndex.count else { throw .ringFull }
        var join = JoinAllocation(ring: self, joiner: member)
        join.chooseGivers()
        join.takePieces()
        return join.makeRing()
    }
}

/// The allocation of a joining node's tokens, in three steps: how many slots each core of the
/// others gives (``chooseGivers()``), which slots these are (``takePieces()``), and which core of
/// the new node gets which of them (``makeRing()``).
struct JoinAllocation {
    let ring: Ring
    let joiner: RingMember
    private var loads: RingLoads
    private var arcs: [RingArc]
    /// Slots that the new node gets.
    private let share: Int
    /// How many separate pieces of the ring the share should consist of.
    private let pieceCount: Int
    /// Per arc: whether its node's next token belongs to the same core.
    private var hasSuccessorOfSameCore: [Bool]
    /// Per arc: how far the nearest piece is.
    private var distances: [Int]
    /// Per node: how many tokens it has beyond those it should have.
    private var spareTokenCounts: [Int]
    private var givers: [Giver] = []
    private var pieces: [RingArc] = []

    /// A core of a member and how many slots it gives.
    private struct Giver {
        let core: Int
        var slotCount: Int
        /// How many cores of the same node own more.
        let turn: Int
        /// What its node owns, by weight, and what it owns itself.
        let nodeLoad: Int
        let coreLoad: Int
        let rank: UInt64
    }

    init(ring: Ring, joiner: RingMember) {
        self.ring = ring
        self.joiner = joiner
        let nodeCount = ring.members.count + 1
        let weights = ring.members.reduce(joiner.weight) { $0 + $1.weight }
        let exact = SlotIndex.count * joiner.weight / weights
        share = min(max(1, exact), SlotIndex.count - ring.members.count)
        let tokenCount = TokenCount.perNode(coreCount: joiner.coreCount, nodeCount: nodeCount)
        pieceCount = min(share, tokenCount)
        loads = RingLoads(ring)
        arcs = RingArcs(ring).elements
        hasSuccessorOfSameCore = [Bool](repeating: false, count: arcs.count)
        distances = [Int](repeating: .max, count: arcs.count)
        spareTokenCounts = ring.members.map {
            -TokenCount.perNode(coreCount: $0.coreCount, nodeCount: nodeCount)
        }
        for arc in arcs { spareTokenCounts[arc.node] += 1 }
        findSuccessors()
    }

    /// Takes the share slot by slot, each from the core that owns most of the node that owns most
    /// for its weight; then, if these are more cores than the new node should have pieces, lets
    /// some give for the others: one core of each node before the second of any.
    mutating func chooseGivers() {
        var given = [Int](repeating: 0, count: loads.cores.count)
        var after = loads
        let start = Int(joiner.id.hash(index: -1) % UInt64(ring.members.count))
        for index in 0..<share {
            guard let node = after.findMostLoadedNode(from: start) else { break }
            let core = after.mostLoadedCore(ofNode: node, from: start + index)
            after.add(-1, node: node, core: core)
            given[core] += 1
        }
        for (node, member) in ring.members.enumerated() {
            let cores = loads.coreIndices(ofNode: node).filter { given[$0] > 0 }
            let nodeLoad = loads.nodes[node] * RingMember.weightMax / member.weight
            let sorted = cores.sorted { (loads.cores[$1], $0) < (loads.cores[$0], $1) }
            for (turn, core) in sorted.enumerated() {
                givers.append(
                    Giver(
                        core: core, slotCount: given[core], turn: turn, nodeLoad: nodeLoad,
                        coreLoad: loads.cores[core], rank: joiner.id.hash(index: core)))
            }
        }
        guard givers.count > pieceCount else { return }
        givers.sort {
            ($0.turn, $1.nodeLoad, $1.coreLoad, $0.rank)
                < ($1.turn, $0.nodeLoad, $0.coreLoad, $1.rank)
        }
        givers.removeSubrange(pieceCount...)
        for index in givers.indices {
            givers[index].slotCount =
                share * (index + 1) / pieceCount - share * index / pieceCount
        }
    }

    /// Cuts what each giver gives from the beginnings of its longest arcs. The tokens at their ends
    /// stay, as far as the slots suffice, so that nothing changes between the giver's own cores.
    mutating func takePieces() {
        var arcsOfCore = [[Int]](repeating: [], count: loads.cores.count)
        for (index, arc) in arcs.enumerated() {
            arcsOfCore[loads.firstCore[arc.node] + arc.core].append(index)
        }
        var owed = 0
        for (index, giver) in givers.enumerated() {
            let own = arcsOfCore[giver.core]
            let first = pieceCount * index / givers.count
            let count = max(1, pieceCount * (index + 1) / givers.count - first)
            var wanted = giver.slotCount + owed
            for piece in 0..<count where wanted > 0 {
                wanted -= take((wanted + count - piece - 1) / (count - piece), from: own)
            }
            while wanted > 0 {
                let taken = take(wanted, from: own)
                if taken == 0 { break }
                wanted -= taken
            }
            owed = wanted
        }
        while owed > 0 {
            let taken = take(owed, from: Array(arcs.indices))
            invariant(taken > 0, "there are as many slots to take as the share counts")
            owed -= taken
        }
    }

    /// Takes up to `wanted` slots from one of the arcs `own`: of those that are long enough the one
    /// farthest from all pieces so far, so that the new node's slots spread over the ring. Returns
    /// how many.
    private mutating func take(_ wanted: Int, from own: [Int]) -> Int {
        let longest = own.reduce(0) { max($0, spareCount(ofArc: $1)) }
        let leastSpare = max(1, min(longest, max(wanted, longest / 2)))
        var best: Int?
        for index in own where spareCount(ofArc: index) >= leastSpare {
            if let other = best, distances[index] <= distances[other] { continue }
            best = index
        }
        guard let chosen = best ?? own.first(where: canVanish) else { return 0 }
        let arc = arcs[chosen]
        let count = max(1, min(wanted, spareCount(ofArc: chosen)))
        pieces.append(RingArc(start: arc.start, count: count, node: 0, core: 0))
        arcs[chosen].start = (arc.start + count) % SlotIndex.count
        arcs[chosen].count -= count
        if arcs[chosen].count == 0 { spareTokenCounts[arc.node] -= 1 }
        loads.add(-count, node: arc.node, core: loads.firstCore[arc.node] + arc.core)
        noteDistances(from: arc.start)
        return count
    }

    /// How many slots an arc can give without a change between its node's own cores: all but the
    /// token's own, and that too if the node has tokens to spare and its next one belongs to the
    /// same core.
    private func spareCount(ofArc index: Int) -> Int {
        let arc = arcs[index]
        guard arc.count > 0 else { return 0 }
        let vanishes = hasSuccessorOfSameCore[index] && spareTokenCounts[arc.node] > 0
        return vanishes && loads.nodes[arc.node] > arc.count ? arc.count : arc.count - 1
    }

    /// Whether an arc can be given whole, whatever that changes between its node's cores: the last
    /// resort, when there are more tokens than slots to go round.
    private func canVanish(_ index: Int) -> Bool {
        arcs[index].count > 0 && loads.nodes[arcs[index].node] > arcs[index].count
    }

    /// Updates every arc's distance to the nearest piece after one was taken at `start`.
    private mutating func noteDistances(from start: Int) {
        for index in arcs.indices {
            let apart = abs(arcs[index].start - start)
            distances[index] = min(distances[index], min(apart, SlotIndex.count - apart))
        }
    }

    /// Sets for every arc whether its node's next token belongs to the same core.
    private mutating func findSuccessors() {
        var nextCores = [Int?](repeating: nil, count: ring.members.count)
        for _ in 0..<2 {
            for index in arcs.indices.reversed() {
                let arc = arcs[index]
                hasSuccessorOfSameCore[index] = nextCores[arc.node] == arc.core
                nextCores[arc.node] = arc.core
            }
        }
    }

    /// Deals the pieces, in the order of the ring, to the new node's cores: every core gets an even
    /// share in a few turns, so that its slots spread over the ring.
    func makeRing() -> Ring {
        let roundCount = max(1, min(TokenCount.perCoreMin, share / joiner.coreCount))
        var dealt: [RingArc] = []
        var turnEnds = [Int?](repeating: nil, count: roundCount * joiner.coreCount)
        var turn = 0
        var left = portion(ofTurn: 0, roundCount: roundCount)
        for piece in pieces.sorted(by: { $0.start < $1.start }) {
            var rest = piece
            while rest.count > 0 {
                while left == 0, turn + 1 < turnEnds.count {
                    turn += 1
                    left = portion(ofTurn: turn, roundCount: roundCount)
                }
                var head = rest
                head.count = turn + 1 < turnEnds.count ? min(rest.count, left) : rest.count
                head.core = turn
                dealt.append(head)
                turnEnds[turn] = head.start + head.count
                left -= head.count
                rest.start = (rest.start + head.count) % SlotIndex.count
                rest.count -= head.count
            }
        }
        var cores = TurnCores(turnEnds: turnEnds, coreCount: joiner.coreCount)
        cores.assign(portion: { portion(ofTurn: $0, roundCount: roundCount) })
        for index in dealt.indices { dealt[index].core = cores.ofTurn[dealt[index].core] }
        return ring.inserting(joiner, arcs: arcs.filter { $0.count > 0 }, joinerArcs: dealt)
    }

    /// How many slots a turn is worth; the turns of all rounds make up the share. A core may take
    /// any turn of a round that is worth as much as its own.
    private func portion(ofTurn turn: Int, roundCount: Int) -> Int {
        let coreCount = joiner.coreCount
        let offset = Int(joiner.id.hash(index: -2) % UInt64(coreCount))
        let core = (turn + offset) % coreCount
        let coreShare = share * (core + 1) / coreCount - share * core / coreCount
        let round = turn / coreCount % roundCount
        return coreShare * (round + 1) / roundCount - coreShare * round / roundCount
    }
}

/// Chooses the core for each turn of a joining node's deal.
///
/// As a replica, and alone, a node serves with each core all slots back to the turn before, its
/// *span*, whoever owns them. So within each round the longest span goes to the core with the least
/// so far.
private struct TurnCores {
    /// The chosen core of every turn; those of a round are all different.
    private(set) var ofTurn: [Int]
    private var spans: [Int] = []
    private let coreCount: Int

    /// - Parameter turnEnds: the slot after each turn's last one; `nil` for turns that got none.
    init(turnEnds: [Int?], coreCount: Int) {
        self.coreCount = coreCount
        ofTurn = turnEnds.indices.map { $0 % coreCount }
        var previous = (turnEnds.last(where: { $0 != nil }) ?? 0).map { $0 - SlotIndex.count } ?? 0
        for end in turnEnds {
            spans.append(end.map { $0 - previous } ?? 0)
            previous = end ?? previous
        }
    }

    mutating func assign(portion: (Int) -> Int) {
        var covered = [Int](repeating: 0, count: coreCount)
        for firstTurn in stride(from: 0, to: ofTurn.count, by: coreCount) {
            let round = firstTurn..<firstTurn + coreCount
            var isTaken = [Bool](repeating: false, count: coreCount)
            for turn in round.sorted(by: { (spans[$1], $0) < (spans[$0], $1) }) {
                var chosen: Int?
                for core in 0..<coreCount where !isTaken[core] {
                    guard portion(firstTurn + core) == portion(turn) else { continue }
                    if let other = chosen, covered[other] <= covered[core] { continue }
                    chosen = core
                }
                guard let core = chosen else { invariantFailed("a round has a core for each turn") }
                isTaken[core] = true
                covered[core] += spans[turn]
                ofTurn[turn] = core
            }
        }
    }
}

extension Ring {
    /// This ring's next epoch with one member more: `arcs` by the present node positions, and the
    /// new member's.
    fileprivate func inserting(
        _ member: RingMember, arcs: [RingArc], joinerArcs: [RingArc]
    ) -> Ring {
        let position = members.partitioningIndex { $0.id > member.id }
        var newMembers = members
        newMembers.insert(member, at: position)
        var newArcs = joinerArcs
        for index in newArcs.indices { newArcs[index].node = position }
        for var arc in arcs {
            if arc.node >= position { arc.node += 1 }
            newArcs.append(arc)
        }
        return Ring(epoch: epoch.next, members: newMembers, arcs: newArcs)
    }
}
