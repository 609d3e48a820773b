import Glibc

/// A point on the monotonic clock after which waiting is a failure.
public struct Deadline: Sendable {
    private let end: ContinuousClock.Instant

    public init(seconds: Double) {
        end = .now + .seconds(seconds)
    }

    public var hasPassed: Bool { ContinuousClock.now >= end }

    /// For poll: rounded up, at least zero.
    public var remainingMilliseconds: Int32 {
        let remaining = ContinuousClock.now.duration(to: end)
        return Int32(max(0, (remaining / .milliseconds(1)).rounded(.up)))
    }

    /// Checks the condition until it holds; false when the time is over first.
    public static func wait(seconds: Double, until condition: () throws -> Bool) rethrows -> Bool {
        let deadline = Deadline(seconds: seconds)
        while try !condition() {
            if deadline.hasPassed { return false }
            pause(milliseconds: 5)
        }
        return true
    }
}

/// Suspends the calling thread.
public func pause(milliseconds: UInt32) {
    usleep(milliseconds * 1000)
}
