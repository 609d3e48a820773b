import Base

/// A block of weights.
@safe
struct SortWeightBlock: BitwiseCopyable {
    let start: UnsafeMutableRawPointer
    let size: Int
}

/// Copies of what the elements of a large sort are compared by: what BY names may move, and may be
/// another core's.
///
/// Ownership. One thread, the work's. The blocks are the keyspace's memory: whoever drops the
/// weights frees them first.
@safe
struct SortWeights: ~Copyable {
    private var blocks = GrowableArray<SortWeightBlock>(capacity: 1)
    /// How many bytes of the last block are free.
    private var room = 0

    /// Copies a weight; the view lives until the weights are freed.
    mutating func copy(_ bytes: Bytes, _ memory: inout SlabAllocator) -> Bytes {
        if bytes.isEmpty { return Bytes() }
        if bytes.count > room {
            room = max(bytes.count, SlabAllocator.blockSizeMax)
            unsafe blocks.append(SortWeightBlock(start: memory.allocate(room), size: room))
        }
        let block = blocks[blocks.count - 1]
        let target = unsafe block.start + (block.size - room)
        unsafe target.copyMemory(from: bytes.start, byteCount: bytes.count)
        room -= bytes.count
        return unsafe Bytes(start: target, count: bytes.count)
    }

    /// Frees as many blocks as the budget allows; false where there are more.
    mutating func free(_ budget: inout Int, _ memory: inout SlabAllocator) -> Bool {
        room = 0
        var left = max(budget / 8, 1)
        budget -= 8 * left
        while left > 0, let block = blocks.popLast() {
            unsafe memory.deallocate(block.start, block.size)
            left -= 1
        }
        return blocks.isEmpty
    }
}
