// A member of a sorted set: its score and its bytes, in one block.
//
// Layout, in bytes from the start (docs/internals/sorted-set.md):
//
//     0   score     f64   never NaN
//     8   length    u32   of the member
//     12  bytes           of the member
//
// The block stays where it is for as long as the member is in its set: a hash table finds it by
// its bytes, a RankTree keeps it in its place, and both hold its address only.

import Base
import CIntrinsics

/// A reference to a member's block. It owns nothing: whoever allocates the block frees it, after it
/// left every structure that holds its address.
@safe
package struct ScoredMember: BitwiseCopyable {
    let pointer: UnsafeMutableRawPointer

    static let headerSize = 12

    @inline(__always)
    init(_ pointer: UnsafeMutableRawPointer) {
        unsafe self.pointer = pointer
    }

    /// A new block with this score and a copy of `bytes`, at most 4 GiB - 1 of them.
    package static func allocate(
        score: Double, _ bytes: Bytes, _ memory: inout SlabAllocator
    ) -> ScoredMember {
        let block = unsafe memory.allocate(size(bytes.count))
        let member = unsafe ScoredMember(block)
        member.score = score
        unsafe block.storeBytes(of: UInt32(bytes.count), toByteOffset: 8, as: UInt32.self)
        unsafe (block + headerSize).copyMemory(from: bytes.start, byteCount: bytes.count)
        return member
    }

    /// Gives the block back to the allocator that it came from.
    package func free(_ memory: inout SlabAllocator) {
        unsafe memory.deallocate(pointer, size)
    }

    /// The bytes of memory that a member of `length` bytes takes before rounding.
    @inline(__always)
    package static func size(_ length: Int) -> Int {
        headerSize &+ length
    }

    @inline(__always)
    package var size: Int { Self.size(length) }

    /// The score. Of a member in a tree only ``RankTree/changeScore(of:to:_:)`` may change it.
    @inline(__always)
    package var score: Double {
        get { unsafe pointer.load(as: Double.self) }
        nonmutating set { unsafe pointer.storeBytes(of: newValue, as: Double.self) }
    }

    @inline(__always)
    package var length: Int {
        unsafe Int(pointer.load(fromByteOffset: 8, as: UInt32.self))
    }

    /// The member's bytes, a view into the block.
    @inline(__always)
    package var bytes: Bytes {
        unsafe Bytes(start: pointer + Self.headerSize, count: length)
    }

    /// Asks for the block's first cache line.
    @inline(__always)
    package func prefetch() {
        unsafe gyre_prefetch(pointer)
    }

    /// Whether both are the same block.
    @inline(__always)
    package static func == (left: ScoredMember, right: ScoredMember) -> Bool {
        unsafe left.pointer == right.pointer
    }
}
