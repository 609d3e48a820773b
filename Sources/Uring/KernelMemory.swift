import CUring
import Glibc

/// Memory that goes back to the kernel. System calls: for what an operator asks for.
public enum KernelMemory {
    /// Has the C library give back what it holds and does not need.
    public static func trimHeap() {
        malloc_trim(0)
    }
}
