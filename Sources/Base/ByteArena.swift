import Glibc

/// Bytes that stay where they are put until all are dropped at once: what copied requests point
/// into.
///
/// Grows by chunks that never move. Dropping keeps the first chunk, so an arena that is filled and
/// emptied every turn allocates once.
@safe
public struct ByteArena: ~Copyable {
    @safe
    private struct Chunk: BitwiseCopyable {
        var start: UnsafeMutableRawPointer
        var capacity: Int
    }

    private var chunks = GrowableArray<Chunk>(capacity: 1)
    private var used = 0
    private let chunkSize: Int
    /// Bytes held in earlier chunks than the current one.
    private var filledBytes = 0

    /// - Parameter chunkSize: bytes of a chunk; one content larger than this gets a chunk of its
    ///   own size.
    public init(chunkSize: Int) {
        self.chunkSize = chunkSize
    }

    deinit {
        for index in 0..<chunks.count { unsafe free(chunks[index].start) }
    }

    /// How many bytes have been put in.
    public var byteCount: Int { filledBytes + used }

    /// Copies `bytes` in; the view lives until ``removeAll()``.
    public mutating func append(_ bytes: Bytes) -> Bytes {
        let isFull = chunks.isEmpty || used + bytes.count > chunks[chunks.count - 1].capacity
        if isFull { addChunk(bytes.count) }
        let target = unsafe chunks[chunks.count - 1].start + used
        unsafe target.copyMemory(from: bytes.start, byteCount: bytes.count)
        used += bytes.count
        return unsafe Bytes(start: target, count: bytes.count)
    }

    /// Drops everything.
    public mutating func removeAll() {
        while chunks.count > 1 {
            if let chunk = chunks.popLast() { unsafe free(chunk.start) }
        }
        used = 0
        filledBytes = 0
    }

    @inline(never)
    private mutating func addChunk(_ needed: Int) {
        filledBytes += used
        used = 0
        let capacity = max(chunkSize, needed)
        guard let start = unsafe malloc(capacity) else {
            invariantFailed("out of memory for an arena")
        }
        unsafe chunks.append(Chunk(start: start, capacity: capacity))
    }
}
