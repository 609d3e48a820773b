// The members that a node knows, the dead included.
//
// Owned by its GossipNode. The living stand first, so that a random one is found in one step; each
// has a place that changes when others die, which is why places are never kept.
//
// Invariants:
// 1. `members[..<liveCount]` are alive or suspect, the rest dead or left.
// 2. `places` names every member's place and nothing else.
// 3. `digests[b]` is the sum of the digests of the living members whose id ends in b, modulo 2^64.
// 4. There are at most `capacity` members.

import Base

/// The members that a node knows; see the essay above.
struct MemberTable {
    /// How many digests an exchange begins with.
    static let bucketCount = 64

    private(set) var members: [Member] = []
    private(set) var liveCount = 0
    private(set) var digests = [UInt64](repeating: 0, count: bucketCount)
    private var places: [NodeID: Int] = [:]
    var capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { members.count }

    subscript(place: Int) -> Member { members[place] }

    func find(_ id: NodeID) -> Int? { places[id] }

    /// Which digest a member belongs to.
    static func bucket(_ id: NodeID) -> Int { Int(id.low) % bucketCount }

    /// Adds a member that is not there; false where the table is full of living ones. The one who
    /// died first makes room.
    mutating func insert(_ member: Member) -> Bool {
        invariant(places[member.id] == nil, "a member is inserted once")
        if count == capacity, !evictOldest() { return false }
        places[member.id] = count
        members.append(member)
        if member.status.isLive {
            add(member)
            exchange(count - 1, liveCount)
            liveCount += 1
        }
        return true
    }

    /// Replaces what is known of the member at a place, which may move it.
    mutating func update(_ place: Int, _ member: Member) {
        let old = members[place]
        invariant(old.id == member.id, "an update is of the same member")
        if old.status.isLive { subtract(old) }
        if member.status.isLive { add(member) }
        members[place] = member
        if old.status.isLive, !member.status.isLive {
            liveCount -= 1
            exchange(place, liveCount)
        } else if !old.status.isLive, member.status.isLive {
            exchange(place, liveCount)
            liveCount += 1
        }
    }

    /// Changes what no digest and no order depends on.
    mutating func note(_ place: Int, heardAt: Int64? = nil, ringEpoch: RingEpoch? = nil) {
        if let heardAt { members[place].heardAt = heardAt }
        if let ringEpoch, ringEpoch > members[place].ringEpoch {
            members[place].ringEpoch = ringEpoch
        }
    }

    /// Forgets the dead and the gone since `time` or longer.
    mutating func forget(goneBy time: Int64) {
        var place = count
        while place > liveCount {
            place -= 1
            if members[place].since <= time { remove(place) }
        }
    }

    private mutating func evictOldest() -> Bool {
        guard var oldest = (liveCount..<count).first else { return false }
        for place in liveCount..<count where members[place].since < members[oldest].since {
            oldest = place
        }
        remove(oldest)
        return true
    }

    private mutating func remove(_ place: Int) {
        invariant(place >= liveCount, "the living are not forgotten")
        exchange(place, count - 1)
        let member = members.removeLast()
        places[member.id] = nil
    }

    private mutating func exchange(_ left: Int, _ right: Int) {
        if left == right { return }
        members.swapAt(left, right)
        places[members[left].id] = left
        places[members[right].id] = right
    }

    private mutating func add(_ member: Member) {
        digests[Self.bucket(member.id)] &+= member.digest
    }

    private mutating func subtract(_ member: Member) {
        digests[Self.bucket(member.id)] &-= member.digest
    }

    /// Checks the invariants; see the essay.
    func checkInvariants() {
        invariant(count <= capacity, "the table is bounded")
        invariant(places.count == count, "every member has one place")
        var sums = [UInt64](repeating: 0, count: Self.bucketCount)
        for place in 0..<count {
            let member = members[place]
            invariant(places[member.id] == place, "a member is found at its place")
            invariant(member.status.isLive == (place < liveCount), "the living stand first")
            if member.status.isLive {
                invariant(member.metadata.address.isUsable, "the living have an address")
                sums[Self.bucket(member.id)] &+= member.digest
            }
        }
        invariant(sums == digests, "the digests are those of the living")
    }
}
