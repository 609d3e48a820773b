import Base

/// The hash ring: members and their tokens, sorted. It says who *should* own each slot (the
/// target); what is true while data is on its way is the ``Assignment``.
///
/// The first token at or after a slot, wrapping round the end, decides: its node should be the
/// slot's primary. A value never changes; every change makes a new ring with the next epoch.
///
/// Invariants:
/// 1. Members are sorted by id, without duplicates; weights and core counts are in range.
/// 2. Tokens are sorted by slot, without duplicates, and name existing members and cores.
/// 3. Every member has a token, and every slot therefore an owner.
///
/// Source: Karger et al., "Consistent Hashing and Random Trees", STOC 1997; the tokens are
/// allocated instead of hashed (``Ring/joined(by:)``).
public struct Ring: Equatable, Sendable {
    /// Version of the ring; rises with every change.
    public let epoch: RingEpoch
    /// The members, sorted by id; a ``NodeIndex`` is a position in this list.
    public let members: [RingMember]
    /// The tokens, sorted by slot, no two on the same.
    public let tokens: [Token]

    /// - Parameters: as the type's invariants want them.
    public init(epoch: RingEpoch, members: [RingMember], tokens: [Token]) {
        self.epoch = epoch
        self.members = members
        self.tokens = tokens
        checkInvariants()
    }

    /// The ring of a cluster that `node` just founded: it owns every slot, its cores evenly.
    ///
    /// - Parameter cores: 1…1,024.
    public static func single(node: NodeID, cores: Int) -> Ring {
        founded(by: RingMember(id: node, coreCount: cores))
    }

    /// The ring of a cluster that `founder` just founded: tokens at equal distances, dealt to its
    /// cores in turn.
    public static func founded(by founder: RingMember) -> Ring {
        let count = TokenCount.perNode(coreCount: founder.coreCount, nodeCount: 1)
        let tokens = (0..<count).map { index in
            Token(
                slot: SlotIndex(UInt16((index + 1) * SlotIndex.count / count - 1)),
                node: NodeIndex(0), core: CoreIndex(UInt16(index % founder.coreCount)))
        }
        return Ring(epoch: .first, members: [founder], tokens: tokens)
    }

    /// The position in ``members`` of the node with this id, by binary search.
    public func findNode(_ id: NodeID) -> NodeIndex? {
        let index = members.partitioningIndex { $0.id >= id }
        guard index < members.count, members[index].id == id else { return nil }
        return NodeIndex(UInt16(index))
    }

    /// The position in ``tokens`` of the first token at or after `slot`, wrapping round the end.
    public func tokenIndex(of slot: SlotIndex) -> Int {
        let index = tokens.partitioningIndex { $0.slot >= slot }
        return index == tokens.count ? 0 : index
    }

    /// The token that decides about `slot`.
    public func token(of slot: SlotIndex) -> Token {
        tokens[tokenIndex(of: slot)]
    }

    /// Ends the process unless the type's invariants hold.
    public func checkInvariants() {
        invariant(!members.isEmpty, "a ring has a member")
        invariant(members.count <= SlotIndex.count, "every member has a slot to own")
        for (index, member) in members.enumerated() {
            invariant(1...RingMember.weightMax ~= member.weight, "weights are in range")
            invariant(1...RingMember.coreCountMax ~= member.coreCount, "core counts are in range")
            if index > 0 { invariant(members[index - 1].id < member.id, "members are sorted") }
        }
        var hasToken = [Bool](repeating: false, count: members.count)
        for (index, token) in tokens.enumerated() {
            invariant(token.slot <= SlotRange.all.last, "tokens are slots")
            let node = Int(token.node.rawValue)
            invariant(node < members.count, "a token's node is a member")
            invariant(Int(token.core.rawValue) < members[node].coreCount, "a token's core exists")
            if index > 0 { invariant(tokens[index - 1].slot < token.slot, "tokens are sorted") }
            hasToken[node] = true
        }
        invariant(hasToken.allSatisfy { $0 }, "every member has a token")
    }
}

/// How many tokens a node should have.
enum TokenCount {
    /// The least number for a node that has slots for more.
    static let minimum = 32
    /// Per core in small clusters, so that a core's load can be given to and taken from several
    /// others.
    static let perCoreMin = 4
    /// Per core in large clusters. See docs/internals/ring.md, "How many tokens".
    static let perCoreMax = 16

    /// At most as many as the node's fair share of the slots: 16 for each of 1,000 nodes.
    static func perNode(coreCount: Int, nodeCount: Int) -> Int {
        let perCore = min(max(nodeCount, perCoreMin), perCoreMax)
        return min(max(minimum, perCore * coreCount), SlotIndex.count / nodeCount)
    }
}
