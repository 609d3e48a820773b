import Base
import Testing

@testable import Placement

struct AssignmentTests {
    /// The holders of every slot by name.
    private func holders(_ assignment: Assignment) -> [[NodeID]] {
        (0..<SlotIndex.count).map { slot in
            let holders = assignment.arc(of: SlotIndex(UInt16(slot))).holders
            return (0..<holders.count).map { assignment.nodes[Int(holders[$0].rawValue)] }
        }
    }

    @Test func aDiffSaysWhatChangesAndNothingElse() throws {
        var generator = SplitMix64(seed: 31)
        var ring = try grownRing(nodes: 5, cores: 2, seed: 32)
        for round in 0..<6 {
            let old = ring
            if round % 2 == 0 {
                ring = try ring.joined(by: member(&generator, cores: 2))
            } else {
                ring = try ring.left(by: ring.members.randomElement(using: &generator)!.id)
            }
            let diff = PlacementDiff(from: old, to: ring, replicationFactor: 3)
            var expected = holders(Assignment(following: old, replicationFactor: 3))
            for change in diff.changes {
                for slot in Int(change.slots.first.rawValue)...Int(change.slots.last.rawValue) {
                    let before = (0..<3).map { diff.nodes[Int(change.before[$0].rawValue)] }
                    #expect(expected[slot] == before)
                    #expect(change.before != change.after)
                    expected[slot] = (0..<3).map { diff.nodes[Int(change.after[$0].rawValue)] }
                }
            }
            #expect(expected == holders(Assignment(following: ring, replicationFactor: 3)))
        }
    }

    @Test func primariesMoveOnlyToAJoinerAndOnlyFromALeaver() throws {
        var generator = SplitMix64(seed: 33)
        let small = try grownRing(nodes: 4, cores: 2, seed: 34)
        let joiner = member(&generator, cores: 2)
        let large = try small.joined(by: joiner)
        let join = PlacementDiff(from: small, to: large, replicationFactor: 1)
        #expect(join.changes.reduce(0) { $0 + $1.slots.count } == SlotIndex.count / 5)
        for change in join.changes {
            #expect(join.nodes[Int(change.after.primary.rawValue)] == joiner.id)
            #expect(change.changesPrimary)
        }
        let leaver = small.members[2].id
        let leave = PlacementDiff(
            from: large, to: try large.left(by: leaver), replicationFactor: 1)
        for change in leave.changes {
            #expect(leave.nodes[Int(change.before.primary.rawValue)] == leaver)
        }
    }

    @Test func equalAssignmentsHaveNoDiff() throws {
        let ring = try grownRing(nodes: 9, cores: 1, seed: 35)
        #expect(PlacementDiff(from: ring, to: ring, replicationFactor: 2).changes.isEmpty)
    }

    @Test func slotEpochsRiseOnlyWhereHoldersChange() throws {
        var generator = SplitMix64(seed: 36)
        let ring = try grownRing(nodes: 4, cores: 1, seed: 37)
        var assignment = Assignment(following: ring, replicationFactor: 1)
        var epochs = [UInt32](repeating: 1, count: SlotIndex.count)
        var primaries = (0..<SlotIndex.count).map { ring.token(of: SlotIndex(UInt16($0))).node }
        for round in 1...100 {
            let bounds = [
                Int.random(in: 0..<SlotIndex.count, using: &generator),
                Int.random(in: 0..<SlotIndex.count, using: &generator),
            ].sorted()
            let node = NodeIndex(UInt16.random(in: 0..<4, using: &generator))
            let range = SlotRange(
                first: SlotIndex(UInt16(bounds[0])), last: SlotIndex(UInt16(bounds[1])))
            assignment = assignment.changing(
                range, to: ReplicaSet(primary: node), epoch: RingEpoch(UInt64(round)))
            for slot in bounds[0]...bounds[1] where primaries[slot] != node {
                primaries[slot] = node
                epochs[slot] += 1
            }
        }
        for slot in 0..<SlotIndex.count {
            let arc = assignment.arc(of: SlotIndex(UInt16(slot)))
            #expect(arc.holders.primary == primaries[slot])
            #expect(arc.epoch == SlotEpoch(epochs[slot]))
        }
    }

    /// Routing follows what is true, not what should be; the local core follows the node's own
    /// tokens.
    @Test func routingFollowsTheAssignment() throws {
        let ring = try grownRing(nodes: 3, cores: 4, seed: 38)
        let local = ring.members[1].id
        let map = CoreMap(ring: ring, node: NodeIndex(1))
        let range = SlotRange(first: SlotIndex(1_000), last: SlotIndex(9_000))
        let assignment = Assignment(following: ring, replicationFactor: 2)
            .changing(range, to: ReplicaSet(primary: NodeIndex(1)), epoch: ring.epoch.next)
        let table = RoutingTable(assignment: assignment, localNode: local, coreMap: map)
        for slot in 0..<SlotIndex.count {
            let slot = SlotIndex(UInt16(slot))
            let owner = table.owner(of: slot)
            #expect(owner.node == assignment.arc(of: slot).holders.primary)
            if owner.node == NodeIndex(1) { #expect(owner.core == map.core(of: slot)) }
            if range.contains(slot) { #expect(owner.node == NodeIndex(1)) }
        }
    }
}
