import Base
import Testing

@testable import Placement

struct RoutingTableTests {
    @Test(arguments: [1, 2, 3, 4, 7, 8, 16, 64, 128, 1_024])
    func oneNodeServesEverySlotWithEvenCores(coreCount: Int) {
        let table = RoutingTable(singleNodeWithCores: coreCount)
        var counts = [Int](repeating: 0, count: coreCount)
        for slot in 0..<SlotIndex.count {
            let owner = table.owner(of: SlotIndex(UInt16(slot)))
            #expect(owner.node == NodeIndex(0))
            #expect(!owner.isRemote)
            counts[Int(owner.core.rawValue)] += 1
        }
        #expect(Double(counts.max()!) <= 1.10 * Double(SlotIndex.count) / Double(coreCount))
    }
}
