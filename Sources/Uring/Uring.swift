import Base
import CUring

/// The kernel's submission and completion queues of one thread: liburing in Swift.
///
/// A loop turn is: prepare operations (the methods of `Uring+Operations.swift`), enter the kernel
/// once (`Uring+Enter.swift`), walk what completed (`Uring+Completions.swift`).
///
/// 1. It belongs to the thread that made it (`IORING_SETUP_SINGLE_ISSUER`): made, used and dropped
///    there.
/// 2. Completions are produced only inside an enter (`IORING_SETUP_DEFER_TASKRUN`), never behind
///    the loop's back. So nothing interrupts the thread, and what the kernel shares with it stands
///    still between two enters.
/// 3. A full submission queue is not an error: the next operation first submits what is there.
///
/// Source: "Efficient IO with io_uring" (Axboe, 2019); io_uring_setup(2), io_uring_enter(2).
@safe
public struct Uring: ~Copyable {
    @usableFromInline let handle: UringHandle
    /// The same as the handle's: one indirection less where it counts.
    @usableFromInline let ring: UnsafeMutablePointer<io_uring>
    /// One per submission entry: the kernel reads a timeout's value when it consumes the entry.
    @usableFromInline let timespecs: UnsafeMutablePointer<__kernel_timespec>

    /// - Parameters:
    ///   - submissions: operations that fit between two enters; a power of two up to 32,768.
    ///   - completions: results that fit without the kernel's slow overflow list; a power of two,
    ///     at least `submissions`, up to 65,536.
    public init(submissions: UInt32, completions: UInt32) throws(UringSetupError) {
        handle = try UringHandle(submissions: submissions, completions: completions)
        unsafe ring = handle.ring
        unsafe timespecs = handle.timespecs
    }

    /// For ``wakeRing(_:result:token:sourceToken:)`` of other threads' rings; closed with the ring.
    public var descriptor: FileDescriptor {
        FileDescriptor(rawValue: unsafe ring.pointee.ring_fd)
    }

    /// Lets the threads that the kernel starts for this ring's slow operations run on these CPUs
    /// only: by themselves they would not keep to the process's own affinity. Without effect where
    /// the kernel refuses.
    public func restrictWorkers(to cpus: CPUSet) {
        unsafe withUnsafeBytes(of: cpus) { bytes in
            _ = unsafe gyre_restrict_workers(ring, bytes.baseAddress, UInt(bytes.count))
        }
    }
}

/// The ring itself. A class only so that what is registered with the ring (``BufferRing``) can
/// outlive the ``Uring`` value safely: whoever goes last tears it down. Counted at set-up, never
/// per operation.
@safe @usableFromInline
final class UringHandle {
    let ring: UnsafeMutablePointer<io_uring>
    let timespecs: UnsafeMutablePointer<__kernel_timespec>

    init(submissions: UInt32, completions: UInt32) throws(UringSetupError) {
        invariant(submissions.nonzeroBitCount == 1, "submission entries are a power of two")
        invariant(completions.nonzeroBitCount == 1, "completion entries are a power of two")
        invariant(completions >= submissions, "every submission needs room for its completion")
        unsafe ring = .allocate(capacity: 1)
        unsafe ring.initialize(to: io_uring())
        unsafe timespecs = .allocate(capacity: Int(submissions))
        unsafe timespecs.initialize(repeating: __kernel_timespec(), count: Int(submissions))
        let code = unsafe UringHandle.setUp(
            ring, submissions: submissions, completions: completions)
        if code < 0 {
            unsafe ring.deallocate()
            unsafe timespecs.deallocate()
            throw UringSetupError(code: -code)
        }
    }

    deinit {
        unsafe io_uring_queue_exit(ring)
        unsafe ring.deallocate()
        unsafe timespecs.deallocate()
    }

    private static func setUp(
        _ ring: UnsafeMutablePointer<io_uring>, submissions: UInt32, completions: UInt32
    ) -> Int32 {
        var parameters = io_uring_params()
        parameters.flags = UringHandle.setupFlags
        parameters.cq_entries = completions
        let code = unsafe io_uring_queue_init_params(submissions, ring, &parameters)
        if code < 0 { return code }
        unsafe gyre_submission_identity(ring)
        // Saves the look-up of the descriptor in every enter. It can fail only for want of memory;
        // the plain descriptor then stays in use.
        _ = unsafe io_uring_register_ring_fd(ring)
        return 0
    }

    /// All known since Linux 6.1, the oldest kernel that Gyre runs on.
    static let setupFlags =
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG
        | IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL
}
