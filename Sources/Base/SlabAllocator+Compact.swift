// Giving memory back when blocks of other sizes are wanted than those that were freed.
//
// A page serves one size class until its last block is freed, and keys that go at random leave
// holes in all pages. So sparse pages can be drained: they give no more blocks, their owner moves
// the blocks that it finds in them elsewhere, and then they are free for any class. Free pages
// beyond a few can be given back to the system.

import Glibc

/// Pages that are being drained, by address.
public struct DrainingPages: ~Copyable {
    fileprivate var pages = HashSet64()
    fileprivate var list = GrowableArray<UInt64>(capacity: 64)

    /// None.
    public init() {}

    /// Whether no page is being drained.
    public var isEmpty: Bool { list.isEmpty }

    /// Whether a block is in a page that is being drained; any address may be asked for.
    @inline(__always)
    public func contains(_ block: UnsafeMutableRawPointer) -> Bool {
        let number = UInt64(UInt(bitPattern: block)) >> 16
        if !pages.contains(number) { return false }
        // It may have become free meanwhile, and serve another class.
        let page = unsafe UnsafeMutableRawPointer(bitPattern: UInt(number << 16)).unsafelyUnwrapped
        return unsafe page.assumingMemoryBound(to: PageHeader.self).pointee.isDraining
    }
}

extension SlabAllocator {
    /// Begins to drain the sparsest pages of each size class, as many as the others have room for.
    public mutating func drainSparsePages(_ draining: inout DrainingPages) {
        for index in 0..<Self.classCount { drainSparsePages(ofClass: index, &draining) }
    }

    private mutating func drainSparsePages(ofClass index: Int, _ draining: inout DrainingPages) {
        let blockSize = unsafe classes[index].blockSize
        let capacity = (Self.pageSize - Self.pageHeaderSize) / blockSize
        // Pages by how full they are, in eighths.
        var counts = InlineArray<8, Int>(repeating: 0)
        var holes = 0
        var page = unsafe classes[index].partial
        while let this = unsafe page {
            let header = unsafe this.assumingMemoryBound(to: PageHeader.self)
            let used = unsafe header.pointee.used
            holes += capacity - used
            counts[min(used * 8 / capacity, 7)] += 1
            unsafe page = header.pointee.next
        }
        var wanted = holes / capacity
        var bound = 0
        var isBelow = 0
        while bound < 7, isBelow + counts[bound] < wanted {
            isBelow += counts[bound]
            bound += 1
        }
        unsafe page = classes[index].partial
        while let this = unsafe page, wanted > 0 {
            let header = unsafe this.assumingMemoryBound(to: PageHeader.self)
            unsafe page = header.pointee.next
            if unsafe header.pointee.used * 8 / capacity > bound { continue }
            wanted -= 1
            unsafe unlinkPartial(this, index)
            unsafe header.pointee.isDraining = true
            let number = UInt64(UInt(bitPattern: this)) >> 16
            _ = draining.pages.insert(number)
            draining.list.append(number)
        }
    }

    /// Ends the draining: pages that are still in use serve again.
    public mutating func endDraining(_ draining: inout DrainingPages) {
        for place in 0..<draining.list.count {
            let number = draining.list[place]
            guard let page = unsafe UnsafeMutableRawPointer(bitPattern: UInt(number << 16)) else {
                continue
            }
            let header = unsafe page.assumingMemoryBound(to: PageHeader.self)
            // A page that has become free may serve another class by now.
            if unsafe !header.pointee.isDraining { continue }
            unsafe header.pointee.isDraining = false
            unsafe linkPartial(page, header.pointee.sizeClass)
        }
        draining = DrainingPages()
    }

    /// A block of a draining page was given back; with the last one the page is free.
    @inline(never)
    mutating func blockLeftDrainingPage(_ page: UnsafeMutableRawPointer) {
        let header = unsafe page.assumingMemoryBound(to: PageHeader.self)
        if unsafe header.pointee.used > 0 { return }
        unsafe header.pointee.isDraining = false
        unsafe addFreePage(page)
    }

    /// Gives free pages back to the system, all but `kept` of them, until at most ``residentMax``
    /// bytes are resident.
    public mutating func releaseFreePages(keeping kept: Int) {
        var page = unsafe freePages
        var passed = 0
        while let this = unsafe page {
            if residentBytes <= residentMax { return }
            passed += 1
            if passed > kept, unsafe this.load(fromByteOffset: 8, as: Int.self) == 0 {
                // The first part holds the list of free pages.
                let rest = Self.pageSize - Self.keptSize
                unsafe madvise(this + Self.keptSize, rest, MADV_DONTNEED)
                unsafe this.storeBytes(of: 1, toByteOffset: 8, as: Int.self)
                releasedBytes += rest
            }
            unsafe page = this.loadNext()
        }
    }

    /// What stays of a page that is given back: one page of the kernel's.
    static var keptSize: Int { 4096 }

    /// A free page is used again.
    mutating func noteReturn(of page: UnsafeMutableRawPointer) {
        if unsafe page.load(fromByteOffset: 8, as: Int.self) == 1 {
            releasedBytes -= Self.pageSize - Self.keptSize
        }
    }
}
