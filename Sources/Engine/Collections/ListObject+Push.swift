import Base

extension ListObject {
    /// Adds an element at one end.
    @inline(__always)
    func push(
        _ element: ListElement, _ side: ListSide, _ limits: ListLimits,
        _ memory: inout SlabAllocator
    ) {
        let size = element.stride
        if let chunk = edge(side), chunk.count < limits.countMax,
            let room = unsafe chunk.takeRoom(side, size)
        {
            unsafe element.write(to: room)
            chunk.count &+= 1
        } else {
            unsafe element.write(to: makeRoom(side, size, limits, &memory))
        }
        count &+= 1
    }

    /// Room for one element at an end where there is none, counted in its chunk.
    @inline(never)
    private func makeRoom(
        _ side: ListSide, _ size: Int, _ limits: ListLimits, _ memory: inout SlabAllocator
    ) -> UnsafeMutableRawPointer {
        var chunk = edge(side)
        if let edge = chunk, edge.count < limits.countMax {
            chunk = widen(edge, side, size, limits, &memory)
        } else {
            chunk = nil
        }
        let target = chunk ?? addEdge(side, size, limits, &memory)
        target.count += 1
        guard let room = unsafe target.takeRoom(side, size) else {
            invariantFailed("room that was made is there")
        }
        return unsafe room
    }

    /// Gives a chunk room for `size` bytes on a side, by moving its elements or into a larger
    /// block; nil where it is as large as it gets.
    private func widen(
        _ chunk: ListChunk, _ side: ListSide, _ size: Int, _ limits: ListLimits,
        _ memory: inout SlabAllocator
    ) -> ListChunk? {
        let content = chunk.contentSize
        let needed = ListChunk.headerSize + content + size
        if needed > limits.blockSizeMax { return nil }
        let capacity = chunk.capacity
        if needed + capacity / 8 <= capacity {
            // Most of the room goes to the side that is pushed to; some stays, so that pushes by
            // turns do not move everything each time.
            let room = capacity - ListChunk.headerSize - content
            let kept = (room - size) / 4
            chunk.moveContent(
                to: ListChunk.headerSize + (side == .left ? room - kept : kept))
            return chunk
        }
        if capacity >= limits.blockSizeMax { return nil }
        let larger = SlabAllocator.usableSize(
            for: min(limits.blockSizeMax, max(needed, capacity + capacity / 4)))
        // The other side keeps what room it has, as far as that goes.
        let otherRoom = side == .left ? capacity - chunk.end : chunk.start - ListChunk.headerSize
        let kept = min(otherRoom, larger - needed)
        let start = side == .left ? larger - kept - content : ListChunk.headerSize + kept
        return moveChunk(chunk, capacity: larger, start: start, &memory)
    }

    /// A new chunk at an end, for an element of `size` bytes and, unless that is a large one,
    /// more.
    private func addEdge(
        _ side: ListSide, _ size: Int, _ limits: ListLimits, _ memory: inout SlabAllocator
    ) -> ListChunk {
        if let edge = edge(side), chunkCount > 1 { trim(edge, &memory) }
        let own = SlabAllocator.usableSize(for: ListChunk.headerSize + size)
        var capacity = own
        if own <= limits.blockSizeMax / 4 {
            // In a long list it does not matter that the last chunk is mostly room.
            capacity = max(own, limits.blockSizeMax / (chunkCount < 16 ? 4 : 1))
        }
        let start = side == .left ? capacity : ListChunk.headerSize
        return addChunk(side, of: edge(side), capacity: capacity, start: start, &memory)
    }

    // MARK: In the middle

    /// Inserts an element before the one that begins at `offset` of `chunk`, counted from the
    /// block's start; its end stands for behind the last.
    ///
    /// - Returns: where the new element is.
    @discardableResult
    func insert(
        _ element: ListElement, _ chunk: ListChunk, at offset: Int, _ limits: ListLimits,
        _ memory: inout SlabAllocator
    ) -> (chunk: ListChunk, offset: Int) {
        let (target, gap) = makeGap(element.stride, chunk, at: offset, limits, &memory)
        unsafe element.write(to: target.pointer + gap)
        target.count += 1
        count += 1
        return (target, gap)
    }

    /// Room for one element in the middle; not counted yet.
    private func makeGap(
        _ size: Int, _ chunk: ListChunk, at offset: Int, _ limits: ListLimits,
        _ memory: inout SlabAllocator
    ) -> (ListChunk, Int) {
        let needed = ListChunk.headerSize + chunk.contentSize + size
        if chunk.count < limits.countMax {
            if let gap = chunk.openGap(size, at: offset) { return (chunk, gap) }
            if needed <= max(limits.blockSizeMax, chunk.capacity) {
                let before = offset - chunk.start
                let larger = SlabAllocator.usableSize(
                    for: max(chunk.capacity, min(needed + needed / 4, limits.blockSizeMax)))
                let start = ListChunk.headerSize + (larger - needed) / 2
                let moved = moveChunk(
                    chunk, capacity: larger, start: start, gap: size, gapOffset: before, &memory)
                return (moved, start + before)
            }
        }
        if offset > chunk.start, offset < chunk.end {
            divide(chunk, at: offset, &memory)
            // The part to the left may have room at its end now.
            let fits = chunk.contentSize + size + ListChunk.headerSize <= limits.blockSizeMax
            if fits, chunk.count < limits.countMax {
                return makeGap(size, chunk, at: chunk.end, limits, &memory)
            }
            return ownChunk(size, .right, of: chunk, &memory)
        }
        let side = offset == chunk.start ? ListSide.left : .right
        if let beside = chunk.neighbour(side), beside.count < limits.countMax,
            ListChunk.headerSize + beside.contentSize + size <= limits.blockSizeMax
        {
            let place = side == .left ? beside.end : beside.start
            return makeGap(size, beside, at: place, limits, &memory)
        }
        return ownChunk(size, side, of: chunk, &memory)
    }

    /// A chunk for one element beside another.
    private func ownChunk(
        _ size: Int, _ side: ListSide, of chunk: ListChunk, _ memory: inout SlabAllocator
    ) -> (ListChunk, Int) {
        let capacity = SlabAllocator.usableSize(for: ListChunk.headerSize + size)
        let added = addChunk(
            side, of: chunk, capacity: capacity, start: ListChunk.headerSize, &memory)
        added.end += size
        return (added, ListChunk.headerSize)
    }

    /// Moves the elements from `offset` on into a chunk of their own to the right. Both parts have
    /// some.
    private func divide(
        _ chunk: ListChunk, at offset: Int, _ memory: inout SlabAllocator
    ) {
        var before = 0
        var end = chunk.start
        while end < offset {
            unsafe end += ListElement.stride(at: chunk.pointer + end)
            before += 1
        }
        invariant(end == offset, "a chunk is divided between elements")
        let size = chunk.end - offset
        let capacity = SlabAllocator.usableSize(for: ListChunk.headerSize + size)
        let right = addChunk(
            .right, of: chunk, capacity: capacity, start: ListChunk.headerSize, &memory)
        unsafe (right.pointer + right.start)
            .copyMemory(from: chunk.pointer + offset, byteCount: size)
        right.end += size
        right.count = chunk.count - before
        chunk.end = offset
        chunk.count = before
    }

    /// Puts an element in the place of the one that begins at `offset` of `chunk`.
    func replace(
        _ element: ListElement, _ chunk: ListChunk, at offset: Int, _ limits: ListLimits,
        _ memory: inout SlabAllocator
    ) {
        let old = unsafe ListElement.stride(at: chunk.pointer + offset)
        if element.stride <= old {
            let place = chunk.closeGap(old - element.stride, at: offset)
            unsafe element.write(to: chunk.pointer + place)
            return
        }
        if let gap = chunk.openGap(element.stride - old, at: offset) {
            unsafe element.write(to: chunk.pointer + gap)
            return
        }
        var (added, place) = insert(element, chunk, at: offset, limits, &memory)
        // The old element is the next one, in this chunk or the one to the right.
        place += element.stride
        if place == added.end {
            guard let next = added.next else { invariantFailed("the old element is still there") }
            added = next
            place = next.start
        }
        remove(1, added, at: place, &memory)
    }
}
