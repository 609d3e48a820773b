import Glibc

/// A growable run of bytes in one allocation: a connection's replies, a parcel's payload.
///
/// Owned by one core. Growth doubles, so appending is amortised O(1); the memory is given back by
/// `deinit` or handed on by ``take()``. Its size is the caller's to bound: Node holds each client
/// to its limit.
@safe
public struct OutputBuffer: ~Copyable {
    @usableFromInline var base: UnsafeMutableRawPointer?
    @usableFromInline var filled: Int
    @usableFromInline var room: Int

    /// How many bytes have been appended.
    @inlinable public var count: Int { filled }
    /// How many bytes fit before the buffer must grow.
    @inlinable public var capacity: Int { room }

    /// An empty buffer that owns no memory yet.
    @inlinable
    public init() {
        unsafe base = nil
        filled = 0
        room = 0
    }

    /// An empty buffer with room for `capacity` bytes before it grows.
    public init(capacity: Int) {
        unsafe base = capacity > 0 ? malloc(capacity)! : nil
        filled = 0
        room = capacity
    }

    deinit {
        unsafe free(base)
    }

    @inlinable public var isEmpty: Bool { count == 0 }

    /// The first byte of the content, for the one who sends it. Valid until the next append.
    @inlinable
    public var start: UnsafeMutableRawPointer {
        unsafe base ?? UnsafeMutableRawPointer(bitPattern: 8)!
    }

    /// The content. Valid until the next append.
    @inlinable
    public var bytes: Bytes { unsafe Bytes(start: start, count: count) }

    /// Whether two views are of this content, and the second one ends so many bytes behind where
    /// the first begins, or more.
    public func contains(_ first: Bytes, _ last: Bytes, distance: Int) -> Bool {
        if count < distance { return false }
        let from = unsafe UnsafeRawPointer(first.start) - UnsafeRawPointer(start)
        let to = unsafe UnsafeRawPointer(last.start) - UnsafeRawPointer(start) + last.count
        return from >= 0 && to <= count && to - from >= distance
    }

    /// Makes room for `extra` more bytes and returns where they go; ``advance(_:)`` then counts
    /// them in.
    @inlinable @inline(__always)
    public mutating func reserve(_ extra: Int) -> UnsafeMutableRawPointer {
        if _slowPath(room &- filled < extra) { grow(extra) }
        return unsafe base.unsafelyUnwrapped + filled
    }

    /// Counts in `written` bytes that were put where ``reserve(_:)`` said.
    @inlinable @inline(__always)
    public mutating func advance(_ written: Int) {
        filled &+= written
    }

    @inlinable
    public mutating func append(_ bytes: Bytes) {
        // Nothing has no place in a buffer without memory.
        if bytes.count == 0 { return }
        unsafe reserve(bytes.count).copyMemory(from: bytes.start, byteCount: bytes.count)
        filled &+= bytes.count
    }

    @inlinable
    public mutating func append(_ byte: UInt8) {
        unsafe reserve(1).storeBytes(of: byte, as: UInt8.self)
        filled &+= 1
    }

    @inlinable @inline(__always)
    public mutating func append(_ literal: StaticString) {
        append(Bytes(literal))
    }

    /// Appends a number's digits, "-" before them where it is less than 0.
    @inlinable
    public mutating func append(decimal number: Int64) {
        let length = unsafe writeDecimal(number, to: reserve(decimalSizeMax))
        advance(length)
    }

    /// Puts another byte where one is.
    public mutating func overwrite(_ byte: UInt8, at offset: Int) {
        invariant(offset >= 0, "what is overwritten is inside")
        invariant(offset < count, "what is overwritten is inside")
        unsafe start.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    }

    /// Forgets the content and keeps the memory.
    @inlinable
    public mutating func removeAll() {
        filled = 0
    }

    /// Drops the first `prefix` bytes and moves the rest to the front.
    public mutating func removeFirst(_ prefix: Int) {
        invariant(prefix >= 0, "a prefix is not negative")
        invariant(prefix <= count, "no more is removed than there is")
        if prefix < count {
            unsafe start.copyMemory(from: start + prefix, byteCount: count - prefix)
        }
        filled -= prefix
    }

    /// Lets the bytes from `middle` up to `end` and those from `start` up to `middle` change
    /// places.
    public mutating func rotate(_ start: Int, _ middle: Int, _ end: Int) {
        invariant(start >= 0, "what is rotated is inside")
        invariant(start <= middle, "what is rotated has two parts")
        invariant(middle <= end, "what is rotated has two parts")
        invariant(end <= count, "what is rotated is inside")
        var moved = OutputBuffer(capacity: end - middle)
        moved.append(bytes.slice(middle, end))
        let base = unsafe self.start
        unsafe memmove(base + start + moved.count, base + start, middle - start)
        unsafe (base + start).copyMemory(from: moved.start, byteCount: moved.count)
    }

    /// Shortens the content to `length` bytes.
    public mutating func truncate(to length: Int) {
        invariant(length <= count, "truncation does not lengthen")
        filled = length
    }

    /// Gives the memory back when more than `limit` bytes are held and none is used.
    public mutating func shrink(over limit: Int) {
        if count > 0 { return }
        if capacity <= limit { return }
        unsafe free(base)
        unsafe base = nil
        room = 0
    }

    /// Hands the content and its memory to the caller and leaves an empty buffer behind.
    @inlinable
    public mutating func take() -> OutputBuffer {
        var taken = OutputBuffer()
        swap(&taken, &self)
        return taken
    }

    /// Hands the memory to the caller, who frees it, and leaves an empty buffer behind; nil where
    /// there is none.
    public mutating func takeBlock() -> UnsafeMutableRawPointer? {
        let block = unsafe base
        unsafe base = nil
        filled = 0
        room = 0
        return unsafe block
    }

    @inline(never) @usableFromInline
    mutating func grow(_ extra: Int) {
        var larger = max(capacity * 2, 64)
        while larger - count < extra { larger *= 2 }
        guard let moved = unsafe realloc(base, larger) else {
            invariantFailed("out of memory for an output buffer")
        }
        unsafe base = moved
        room = larger
    }
}
