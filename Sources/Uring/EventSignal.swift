import CUring

/// An eventfd: how a thread without a ring wakes one that has. The loop polls ``descriptor`` with
/// ``Uring/pollMultishot(_:token:)``; any thread notifies; the loop consumes, then looks for its
/// work.
public struct EventSignal: ~Copyable, Sendable {
    /// The eventfd; closed when the signal is dropped.
    public let descriptor: FileDescriptor

    /// Opens an eventfd; throws where no descriptor is left.
    public init() throws(SystemError) {
        let code = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        if code < 0 { throw SystemError(call: "eventfd") }
        descriptor = FileDescriptor(rawValue: code)
    }

    deinit {
        descriptor.close()
    }

    /// Wakes the loop. Any thread; a signal already pending absorbs it.
    public borrowing func notify() {
        EventSignal.notify(descriptor)
    }

    /// The same by descriptor, for those who cannot share the value. The signal must still be
    /// alive.
    public static func notify(_ descriptor: FileDescriptor) {
        // Fails only when the counter is full, and then a wake-up is pending.
        _ = eventfd_write(descriptor.rawValue, 1)
    }

    /// Takes back what was notified so far; true if there was any.
    public borrowing func consume() -> Bool {
        EventSignal.consume(descriptor)
    }

    /// The same by descriptor.
    public static func consume(_ descriptor: FileDescriptor) -> Bool {
        var count: eventfd_t = 0
        return unsafe eventfd_read(descriptor.rawValue, &count) == 0
    }
}
