import Base

extension ListObject {
    /// Forgets the element at one end.
    @inline(__always)
    func pop(_ side: ListSide, _ memory: inout SlabAllocator) {
        guard let chunk = edge(side) else { invariantFailed("who pops has seen an element") }
        count &-= 1
        if chunk.count == 1 {
            removeChunk(chunk, &memory)
            return
        }
        chunk.count &-= 1
        if side == .left {
            chunk.start &+= unsafe ListElement.stride(at: chunk.pointer + chunk.start)
        } else {
            chunk.end &-= unsafe ListElement.stride(before: chunk.pointer + chunk.end)
        }
        if _slowPath(chunkCount == 1) { narrow(chunk, &memory) }
    }

    /// Gives a list's only chunk a smaller block once it is mostly empty.
    private func narrow(_ chunk: ListChunk, _ memory: inout SlabAllocator) {
        let needed = ListChunk.headerSize + chunk.contentSize
        if chunk.capacity <= 512 || needed > chunk.capacity / 8 { return }
        let capacity = SlabAllocator.usableSize(for: 2 * needed)
        let start = ListChunk.headerSize + needed / 2
        _ = moveChunk(chunk, capacity: capacity, start: start, &memory)
    }

    /// Removes `removed` elements from number `index` on.
    func removeRange(_ index: Int, _ removed: Int, _ memory: inout SlabAllocator) {
        if removed == 0 { return }
        invariant(index + removed <= count, "what is removed is there")
        var (chunk, place) = locate(index)
        var left = removed
        while true {
            let here = min(left, chunk.count - place)
            let next = chunk.next
            left -= here
            if here == chunk.count {
                count -= here
                removeChunk(chunk, &memory)
            } else {
                let offset = chunk.start + ListRun(chunk).offset(ofElement: place)
                cut(here, chunk, at: offset)
            }
            if left == 0 { break }
            guard let next else { invariantFailed("a list has as many elements as it counts") }
            chunk = next
            place = 0
        }
        if count == 0 { return }
        merge(locate(min(index, count - 1)).chunk, &memory)
        if chunkCount == 1, let chunk = first { narrow(chunk, &memory) }
    }

    /// Removes `removed` elements of one chunk, from the one at `offset` on, counted from the
    /// block's start.
    func remove(
        _ removed: Int, _ chunk: ListChunk, at offset: Int, _ memory: inout SlabAllocator
    ) {
        if removed == chunk.count {
            count -= removed
            removeChunk(chunk, &memory)
            return
        }
        cut(removed, chunk, at: offset)
        merge(chunk, &memory)
    }

    /// Takes some, not all, of a chunk's elements out.
    private func cut(_ removed: Int, _ chunk: ListChunk, at offset: Int) {
        var end = offset
        for _ in 0..<removed { unsafe end += ListElement.stride(at: chunk.pointer + end) }
        chunk.closeGap(end - offset, at: offset)
        chunk.count -= removed
        count -= removed
    }

    /// Removes up to `limit` elements equal to the encoded one, looked for from one end.
    func removeMatches(
        of wanted: UnsafeRawPointer, _ length: Int, from side: ListSide, limit: inout Int,
        _ memory: inout SlabAllocator
    ) {
        var chunk = edge(side)
        var budget = Int.max
        unsafe removeMatches(
            of: wanted, length, from: side, &chunk, limit: &limit, budget: &budget, &memory)
    }

    /// As above, from a chunk on that comes to be looked through.
    ///
    /// - Parameter budget: lowered by each element that is looked at; at 0 it ends.
    func removeMatches(
        of wanted: UnsafeRawPointer, _ length: Int, from side: ListSide,
        _ chunk: inout ListChunk?, limit: inout Int, budget: inout Int,
        _ memory: inout SlabAllocator
    ) {
        while let here = chunk, limit > 0, budget > 0 {
            budget -= here.count
            let next = here.neighbour(side.other)
            let run = ListRun(here)
            let before = limit
            let kept = unsafe run.removeMatches(of: wanted, length, from: side, limit: &limit)
            let removed = before - limit
            here.count -= removed
            count -= removed
            if side == .left {
                here.end = here.start + kept
            } else {
                here.start = here.end - kept
            }
            if here.count == 0 {
                removeChunk(here, &memory)
            } else if removed > 0, let before = here.neighbour(side) {
                // Only with what has been looked through: the next one stays where it is.
                let (left, right) = side == .left ? (before, here) : (here, before)
                if mayJoin(left, right) { join(left, right, &memory) }
            }
            chunk = next
        }
    }

    /// Joins a chunk that has become small with a neighbour that is small as well.
    func merge(_ chunk: ListChunk, _ memory: inout SlabAllocator) {
        if let next = chunk.next, mayJoin(chunk, next) {
            join(chunk, next, &memory)
        } else if let previous = chunk.previous, mayJoin(previous, chunk) {
            join(previous, chunk, &memory)
        }
    }

    /// Two chunks become one where they fill less than three quarters of it.
    private func mayJoin(_ left: ListChunk, _ right: ListChunk) -> Bool {
        let both = ListChunk.headerSize + left.contentSize + right.contentSize
        return both <= Self.joinedSizeMax && left.count + right.count <= Self.joinedCountMax
    }

    /// Three quarters of the usual chunk.
    private static let joinedSizeMax = 6144
    private static let joinedCountMax = 4096

    private func join(_ left: ListChunk, _ right: ListChunk, _ memory: inout SlabAllocator) {
        let size = left.contentSize + right.contentSize
        let capacity = SlabAllocator.usableSize(for: ListChunk.headerSize + size)
        // A gap behind all of the left one's elements takes the right one's.
        let joined = moveChunk(
            left, capacity: capacity, start: ListChunk.headerSize, gap: right.contentSize,
            gapOffset: left.contentSize, &memory)
        unsafe (joined.pointer + joined.end - right.contentSize)
            .copyMemory(from: right.pointer + right.start, byteCount: right.contentSize)
        joined.count += right.count
        removeChunk(right, &memory)
    }
}
