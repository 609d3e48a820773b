import Base

/// What a core searches on every command: from a slot to the node and core that serve it.
///
/// The table is the assignment cut to what routing needs. It is two parallel arrays in one
/// allocation: the arcs' last slots, sorted (2 bytes each, so that a search touches as few cache
/// lines as it can), then the arcs' owners (4 bytes each, of which a search reads one).
/// Neighbouring arcs with equal owners are one. The search is binary and has no branch that depends
/// on the slot, so that nothing is mispredicted and the searches of a batch overlap.
///
/// Invariants:
/// 1. There is at least one arc; the last one ends at slot 16,383. So every slot has an owner.
/// 2. The ends rise strictly.
/// 3. Neighbours differ in their owners.
/// 4. An owner is remote exactly when its node is not this one.
///
/// One core owns a table alone and replaces it when the assignment changes: there is no reference
/// count.
@safe
public struct RoutingTable: ~Copyable, @unchecked Sendable {
    @usableFromInline let ends: UnsafeMutablePointer<UInt16>
    @usableFromInline let owners: UnsafeMutablePointer<Owner>

    /// How many halvings a search takes, 0…14; the ends are padded to two to this power.
    @usableFromInline let levelCount: Int

    /// How many arcs the table has, 1…16,384.
    public let arcCount: Int

    /// This node's position in the assignment's member list; `nil` when it is no member.
    public let localNode: NodeIndex?

    /// The assignment's version that the table was made from.
    public let epoch: RingEpoch

    /// - Parameter arcs: sorted, complete, neighbours differing: see the invariants.
    init(arcs: [OwnedArc], localNode: NodeIndex?, epoch: RingEpoch) {
        let lineBytes = 64
        var paddedCount = 1
        while paddedCount < arcs.count { paddedCount *= 2 }
        let endsBytes = max(lineBytes, paddedCount * MemoryLayout<UInt16>.stride)
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: endsBytes + arcs.count * MemoryLayout<Owner>.stride, alignment: lineBytes)
        unsafe ends = memory.bindMemory(to: UInt16.self, capacity: paddedCount)
        unsafe ends.initialize(repeating: .max, count: paddedCount)
        unsafe owners = (memory + endsBytes).bindMemory(to: Owner.self, capacity: arcs.count)
        for (index, arc) in arcs.enumerated() {
            unsafe ends[index] = arc.end.rawValue
            unsafe owners[index] = arc.owner
        }
        levelCount = paddedCount.trailingZeroBitCount
        arcCount = arcs.count
        self.localNode = localNode
        self.epoch = epoch
        checkInvariants()
    }

    deinit {
        unsafe ends.deallocate()
    }

    /// Who serves `slot`.
    @inlinable
    public func owner(of slot: SlotIndex) -> Owner {
        unsafe owners[arcIndex(of: slot)]
    }

    /// The position of the first arc that ends at or after `slot`.
    ///
    /// An end minus the slot, both below 2^16, is negative exactly when bits 16 and up are ones:
    /// they are the mask that selects the half to go on with. A comparison, or the sign bit alone,
    /// the optimizer turns into a branch that is mispredicted every other time (measured: 52 ns
    /// instead of 16 at 16,000 arcs).
    @inlinable @inline(__always)
    func arcIndex(of slot: SlotIndex) -> Int {
        let sought = UInt(slot.rawValue)
        var base: UInt = 0
        switch levelCount {
        case 14:
            base = step(base, 8192, sought)
            fallthrough
        case 13:
            base = step(base, 4096, sought)
            fallthrough
        case 12:
            base = step(base, 2048, sought)
            fallthrough
        case 11:
            base = step(base, 1024, sought)
            fallthrough
        case 10:
            base = step(base, 512, sought)
            fallthrough
        case 9:
            base = step(base, 256, sought)
            fallthrough
        case 8:
            base = step(base, 128, sought)
            fallthrough
        case 7:
            base = step(base, 64, sought)
            fallthrough
        case 6:
            base = step(base, 32, sought)
            fallthrough
        case 5:
            base = step(base, 16, sought)
            fallthrough
        case 4:
            base = step(base, 8, sought)
            fallthrough
        case 3:
            base = step(base, 4, sought)
            fallthrough
        case 2:
            base = step(base, 2, sought)
            fallthrough
        case 1:
            base = step(base, 1, sought)
            fallthrough
        default:
            return Int(bitPattern: base)
        }
    }

    /// One level of the search: `base`, or `half` further when the lower half ends before the slot.
    @inlinable @inline(__always)
    func step(_ base: UInt, _ half: UInt, _ sought: UInt) -> UInt {
        let end = UInt(unsafe ends[Int(bitPattern: base &+ half &- 1)])
        return base &+ (half & ((end &- sought) &>> 16))
    }
}

/// An arc by its last slot, and who serves it.
struct OwnedArc: Equatable {
    var end: SlotIndex
    var owner: Owner
}

extension RoutingTable {
    /// The table of a cluster of one node.
    ///
    /// - Parameter coreCount: 1…1,024.
    public init(singleNodeWithCores coreCount: Int) {
        let anyID = NodeID(high: 0, middle: 0, low: 0)
        self.init(ring: .single(node: anyID, cores: coreCount), localNode: anyID)
    }

    /// The arc at `index`, 0 ..< ``arcCount``: its slots and who serves them.
    public func arc(at index: Int) -> (slots: SlotRange, owner: Owner) {
        invariant(index >= 0, "an arc's index is not negative")
        invariant(index < arcCount, "an arc's index is below the count")
        let first = index == 0 ? 0 : unsafe ends[index - 1] + 1
        let slots = SlotRange(first: SlotIndex(first), last: SlotIndex(unsafe ends[index]))
        return (slots, unsafe owners[index])
    }

    /// The arc that holds `slot`: its slots and who serves them.
    public func arc(of slot: SlotIndex) -> (slots: SlotRange, owner: Owner) {
        arc(at: arcIndex(of: slot))
    }

    /// Ends the process unless the type's invariants hold.
    public func checkInvariants() {
        invariant(arcCount >= 1, "a routing table has an arc")
        let lastEnd = SlotIndex(unsafe ends[arcCount - 1])
        invariant(lastEnd == SlotRange.all.last, "the arcs cover all slots")
        for index in 0..<arcCount {
            let owner = unsafe owners[index]
            invariant(owner.isRemote == (owner.node != localNode), "only other nodes are remote")
            guard index > 0 else { continue }
            invariant(unsafe ends[index - 1] < ends[index], "arcs are sorted")
            invariant(unsafe owners[index - 1] != owner, "neighbouring arcs differ")
        }
    }
}
