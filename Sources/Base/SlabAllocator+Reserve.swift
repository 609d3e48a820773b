import Glibc

/// Memory that an allocator will use next.
@safe
public struct MemoryRegion: BitwiseCopyable, @unchecked Sendable {
    /// Undefined content; to be touched and otherwise left alone.
    public let buffer: UnsafeMutableRawBufferPointer
}

extension SlabAllocator {
    /// So many pages are kept ahead: two regions. They last some thousand inserts per page; to make
    /// a region present took 4.7 ms on a virtual machine whose host backs memory page by page.
    static var reservePageCount: Int { 64 }

    /// Whether few pages are left ahead, and none are being prepared.
    public var wantsRegion: Bool {
        let isShort = freePageCount < Self.reservePageCount
        return unsafe isShort && pendingRegion == nil
    }

    /// A new region when few pages are left ahead, for the caller to have touched in the
    /// background, and then to report to ``regionPrepared()``. Used as it is if it is needed before
    /// that. One at a time; nil while one is prepared.
    public mutating func takeRegionToPrepare() -> MemoryRegion? {
        if !wantsRegion { return nil }
        if residentBytes > residentMax - Self.regionSize { return nil }
        let region = unsafe makeRegion()
        unsafe pendingRegion = region
        return unsafe MemoryRegion(
            buffer: UnsafeMutableRawBufferPointer(start: region, count: Self.regionSize))
    }

    /// The region that was taken to be prepared has been touched.
    public mutating func regionPrepared() {
        if unsafe pendingRegion != nil { addPages() }
    }

    /// Bytes of pages that blocks have been handed out from, and of blocks that came from malloc.
    public var activeBytes: Int {
        let pending = unsafe pendingRegion == nil ? 0 : Self.regionSize
        return regionBytes - pending - freePageCount * Self.pageSize + largeBytes
    }

    /// Adds the pages of the pending region, or of a new one, to the free ones. Writes the first
    /// words of each page.
    @inline(never)
    mutating func addPages() {
        let region = unsafe pendingRegion ?? makeRegion()
        unsafe pendingRegion = nil
        var offset = Self.regionSize - Self.pageSize
        while offset >= 0 {
            unsafe addFreePage(region + offset)
            offset -= Self.pageSize
        }
    }

    /// Takes 2 MiB from the system, untouched.
    private mutating func makeRegion() -> UnsafeMutableRawPointer {
        var memory: UnsafeMutableRawPointer?
        let outcome = unsafe posix_memalign(&memory, Self.regionSize, Self.regionSize)
        guard outcome == 0, let region = unsafe memory else {
            invariantFailed("out of memory for a slab region")
        }
        unsafe madvise(region, Self.regionSize, MADV_HUGEPAGE)
        regionBytes += Self.regionSize
        guard let record = unsafe malloc(16) else {
            invariantFailed("out of memory for a slab region's record")
        }
        unsafe record.storeNext(regions)
        unsafe record.storeBytes(of: region, toByteOffset: 8, as: UnsafeMutableRawPointer.self)
        unsafe regions = record
        return unsafe region
    }
}
