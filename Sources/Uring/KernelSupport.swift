import CUring
import Glibc

/// What this kernel offers to this process, as values: probed once at start, so that what is
/// missing can be said to the operator in a sentence before anything is served.
public struct KernelSupport: Sendable {
    /// The kernel's release, as "6.1.0-18-amd64".
    public let release: String
    /// The release's first two numbers.
    public let version: KernelVersion
    /// Why a ring like ours cannot be set up; nil when it can.
    public let ringRefusal: UringSetupError?
    /// Operations that Gyre needs and this kernel lacks, by their names; empty when all is well or
    /// when there is no ring to ask.
    public let missingOperations: String
    /// `RLIMIT_MEMLOCK`: bytes that this process may lock.
    public let lockedMemory: ResourceLimit
    /// `RLIMIT_NOFILE`: file descriptors that this process may have open.
    public let openFiles: ResourceLimit

    /// Asks the kernel; takes about a millisecond.
    public static func probe() -> KernelSupport {
        let release = KernelSupport.release()
        let (refusal, missing) = probeRing()
        return KernelSupport(
            release: release, version: KernelVersion(release: release), ringRefusal: refusal,
            missingOperations: missing, lockedMemory: .read(__RLIMIT_MEMLOCK),
            openFiles: .read(RLIMIT_NOFILE))
    }

    private static func release() -> String {
        var name = utsname()
        guard unsafe uname(&name) == 0 else { return "" }
        return unsafe withUnsafeBytes(of: name.release) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Sets up a small ring as the loop will, and asks it for its operations.
    private static func probeRing() -> (UringSetupError?, String) {
        let ring: Uring
        do throws(UringSetupError) {
            ring = try Uring(submissions: 8, completions: 16)
        } catch {
            return (error, "")
        }
        guard let probe = unsafe io_uring_get_probe_ring(ring.ring) else { return (nil, "") }
        defer { unsafe io_uring_free_probe(probe) }
        var missing = ""
        for row in OperationNeeded.allCases
        where unsafe !gyre_opcode_supported(probe, row.opcode) {
            missing += missing.isEmpty ? "\(row)" : " \(row)"
        }
        return (nil, missing)
    }
}

/// A kernel's version, ordered.
public struct KernelVersion: Comparable, Sendable, CustomStringConvertible {
    /// The first number: 6 of 6.1.
    public let major: Int
    /// The second number: 1 of 6.1.
    public let minor: Int

    /// The oldest kernel with every feature that the loop uses (multishot receive, provided buffer
    /// rings, deferred task work): December 2022.
    public static let oldestSupported = KernelVersion(major: 6, minor: 1)

    /// The version of these two numbers.
    public init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// The first two numbers of "6.1.0-18-amd64"; what is no number counts as 0.
    public init(release: String) {
        var parts = release.split(separator: ".", maxSplits: 2).makeIterator()
        major = parts.next().flatMap { Int($0) } ?? 0
        minor = parts.next().flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
    }

    public static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    public var description: String { "\(major).\(minor)" }
}

/// A limit of this process, as getrlimit(2) gives it; `UInt64.max` is no limit.
public struct ResourceLimit: Equatable, Sendable {
    /// What holds now.
    public let soft: UInt64
    /// How far the process may raise it by itself.
    public let hard: UInt64

    /// Raises the soft limit of open files to the hard one; returns what then holds. A refusal
    /// changes nothing.
    public static func raiseOpenFiles() -> ResourceLimit {
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            limit.rlim_cur = limit.rlim_max
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return read(RLIMIT_NOFILE)
    }

    static func read(_ resource: __rlimit_resource) -> ResourceLimit {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit)
        return ResourceLimit(soft: UInt64(limit.rlim_cur), hard: UInt64(limit.rlim_max))
    }
}

/// The operations that the loop cannot do without.
private enum OperationNeeded: CaseIterable {
    case accept, receive, send, asyncCancel, close, shutdown, timeout, messageRing, pollAdd

    var opcode: Int32 {
        switch self {
        case .accept: Int32(IORING_OP_ACCEPT.rawValue)
        case .receive: Int32(IORING_OP_RECV.rawValue)
        case .send: Int32(IORING_OP_SEND.rawValue)
        case .asyncCancel: Int32(IORING_OP_ASYNC_CANCEL.rawValue)
        case .close: Int32(IORING_OP_CLOSE.rawValue)
        case .shutdown: Int32(IORING_OP_SHUTDOWN.rawValue)
        case .timeout: Int32(IORING_OP_TIMEOUT.rawValue)
        case .messageRing: Int32(IORING_OP_MSG_RING.rawValue)
        case .pollAdd: Int32(IORING_OP_POLL_ADD.rawValue)
        }
    }
}
