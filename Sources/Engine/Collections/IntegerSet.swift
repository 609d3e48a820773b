// A small set of integers inside its entry: a byte that tells their width, then the integers of
// that width in ascending order (docs/internals/collections.md). Their number follows from the
// length.

import Base

/// A view of an integer set's bytes. The next write to the keyspace ends it.
@safe
struct IntegerSet {
    let start: UnsafeMutableRawPointer
    /// The end of the last integer, counted from ``start``.
    let byteCount: Int

    /// What stands before the integers.
    static let headerSize = 1

    @inline(__always)
    init(_ entry: Entry) {
        unsafe start = entry.pointer + entry.keyOffset + entry.keyLength
        byteCount = entry.inlineLength
    }

    /// The bytes of each integer: 2, 4 or 8.
    @inline(__always)
    var width: Int {
        get { unsafe Int(start.load(as: UInt8.self)) }
        nonmutating set { unsafe start.storeBytes(of: UInt8(newValue), as: UInt8.self) }
    }

    @inline(__always)
    var count: Int {
        (byteCount &- Self.headerSize) &>> width.trailingZeroBitCount
    }

    /// The bytes that `value` needs.
    @inline(__always)
    static func width(of value: Int64) -> Int {
        if Int16(exactly: value) != nil { return 2 }
        return Int32(exactly: value) != nil ? 4 : 8
    }

    /// Where integer number `index` begins.
    @inline(__always)
    func offset(_ index: Int) -> Int {
        Self.headerSize &+ index &* width
    }

    /// Integer number `index`, 0..<count, of those in ascending order.
    @inline(__always)
    subscript(index: Int) -> Int64 {
        invariant(UInt(bitPattern: index) < UInt(bitPattern: count), "an integer is there")
        return load(index, width)
    }

    @inline(__always)
    private func load(_ index: Int, _ width: Int) -> Int64 {
        let here = unsafe start + Self.headerSize + index &* width
        switch width {
        case 2: return unsafe Int64(here.loadUnaligned(as: Int16.self))
        case 4: return unsafe Int64(here.loadUnaligned(as: Int32.self))
        default: return unsafe here.loadUnaligned(as: Int64.self)
        }
    }

    /// Puts `value`, which fits the width, into place `index`.
    func store(_ value: Int64, at index: Int) {
        unsafe Self.store(value, width, to: start + offset(index))
    }

    private static func store(_ value: Int64, _ width: Int, to target: UnsafeMutableRawPointer) {
        switch width {
        case 2: unsafe target.storeBytes(of: Int16(value), as: Int16.self)
        case 4: unsafe target.storeBytes(of: Int32(value), as: Int32.self)
        default: unsafe target.storeBytes(of: value, as: Int64.self)
        }
    }

    /// Whether `value` is there.
    @inline(__always)
    func contains(_ value: Int64) -> Bool {
        let place = place(of: value)
        return place < count && load(place, width) == value
    }

    /// How many integers are below `value`: where it stands or would stand.
    @inline(__always)
    func place(of value: Int64) -> Int {
        let width = width
        var first = 0
        var left = count
        // What is below `first` is smaller; what is past `first + left` is not.
        while left > 0 {
            let half = left &>> 1
            let isSmaller = load(first &+ half, width) < value
            first = isSmaller ? first &+ half &+ 1 : first
            left = isSmaller ? left &- half &- 1 : half
        }
        return first
    }

    /// Gives all integers `newWidth`, from the last on, so that none is overwritten before it is
    /// read; the bytes are there. The first one moves to place `shift`, 0 or 1.
    func widen(from oldWidth: Int, to newWidth: Int, count: Int, shift: Int) {
        width = newWidth
        for index in stride(from: count - 1, through: 0, by: -1) {
            store(load(index, oldWidth), at: index + shift)
        }
    }

    /// Ends the process unless the integers are of a known width, in order, and within the bound.
    func checkInvariants() {
        invariant(byteCount <= Pack.byteCountMax, "an integer set has a bound")
        invariant(width == 2 || width == 4 || width == 8, "an integer has 2, 4 or 8 bytes")
        invariant((byteCount - Self.headerSize) % width == 0, "the integers fill the set")
        invariant(count > 0, "a collection without elements is gone")
        for index in 1..<max(count, 1) {
            invariant(self[index - 1] < self[index], "the integers ascend")
        }
    }
}
