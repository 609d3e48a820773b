// Size-class slabs for what a core keeps: entries and table buckets.
//
// Purpose. A key costs what its bytes cost: no header per block, size classes at most an eighth
// apart, so a 16-byte key with a 32-byte value takes one 64-byte block, aligned to its cache line.
//
// Ownership. One allocator per keyspace, used by one thread; a block is freed by the allocator that
// gave it.
//
// How. Memory comes in regions of 2 MiB (one huge page where the kernel grants them: random
// look-ups then miss the TLB once, not twice), each divided into pages of 64 KiB. A page serves one
// size class: a header of 64 bytes, then blocks. Freed blocks form a list in their page; a page
// that becomes empty can serve any class. A block over ``SlabAllocator/blockSizeMax`` comes from
// malloc.
//
// A region's first touch may cost milliseconds: the kernel clears 2 MiB, and under a hypervisor the
// host may have to find them page by page. So the allocator keeps regions ahead that somebody else
// has touched (SlabAllocator+Reserve.swift).
//
// Invariants.
// 1. A page's address is a multiple of its size, so a block's page is found by masking its address.
// 2. `used` of a page counts its blocks that are handed out; a page is in its class's list of
// partial pages
//    exactly when it has a block to give and is not the class's current page.
// 3. `usedBytes` is the sum of the class sizes of all blocks handed out.
// 4. `freePageCount` is the length of the list `freePages`; no page of `pendingRegion` is in it.

import Glibc

/// Gives and takes blocks by size; see the essay above.
@safe
public struct SlabAllocator: ~Copyable {
    /// Blocks of up to this many bytes come from slabs, larger ones from malloc.
    public static let blockSizeMax = 8192

    @usableFromInline static var pageSize: Int { 65_536 }
    @usableFromInline static var pageHeaderSize: Int { 64 }
    static var regionSize: Int { 2 << 20 }

    /// Bytes handed out, rounded up to their size classes.
    public private(set) var usedBytes: Int = 0
    /// Bytes of all regions taken from the system; what malloc gave is counted in ``usedBytes``
    /// only.
    public internal(set) var regionBytes: Int = 0
    /// Bytes of the blocks that malloc gave.
    private var largeBytes = 0
    /// Bytes of free pages that the system has back for now.
    var releasedBytes = 0
    /// Bytes of blocks that the owner has from malloc itself.
    public var outsideBytes = 0
    /// No region is taken ahead of need when that would make more bytes than this resident.
    public var residentMax = Int.max

    let classes: UnsafeMutablePointer<SizeClass>
    var freePages: UnsafeMutableRawPointer?
    var freePageCount = 0
    /// A region that is being touched by somebody else, who will report it.
    var pendingRegion: UnsafeMutableRawPointer?
    var regions: UnsafeMutableRawPointer?

    /// Bytes that are in memory, or soon will be: those of all regions, less what was given back,
    /// and what malloc gave to it and to its owner.
    public var residentBytes: Int { regionBytes - releasedBytes + largeBytes + outsideBytes }

    @safe
    struct SizeClass {
        var current: UnsafeMutableRawPointer?
        var partial: UnsafeMutableRawPointer?
        var blockSize: Int
    }

    /// An allocator that has taken no memory from the system yet.
    public init() {
        unsafe classes = .allocate(capacity: Self.classCount)
        for index in 0..<Self.classCount {
            unsafe (classes + index).initialize(
                to: SizeClass(
                    current: nil, partial: nil, blockSize: Self.blockSize(ofClass: index)))
        }
    }

    deinit {
        var region = unsafe regions
        while let this = unsafe region {
            unsafe region = this.loadNext()
            unsafe free(this.load(fromByteOffset: 8, as: UnsafeMutableRawPointer.self))
            unsafe free(this)
        }
        unsafe classes.deallocate()
    }

    // MARK: Size classes

    /// 16 bytes apart to 512, then eight classes to each doubling.
    static let classCount = 32 + 8 * 4

    /// The class whose blocks hold `size` bytes, 1...blockSizeMax.
    @inline(__always)
    static func sizeClass(of size: Int) -> Int {
        if size <= 512 { return (size &+ 15) &>> 4 &- 1 }
        let log = Int.bitWidth &- 1 &- (size &- 1).leadingZeroBitCount
        let step = log &- 3
        return 32 &+ (log &- 9) &* 8 &+ ((size &- 1) &>> step) &- 8
    }

    static func blockSize(ofClass index: Int) -> Int {
        if index < 32 { return (index + 1) * 16 }
        let doubling = (index - 32) / 8
        let part = (index - 32) % 8
        return (512 << doubling) + (part + 1) * (64 << doubling)
    }

    /// The bytes that a block for `size` bytes really has: what an in-place growth may use.
    @inline(__always)
    public static func usableSize(for size: Int) -> Int {
        if size > blockSizeMax { return size }
        if size <= 512 { return (size &+ 15) & ~15 }
        return blockSize(ofClass: sizeClass(of: size))
    }

    // MARK: Blocks

    /// A block of at least `size` bytes, aligned to 16 bytes, and to 64 where `size` is a multiple
    /// of 64. Its content is undefined.
    @inline(__always)
    public mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer {
        if _slowPath(size > Self.blockSizeMax) { return unsafe allocateLarge(size) }
        let index = Self.sizeClass(of: size)
        let blockSize = unsafe classes[index].blockSize
        usedBytes &+= blockSize
        if let page = unsafe classes[index].current {
            let header = unsafe page.assumingMemoryBound(to: PageHeader.self)
            if let block = unsafe header.pointee.free {
                unsafe header.pointee.free = unsafe block.loadNext()
                unsafe header.pointee.used &+= 1
                return unsafe block
            }
            if unsafe header.pointee.bump &+ blockSize <= Self.pageSize {
                let block = unsafe page + header.pointee.bump
                unsafe header.pointee.bump &+= blockSize
                unsafe header.pointee.used &+= 1
                return unsafe block
            }
        }
        return unsafe allocateFromNextPage(index)
    }

    /// Takes back a block that ``allocate(_:)`` gave for the same `size`.
    @inline(__always)
    public mutating func deallocate(_ block: UnsafeMutableRawPointer, _ size: Int) {
        if _slowPath(size > Self.blockSizeMax) {
            usedBytes &-= size
            largeBytes &-= size
            unsafe free(block)
            return
        }
        let page = unsafe block.page(Self.pageSize)
        let header = unsafe page.assumingMemoryBound(to: PageHeader.self)
        let index = unsafe header.pointee.sizeClass
        let hadNone = unsafe header.pointee.isFull(Self.pageSize)
        unsafe usedBytes &-= classes[index].blockSize
        unsafe block.storeNext(header.pointee.free)
        unsafe header.pointee.free = block
        unsafe header.pointee.used &-= 1
        if unsafe page == classes[index].current { return }
        if unsafe _slowPath(header.pointee.isDraining) {
            unsafe blockLeftDrainingPage(page)
            return
        }
        if hadNone { unsafe linkPartial(page, index) }
        if unsafe header.pointee.used == 0 { unsafe releasePage(page, index) }
    }

    @inline(never)
    private mutating func allocateLarge(_ size: Int) -> UnsafeMutableRawPointer {
        usedBytes &+= size
        largeBytes &+= size
        guard let block = unsafe malloc(size) else {
            invariantFailed("out of memory for a large block")
        }
        return unsafe block
    }
}

/// What stands at the start of each page.
@safe
struct PageHeader {
    /// Blocks given back, linked through their first word.
    var free: UnsafeMutableRawPointer?
    /// Offset of the first block never handed out.
    var bump: Int
    var blockSize: Int
    var sizeClass: Int
    var used: Int
    /// Gives no blocks, so that it becomes empty (SlabAllocator+Compact.swift).
    var isDraining = false
    /// Neighbours in the class's list of partial pages.
    var next: UnsafeMutableRawPointer?
    var previous: UnsafeMutableRawPointer?

    func isFull(_ pageSize: Int) -> Bool {
        unsafe free == nil && bump &+ blockSize > pageSize
    }
}

extension SlabAllocator {
    @inline(never)
    private mutating func allocateFromNextPage(_ index: Int) -> UnsafeMutableRawPointer {
        let page = unsafe takePage(index)
        unsafe classes[index].current = page
        let header = unsafe page.assumingMemoryBound(to: PageHeader.self)
        unsafe header.pointee.used &+= 1
        if let block = unsafe header.pointee.free {
            unsafe header.pointee.free = unsafe block.loadNext()
            return unsafe block
        }
        let block = unsafe page + header.pointee.bump
        unsafe header.pointee.bump &+= header.pointee.blockSize
        return unsafe block
    }

    /// A page with a block to give: a partial one of the class, an empty one, or one of a new
    /// region.
    private mutating func takePage(_ index: Int) -> UnsafeMutableRawPointer {
        if let page = unsafe classes[index].partial {
            unsafe unlinkPartial(page, index)
            return unsafe page
        }
        if unsafe freePages == nil { addPages() }
        let page = unsafe freePages!
        unsafe freePages = unsafe page.loadNext()
        freePageCount &-= 1
        unsafe noteReturn(of: page)
        unsafe page.initializeMemory(
            as: PageHeader.self,
            to: PageHeader(
                free: nil, bump: Self.pageHeaderSize, blockSize: classes[index].blockSize,
                sizeClass: index, used: 0, next: nil, previous: nil))
        return unsafe page
    }

    mutating func linkPartial(_ page: UnsafeMutableRawPointer, _ index: Int) {
        let header = unsafe page.assumingMemoryBound(to: PageHeader.self)
        unsafe header.pointee.previous = nil
        unsafe header.pointee.next = unsafe classes[index].partial
        if let next = unsafe header.pointee.next {
            unsafe next.assumingMemoryBound(to: PageHeader.self).pointee.previous = page
        }
        unsafe classes[index].partial = page
    }

    mutating func unlinkPartial(_ page: UnsafeMutableRawPointer, _ index: Int) {
        let header = unsafe page.assumingMemoryBound(to: PageHeader.self)
        if let next = unsafe header.pointee.next {
            unsafe next.assumingMemoryBound(to: PageHeader.self).pointee.previous =
                header.pointee.previous
        }
        if let previous = unsafe header.pointee.previous {
            unsafe previous.assumingMemoryBound(to: PageHeader.self).pointee.next =
                header.pointee.next
        } else {
            unsafe classes[index].partial = unsafe header.pointee.next
        }
    }

    private mutating func releasePage(_ page: UnsafeMutableRawPointer, _ index: Int) {
        unsafe unlinkPartial(page, index)
        unsafe addFreePage(page)
    }

    mutating func addFreePage(_ page: UnsafeMutableRawPointer) {
        unsafe page.storeNext(freePages)
        unsafe page.storeBytes(of: 0, toByteOffset: 8, as: Int.self)
        unsafe freePages = page
        freePageCount &+= 1
    }
}

extension UnsafeMutableRawPointer {
    @inline(__always)
    func loadNext() -> UnsafeMutableRawPointer? {
        unsafe load(as: UnsafeMutableRawPointer?.self)
    }

    @inline(__always)
    func storeNext(_ next: UnsafeMutableRawPointer?) {
        unsafe storeBytes(of: next, as: UnsafeMutableRawPointer?.self)
    }

    @inline(__always)
    fileprivate func page(_ size: Int) -> UnsafeMutableRawPointer {
        unsafe UnsafeMutableRawPointer(bitPattern: UInt(bitPattern: self) & ~UInt(size - 1))
            .unsafelyUnwrapped
    }
}
