import CUring
import Glibc

/// A set of CPU numbers: which CPUs a thread may run on.
public struct CPUSet: Sendable {
    /// CPU numbers are below this: the most that Linux is built for on x86-64.
    public static let cpuLimit = 8192

    private var words = InlineArray<128, UInt64>(repeating: 0)

    /// No CPU.
    public init() {}

    /// What the calling thread may use: what `taskset`, a cgroup or a container left to this
    /// process.
    public static func allowed() throws(SystemError) -> CPUSet {
        var set = CPUSet()
        let code = unsafe withUnsafeMutableBytes(of: &set.words) { bytes in
            unsafe gyre_affinity(bytes.baseAddress, UInt(bytes.count))
        }
        if code < 0 { throw SystemError(call: "sched_getaffinity", code: Int32(-code)) }
        return set
    }

    public var count: Int {
        words.indices.reduce(0) { $0 + words[$1].nonzeroBitCount }
    }

    public func contains(_ cpu: Int) -> Bool {
        if cpu < 0 || cpu >= CPUSet.cpuLimit { return false }
        return words[cpu / 64] >> UInt64(cpu % 64) & 1 == 1
    }

    /// - Parameter cpu: 0 up to but not ``cpuLimit``; others are ignored.
    public mutating func insert(_ cpu: Int) {
        if cpu < 0 || cpu >= CPUSet.cpuLimit { return }
        words[cpu / 64] |= 1 << UInt64(cpu % 64)
    }

    /// The lowest member above `cpu`; nil when there is none. Start with −1 to walk the set.
    public func next(after cpu: Int) -> Int? {
        var candidate = cpu + 1
        while candidate < CPUSet.cpuLimit {
            if contains(candidate) { return candidate }
            candidate += 1
        }
        return nil
    }

    /// Lets the calling thread run on these CPUs only.
    ///
    /// Throws `EINVAL` when none of them exists or is left to this process.
    public func pinCallingThread() throws(SystemError) {
        let code = unsafe withUnsafeBytes(of: words) { bytes in
            unsafe gyre_set_affinity(bytes.baseAddress, UInt(bytes.count))
        }
        if code < 0 { throw SystemError(call: "sched_setaffinity", code: Int32(-code)) }
    }
}
