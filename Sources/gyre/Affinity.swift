import Foundation
import Settings

/// The CPUs that this process may run on, as `taskset`, cpusets and container limits leave them.
enum Affinity {
    /// CPU numbers in ascending order; CPU 0 alone when the kernel does not say.
    ///
    /// Read from `/proc`, because the C library's `cpu_set_t` ends at 1,024 CPUs.
    static var inherited: [Int] {
        let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        return status.flatMap(parse) ?? [0]
    }

    /// The CPUs that a text in the form of proc_pid_status(5) allows, or nil when it does not say.
    static func parse(_ status: String) -> [Int]? {
        let label = "Cpus_allowed_list:"
        let line = status.split(separator: "\n").first { $0.hasPrefix(label) }
        return line.flatMap { line in
            CPUList.parse(String(line.dropFirst(label.count).drop(while: \.isWhitespace)))
        }
    }
}
