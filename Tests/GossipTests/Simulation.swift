import Base
import TestSupport
import Testing

@testable import Gossip

/// Nodes over a network of which everything can be chosen: delay, loss, repetition, cuts in either
/// direction, processes that stop, start, pause and lag. Virtual milliseconds; a run is a function
/// of its seed.
final class Simulation {
    private enum Event {
        case arrival(Int, starts: Int, [UInt8])
        case handling(Int, starts: Int, [UInt8])
        case tick(Int, starts: Int)
        case action((Simulation) -> Void)
    }

    var now: Int64 = 0
    var random: SplitMix64
    var members: [SimMember] = []
    var options: GossipOptions
    let fault: PlantedGossipFault?
    var latency: Int64 = 1
    var jitter: Int64 = 0
    /// Out of 1,000 datagrams.
    var lossPermille: UInt64 = 0
    var duplicationPermille: UInt64 = 0
    /// Whether nothing gets from the first to the second.
    var isCut: (Int, Int) -> Bool = { _, _ in false }
    /// Sees every datagram that is sent: by whom, where to, what.
    var witness: ((SimMember, MemberAddress, [UInt8]) -> Void)?
    /// After how many calls invariants are checked; 0: never.
    var checkInterval = 1
    private var calls = 0
    private(set) var deliveredCount = 0
    private(set) var sizeMax = 0
    private var queue = EventQueue<Event>()
    private var places: [MemberAddress: Int] = [:]

    init(
        seed: UInt64, fault: PlantedGossipFault? = nil, options: GossipOptions = GossipOptions()
    ) {
        random = SplitMix64(seed: seed)
        self.fault = fault
        self.options = options
        // With a planted bug what is of interest is whether it is seen from outside.
        checkInterval = fault == nil ? 1 : 50
    }

    static func address(_ number: Int) -> MemberAddress {
        MemberAddress(Host(version4: 0x0A00_0000 + UInt32(number)), port: 16_379)
    }

    // MARK: Processes

    /// Adds a process that has not joined yet.
    @discardableResult
    func add(id: NodeID? = nil, generation: UInt32 = 0) -> SimMember {
        let index = members.count
        let id = id ?? NodeID(using: &random)
        let address = Self.address(index + 1)
        let member = SimMember(
            index: index, id: id, address: address,
            node: makeNode(id, address, generation: generation))
        members.append(member)
        places[address] = index
        return member
    }

    private func makeNode(
        _ id: NodeID, _ address: MemberAddress, generation: UInt32
    ) -> GossipNode {
        var node = GossipNode(
            id: id, generation: generation,
            metadata: MemberMetadata(
                address: address, ports: MemberPorts(gateway: 6_379), roles: .holdsData,
                zone: ZoneName("zone-a") ?? .unnamed),
            seed: random.next(), options: options)
        node.fault = fault
        return node
    }

    /// A cluster of so many that have found each other.
    func found(_ count: Int, patience: Int64 = 20_000) {
        for _ in 0..<count { add() }
        call(members[0]) { $0.node.found(into: &$0.outbox) }
        for member in members.dropFirst() { join(member) }
        let converged = run(until: now + patience) { $0.isConverged }
        #expect(converged, "\(count) nodes find each other")
    }

    /// A large cluster whose members know each other from the start.
    func foundKnown(_ count: Int) {
        for _ in 0..<count { add() }
        let known = members.map { $0.node.own }
        for member in members {
            member.node.introduce(known, &random)
            call(member) { _ in }
        }
    }

    func join(_ member: SimMember, seeds: [MemberAddress]? = nil) {
        let seeds = seeds ?? [members[0].address, members[min(1, members.count - 1)].address]
        call(member) { $0.node.join(seeds, now: self.now, into: &$0.outbox) }
    }

    func kill(_ member: SimMember) {
        member.isUp = false
        member.starts += 1
        member.inbox = []
    }

    func restart(
        _ member: SimMember, generation: UInt32 = 0, address: MemberAddress? = nil
    ) {
        kill(member)
        member.isUp = true
        member.isPaused = false
        member.scheduledTick = .max
        if let address {
            places[member.address] = nil
            member.address = address
            places[address] = member.index
        }
        member.node = makeNode(member.id, member.address, generation: generation)
        join(member, seeds: members.filter { $0.index != member.index }.prefix(3).map(\.address))
    }

    /// - Parameter keepsMail: whether what arrives meanwhile is there afterwards; a full socket
    ///   buffer loses it.
    func pause(_ member: SimMember, for time: Int64, keepsMail: Bool = true) {
        member.isPaused = true
        member.keepsMail = keepsMail
        queue.add(.action { $0.resume(member) }, at: now + time)
    }

    private func resume(_ member: SimMember) {
        member.isPaused = false
        if !member.isUp { return }
        let inbox = member.inbox
        member.inbox = []
        for bytes in inbox { handle(member, bytes) }
        call(member) { $0.node.tick(now: self.now, into: &$0.outbox) }
    }

    // MARK: Time

    func at(_ time: Int64, _ action: @escaping (Simulation) -> Void) {
        queue.add(.action(action), at: time)
    }

    func run(for time: Int64) {
        run(until: now + time) { _ in false }
    }

    /// Runs until `isDone` holds, looking every 10 ms; whether it came to that.
    @discardableResult
    func run(until end: Int64, _ isDone: (Simulation) -> Bool) -> Bool {
        var nextLook = now
        while let time = queue.nextTime, time <= end {
            if time >= nextLook {
                if isDone(self) { return true }
                nextLook = time + 10
            }
            now = time
            perform(queue.removeFirst())
        }
        now = end
        return isDone(self)
    }

    private func perform(_ event: Event) {
        switch event {
        case .action(let action): action(self)
        case .tick(let index, let starts):
            let member = members[index]
            if member.starts != starts || !member.isUp { return }
            if member.scheduledTick == now { member.scheduledTick = .max }
            if member.isPaused { return }
            guard let next = member.node.nextTick, next <= now else {
                schedule(member)
                return
            }
            call(member) { $0.node.tick(now: self.now, into: &$0.outbox) }
        case .arrival(let index, let starts, let bytes):
            let member = members[index]
            if member.starts != starts || !member.isUp { return }
            if member.isPaused {
                if member.keepsMail { member.inbox.append(bytes) }
            } else if member.backlog > 0 {
                queue.add(.handling(index, starts: starts, bytes), at: now + member.backlog)
            } else {
                handle(member, bytes)
            }
        case .handling(let index, let starts, let bytes):
            let member = members[index]
            if member.starts == starts, member.isUp { handle(member, bytes) }
        }
    }

    func handle(_ member: SimMember, _ bytes: [UInt8]) {
        deliveredCount += 1
        call(member) { member in
            let refusal = withBytes(bytes) {
                member.node.step($0, now: self.now, into: &member.outbox)
            }
            #expect(refusal == nil)
        }
    }

    /// Calls the machine, performs what it wants, and notes when it wants to be called again.
    func call(_ member: SimMember, _ body: (SimMember) -> Void) {
        body(member)
        calls += 1
        if checkInterval > 0, calls % checkInterval == 0 { member.node.checkInvariants() }
        for index in 0..<member.outbox.effects.count {
            let effect = member.outbox.effects[index]
            guard case .send(let address, let range) = effect else {
                member.reports.append(SimMember.Report(time: now, effect: effect))
                continue
            }
            sizeMax = max(sizeMax, range.count)
            send(from: member, to: address, member.outbox.datagram(range))
        }
        member.outbox.removeAll()
        schedule(member)
    }

    private func schedule(_ member: SimMember) {
        guard let next = member.node.nextTick else { return }
        let time = max(next, now)
        if time >= member.scheduledTick { return }
        member.scheduledTick = time
        queue.add(.tick(member.index, starts: member.starts), at: time)
    }

    private func send(from member: SimMember, to address: MemberAddress, _ datagram: Bytes) {
        let bytes = unsafe [UInt8](datagram.buffer)
        witness?(member, address, bytes)
        guard let target = places[address] else { return }
        if isCut(member.index, target) { return }
        if lossPermille > 0, random.next() % 1_000 < lossPermille { return }
        let event = Event.arrival(target, starts: members[target].starts, bytes)
        queue.add(event, at: now + delay())
        if duplicationPermille > 0, random.next() % 1_000 < duplicationPermille {
            queue.add(event, at: now + delay() + Int64(random.next() % 2_000))
        }
    }

    private func delay() -> Int64 {
        latency + (jitter > 0 ? Int64(random.next() % UInt64(jitter + 1)) : 0)
    }

    // MARK: Views

    var living: [SimMember] { members.filter { $0.isUp && $0.node.isRunning } }

    /// Whether every living node believes the living alive and nobody else.
    var isConverged: Bool {
        let living = self.living
        return living.allSatisfy { member in
            guard member.node.liveCount == living.count - 1 else { return false }
            return living.allSatisfy { other in
                other.index == member.index || member.status(of: other) == .alive
            }
        }
    }

    var deathCount: Int { members.reduce(0) { $0 + $1.count { $0.isDeath } } }
}

extension GossipNode {
    /// Knows these members from the start, without any rumour.
    mutating func introduce(_ known: [Member], _ random: inout SplitMix64) {
        for member in known where member.id != id {
            let isInserted = table.insert(member)
            #expect(isInserted)
            probeOrder.append(member.id)
        }
        probeOrder.shuffle(using: &random)
        phase = .member
        timers.probe = Int64(random.next() % UInt64(options.probeInterval))
        timers.exchange = Int64(random.next() % UInt64(options.exchangeInterval))
        settle()
    }
}
