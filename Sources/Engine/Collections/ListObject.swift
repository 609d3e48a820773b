// A large list: a header, and chunks linked in both directions (docs/internals/collections.md).
//
// Purpose. Pushes and pops at both ends write one element and move none; what is in the middle is
// found by skipping chunks.
//
// Ownership. The keyspace's, in its allocator's blocks; one thread. References to chunks and
// offsets in them end at the next change of the list.
//
// Invariants.
// 1. Every chunk has at least one element; a list without elements has no chunk.
// 2. `count` is the sum of the chunks' counts, `chunkCount` their number.
// 3. A chunk's neighbours name it as theirs.

import Base
import Glibc

/// How large the chunks of a list get.
struct ListLimits: BitwiseCopyable {
    /// Bytes of a chunk's block; an element that does not fit gets one of its size.
    let blockSizeMax: Int
    /// Elements of a chunk.
    let countMax: Int

    /// - Parameter setting: list-max-listpack-size; see ``EngineLimits/listChunkSize``.
    @inline(__always)
    init(_ setting: Int) {
        blockSizeMax = setting < 0 ? 2048 &<< min(-setting, 5) : 8192
        countMax = setting < 0 ? Int.max : max(setting, 1)
    }
}

/// A reference to a large list. See the essay above.
@safe
struct ListObject: BitwiseCopyable {
    let pointer: UnsafeMutableRawPointer

    static let size = 32

    @inline(__always)
    init(_ pointer: UnsafeMutableRawPointer) {
        unsafe self.pointer = pointer
    }

    /// A new list without elements.
    init(_ memory: inout SlabAllocator) {
        unsafe pointer = memory.allocate(Self.size)
        unsafe pointer.initializeMemory(as: UInt64.self, repeating: 0, count: Self.size / 8)
    }

    @inline(__always)
    var first: ListChunk? {
        get {
            let address = unsafe pointer.load(as: UnsafeMutableRawPointer?.self)
            guard let address = unsafe address else { return nil }
            return unsafe ListChunk(address)
        }
        nonmutating set {
            unsafe pointer.storeBytes(
                of: newValue?.pointer, as: UnsafeMutableRawPointer?.self)
        }
    }

    @inline(__always)
    var last: ListChunk? {
        get {
            let address = unsafe pointer.load(
                fromByteOffset: 8, as: UnsafeMutableRawPointer?.self)
            guard let address = unsafe address else { return nil }
            return unsafe ListChunk(address)
        }
        nonmutating set {
            unsafe pointer.storeBytes(
                of: newValue?.pointer, toByteOffset: 8, as: UnsafeMutableRawPointer?.self)
        }
    }

    /// How many elements.
    @inline(__always)
    var count: Int {
        get { unsafe pointer.load(fromByteOffset: 16, as: Int.self) }
        nonmutating set { unsafe pointer.storeBytes(of: newValue, toByteOffset: 16, as: Int.self) }
    }

    @inline(__always)
    var chunkCount: Int {
        get { unsafe pointer.load(fromByteOffset: 24, as: Int.self) }
        nonmutating set { unsafe pointer.storeBytes(of: newValue, toByteOffset: 24, as: Int.self) }
    }

    /// The chunk at one end.
    @inline(__always)
    func edge(_ side: ListSide) -> ListChunk? {
        side == .left ? first : last
    }

    /// The chunk with element number `index`, 0..<count, and its number there.
    func locate(_ index: Int) -> (chunk: ListChunk, index: Int) {
        invariant(index >= 0, "an index is not negative")
        invariant(index < count, "an index is inside of the list")
        if index < count &>> 1 {
            var left = index
            var chunk = first
            while let here = chunk {
                if left < here.count { return (here, left) }
                left &-= here.count
                chunk = here.next
            }
        } else {
            // Counted from the end: 1 is the last element.
            var left = count &- index
            var chunk = last
            while let here = chunk {
                if left <= here.count { return (here, here.count &- left) }
                left &-= here.count
                chunk = here.previous
            }
        }
        invariantFailed("a list has as many elements as it counts")
    }

    /// The chunk with element number `index`, 0..<count, and where the element begins in it.
    func place(ofElement index: Int) -> (chunk: ListChunk, offset: Int) {
        let (chunk, number) = locate(index)
        return (chunk, chunk.start + ListRun(chunk).offset(ofElement: number))
    }

    // MARK: Chunks

    /// A new chunk beside `neighbour`, or the only one.
    ///
    /// - Parameters:
    ///   - side: the side of `neighbour` that it is put on.
    ///   - start: where its elements begin.
    func addChunk(
        _ side: ListSide, of neighbour: ListChunk?, capacity: Int, start: Int,
        _ memory: inout SlabAllocator
    ) -> ListChunk {
        let block = unsafe memory.allocate(capacity)
        let chunk = unsafe ListChunk(block, capacity: capacity, start: start)
        let left = side == .left ? neighbour?.previous : neighbour
        let right = side == .left ? neighbour : neighbour?.next
        link(left, chunk)
        link(chunk, right)
        chunkCount += 1
        return chunk
    }

    /// Makes two chunks neighbours; nil stands for the end of the list.
    private func link(_ left: ListChunk?, _ right: ListChunk?) {
        if let left { left.next = right } else { first = right }
        if let right { right.previous = left } else { last = left }
    }

    /// Takes a chunk out and gives its block back.
    func removeChunk(_ chunk: ListChunk, _ memory: inout SlabAllocator) {
        link(chunk.previous, chunk.next)
        chunkCount -= 1
        unsafe memory.deallocate(chunk.pointer, chunk.capacity)
    }

    /// Moves a chunk into a block of another size, its elements to `start`.
    ///
    /// - Parameters:
    ///   - gap: so many bytes are left free behind the first `gapOffset` bytes of elements.
    func moveChunk(
        _ chunk: ListChunk, capacity: Int, start: Int, gap: Int = 0, gapOffset: Int = 0,
        _ memory: inout SlabAllocator
    ) -> ListChunk {
        let size = chunk.contentSize
        invariant(start + size + gap <= capacity, "elements end inside the block")
        let block = unsafe memory.allocate(capacity)
        let moved = unsafe ListChunk(block, capacity: capacity, start: start)
        let from = unsafe chunk.pointer + chunk.start
        unsafe (block + start).copyMemory(from: from, byteCount: gapOffset)
        unsafe (block + start + gapOffset + gap)
            .copyMemory(from: from + gapOffset, byteCount: size - gapOffset)
        moved.end = start + size + gap
        moved.count = chunk.count
        link(chunk.previous, moved)
        link(moved, chunk.next)
        unsafe memory.deallocate(chunk.pointer, chunk.capacity)
        return moved
    }

    /// Cuts a chunk to what it holds where an eighth of it or more is free. To be called when it is
    /// no longer pushed to.
    func trim(_ chunk: ListChunk, _ memory: inout SlabAllocator) {
        let size = SlabAllocator.usableSize(for: ListChunk.headerSize + chunk.contentSize)
        if size > chunk.capacity - chunk.capacity / 8 { return }
        _ = moveChunk(chunk, capacity: size, start: ListChunk.headerSize, &memory)
    }

    // MARK: The whole list

    /// Gives chunks back from the left until about `budget` elements are gone, and the list itself
    /// once it has none; false when the budget ran out.
    func free(_ budget: inout Int, _ memory: inout SlabAllocator) -> Bool {
        while let chunk = first {
            if budget <= 0 { return false }
            budget -= chunk.count
            count -= chunk.count
            removeChunk(chunk, &memory)
        }
        unsafe memory.deallocate(pointer, Self.size)
        return true
    }

    /// Gives back the chunks whose blocks are not in the allocator's slabs: before all of those go.
    func freeLargeChunks() {
        var chunk = first
        while let here = chunk {
            chunk = here.next
            if here.capacity > SlabAllocator.blockSizeMax { unsafe Glibc.free(here.pointer) }
        }
    }

    /// A copy in memory of its own.
    func copy(_ memory: inout SlabAllocator) -> ListObject {
        let copy = ListObject(&memory)
        var chunk = first
        while let here = chunk {
            copy.append(ListRun(here), &memory)
            chunk = here.next
        }
        return copy
    }

    /// Appends a run of elements as a chunk of its own.
    func append(_ run: ListRun, _ memory: inout SlabAllocator) {
        let size = SlabAllocator.usableSize(for: ListChunk.headerSize + run.byteCount)
        let chunk = addChunk(
            .right, of: last, capacity: size, start: ListChunk.headerSize, &memory)
        chunk.end += run.byteCount
        chunk.count = run.count
        unsafe (chunk.pointer + chunk.start)
            .copyMemory(from: run.start, byteCount: run.byteCount)
        count += run.count
    }

    /// The bytes of all blocks, judged by the first chunks.
    var blockBytes: Int {
        var sampled = 0
        var sampledCount = 0
        var chunk = first
        while let here = chunk, sampledCount < 64 {
            sampled += SlabAllocator.usableSize(for: here.capacity)
            sampledCount += 1
            chunk = here.next
        }
        return Self.size + sampled * chunkCount / max(sampledCount, 1)
    }

    /// Ends the process unless the invariants hold; returns the bytes of all blocks.
    func checkInvariants() -> Int {
        var elements = 0
        var chunks = 0
        var bytes = SlabAllocator.usableSize(for: Self.size)
        var previous: ListChunk?
        var chunk = first
        while let here = chunk {
            invariant(here.previous == previous, "a chunk's neighbours name it as theirs")
            invariant(here.start >= ListChunk.headerSize, "elements begin behind the header")
            invariant(here.end <= here.capacity, "elements end inside the block")
            ListRun(here).checkInvariants()
            elements += here.count
            chunks += 1
            bytes += SlabAllocator.usableSize(for: here.capacity)
            previous = here
            chunk = here.next
        }
        invariant(last == previous, "the last chunk ends the list")
        invariant(elements == count, "a list counts its elements")
        invariant(chunks == chunkCount, "a list counts its chunks")
        invariant(elements > 0, "a collection without elements is gone")
        return bytes
    }
}
