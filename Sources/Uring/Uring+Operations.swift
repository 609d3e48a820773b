import Base
import CUring
import Glibc

/// Preparing operations. Nothing reaches the kernel before the next enter, except when the
/// submission queue is full: then what is there is submitted first. Memory that an operation names
/// must stay as it is until its completion (for a timeout's value this module sees to it).
extension Uring {
    /// Accepts connections until cancelled or failed: one completion each, with the descriptor as
    /// result.
    @inlinable
    public mutating func acceptMultishot(_ listener: FileDescriptor, token: OperationToken) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_multishot_accept(
            entry, listener.rawValue, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
    }

    /// Receives until the peer ends, an error, or no buffer is left: one completion per filled
    /// buffer of `group`, with its length as result. 0: the peer sends no more. `-ENOBUFS`: arm it
    /// again once buffers are recycled.
    @inlinable
    public mutating func receiveMultishot(
        _ socket: FileDescriptor, group: BufferGroup, token: OperationToken
    ) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_recv_multishot(entry, socket.rawValue, nil, 0, 0)
        unsafe gyre_select_buffer(entry, group.rawValue)
    }

    /// Sends all of `bytes`, waiting inside the kernel while the socket's buffer is full. The
    /// result is the count; less than asked only when the connection broke.
    ///
    /// `bytes` must stay untouched until the completion.
    @inlinable
    public mutating func send(
        _ socket: FileDescriptor, _ bytes: UnsafeRawBufferPointer, token: OperationToken
    ) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_send(
            entry, socket.rawValue, bytes.baseAddress, bytes.count,
            Int32(MSG_WAITALL | MSG_NOSIGNAL))
    }

    /// Sends what fits into the socket's buffer at once, inside the enter that submits it, and
    /// completes only if that was not everything: with the count so far, `-EAGAIN` for none, or the
    /// error.
    ///
    /// So once that enter has returned and the completions there were walked, `bytes` is free
    /// again, and whoever heard nothing has sent everything. What was left over is sent with
    /// ``send(_:_:token:)``, which waits.
    @inlinable
    public mutating func sendNow(
        _ socket: FileDescriptor, _ bytes: UnsafeRawBufferPointer, token: OperationToken
    ) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_send(
            entry, socket.rawValue, bytes.baseAddress, bytes.count,
            Int32(MSG_WAITALL | MSG_NOSIGNAL | MSG_DONTWAIT))
        unsafe entry.pointee.flags |= UInt8(1 << IOSQE_CQE_SKIP_SUCCESS_BIT)
    }

    /// Writes `bytes` to a file. The result is how many were written, perhaps fewer, or an error.
    ///
    /// `bytes` must stay untouched until the completion.
    public mutating func write(
        _ file: FileDescriptor, _ bytes: UnsafeRawBufferPointer, at offset: UInt64,
        token: OperationToken
    ) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_write(
            entry, file.rawValue, bytes.baseAddress,
            UInt32(min(bytes.count, Int(Int32.max) & ~4095)), offset)
    }

    /// Has all that was written to a file before, and its size, on disk when it completes. Writes
    /// in flight are not covered.
    public mutating func syncData(_ file: FileDescriptor, token: OperationToken) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_fsync(entry, file.rawValue, UInt32(IORING_FSYNC_DATASYNC))
    }

    /// Cancels the operations that carry `target`. The result is 0, `-ENOENT` (nothing found) or
    /// `-EALREADY` (past cancelling); what was cancelled completes with `-ECANCELED`.
    @inlinable
    public mutating func cancel(_ target: OperationToken, token: OperationToken) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_cancel64(entry, target.rawValue, 0)
    }

    /// Cancels every operation on `socket`. The result is how many.
    @inlinable
    public mutating func cancelAll(on socket: FileDescriptor, token: OperationToken) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_cancel_fd(entry, socket.rawValue, UInt32(IORING_ASYNC_CANCEL_ALL))
    }

    /// Closes. Operations in flight keep the file open until they end: cancel or shut down first.
    @inlinable
    public mutating func close(_ descriptor: FileDescriptor, token: OperationToken) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_close(entry, descriptor.rawValue)
    }

    /// Ends one or both directions of a connection; receives in flight complete.
    @inlinable
    public mutating func shutdown(
        _ socket: FileDescriptor, _ direction: ShutdownDirection, token: OperationToken
    ) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_shutdown(entry, socket.rawValue, direction.rawValue)
    }

    /// Completes with `-ETIME` at the deadline, or with `-ECANCELED` when removed before.
    @inlinable
    public mutating func timeout(_ deadline: Deadline, token: OperationToken) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_timeout(entry, timespec(deadline, for: entry), 0, deadline.flags)
    }

    /// Moves the deadline of the timeout that carries `target`. The result is 0 or `-ENOENT`.
    @inlinable
    public mutating func updateTimeout(
        _ target: OperationToken, to deadline: Deadline, token: OperationToken
    ) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_timeout_update(
            entry, timespec(deadline, for: entry), target.rawValue, deadline.flags)
    }

    /// Removes the timeout that carries `target`. The result is 0 or `-ENOENT`.
    @inlinable
    public mutating func removeTimeout(_ target: OperationToken, token: OperationToken) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_timeout_remove(entry, target.rawValue, 0)
    }

    /// Puts a completion with `token` and `result` into another thread's ring, waking it when it
    /// sleeps. Here only a failure completes, with `sourceToken`.
    @inlinable
    public mutating func wakeRing(
        _ target: FileDescriptor, result: Int32, token: OperationToken, sourceToken: OperationToken
    ) {
        let entry = unsafe nextEntry(sourceToken)
        unsafe io_uring_prep_msg_ring(
            entry, target.rawValue, UInt32(bitPattern: result), token.rawValue, 0)
        unsafe entry.pointee.flags |= UInt8(1 << IOSQE_CQE_SKIP_SUCCESS_BIT)
    }

    /// Completes each time `descriptor` becomes readable: for an ``EventSignal``.
    @inlinable
    public mutating func pollMultishot(_ descriptor: FileDescriptor, token: OperationToken) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_poll_multishot(entry, descriptor.rawValue, UInt32(POLLIN))
    }

    /// Has the kernel touch all pages of `memory`, in a thread of its own. The result is 0 or the
    /// reason why it did not: `-EINVAL` on a kernel before 5.14. The content stays as it is, also
    /// while the caller changes it.
    public mutating func populate(
        _ memory: UnsafeMutableRawBufferPointer, token: OperationToken
    ) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_madvise(
            entry, memory.baseAddress, off_t(memory.count), MADV_POPULATE_WRITE)
    }

    /// Completes with 0 at once: a mark in the order of completions.
    @inlinable
    public mutating func nop(token: OperationToken) {
        let entry = unsafe nextEntry(token)
        unsafe io_uring_prep_nop(entry)
    }
}

extension Uring {
    /// A vacant submission entry that carries `token`.
    @inlinable @inline(__always)
    mutating func nextEntry(_ token: OperationToken) -> UnsafeMutablePointer<io_uring_sqe> {
        if let entry = unsafe io_uring_get_sqe(ring) {
            unsafe entry.pointee.user_data = token.rawValue
            return unsafe entry
        }
        return unsafe nextEntryAfterSubmitting(token)
    }

    @usableFromInline @inline(never)
    mutating func nextEntryAfterSubmitting(
        _ token: OperationToken
    ) -> UnsafeMutablePointer<io_uring_sqe> {
        while true {
            submit()
            if let entry = unsafe io_uring_get_sqe(ring) {
                unsafe entry.pointee.user_data = token.rawValue
                return unsafe entry
            }
        }
    }

    /// The timespec that belongs to `entry`'s place in the queue, set to `deadline`.
    @inlinable
    mutating func timespec(
        _ deadline: Deadline, for entry: UnsafeMutablePointer<io_uring_sqe>
    ) -> UnsafeMutablePointer<__kernel_timespec> {
        let place = unsafe timespecs + (entry - ring.pointee.sq.sqes)
        unsafe place.pointee = __kernel_timespec(nanoseconds: deadline.nanoseconds)
        return unsafe place
    }
}

/// Which directions of a connection ``Uring/shutdown(_:_:token:)`` ends.
public enum ShutdownDirection: Int32, Sendable {
    case receive = 0
    case send = 1
    case both = 2
}

/// When a timeout fires, on the monotonic clock.
public enum Deadline: Sendable {
    /// This long after the submission.
    case after(nanoseconds: UInt64)
    /// At this reading of ``Clocks/monotonicNanoseconds()``.
    case at(nanoseconds: UInt64)

    @inlinable var nanoseconds: UInt64 {
        switch self {
        case .after(let nanoseconds), .at(let nanoseconds): nanoseconds
        }
    }

    @inlinable var flags: UInt32 {
        switch self {
        case .after: 0
        case .at: UInt32(IORING_TIMEOUT_ABS)
        }
    }
}
