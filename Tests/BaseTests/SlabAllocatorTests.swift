import Testing

@testable import Base

struct SlabAllocatorTests {
    private struct Block {
        var address: UInt
        var size: Int
        var mark: UInt8
    }

    /// Random allocations: blocks are aligned, never overlap, keep their content, and are counted.
    @Test(arguments: [1, 2, 3])
    func blocksAreDisjointAlignedAndCounted(seed: UInt64) {
        var allocator = SlabAllocator()
        var random = SplitMix64(seed: seed)
        var blocks: [Block] = []
        var used = 0
        for _ in 0..<30_000 {
            let takes = blocks.count < 50 || (blocks.count < 3_000 && random.next() % 2 == 0)
            if takes {
                let size = Self.size(&random)
                let mark = UInt8(truncatingIfNeeded: random.next())
                let block = unsafe allocator.allocate(size)
                unsafe block.initializeMemory(as: UInt8.self, repeating: mark, count: size)
                blocks.append(
                    Block(address: UInt(bitPattern: block), size: size, mark: mark))
                used += SlabAllocator.usableSize(for: size)
            } else {
                let block = blocks.remove(at: Int(random.next() % UInt64(blocks.count)))
                free(block, &allocator)
                used -= SlabAllocator.usableSize(for: block.size)
            }
            if allocator.usedBytes != used {
                Issue.record("\(allocator.usedBytes) bytes are counted, not \(used)")
                return
            }
        }
        checkLayout(blocks)
        for block in blocks { free(block, &allocator) }
        #expect(allocator.usedBytes == 0)
    }

    private static func size(_ random: inout SplitMix64) -> Int {
        let bound: UInt64 = [64, 600, 8192, 10_000][Int(random.next() % 4)]
        return Int(random.next() % bound) + 1
    }

    private func free(_ block: Block, _ allocator: inout SlabAllocator) {
        let pointer = unsafe UnsafeMutableRawPointer(bitPattern: block.address)!
        for offset in [0, block.size / 2, block.size - 1] {
            let byte = unsafe pointer.load(fromByteOffset: offset, as: UInt8.self)
            if byte != block.mark { Issue.record("a block's content was overwritten") }
        }
        unsafe allocator.deallocate(pointer, block.size)
    }

    private func checkLayout(_ blocks: [Block]) {
        let sorted = blocks.sorted { $0.address < $1.address }
        for (block, next) in zip(sorted, sorted.dropFirst()) {
            #expect(block.address + UInt(SlabAllocator.usableSize(for: block.size)) <= next.address)
        }
        for block in blocks where block.size <= SlabAllocator.blockSizeMax {
            #expect(block.address % (block.size % 64 == 0 ? 64 : 16) == 0)
        }
    }

    @Test func freedMemoryServesOtherSizes() {
        var allocator = SlabAllocator()
        for size in [64, 512, 4096, 48] {
            let count = 1_500_000 / size
            let blocks = (0..<count).map { _ in UInt(bitPattern: unsafe allocator.allocate(size)) }
            for block in blocks {
                unsafe allocator.deallocate(UnsafeMutableRawPointer(bitPattern: block)!, size)
            }
        }
        #expect(allocator.regionBytes <= 2 * SlabAllocator.regionSize)
    }

    @Test func classesAreTightAndHoldTheirSizes() {
        for size in 1...SlabAllocator.blockSizeMax {
            let usable = SlabAllocator.usableSize(for: size)
            #expect(usable >= size)
            #expect(usable - size < max(16, size / 8 + 1))
            #expect(SlabAllocator.blockSize(ofClass: SlabAllocator.sizeClass(of: size)) == usable)
        }
    }
}
