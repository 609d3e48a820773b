import Base
import Log

@testable import Raft

/// What tests use to force an order of events.
extension RaftCluster {
    /// An election without the question before it, as if that had been answered.
    func campaign(_ place: Int) {
        step(self[place]) { raft, now, outbox in
            raft.campaign(now, &outbox)
            raft.finish(&outbox)
        }
    }

    /// Syncs all that these nodes have asked for.
    func sync(_ places: Int...) {
        for place in places { while sync(self[place]) {} }
    }

    /// Delivers what is under way from one to another, in order; what that causes is not.
    func deliver(_ from: Int, _ to: Int, countMax: Int = .max) {
        var taken: [Message] = []
        messages.removeAll { message in
            let isMeant = message.from == node(from) && message.to == node(to)
            guard isMeant, taken.count < countMax else { return false }
            taken.append(message)
            return true
        }
        for message in taken where !cuts.contains([message.from, message.to]) {
            receive(message)
        }
    }

    /// Delivers and syncs among these nodes only, until nothing of theirs is under way.
    func settle(_ places: Int...) {
        let ids = places.map(node)
        while true {
            for place in places { sync(place) }
            let found = messages.firstIndex { ids.contains($0.from) && ids.contains($0.to) }
            guard let found else { return }
            deliver(found)
        }
    }

    /// Loses what is under way to a node, or all.
    func drop(to place: Int? = nil) {
        messages.removeAll { place == nil || $0.to == node(place ?? 0) }
    }

    /// A leader, chosen, whose term has a committed entry, with everything delivered.
    func lead(_ place: Int) {
        advance(options.electionTimeoutMin + 1)
        campaign(place)
        settle()
        if !self[place].isLeader { checker.fail("\(place) does not lead") }
    }

    /// Elects `place` with the votes of `voters` alone, and lets it commit with them if it can.
    func lead(_ place: Int, with voters: Int...) {
        campaign(place)
        sync(place)
        for voter in voters {
            deliver(place, voter)
            sync(voter)
            deliver(voter, place)
        }
        if !self[place].isLeader { checker.fail("\(place) does not lead") }
    }

    /// What a node's log says, as terms from index 1 on, of a log that was never compacted.
    func terms(_ place: Int) -> [UInt64] {
        self[place].raft.log.entries.map(\.id.term.rawValue)
    }
}
