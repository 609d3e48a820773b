import Base

/// Elements of a list that lie one behind the other: a packed list's, or those of one chunk. A view
/// that the next write to the keyspace ends.
@safe
struct ListRun: BitwiseCopyable {
    /// Where the first element begins.
    let start: UnsafeMutableRawPointer
    let byteCount: Int
    let count: Int

    /// Of a packed list.
    @inline(__always)
    init(_ pack: Pack) {
        unsafe start = pack.start + Pack.headerSize
        byteCount = pack.byteCount &- Pack.headerSize
        count = pack.count
    }

    @inline(__always)
    init(_ chunk: ListChunk) {
        unsafe start = chunk.pointer + chunk.start
        byteCount = chunk.end &- chunk.start
        count = chunk.count
    }

    /// Of elements that lie elsewhere, to be copied.
    init(_ elements: Bytes, count: Int) {
        unsafe start = UnsafeMutableRawPointer(mutating: elements.start)
        byteCount = elements.count
        self.count = count
    }

    /// The element that begins at `offset`.
    @inline(__always)
    func element(at offset: Int) -> PackElement {
        invariant(offset < byteCount, "an element of a list is inside of its run")
        return unsafe PackEncoding.read(at: start + offset)
    }

    /// The stride of the element at `offset`.
    @inline(__always)
    func stride(at offset: Int) -> Int {
        unsafe ListElement.stride(at: start + offset)
    }

    /// Where element number `index` begins, 0…count, looked for from the nearer end; the count
    /// stands for the end.
    func offset(ofElement index: Int) -> Int {
        if index <= count &>> 1 {
            var offset = 0
            for _ in 0..<index { offset &+= stride(at: offset) }
            return offset
        }
        var offset = byteCount
        for _ in index..<count { offset &-= unsafe ListElement.stride(before: start + offset) }
        return offset
    }

    /// Whether the element at `offset` is the one that `encoded` holds, `length` bytes without a
    /// trailer.
    @inline(__always)
    func holds(_ encoded: UnsafeRawPointer, _ length: Int, at offset: Int) -> Bool {
        let here = unsafe start + offset
        // The first byte tells the form, and of short strings the length.
        if unsafe here.load(as: UInt8.self) != encoded.load(as: UInt8.self) { return false }
        return unsafe PackEncoding.size(at: here) == length && bytesEqual(here, encoded, length)
    }

    /// Takes up to `limit` elements equal to the encoded one out, looked for from one end, and
    /// moves the others together at that end.
    ///
    /// - Returns: the bytes of the elements that stay.
    func removeMatches(
        of wanted: UnsafeRawPointer, _ length: Int, from side: ListSide, limit: inout Int
    ) -> Int {
        side == .left
            ? unsafe removeMatchesFromLeft(wanted, length, &limit)
            : unsafe removeMatchesFromRight(wanted, length, &limit)
    }

    private func removeMatchesFromLeft(
        _ wanted: UnsafeRawPointer, _ length: Int, _ limit: inout Int
    ) -> Int {
        var read = 0
        // What stays ends here so far; what is between `from` and `read` stays, too.
        var kept = 0
        var from = 0
        while read < byteCount, limit > 0 {
            let stride = stride(at: read)
            if unsafe holds(wanted, length, at: read) {
                unsafe (start + kept).copyMemory(from: start + from, byteCount: read - from)
                kept += read - from
                from = read + stride
                limit -= 1
            }
            read += stride
        }
        unsafe (start + kept).copyMemory(from: start + from, byteCount: byteCount - from)
        return kept + byteCount - from
    }

    private func removeMatchesFromRight(
        _ wanted: UnsafeRawPointer, _ length: Int, _ limit: inout Int
    ) -> Int {
        var read = byteCount
        var kept = byteCount
        var from = byteCount
        while read > 0, limit > 0 {
            let stride = unsafe ListElement.stride(before: start + read)
            if unsafe holds(wanted, length, at: read - stride) {
                kept -= from - read
                unsafe (start + kept).copyMemory(from: start + read, byteCount: from - read)
                from = read - stride
                limit -= 1
            }
            read -= stride
        }
        kept -= from
        unsafe (start + kept).copyMemory(from: start, byteCount: from)
        return byteCount - kept
    }

    /// Ends the process unless the elements fill the run, and read alike from both ends.
    func checkInvariants() {
        var offset = 0
        var elements = 0
        while offset < byteCount {
            let stride = stride(at: offset)
            offset += stride
            invariant(offset <= byteCount, "the last element of a run ends where the run does")
            let before = unsafe ListElement.stride(before: start + offset)
            invariant(before == stride, "a trailer holds its element's length")
            elements += 1
        }
        invariant(elements == count, "a run counts its elements")
        invariant(elements > 0, "a run has elements")
    }
}
