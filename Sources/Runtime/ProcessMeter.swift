import Glibc
import Node

/// Reads what the operating system says of the process, about once a second and only while the loop
/// runs: a loop that sleeps reads it when it wakes, before it answers anything.
struct ProcessMeter {
    private static let intervalNanoseconds: UInt64 = 1_000_000_000

    /// Brings `usage` up to date if it is older than a second.
    ///
    /// - Parameter now: of the monotonic clock, in nanoseconds.
    @inline(__always)
    static func refresh(_ usage: inout ProcessUsage, now: UInt64) {
        if _slowPath(now &- usage.readAt > intervalNanoseconds) { read(&usage, now) }
    }

    @inline(never)
    private static func read(_ usage: inout ProcessUsage, _ now: UInt64) {
        let pageSize = sysconf(Int32(_SC_PAGESIZE))
        usage.readAt = now
        usage.residentBytes = residentPageCount() * pageSize
        usage.machineMemoryBytes = sysconf(Int32(_SC_PHYS_PAGES)) * pageSize
        var times = rusage()
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &times)
        usage.userMicroseconds = microseconds(times.ru_utime)
        usage.systemMicroseconds = microseconds(times.ru_stime)
    }

    private static func microseconds(_ time: timeval) -> Int {
        time.tv_sec * 1_000_000 + Int(time.tv_usec)
    }

    /// The second number of /proc/self/statm; 0 where there is no such file.
    private static func residentPageCount() -> Int {
        let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        if file < 0 { return 0 }
        defer { close(file) }
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { text in
            let length = unsafe Glibc.read(file, text.baseAddress, text.count)
            if length <= 0 { return 0 }
            let words = unsafe String(decoding: text[..<length], as: UTF8.self)
                .split(separator: " ")
            return words.count > 1 ? Int(words[1]) ?? 0 : 0
        }
    }
}
