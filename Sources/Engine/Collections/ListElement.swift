// Elements of lists: as those of a pack, each followed by a trailer with its length, so that a list
// is walked from either end.
//
//     …   element   as PackElement.swift encodes it
//     …   length    nothing, 16 or 32 bits
//     …   mark      u8: 0…251 the element's length; 252, 253: the length stands before it
//
// The stride of an element is its length and that of its trailer.

import Base

/// An element of a list as it is written.
struct ListElement {
    private let element: PackEncoding
    /// How many bytes it takes with its trailer.
    let stride: Int

    /// Of an argument: an integer where the bytes spell one.
    @inline(__always)
    init(_ bytes: Bytes) {
        self.init(PackEncoding(bytes))
    }

    @inline(__always)
    init(_ element: PackEncoding) {
        self.element = element
        stride = element.size &+ Self.trailerSize(element.size)
    }

    /// Writes its ``stride`` bytes.
    @inline(__always)
    func write(to target: UnsafeMutableRawPointer) {
        unsafe element.write(to: target)
        unsafe Self.writeTrailer(element.size, behind: target + element.size)
    }

    // MARK: Trailers

    private static let mark16: UInt8 = 252
    private static let mark32: UInt8 = 253

    @inline(__always)
    static func trailerSize(_ length: Int) -> Int {
        length < mark16 ? 1 : length <= 0xFFFF ? 3 : 5
    }

    @inline(__always)
    private static func writeTrailer(_ length: Int, behind end: UnsafeMutableRawPointer) {
        if length < mark16 {
            unsafe end.storeBytes(of: UInt8(length), as: UInt8.self)
        } else if length <= 0xFFFF {
            unsafe end.storeBytes(of: UInt16(length), as: UInt16.self)
            unsafe end.storeBytes(of: mark16, toByteOffset: 2, as: UInt8.self)
        } else {
            unsafe end.storeBytes(of: UInt32(length), as: UInt32.self)
            unsafe end.storeBytes(of: mark32, toByteOffset: 4, as: UInt8.self)
        }
    }

    // MARK: Strides

    /// The stride of the element that begins at `start`.
    @inline(__always)
    static func stride(at start: UnsafeRawPointer) -> Int {
        let length = unsafe PackEncoding.size(at: start)
        return length &+ trailerSize(length)
    }

    /// The stride of the element that ends before `end`, trailer included.
    @inline(__always)
    static func stride(before end: UnsafeRawPointer) -> Int {
        let mark = unsafe end.load(fromByteOffset: -1, as: UInt8.self)
        if mark < mark16 { return Int(mark) &+ 1 }
        if mark == mark16 {
            return unsafe Int(end.loadUnaligned(fromByteOffset: -3, as: UInt16.self)) &+ 3
        }
        return unsafe Int(end.loadUnaligned(fromByteOffset: -5, as: UInt32.self)) &+ 5
    }
}

/// Which end of a list, or which way through it.
enum ListSide {
    case left
    case right

    var other: ListSide { self == .left ? .right : .left }
}
