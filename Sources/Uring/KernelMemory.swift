import CUring
import Glibc

/// Memory that goes back to the kernel. System calls: for what an operator asks for.
public enum KernelMemory {
    /// Has the C library give back what it holds and does not need.
    public static func trimHeap() {
        malloc_trim(0)
    }

    /// Unmaps the pages of code that are in memory, the executable's and its libraries'. What runs
    /// again comes back from the kernel's cache, a fault for each 64 KiB or so; what only starting
    /// needed does not, which is most of it.
    public static func releaseCode() {
        guard let file = unsafe fopen("/proc/self/maps", "re") else { return }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        while unsafe getline(&line, &capacity, file) > 0, let text = unsafe line {
            unsafe releaseCode(mapping: text)
        }
        unsafe free(line)
        unsafe fclose(file)
    }

    /// - Parameter line: of a mapping, "start-end r-xp offset device inode path".
    private static func releaseCode(mapping line: UnsafeMutablePointer<CChar>) {
        var rest: UnsafeMutablePointer<CChar>?
        let start = unsafe strtoul(line, &rest, 16)
        guard let dash = unsafe rest else { return }
        let end = unsafe strtoul(dash + 1, &rest, 16)
        // Of a file, executed and never written: nothing in it is the process's own.
        guard let rights = unsafe rest, unsafe strncmp(rights, " r-xp ", 6) == 0,
            unsafe strchr(rights, 0x2F) != nil
        else { return }
        unsafe madvise(
            UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_DONTNEED)
    }
}
