import CUring
import Glibc

/// A number that the kernel gave for an open file, socket or eventfd. A plain value: who owns it,
/// and so closes it, is said by the type or the function that hands it out.
public struct FileDescriptor: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public let rawValue: Int32

    /// The descriptor with the kernel's number for it.
    @inlinable
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Closes it with a system call of its own: for set-up and tear-down. On the data path use
    /// ``Uring/close(_:token:)``.
    public func close() {
        _ = Glibc.close(rawValue)
    }
}
