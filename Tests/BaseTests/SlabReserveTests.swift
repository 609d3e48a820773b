import Base
import Testing

@Suite struct SlabReserveTests {
    private static let regionSize = 2 << 20

    @Test func twoRegionsAreKeptAheadAndOneIsPreparedAtATime() {
        var allocator = SlabAllocator()
        for _ in 0..<2 {
            let region = allocator.takeRegionToPrepare()
            #expect(unsafe region?.buffer.count == Self.regionSize)
            let another = allocator.takeRegionToPrepare()
            #expect(another == nil, "one is being prepared")
            allocator.regionPrepared()
        }
        let third = allocator.takeRegionToPrepare()
        #expect(third == nil, "two are in hand")
        _ = unsafe allocator.allocate(64)
        let afterUse = allocator.takeRegionToPrepare()
        #expect(afterUse != nil, "a page of them is in use")
        #expect(allocator.regionBytes == 3 * Self.regionSize)
    }

    @Test func aRegionIsUsedBeforeItIsReportedIfNeedBe() throws {
        var allocator = SlabAllocator()
        let taken = allocator.takeRegionToPrepare()
        let region = try #require(taken)
        let block = unsafe allocator.allocate(64)
        let start = unsafe try #require(region.buffer.baseAddress)
        #expect(unsafe block > start)
        #expect(unsafe block < start + Self.regionSize)
        allocator.regionPrepared()
        var blocks: [UnsafeMutableRawPointer] = unsafe [block]
        while allocator.regionBytes == Self.regionSize {
            unsafe blocks.append(allocator.allocate(8192))
        }
        let distinct = unsafe Set(blocks).count
        #expect(unsafe distinct == blocks.count, "no page is given twice")
    }
}
