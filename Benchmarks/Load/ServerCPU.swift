import Glibc

/// The CPU time that a process has used, by the kernel's clock of the process: nanoseconds, where
/// `/proc/PID/stat` counts in hundredths of a second. Threads that have ended are in it: the
/// kernel's workers of an io_uring come and go.
enum ServerCPU {
    /// Of all threads; 0 when the process is gone.
    static func nanoseconds(of pid: Int32) -> UInt64 {
        var clock = clockid_t()
        var time = timespec()
        guard unsafe clock_getcpuclockid(pid, &clock) == 0,
            unsafe clock_gettime(clock, &time) == 0
        else { return 0 }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
