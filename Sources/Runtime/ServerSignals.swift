import Glibc
import Synchronization
import Uring

/// How the outside tells a node to end: SIGINT, SIGTERM or SHUTDOWN.
///
/// The signals are blocked in every thread and awaited by the main one, so no handler interrupts a
/// loop.
enum ServerSignals {
    private static let signals = Mutex<[FileDescriptor]>([])

    /// Blocks the signals in this thread and those it starts.
    static func block() {
        var set = endingSignals()
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        // A peer that has gone is an error of the send, not a signal.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Sleeps until one of the signals comes; returns which.
    static func wait() -> Int32 {
        var set = endingSignals()
        var number: Int32 = 0
        unsafe sigwait(&set, &number)
        return number
    }

    /// Sleeps until one of the signals comes, or so long; returns which came.
    static func wait(milliseconds: Int) -> Int32? {
        var set = endingSignals()
        var duration = timespec(tv_sec: 0, tv_nsec: milliseconds * 1_000_000)
        let number = unsafe sigtimedwait(&set, nil, &duration)
        return number > 0 ? number : nil
    }

    /// Asks the main thread to end the node, as a signal would.
    static func requestEnd() {
        kill(getpid(), SIGTERM)
    }

    /// Remembers the eventfds by which ``wakeAll()`` wakes the loops.
    static func register(_ descriptor: FileDescriptor) {
        signals.withLock { $0.append(descriptor) }
    }

    static func wakeAll() {
        signals.withLock { list in
            for descriptor in list { EventSignal.notify(descriptor) }
        }
    }

    private static func endingSignals() -> sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        return set
    }
}
