import Base
import CUring
import Glibc

/// Receive buffers that the kernel picks from when data has arrived, so that idle connections hold
/// none.
///
/// The ring is a queue from us to the kernel: the kernel takes at its head (which it keeps to
/// itself), we publish at the tail. Memory of the ring and of the buffers is mapped once and lives
/// until the value is dropped.
///
/// 1. A buffer is either the kernel's or the loop's: the loop's from the completion that names it
///    until ``recycle(_:)``.
/// 2. Recycled buffers become the kernel's at ``publish()``, once per turn.
///
/// Source: io_uring_register(2), `IORING_REGISTER_PBUF_RING` (Linux 5.19).
@safe
public struct BufferRing: ~Copyable {
    /// Names the buffers in ``Uring/receiveMultishot(_:group:token:)``.
    public let group: BufferGroup
    /// Bytes in one buffer.
    public let bufferSize: Int
    /// How many buffers.
    public let count: Int

    @usableFromInline let handle: UringHandle
    @usableFromInline let ring: UnsafeMutablePointer<io_uring_buf_ring>
    @usableFromInline let buffers: UnsafeMutableRawPointer
    @usableFromInline var recycled: Int32 = 0

    /// Maps and registers `count` buffers of `bufferSize` bytes.
    ///
    /// - Parameters:
    ///   - group: a number not in use on this ring.
    ///   - count: a power of two, up to 32,768. The kernel goes round all of them, so more than the
    ///     cache holds cost time: 256 of 16 KiB took 3 % less per operation than 1,024, pipelined.
    ///   - bufferSize: bytes, a multiple of 64.
    public init(
        on uring: borrowing Uring, group: BufferGroup, count: Int, bufferSize: Int
    ) throws(UringSetupError) {
        invariant(count.nonzeroBitCount == 1, "buffers are a power of two")
        invariant(count <= 32_768, "the kernel keeps at most 32,768 buffers in a ring")
        invariant(bufferSize % 64 == 0, "buffers begin on cache lines")
        let base = unsafe try BufferRing.map(
            on: uring.handle, group: group, count: count, bufferSize: bufferSize)
        self.group = group
        self.count = count
        self.bufferSize = bufferSize
        handle = uring.handle
        unsafe ring = base.assumingMemoryBound(to: io_uring_buf_ring.self)
        unsafe buffers = base + BufferRing.ringBytes(count)
        for number in 0..<count { recycle(BufferID(rawValue: UInt16(number))) }
        publish()
    }

    deinit {
        unsafe io_uring_unregister_buf_ring(handle.ring, Int32(group.rawValue))
        unsafe munmap(ring, BufferRing.mappedBytes(count, bufferSize))
    }

    /// The received bytes: the first `length` of buffer `id`. Valid until ``recycle(_:)`` of `id`.
    @inlinable @inline(__always)
    public func received(_ id: BufferID, length: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: buffers + Int(id.rawValue) * bufferSize, count: length)
    }

    /// Gives a buffer back; the kernel sees it after ``publish()``.
    @inlinable @inline(__always)
    public mutating func recycle(_ id: BufferID) {
        unsafe io_uring_buf_ring_add(
            ring, buffers + Int(id.rawValue) * bufferSize, UInt32(truncatingIfNeeded: bufferSize),
            id.rawValue, Int32(truncatingIfNeeded: count - 1), recycled)
        recycled &+= 1
    }

    /// Hands everything recycled since the last time to the kernel. Costs one releasing store.
    @inlinable @inline(__always)
    public mutating func publish() {
        if recycled == 0 { return }
        unsafe io_uring_buf_ring_advance(ring, recycled)
        recycled = 0
    }

    /// Maps the ring and, behind it, the buffers, and registers the ring with the kernel.
    private static func map(
        on handle: UringHandle, group: BufferGroup, count: Int, bufferSize: Int
    ) throws(UringSetupError) -> UnsafeMutableRawPointer {
        let bytes = mappedBytes(count, bufferSize)
        let mapped = unsafe mmap(
            nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let base = unsafe mapped, unsafe base != MAP_FAILED else {
            throw UringSetupError(code: errno)
        }
        var registration = io_uring_buf_reg()
        registration.ring_addr = UInt64(UInt(bitPattern: base))
        registration.ring_entries = UInt32(count)
        registration.bgid = group.rawValue
        let code = unsafe io_uring_register_buf_ring(handle.ring, &registration, 0)
        if code < 0 {
            unsafe munmap(base, bytes)
            throw UringSetupError(code: -code)
        }
        return unsafe base
    }

    private static func mappedBytes(_ count: Int, _ bufferSize: Int) -> Int {
        ringBytes(count) + count * bufferSize
    }

    /// The ring's own bytes, in whole pages, so that buffers begin on a page.
    private static func ringBytes(_ count: Int) -> Int {
        (count * MemoryLayout<io_uring_buf>.stride + 4095) & ~4095
    }
}

/// The number by which a receive names its ``BufferRing``.
public struct BufferGroup: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    /// The one with this number.
    @inlinable
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }
}

/// A buffer's place in its ``BufferRing``.
public struct BufferID: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt16

    /// The one with this number.
    @inlinable
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }
}
