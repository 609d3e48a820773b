import Glibc

/// The kernel's clocks, in nanoseconds. The first two cost no system call (vDSO, some 20 ns).
public enum Clocks {
    /// Since an arbitrary point; never goes back. Stands still while the machine is suspended.
    public static func monotonicNanoseconds() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// Since 1970 in UTC; may jump when the operator or NTP sets it.
    public static func realTimeNanoseconds() -> UInt64 { read(CLOCK_REALTIME) }

    /// CPU time that the calling thread has used, in user mode and in the kernel. A system call.
    public static func threadCPUNanoseconds() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
