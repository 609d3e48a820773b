import Base

@testable import Gossip

/// A node of the simulation: the machine, and the process that runs it.
final class SimMember {
    /// What the machine reported besides datagrams, and when.
    struct Report {
        let time: Int64
        let effect: GossipEffect
    }

    let index: Int
    var id: NodeID
    var address: MemberAddress
    var node: GossipNode
    var outbox = GossipOutbox()
    var isUp = true
    /// Stopped like a process by SIGSTOP: what arrives waits.
    var isPaused = false
    var keepsMail = true
    var inbox: [[UInt8]] = []
    /// What arrives is looked at so much later: a backlog.
    var backlog: Int64 = 0
    /// How often the process started: events of an earlier one are void.
    var starts = 0
    var scheduledTick = Int64.max
    var reports: [Report] = []

    init(index: Int, id: NodeID, address: MemberAddress, node: consuming GossipNode) {
        self.index = index
        self.id = id
        self.address = address
        self.node = node
    }

    func status(of other: SimMember) -> MemberStatus? { node.find(other.id)?.status }

    /// When it first confirmed the death of a member at or after `time`.
    func confirmedDeath(of id: NodeID, from time: Int64 = 0) -> Int64? {
        reports.first {
            if case .memberConfirmedDead(id) = $0.effect { return $0.time >= time }
            return false
        }?.time
    }

    func count(where isCounted: (GossipEffect) -> Bool) -> Int {
        reports.count { isCounted($0.effect) }
    }

    var conflicts: [IdentityConflict] {
        reports.compactMap {
            if case .conflict(let conflict) = $0.effect { return conflict }
            return nil
        }
    }
}

extension GossipEffect {
    var isDeath: Bool {
        if case .memberConfirmedDead = self { return true }
        return false
    }

    func isDeath(of id: NodeID) -> Bool {
        if case .memberConfirmedDead(id) = self { return true }
        return false
    }

    func isAlive(of id: NodeID) -> Bool {
        if case .memberAlive(id) = self { return true }
        return false
    }

    var isSuspicion: Bool {
        if case .memberSuspected = self { return true }
        return false
    }
}
