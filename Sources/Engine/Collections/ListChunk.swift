// A part of a large list: some elements in one block, with room on both sides
// (docs/internals/collections.md).
//
//     0   previous   address   the chunk to the left, or 0
//     8   next       address   the chunk to the right, or 0
//     16  capacity   u32       bytes of the block, this header included
//     20  start      u32       where the first element begins
//     24  end        u32       where the last one ends
//     28  count      u32
//     32  room, elements, room

import Base

/// A reference to a chunk. It owns nothing: the keyspace's allocator does.
@safe
struct ListChunk: BitwiseCopyable, Equatable {
    let pointer: UnsafeMutableRawPointer

    static let headerSize = 32

    @inline(__always)
    init(_ pointer: UnsafeMutableRawPointer) {
        unsafe self.pointer = pointer
    }

    /// A new chunk in a block of `capacity` bytes, without elements and without neighbours.
    ///
    /// - Parameter start: where elements will begin and end.
    init(_ pointer: UnsafeMutableRawPointer, capacity: Int, start: Int) {
        unsafe self.pointer = pointer
        previous = nil
        next = nil
        unsafe pointer.storeBytes(of: UInt32(capacity), toByteOffset: 16, as: UInt32.self)
        self.start = start
        end = start
        count = 0
    }

    @inline(__always)
    var previous: ListChunk? {
        get { unsafe Self.read(pointer, 0) }
        nonmutating set { unsafe Self.write(newValue, pointer, 0) }
    }

    @inline(__always)
    var next: ListChunk? {
        get { unsafe Self.read(pointer, 8) }
        nonmutating set { unsafe Self.write(newValue, pointer, 8) }
    }

    @inline(__always)
    var capacity: Int { unsafe Int(pointer.load(fromByteOffset: 16, as: UInt32.self)) }

    @inline(__always)
    var start: Int {
        get { unsafe Int(pointer.load(fromByteOffset: 20, as: UInt32.self)) }
        nonmutating set {
            unsafe pointer.storeBytes(of: UInt32(newValue), toByteOffset: 20, as: UInt32.self)
        }
    }

    @inline(__always)
    var end: Int {
        get { unsafe Int(pointer.load(fromByteOffset: 24, as: UInt32.self)) }
        nonmutating set {
            unsafe pointer.storeBytes(of: UInt32(newValue), toByteOffset: 24, as: UInt32.self)
        }
    }

    @inline(__always)
    var count: Int {
        get { unsafe Int(pointer.load(fromByteOffset: 28, as: UInt32.self)) }
        nonmutating set {
            unsafe pointer.storeBytes(of: UInt32(newValue), toByteOffset: 28, as: UInt32.self)
        }
    }

    /// Bytes of the elements.
    @inline(__always)
    var contentSize: Int { end &- start }

    /// The neighbour on a side.
    func neighbour(_ side: ListSide) -> ListChunk? {
        side == .left ? previous : next
    }

    // MARK: Room

    /// Makes the elements `size` bytes longer on a side, if there is room; returns where the new
    /// bytes are.
    @inline(__always)
    func takeRoom(_ side: ListSide, _ size: Int) -> UnsafeMutableRawPointer? {
        switch side {
        case .left:
            let start = start
            if start &- Self.headerSize < size { return nil }
            self.start = start &- size
            return unsafe pointer + (start &- size)
        case .right:
            let end = end
            if capacity &- end < size { return nil }
            self.end = end &+ size
            return unsafe pointer + end
        }
    }

    /// Moves the elements within the block.
    func moveContent(to newStart: Int) {
        let size = contentSize
        invariant(newStart >= Self.headerSize, "elements begin behind the header")
        invariant(newStart + size <= capacity, "elements end inside the block")
        unsafe (pointer + newStart).copyMemory(from: pointer + start, byteCount: size)
        start = newStart
        end = newStart + size
    }

    /// Opens a gap of `size` bytes before `offset`, counted from the block's start, by moving the
    /// side that is shorter, or else the one that can be moved; returns where the gap is, or nil
    /// where neither side has the room.
    func openGap(_ size: Int, at offset: Int) -> Int? {
        let left = offset - start
        let right = end - offset
        let canMoveLeft = start - Self.headerSize >= size
        let canMoveRight = capacity - end >= size
        if canMoveLeft && (left <= right || !canMoveRight) {
            unsafe (pointer + start - size).copyMemory(from: pointer + start, byteCount: left)
            start -= size
            return offset - size
        }
        if !canMoveRight { return nil }
        unsafe (pointer + offset + size).copyMemory(from: pointer + offset, byteCount: right)
        end += size
        return offset
    }

    /// Takes `size` bytes out at `offset`, counted from the block's start, by moving the shorter
    /// side; returns where what followed them is now.
    @discardableResult
    func closeGap(_ size: Int, at offset: Int) -> Int {
        if size == 0 { return offset }
        let left = offset - start
        let right = end - offset - size
        if left <= right {
            unsafe (pointer + start + size).copyMemory(from: pointer + start, byteCount: left)
            start += size
            return offset + size
        }
        unsafe (pointer + offset).copyMemory(from: pointer + offset + size, byteCount: right)
        end -= size
        return offset
    }

    @inline(__always)
    private static func read(_ pointer: UnsafeMutableRawPointer, _ offset: Int) -> ListChunk? {
        let address = unsafe pointer.load(
            fromByteOffset: offset, as: UnsafeMutableRawPointer?.self)
        guard let address = unsafe address else { return nil }
        return unsafe ListChunk(address)
    }

    @inline(__always)
    private static func write(
        _ chunk: ListChunk?, _ pointer: UnsafeMutableRawPointer, _ offset: Int
    ) {
        unsafe pointer.storeBytes(
            of: chunk?.pointer, toByteOffset: offset, as: UnsafeMutableRawPointer?.self)
    }

    static func == (left: ListChunk, right: ListChunk) -> Bool {
        unsafe left.pointer == right.pointer
    }
}
