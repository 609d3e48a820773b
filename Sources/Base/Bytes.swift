import Glibc

/// A view of bytes that somebody else owns: a request's argument in a receive buffer, a key in an
/// entry.
///
/// Copying it copies 16 bytes and no content. It says nothing about how long the bytes live:
/// whoever hands one out documents that. Arguments live until the end of the step that received
/// them; a view into the keyspace lives until the next write to it. Bounds are checked on each
/// access through the subscript.
@safe
public struct Bytes: BitwiseCopyable {
    /// The first byte; meaningless where ``count`` is 0.
    public let start: UnsafeRawPointer
    /// How many bytes, from 0.
    public let count: Int

    /// A view of `count` bytes from `start` on.
    @inlinable @inline(__always)
    public init(start: UnsafeRawPointer, count: Int) {
        unsafe self.start = start
        self.count = count
    }

    /// No bytes.
    @inlinable @inline(__always)
    public init() {
        unsafe self.start = UnsafeRawPointer(bitPattern: 8)!
        self.count = 0
    }

    /// The bytes of a literal; they live for ever.
    @inlinable @inline(__always)
    public init(_ literal: StaticString) {
        unsafe self.start = UnsafeRawPointer(literal.utf8Start)
        self.count = literal.utf8CodeUnitCount
    }

    /// A view of a buffer's bytes; the empty view for one without memory.
    @inlinable @inline(__always)
    public init(_ buffer: UnsafeRawBufferPointer) {
        if let base = buffer.baseAddress {
            unsafe self.init(start: base, count: buffer.count)
        } else {
            self.init()
        }
    }

    @inlinable public var isEmpty: Bool { count == 0 }

    /// The same bytes for interfaces that take a buffer pointer.
    @inlinable
    public var buffer: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: start, count: count)
    }

    /// The byte at `index`, 0..<count.
    @inlinable
    public subscript(index: Int) -> UInt8 {
        invariant(index >= 0, "a byte index is not negative")
        invariant(index < count, "a byte index is below the count")
        return unsafe start.load(fromByteOffset: index, as: UInt8.self)
    }

    /// The part from `lower` up to but not including `upper`; 0 ≤ lower ≤ upper ≤ count.
    @inlinable
    public func slice(_ lower: Int, _ upper: Int) -> Bytes {
        invariant(lower >= 0, "a slice starts inside")
        invariant(lower <= upper, "a slice does not end before it starts")
        invariant(upper <= count, "a slice ends inside")
        return unsafe Bytes(start: start + lower, count: upper - lower)
    }

    /// Whether both views hold the same bytes.
    @inlinable
    public static func == (left: Bytes, right: Bytes) -> Bool {
        if left.count != right.count { return false }
        return unsafe bytesEqual(left.start, right.start, left.count)
    }

    /// Orders as `memcmp` does: by unsigned byte, then by length.
    @inlinable
    public func compare(_ other: Bytes) -> Int {
        let order = unsafe memcmp(start, other.start, min(count, other.count))
        return order != 0 ? Int(order) : count - other.count
    }

    /// Whether the bytes are `word` but for the case of ASCII letters. `word` is lower case.
    @inlinable
    public func equalsIgnoringCase(_ word: StaticString) -> Bool {
        if count != word.utf8CodeUnitCount { return false }
        for index in 0..<count {
            let theirs = unsafe word.utf8Start[index]
            let ours = unsafe start.load(fromByteOffset: index, as: UInt8.self)
            if asciiLowercased(ours) != theirs { return false }
        }
        return true
    }

    /// The bytes read as UTF-8, with replacement characters where they are none. Cold paths only.
    public var string: String { unsafe String(decoding: buffer, as: UTF8.self) }
}

/// `byte` with A…Z turned into a…z.
@inlinable @inline(__always)
public func asciiLowercased(_ byte: UInt8) -> UInt8 {
    byte &- 65 < 26 ? byte | 0x20 : byte
}

/// Whether `count` bytes are alike. Keys are short, so words are compared in place of a call to
/// `memcmp`; what is left over is compared together with bytes before it once more.
@inlinable @inline(__always)
public func bytesEqual(
    _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int
) -> Bool {
    if count < 8 { return unsafe fewBytesEqual(left, right, count) }
    if count > 64 { return unsafe memcmp(left, right, count) == 0 }
    let last = count &- 8
    var offset = 0
    while offset < last {
        if unsafe differ(left, right, at: offset, UInt64.self) { return false }
        offset &+= 8
    }
    return unsafe !differ(left, right, at: last, UInt64.self)
}

/// ``bytesEqual(_:_:_:)`` of up to seven bytes.
@inlinable @inline(__always)
func fewBytesEqual(
    _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int
) -> Bool {
    if count >= 4 {
        return unsafe !differ(left, right, at: 0, UInt32.self)
            && !differ(left, right, at: count &- 4, UInt32.self)
    }
    if count == 0 { return true }
    return unsafe !differ(left, right, at: 0, UInt8.self)
        && !differ(left, right, at: count &>> 1, UInt8.self)
        && !differ(left, right, at: count &- 1, UInt8.self)
}

/// Whether the words at one offset of both are different.
@inlinable @inline(__always)
func differ<Word: FixedWidthInteger & BitwiseCopyable>(
    _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, at offset: Int, _: Word.Type
) -> Bool {
    unsafe left.loadUnaligned(fromByteOffset: offset, as: Word.self)
        != right.loadUnaligned(fromByteOffset: offset, as: Word.self)
}
