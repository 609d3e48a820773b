import Base
import Log

@testable import Raft

/// A cluster under random loads and faults, all of which follow from a seed.
///
/// The network loses, doubles, delays and reorders messages, one-way cuts included; disks sync late
/// and lose what is not synced, torn in any way; clocks run up to 4 % fast or slow, within the
/// lease's margin of 10 %; nodes stop, start and freeze.
final class RaftSimulation {
    let cluster: RaftCluster
    private var random: SplitMix64
    private var nextCommand = 0
    private var nextRead: UInt64 = 0
    private var proposals: [EntryID] = []
    /// How many of each fault there were.
    private(set) var faults: [String: Int] = [:]
    private let voters: Int

    init(seed: UInt64, plantedFault: PlantedRaftFault? = nil) {
        random = SplitMix64(seed: seed &* 7919)
        voters = random.next() % 2 == 0 ? 3 : 5
        cluster = RaftCluster(
            voters: voters, spares: 2, seed: seed, options: Self.options,
            plantedFault: plantedFault)
        for node in cluster.nodes {
            node.clockRate = 960 + Int64(random.next() % 81)
            node.clockOffset = Int64(random.next() % 1_000_000)
            node.raft.leaderContact = node.clock(0) - 10_000
            node.raft.electionDeadline = node.clock(Int64(random.next() % 60))
        }
    }

    /// Small bounds and short times, so that all of them are met.
    private static var options: RaftOptions {
        var options = RaftOptions()
        options.heartbeatInterval = 15
        options.electionTimeoutMin = 100
        options.electionTimeoutMax = 200
        options.leaseMargin = 10
        options.transferTimeout = 100
        options.entriesInFlightMax = 8
        options.bytesPerMessageMax = 120
        options.uncommittedEntriesMax = 30
        options.snapshotAfterEntries = 25
        options.entriesKeptMax = 6
        options.promotionLagMax = 8
        options.readsMax = 4
        return options
    }

    private func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    private func note(_ fault: String) { faults[fault, default: 0] += 1 }

    private func drawNode() -> SimNode { cluster.nodes[draw(cluster.nodes.count)] }

    /// Takes so many random steps, or fewer where something is wrong.
    func run(steps: Int) {
        for _ in 0..<steps {
            step()
            if !cluster.checker.failures.isEmpty { return }
        }
    }

    private func step() {
        cluster.advance(Int64(draw(3)))
        switch draw(1000) {
        case ..<520: for _ in 0..<1 + draw(4) { network() }
        case ..<760: for _ in 0..<1 + draw(3) { disk() }
        case ..<860: tick()
        case ..<945: propose()
        case ..<975: read()
        case ..<990: membership()
        default: disturb()
        }
    }

    private func isAwake(_ node: SimNode) -> Bool {
        node.isUp && node.pausedUntil <= cluster.now
    }

    private func network() {
        guard !cluster.messages.isEmpty else { return }
        let place = draw(4) == 0 ? draw(cluster.messages.count) : 0
        let message = cluster.messages[place]
        switch draw(100) {
        case ..<3:
            cluster.messages.remove(at: place)
            note("lost")
        case ..<6:
            cluster.messages.append(message)
            note("doubled")
        case ..<8:
            // Late: behind everything that is under way.
            cluster.messages.append(cluster.messages.remove(at: place))
            note("late")
        default:
            if isAwake(cluster[message.to]) {
                cluster.deliver(place)
            } else if !cluster[message.to].isUp || draw(4) == 0 {
                cluster.messages.remove(at: place)
            } else {
                cluster.messages.append(cluster.messages.remove(at: place))
            }
        }
    }

    private func disk() {
        let node = drawNode()
        if isAwake(node) { cluster.sync(node) }
    }

    private func tick() {
        for node in cluster.nodes where isAwake(node) {
            if node.raft.deadline <= node.clock(cluster.now) { cluster.tick(node) }
        }
    }

    private func propose() {
        let node = draw(5) == 0 ? drawNode() : cluster.leader ?? drawNode()
        guard isAwake(node) else { return }
        nextCommand += 1
        let text = "c\(nextCommand)" + String(repeating: "x", count: draw(60))
        if case .success(let id) = cluster.propose(node, text) { proposals.append(id) }
        guard !proposals.isEmpty else { return }
        let asked = proposals[draw(proposals.count)]
        let other = drawNode()
        if other.isUp, other.raft.proposalOutcome(asked) == .superseded {
            cluster.checker.toldSuperseded(asked)
        }
    }

    private func read() {
        let node = draw(3) == 0 ? drawNode() : cluster.leader ?? drawNode()
        guard isAwake(node) else { return }
        nextRead += 1
        let read = ReadID(nextRead)
        cluster.checker.asked(read)
        cluster.step(node) { raft, now, outbox in _ = raft.read(read, now: now, into: &outbox) }
    }

    private func membership() {
        guard let leader = cluster.leader, isAwake(leader) else { return }
        let node = drawNode().id
        let configuration = leader.raft.configuration
        if draw(3) == 0 {
            let targets = configuration.voters.filter { $0 != leader.id }
            guard !targets.isEmpty else { return }
            note("handed over")
            cluster.step(leader) { raft, now, outbox in
                _ = raft.transferLeadership(
                    to: targets[draw(targets.count)], now: now, into: &outbox)
            }
            return
        }
        let change: MembershipChange =
            if configuration.isVoter(node) {
                draw(2) == 0 ? .demote(node) : .remove(node)
            } else if configuration.contains(node) {
                draw(4) == 0 ? .remove(node) : .promote(node)
            } else {
                .addLearner(node)
            }
        let isShrinking = configuration.isVoter(node) && configuration.voters.count <= 2
        if !isShrinking, case .success = cluster.change(leader, change) { note("changed") }
    }

    private func disturb() {
        let node = drawNode()
        switch draw(20) {
        case ..<4 where node.isUp:
            note("crashed")
            cluster.crash(node)
        case ..<10:
            for other in cluster.nodes where !other.isUp && draw(2) == 0 {
                cluster.restart(other)
            }
        case ..<12: cut()
        case ..<15: cluster.cuts = []
        case ..<17 where node.isUp:
            note("frozen")
            node.pausedUntil = cluster.now + Int64(draw(300))
        case 17 where node.isUp && draw(3) == 0:
            note("disk failed")
            cluster.failDisk(node)
        case 18 where draw(3) == 0:
            note("all crashed")
            for other in cluster.nodes where other.isUp { cluster.crash(other) }
            for other in cluster.nodes { cluster.restart(other) }
        default: cluster.advance(Int64(draw(60)))
        }
    }

    private func cut() {
        note("cut")
        let nodes = cluster.nodes.map { number($0.id) }
        switch draw(3) {
        case 0:
            // Two groups.
            let split = nodes.map { (number: $0, isLeft: draw(2) == 0) }
            cluster.partition([
                split.filter(\.isLeft).map(\.number), split.filter { !$0.isLeft }.map(\.number),
            ])
        case 1:
            // One direction of one connection.
            cluster.cuts.insert([drawNode().id, drawNode().id])
        default:
            // Two halves that one node bridges.
            let bridge = draw(nodes.count)
            let others = nodes.indices.filter { $0 != bridge }.map { nodes[$0] }
            let half = others.count / 2
            cluster.partition([Array(others[..<half]), Array(others[half...])])
        }
    }

    /// Ends all faults: then somebody leads, and what is proposed is applied by all members.
    func finish() {
        if !cluster.checker.failures.isEmpty { return }
        cluster.cuts = []
        cluster.messages = []
        for node in cluster.nodes {
            node.pausedUntil = 0
            if node.isUp, node.raft.halted != nil { cluster.crash(node) }
            cluster.restart(node)
        }
        cluster.run(1500)
        guard let leader = cluster.elect() else {
            return cluster.checker.fail("nobody leads a whole cluster")
        }
        guard case .success(let id) = cluster.propose(leader, "last") else {
            return cluster.checker.fail("a leader of a whole cluster takes no proposals")
        }
        cluster.run(2000)
        for member in leader.raft.configuration.members
        where cluster[member].raft.applied < id.index {
            cluster.checker.fail("\(number(member)) does not catch up")
        }
    }
}
