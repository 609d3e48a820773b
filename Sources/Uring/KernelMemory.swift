import CUring
import Glibc

/// Memory that goes back to the kernel. System calls: for what an operator asks for.
public enum KernelMemory {
    /// Gives the pages inside of `memory` back. They read as zeros when they are used again.
    public static func release(_ memory: UnsafeMutableRawBufferPointer) {
        unsafe madvise(memory.baseAddress, memory.count, MADV_DONTNEED)
    }

    /// Has the C library give back what it holds and does not need.
    public static func trimHeap() {
        malloc_trim(0)
    }
}
