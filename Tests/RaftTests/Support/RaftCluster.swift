import Base
import Log

@testable import Raft

/// Nodes with simulated disks, clocks and network, driven step by step: by scripts, by tests, and
/// by random numbers.
final class RaftCluster {
    private(set) var nodes: [SimNode] = []
    var messages: [Message] = []
    /// Pairs that do not hear each other, in one direction each.
    var cuts: Set<[NodeBits]> = []
    /// True time in milliseconds.
    private(set) var now: Int64 = 0
    let checker = RaftChecker()
    var random: SplitMix64
    var options: RaftOptions
    var plantedFault: PlantedRaftFault?
    /// Whether invariants are checked after each step; not where a fault is planted.
    var checksInvariants: Bool { plantedFault == nil }
    /// Told of each effect.
    var onEffect: (NodeBits, RaftEffect) -> Void = { _, _ in }
    /// Whether snapshots are taken when they are wanted.
    var takesSnapshots = true

    /// - Parameter spares: nodes behind the voters' numbers that wait to be added.
    init(
        voters: Int, spares: Int = 0, seed: UInt64 = 1, options: RaftOptions = RaftOptions(),
        plantedFault: PlantedRaftFault? = nil
    ) {
        random = SplitMix64(seed: seed)
        self.options = options
        self.plantedFault = plantedFault
        let configuration = Configuration(voters: (1...voters).map(node)) ?? Configuration()
        for place in 1...voters + spares {
            let start = RecoveredState.founding(
                place <= voters ? configuration : Configuration())
            var outbox = RaftOutbox()
            let raft = makeRaft(node(place), start, clock: 0, &outbox)
            let added = SimNode(raft, start, random: SplitMix64(seed: random.next()))
            nodes.append(added)
            perform(added, &outbox)
        }
    }

    subscript(_ id: NodeBits) -> SimNode {
        guard let found = nodes.first(where: { $0.id == id }) else {
            invariantFailed("a test names nodes that there are")
        }
        return found
    }

    subscript(_ place: Int) -> SimNode { self[node(place)] }

    var leader: SimNode? {
        nodes.filter { $0.isLeader }.max { $0.raft.term < $1.raft.term }
    }

    // MARK: Steps

    private func makeRaft(
        _ id: NodeBits, _ state: RecoveredState, clock: Int64, _ outbox: inout RaftOutbox
    ) -> RaftNode {
        var raft = RaftNode(
            id: id, state, options: options, random: SplitMix64(seed: random.next()),
            now: clock, into: &outbox)
        raft.plantedFault = plantedFault
        if plantedFault == .loyaltyForgotten {
            raft.leaderContact = clock - options.electionTimeoutMin
        }
        return raft
    }

    func restart(_ node: SimNode) {
        if node.isUp { return }
        var outbox = RaftOutbox()
        node.raft = makeRaft(node.id, node.disk.durable, clock: node.clock(now), &outbox)
        node.isUp = true
        node.state = SimState()
        node.hasDiskFailed = false
        perform(node, &outbox)
    }

    /// Lets a node that is up do something, then does what it wants.
    @discardableResult
    func step<Answer>(
        _ node: SimNode, _ body: (inout RaftNode, Int64, inout RaftOutbox) -> Answer
    ) -> Answer? {
        guard node.isUp else { return nil }
        var outbox = RaftOutbox()
        let answer = body(&node.raft, node.clock(now), &outbox)
        perform(node, &outbox)
        return answer
    }

    private func perform(_ node: SimNode, _ outbox: inout RaftOutbox) {
        for effect in outbox.take() {
            onEffect(node.id, effect)
            checker.onEffect(effect, node, self)
            switch effect {
            case .send(let message): send(message)
            case .persist(let request): node.disk.write(request)
            case .apply(let entry): node.state.apply(entry)
            case .restore(let snapshot): node.state = SimState(snapshot.state)
            case .snapshotWanted where takesSnapshots: takeSnapshot(node)
            default: break
            }
            checker.afterEffect(effect, node)
        }
        if checksInvariants { node.raft.checkInvariants() }
        checker.afterStep(node, self)
    }

    /// Hands in the state as of what is applied.
    func takeSnapshot(_ node: SimNode) {
        step(node) { raft, _, outbox in
            _ = raft.compact(
                upTo: LogIndex(node.state.index), state: node.state.bytes, into: &outbox)
        }
    }

    private func send(_ message: Message) {
        var output = OutputBuffer()
        message.encode(into: &output)
        let copy = try? Message(decoding: output.bytes, from: message.from, to: message.to)
        if copy != message { checker.fail("a message is not what was encoded: \(message)") }
        messages.append(message)
    }

    /// Takes the message at `place` out of the network and hands it over, unless it is lost.
    func deliver(_ place: Int) {
        let message = messages.remove(at: place)
        if cuts.contains([message.from, message.to]) { return }
        receive(message)
    }

    func receive(_ message: Message) {
        step(self[message.to]) { raft, now, outbox in
            raft.step(message, now: now, into: &outbox)
        }
    }

    func tick(_ node: SimNode) {
        step(node) { raft, now, outbox in raft.tick(now: now, into: &outbox) }
    }

    /// Syncs a node's oldest request; whether there was one.
    @discardableResult
    func sync(_ node: SimNode) -> Bool {
        guard node.isUp, !node.hasDiskFailed, let sequence = node.disk.sync() else {
            return false
        }
        step(node) { raft, now, outbox in
            raft.persisted(upTo: sequence, now: now, into: &outbox)
        }
        return true
    }

    /// From now on the node's disk takes nothing more.
    func failDisk(_ node: SimNode) {
        node.hasDiskFailed = true
        step(node) { raft, now, outbox in raft.persistFailed(now: now, into: &outbox) }
    }

    func crash(_ node: SimNode, _ fates: [SimDisk.Fate]? = nil) {
        node.isUp = false
        let drawn = node.disk.pending.map { _ in
            SimDisk.Fate.allCases[Int(random.next() % UInt64(SimDisk.Fate.allCases.count))]
        }
        let seed = random.next()
        if case .failure(let failure) = node.disk.crash(
            fates ?? drawn, random: SplitMix64(seed: seed))
        {
            checker.fail("\(number(node.id)): \(failure)")
        }
        checker.crashed(node)
    }

    func advance(_ milliseconds: Int64) {
        now += milliseconds
    }

    // MARK: Many steps

    /// Delivers and syncs until nothing is under way, without time passing.
    func settle(stepsMax: Int = 100_000) {
        for _ in 0..<stepsMax {
            var isQuiet = messages.isEmpty
            if !isQuiet { deliver(0) }
            for node in nodes where sync(node) { isQuiet = false }
            if isQuiet { return }
        }
        checker.fail("the nodes do not settle")
    }

    /// Lets time pass, in small pieces, with everything delivered and synced.
    func run(_ milliseconds: Int64) {
        let end = now + milliseconds
        while now < end {
            settle()
            advance(5)
            for node in nodes where node.raft.deadline <= node.clock(now) {
                tick(node)
            }
        }
        settle()
    }

    /// Runs until somebody leads all that are not cut off.
    @discardableResult
    func elect(_ preferred: Int? = nil) -> SimNode? {
        if let preferred {
            let node = self[preferred]
            for other in nodes where other !== node {
                other.raft.electionDeadline = other.clock(now) + 2_500
                other.raft.leaderContact = other.clock(now) - 10_000
            }
            node.raft.electionDeadline = node.clock(now)
            tick(node)
            settle()
        }
        for _ in 0..<100 {
            if let leader, leader.raft.hasCommittedInTerm { return leader }
            run(100)
        }
        return nil
    }

    @discardableResult
    func propose(
        _ node: SimNode, _ text: String
    ) -> Result<EntryID, ProposalRefusal> {
        step(node) { raft, now, outbox in
            raft.propose(OwnedBytes(text), now: now, into: &outbox)
        } ?? .failure(.notLeader)
    }

    @discardableResult
    func change(
        _ node: SimNode, _ change: MembershipChange
    ) -> Result<EntryID, ChangeRefusal> {
        step(node) { raft, now, outbox in
            raft.changeMembership(change, now: now, into: &outbox)
        } ?? .failure(.notLeader)
    }

    func lease(_ node: SimNode) -> LeaseAnswer {
        node.isUp ? node.raft.leaseRead(now: node.clock(now)) : .refused(.notLeader)
    }

    /// Cuts all connections between the groups, both ways.
    func partition(_ groups: [[Int]]) {
        cuts = []
        for (place, group) in groups.enumerated() {
            for (other, strangers) in groups.enumerated() where other != place {
                for left in group {
                    for right in strangers { cuts.insert([node(left), node(right)]) }
                }
            }
        }
    }
}
