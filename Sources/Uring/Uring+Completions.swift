import CUring

extension Uring {
    /// What has completed and was not retired yet. Costs one acquiring load.
    @inlinable @inline(__always)
    public func completions() -> CompletionBatch {
        unsafe CompletionBatch(
            entries: UnsafePointer(ring.pointee.cq.cqes), mask: ring.pointee.cq.ring_mask,
            head: gyre_completion_head(ring), tail: gyre_completion_tail(ring))
    }

    /// Gives the entries that were walked in `batch` back to the kernel; the rest is seen again by
    /// the next ``completions()``. Costs one releasing store.
    @inlinable @inline(__always)
    public mutating func retire(_ batch: CompletionBatch) {
        unsafe gyre_completion_advance(ring, batch.head)
    }

    /// Work of the kernel's waits for the next enter, or completions overflowed: a wait would not
    /// sleep. Costs one load. Meaningful on the ring's own thread after it has announced that it
    /// will sleep.
    @inlinable
    public var needsTaskRun: Bool {
        unsafe gyre_submission_flags(ring) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW) != 0
    }
}
