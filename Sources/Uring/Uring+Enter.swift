import Base
import CUring
import Glibc

/// Entering the kernel: once per loop turn, in the form that the turn needs.
///
/// Signals, an expired timeout and a passing want of memory end an enter early without an error:
/// the caller looks at ``Uring/completions()`` anyway. What could not be submitted stays queued for
/// the next enter.
extension Uring {
    /// Submits everything and sleeps until at least `count` completions are there.
    @inlinable
    public mutating func submitAndWait(for count: UInt32) {
        enter(wait: count, flags: IORING_ENTER_GETEVENTS)
    }

    /// The same, but sleeps for at most `timeoutNanoseconds`.
    public mutating func submitAndWait(for count: UInt32, timeoutNanoseconds: UInt64) {
        var timeout = __kernel_timespec(nanoseconds: timeoutNanoseconds)
        let queued = unsafe gyre_submission_publish(ring)
        unsafe check(
            gyre_enter_with_timeout(
                ring, queued, count, IORING_ENTER_GETEVENTS | enterFlags, &timeout))
    }

    /// Submits everything and lets the kernel's deferred work produce its completions; never
    /// sleeps.
    @inlinable
    public mutating func submitAndRunTaskWork() {
        enter(wait: 0, flags: IORING_ENTER_GETEVENTS)
    }

    /// Operations are prepared that the next enter submits.
    @inlinable
    public var hasSubmissions: Bool { unsafe gyre_submission_count(ring) > 0 }

    /// Lets the processor rest for some cycles, in a loop that looks at ``needsTaskRun``.
    @inlinable @inline(__always)
    public func relax() { gyre_relax() }

    /// Submits everything, nothing else; no system call when nothing is queued.
    public mutating func submit() {
        if unsafe gyre_submission_publish(ring) > 0 { enter(wait: 0, flags: 0) }
    }

    @inlinable
    mutating func enter(wait: UInt32, flags: UInt32) {
        let queued = unsafe gyre_submission_publish(ring)
        let descriptor = unsafe UInt32(bitPattern: ring.pointee.enter_ring_fd)
        check(io_uring_enter(descriptor, queued, wait, flags | enterFlags, nil))
    }

    @inlinable var enterFlags: UInt32 {
        // INT_FLAG_REG_RING of liburing is 1, and not in its public header.
        unsafe ring.pointee.int_flags & 1 != 0 ? IORING_ENTER_REGISTERED_RING : 0
    }

    @inlinable @inline(__always)
    func check(_ code: Int32) {
        if _slowPath(code < 0) { checkFailure(-code) }
    }

    @usableFromInline
    func checkFailure(_ code: Int32) {
        switch code {
        case EINTR, ETIME, EAGAIN, EBUSY:
            return
        case EBADR:
            invariantFailed("the kernel had no memory for a completion and lost it")
        default:
            invariantFailed("io_uring_enter refused its arguments")
        }
    }
}

extension __kernel_timespec {
    @usableFromInline
    init(nanoseconds: UInt64) {
        self.init(
            tv_sec: Int64(nanoseconds / 1_000_000_000), tv_nsec: Int64(nanoseconds % 1_000_000_000))
    }
}
