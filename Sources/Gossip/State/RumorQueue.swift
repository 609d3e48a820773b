import Base

/// The members of whom there is news to tell, and how often it was told (SWIM 4.1). News told less
/// often goes first: what is new is put in front, what was told goes to the back.
struct RumorQueue {
    private struct Rumor: BitwiseCopyable {
        let id: NodeID
        var sends: Int
    }

    private var rumors: [Rumor] = []

    var isEmpty: Bool { rumors.isEmpty }
    var count: Int { rumors.count }

    /// There is news of a member; what was to be told of it before is out of date.
    mutating func add(_ id: NodeID) {
        if let place = rumors.firstIndex(where: { $0.id == id }) { rumors.remove(at: place) }
        rumors.insert(Rumor(id: id, sends: 0), at: 0)
    }

    /// The member at `place`; those in front were told least.
    func member(_ place: Int) -> NodeID { rumors[place].id }

    /// The first `prefix` were written to a datagram; those that were sent `limit` times are done.
    mutating func told(_ prefix: Int, limit: Int) {
        invariant(prefix <= count, "no more is told than there is")
        var kept: [Rumor] = []
        for place in 0..<prefix {
            var rumor = rumors[place]
            rumor.sends += 1
            if rumor.sends < limit { kept.append(rumor) }
        }
        rumors.removeFirst(prefix)
        rumors.append(contentsOf: kept)
    }

    /// How many times a rumour is sent among so many nodes: 4 times the decimal logarithm, rounded
    /// up.
    static func sendsMax(nodeCount: Int) -> Int {
        4 * (1 + 3 * SuspicionTime.bitCount(nodeCount) / 10)
    }

    func checkInvariants(limit: Int) {
        for (place, rumor) in rumors.enumerated() {
            invariant(rumor.sends <= limit, "a rumour is told a bounded number of times")
            let other = rumors[(place + 1)...].contains { $0.id == rumor.id }
            invariant(!other, "of a member there is one rumour")
        }
    }
}
