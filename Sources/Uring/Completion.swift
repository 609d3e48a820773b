import CUring
import Glibc

/// What the kernel says of one operation: a copy of its completion queue entry.
public struct Completion: Sendable {
    /// What the submission carried.
    public let token: OperationToken
    /// The operation's result: zero or more on success, else a negated `errno`.
    public let result: Int32
    @usableFromInline let flags: UInt32

    @inlinable
    init(token: OperationToken, result: Int32, flags: UInt32) {
        self.token = token
        self.result = result
        self.flags = flags
    }

    /// The multishot operation goes on: more completions with this token follow. When false it has
    /// ended and must be armed anew to go on.
    @inlinable public var hasMore: Bool { flags & IORING_CQE_F_MORE != 0 }

    /// A receive found no provided buffer left: arm it again once buffers are recycled.
    @inlinable public var isOutOfBuffers: Bool { result == -ENOBUFS }

    /// More bytes were waiting in the socket when this receive completed.
    @inlinable public var socketHasMore: Bool { flags & IORING_CQE_F_SOCK_NONEMPTY != 0 }

    /// The provided buffer that the kernel filled; nil when it took none. Whoever gets it recycles
    /// it.
    @inlinable public var buffer: BufferID? {
        if flags & IORING_CQE_F_BUFFER == 0 { return nil }
        return BufferID(rawValue: UInt16(truncatingIfNeeded: flags >> 16))
    }
}

/// The completions that were there at one moment, to be walked in order.
///
/// A snapshot, so that the loop may prepare operations while it walks; it is valid until
/// ``Uring/retire(_:)`` gives the entries back to the kernel, and must not outlive its ring.
@safe
public struct CompletionBatch {
    @usableFromInline let entries: UnsafePointer<io_uring_cqe>
    @usableFromInline let mask: UInt32
    @usableFromInline let tail: UInt32
    @usableFromInline var head: UInt32

    @inlinable
    init(entries: UnsafePointer<io_uring_cqe>, mask: UInt32, head: UInt32, tail: UInt32) {
        unsafe self.entries = unsafe entries
        self.mask = mask
        self.head = head
        self.tail = tail
    }

    /// How many completions are left to walk.
    @inlinable public var count: Int { Int(tail &- head) }

    /// The next completion, oldest first; nil after the last.
    @inlinable @inline(__always)
    public mutating func next() -> Completion? {
        if head == tail { return nil }
        let entry = unsafe entries + Int(head & mask)
        head &+= 1
        return unsafe Completion(
            token: OperationToken(rawValue: entry.pointee.user_data), result: entry.pointee.res,
            flags: entry.pointee.flags)
    }
}
