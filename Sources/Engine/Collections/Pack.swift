// A small collection inside its entry: a count of 16 bits, then the elements, each as
// PackElement.swift encodes it. Nothing is padded and nothing is known of the elements' places, so
// everything but the count costs a walk; packs are small.

import Base

/// A view of a pack's bytes. The next write to the keyspace ends it.
@safe
struct Pack {
    let start: UnsafeMutableRawPointer
    /// The end of the last element, counted from ``start``.
    let byteCount: Int

    /// What an empty pack takes.
    static let headerSize = 2
    /// No pack gets larger than this: its length has 16 bits in the entry.
    static let byteCountMax = 60_000

    @inline(__always)
    init(_ entry: Entry) {
        unsafe start = entry.pointer + entry.keyOffset + entry.keyLength
        byteCount = entry.inlineLength
    }

    /// Of bytes that are a pack under construction.
    @inline(__always)
    init(_ bytes: borrowing OutputBuffer) {
        unsafe start = bytes.start
        byteCount = bytes.count
    }

    /// How many elements: a hash has two for each field, a sorted set two for each member.
    @inline(__always)
    var count: Int {
        get { unsafe Int(start.loadUnaligned(as: UInt16.self)) }
        nonmutating set { unsafe start.storeBytes(of: UInt16(newValue), as: UInt16.self) }
    }

    /// Where the first element begins.
    @inline(__always)
    var first: Int { Self.headerSize }

    /// The element that begins at `offset`.
    @inline(__always)
    func element(at offset: Int) -> PackElement {
        invariant(offset < byteCount, "an element of a pack is inside of it")
        return unsafe PackEncoding.read(at: start + offset)
    }

    /// Where the element behind that at `offset` begins.
    @inline(__always)
    func next(_ offset: Int) -> Int {
        offset &+ size(at: offset)
    }

    /// How many bytes the element at `offset` takes.
    @inline(__always)
    func size(at offset: Int) -> Int {
        unsafe PackEncoding.size(at: start + offset)
    }

    /// Where element number `index` begins, 0…count; the count stands for the end.
    func offset(ofElement index: Int) -> Int {
        var offset = first
        for _ in 0..<index { offset = next(offset) }
        return offset
    }

    /// Where an element equal to `bytes` begins, looking at each `step`-th; nil when there is none.
    @inline(__always)
    func find(_ bytes: Bytes, step: Int) -> Int? {
        find(PackEncoding(bytes), step: step)
    }

    /// As ``find(_:step:)`` of bytes whose encoding is known.
    @inline(__always)
    func find(_ wanted: PackEncoding, step: Int) -> Int? {
        if let bytes = wanted.shortBytes { return findShort(bytes, step: step) }
        return findEncoded(wanted, step: step)
    }

    /// Where bytes whose length is their first byte begin.
    ///
    /// That an element is as long as the wanted one is a guess which the processor makes, where it
    /// would have to wait for each element's size before it can look at the next: elements are
    /// mostly of one size. They differ most often at the end.
    private func findShort(_ bytes: Bytes, step: Int) -> Int? {
        let length = UInt8(truncatingIfNeeded: bytes.count)
        var offset = first
        while offset < byteCount {
            let here = unsafe start + offset
            if unsafe here.load(as: UInt8.self) == length {
                if unsafe Self.isEqual(here + 1, bytes.start, bytes.count) { return offset }
                offset &+= 1 &+ bytes.count
            } else {
                offset = next(offset)
            }
            for _ in 1..<step { offset = next(offset) }
        }
        return nil
    }

    @inline(never)
    private func findEncoded(_ wanted: PackEncoding, step: Int) -> Int? {
        return unsafe withUnsafeTemporaryAllocation(byteCount: wanted.size, alignment: 8) { room in
            let encoded = unsafe room.baseAddress.unsafelyUnwrapped
            unsafe wanted.write(to: encoded)
            return unsafe find(encoded: encoded, wanted.size, step: step)
        }
    }

    /// As ``findEncoded(_:step:)`` for an encoded element: equal elements have equal encodings.
    private func find(encoded: UnsafeRawPointer, _ length: Int, step: Int) -> Int? {
        let firstByte = unsafe encoded.load(as: UInt8.self)
        var offset = first
        while offset < byteCount {
            let here = unsafe start + offset
            let size = unsafe PackEncoding.size(at: here)
            if size == length, unsafe here.load(as: UInt8.self) == firstByte,
                unsafe bytesEqual(here, encoded, length)
            {
                return offset
            }
            offset &+= size
            for _ in 1..<step { offset &+= self.size(at: offset) }
        }
        return nil
    }

    /// Whether so many bytes are alike, the last ones first.
    @inline(__always)
    private static func isEqual(
        _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ length: Int
    ) -> Bool {
        if length < 8 { return unsafe bytesEqual(left, right, length) }
        let end = length &- 8
        let ours = unsafe left.loadUnaligned(fromByteOffset: end, as: UInt64.self)
        let theirs = unsafe right.loadUnaligned(fromByteOffset: end, as: UInt64.self)
        return unsafe ours == theirs && bytesEqual(left, right, end)
    }

    /// Ends the process unless the elements end where the pack does and are as many as it counts.
    func checkInvariants() {
        invariant(byteCount <= Self.byteCountMax, "a pack has a bound")
        var offset = first
        var elements = 0
        while offset < byteCount {
            offset = next(offset)
            elements += 1
        }
        invariant(offset == byteCount, "the last element ends where the pack does")
        invariant(elements == count, "a pack counts its elements")
        invariant(elements > 0, "a collection without elements is gone")
    }
}
