// One node's part of the membership protocol (docs/internals/gossip.md).
//
// A machine that performs nothing: datagrams and the time come in, effects go to an outbox. It is
// owned by the core of its node that has the cluster port, one thread. The time is monotonic
// milliseconds and never goes back; the owner calls `tick` at `nextTick` or soon after, and after
// every call does what the outbox says.
//
// Invariants:
// 1. What is known of a member only rises (`Standing`), until it is forgotten.
// 2. A suspicion stands beside every suspect member and beside no other.
// 3. This node's own standing is not in the table, and nobody but this node changes it.
// 4. A node that has left or has yielded its id sends nothing.
// 5. `nextTick` is the earliest deadline, so nothing is due before it.
//
// Sources: Das, Gupta, Motivala, "SWIM", DSN 2002; Dadgar, Phillips, Currey, "Lifeguard", 2017.

import Base

/// Monotonic milliseconds at which nothing happens.
let never = Int64.max

/// One node's part of the membership protocol; see the essay above.
public struct GossipNode: ~Copyable {
    /// Where a node stands between its start and its end.
    enum Phase: BitwiseCopyable {
        /// No other member has answered yet.
        case joining
        case member
        case leaving
        case left
        /// Another process has the id.
        case yielded
    }

    /// When each kind of work is due; ``never`` where there is none.
    struct Timers: BitwiseCopyable {
        var probe = never
        var gossip = never
        var exchange = never
        var contact = never
        var seed = never
        var expiry = never
        var leave = never

        var earliest: Int64 {
            min(min(min(probe, gossip), min(exchange, contact)), min(min(seed, expiry), leave))
        }
    }

    /// This node's name.
    public let id: NodeID
    let options: GossipOptions
    var random: SplitMix64
    var phase = Phase.joining
    var life: Life
    var incarnation = Incarnation.first
    var metadata: MemberMetadata
    /// The highest ring epoch seen.
    public internal(set) var ringEpoch = RingEpoch(0)

    var table: MemberTable
    var suspicions: [Suspicion] = []
    var probes: [Probe] = []
    var relays: [Relay] = []
    var knocks: [Knock] = []
    var rival: Rival?
    var rumors = RumorQueue()
    var health = LocalHealth()

    var seeds: [MemberAddress] = []
    /// The living in the order in which they are probed, and who is next. The order is random and
    /// stays: shuffled anew after each round (SWIM 4.3), two probes could be two rounds apart.
    var probeOrder: [NodeID] = []
    var probeCursor = 0
    var sequence: UInt32
    /// How many datagrams are still to carry the ring epoch to random members.
    var epochSends = 0
    var timers = Timers()
    /// The time of the latest call.
    var clock: Int64 = 0
    var lastGossipAt = Int64.min / 2
    var lastStrangerAt = Int64.min / 2
    /// When the owner should call ``tick(now:into:)``, in milliseconds; nil: not before the next
    /// datagram.
    public private(set) var nextTick: Int64?
    /// What was counted since the start.
    public internal(set) var counts = GossipCounts()
    package var fault: PlantedGossipFault?

    /// A node that knows nobody.
    ///
    /// - Parameters:
    ///   - generation: how often the node has started, durable by now; 0 without a disk.
    ///   - seed: of the randomness, different for each start of each node.
    public init(
        id: NodeID, generation: UInt32, metadata: MemberMetadata, seed: UInt64,
        options: GossipOptions = GossipOptions()
    ) {
        options.checkInvariants()
        invariant(id != .zero, "a node has an id")
        invariant(metadata.address.isUsable, "a node has an address")
        self.id = id
        self.options = options
        self.metadata = metadata
        random = SplitMix64(seed: seed)
        life = Life(
            generation: generation, salt: UInt32(truncatingIfNeeded: random.next() >> 32))
        sequence = UInt32(truncatingIfNeeded: random.next())
        table = MemberTable(capacity: options.membersMax)
    }

    // MARK: What is known

    /// Whether this node belongs to a cluster.
    public var isMember: Bool { phase == .member }

    /// Whether this node still takes part: it has neither left nor yielded its id.
    public var isRunning: Bool {
        switch phase {
        case .joining, .member, .leaving: true
        case .left, .yielded: false
        }
    }

    /// How many members are known besides this one, the dead included.
    public var memberCount: Int { table.count }

    /// How many members besides this one are alive or suspect.
    public var liveCount: Int { table.liveCount }

    /// The member at `index`, 0..<``memberCount``; the living come first. The order changes with
    /// every call of the machine.
    public func member(at index: Int) -> Member { table[index] }

    /// What is known of a member, or nil.
    public func find(_ id: NodeID) -> Member? {
        table.find(id).map { table[$0] }
    }

    /// This node as the others see it.
    public var own: Member {
        Member(
            id: id, standing: Standing(life, incarnation, ownStatus), metadata: metadata,
            ringEpoch: ringEpoch, heardAt: nil, since: 0)
    }

    /// How far this node doubts itself: 0, well, to 8.
    public var healthScore: Int { health.score }

    var ownStatus: MemberStatus { phase == .leaving || phase == .left ? .left : .alive }

    /// How many nodes live, this one included.
    var nodeCount: Int { liveCount + 1 }

    // MARK: The end of a call

    /// Finds the next deadline; the last thing that every call does.
    mutating func settle() {
        guard isRunning else {
            nextTick = nil
            return
        }
        var earliest = timers.earliest
        for probe in probes { earliest = min(earliest, probe.due) }
        for relay in relays { earliest = min(earliest, relay.due) }
        for suspicion in suspicions {
            earliest = min(earliest, suspicion.deadline, suspicion.nextPing ?? never)
        }
        if let rival { earliest = min(earliest, rival.due) }
        nextTick = earliest == never ? nil : earliest
    }

    /// Checks the invariants; see the essay.
    public func checkInvariants() {
        table.checkInvariants()
        if fault != .rumorsKept {
            rumors.checkInvariants(limit: RumorQueue.sendsMax(nodeCount: options.membersMax))
        }
        invariant(table.find(id) == nil, "this node is not in its own table")
        invariant(probeOrder.count == liveCount, "each of the living is probed in its turn")
        invariant(probeCursor <= probeOrder.count, "the next one to probe is in the order")
        invariant(probes.count <= GossipNode.probesMax, "probes are bounded")
        invariant(relays.count <= GossipNode.relaysMax, "relays are bounded")
        invariant(knocks.count <= GossipNode.knocksMax, "knocks are bounded")
        var suspects = 0
        for place in 0..<liveCount where table[place].status == .suspect { suspects += 1 }
        invariant(suspects == suspicions.count, "each suspect has one suspicion")
        for suspicion in suspicions {
            guard let member = find(suspicion.id) else {
                invariantFailed("a suspicion is of a member")
            }
            invariant(member.status == .suspect, "a suspicion is of a suspect")
        }
        if !isRunning { invariant(nextTick == nil, "who is gone waits for nothing") }
    }
}

/// What a node has counted since its start, for the operator.
public struct GossipCounts: Sendable, BitwiseCopyable {
    /// Datagrams sent.
    public var sentDatagrams = 0
    /// Their bytes.
    public var sentBytes = 0
    /// Datagrams that were read.
    public var receivedDatagrams = 0
    /// Datagrams that broke the format.
    public var refusedDatagrams = 0
    /// Probes that were not answered.
    public var failedProbes = 0
    /// Suspicions of others that this node took up.
    public var suspicions = 0
    /// Suspicions of this node that it refuted.
    public var refutations = 0
    /// Times that this process was found to have stood still.
    public var stalls = 0
    /// Members for which there was no room.
    public var turnedAway = 0
}
