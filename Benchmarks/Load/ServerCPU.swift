import Glibc

/// The CPU time that a process has used, from the scheduler's own account of each thread
/// (`/proc/PID/task/*/schedstat`): nanoseconds, where `/proc/PID/stat` counts in hundredths of a
/// second.
enum ServerCPU {
    /// Of all threads that are alive; 0 when the process is gone.
    static func nanoseconds(of pid: Int32) -> UInt64 {
        let directory = "/proc/\(pid)/task"
        guard let handle = unsafe opendir(directory) else { return 0 }
        defer { unsafe closedir(handle) }
        var sum: UInt64 = 0
        while let entry = unsafe readdir(handle) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(".") { continue }
            sum += firstNumber(in: "\(directory)/\(name)/schedstat")
        }
        return sum
    }

    private static func firstNumber(in path: String) -> UInt64 {
        guard let file = unsafe fopen(path, "r") else { return 0 }
        defer { unsafe fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard unsafe fgets(&line, Int32(line.count), file) != nil else { return 0 }
        return unsafe strtoull(line, nil, 10)
    }
}
