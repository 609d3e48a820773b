import Glibc

/// Why a ring could not be set up, so that the caller can name the cause and the remedy to its
/// operator.
public enum UringSetupError: Error, Equatable, Sendable {
    /// `EPERM`, `EACCES`: the sysctl `kernel.io_uring_disabled` is 1 or 2, or a security policy
    /// (seccomp in a container, SELinux) refuses the call.
    case forbidden
    /// `ENOSYS`: this kernel was built without io_uring, or a seccomp filter pretends so.
    case notInKernel
    /// `EINVAL`: the kernel lacks a set-up flag, so it is older than 6.1.
    case kernelTooOld
    /// `ENOMEM`: the limit of locked memory (`ulimit -l`) or the memory itself is exhausted.
    case lockedMemoryLimit
    /// `EMFILE`, `ENFILE`: no file descriptor is left (`ulimit -n`).
    case descriptorLimit
    /// Anything else, with the kernel's `errno`.
    case other(code: Int32)

    /// - Parameter code: a positive `errno` value of `io_uring_setup` or `io_uring_register`.
    init(code: Int32) {
        self =
            switch code {
            case EPERM, EACCES: .forbidden
            case ENOSYS: .notInKernel
            case EINVAL: .kernelTooOld
            case ENOMEM: .lockedMemoryLimit
            case EMFILE, ENFILE: .descriptorLimit
            default: .other(code: code)
            }
    }
}
