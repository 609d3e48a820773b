import Base

/// When a silent link is pinged, and when it is lost: TCP alone would take minutes to notice that
/// nobody is there, and all the while its requests would wait.
///
/// Whether the node is dead is gossip's to say. The owner sends the pings, and ends the link.
public struct LinkPulse: BitwiseCopyable, Sendable {
    /// What is to be done.
    public enum Step: Equatable, Sendable, BitwiseCopyable {
        /// Nothing.
        case none
        /// Send a ping.
        case ping
        /// Nothing has come for too long: the link is lost, and what is in flight unknown.
        case lost
    }

    /// When something came last.
    private var heard: Int64
    /// When the last ping was sent since; nil where none was.
    private var pinged: Int64?

    /// Of a link that was established at `now`, on the owner's monotonic clock, in milliseconds.
    public init(now: Int64) {
        heard = now
    }

    /// Something came, whatever it is.
    public mutating func onReceived(now: Int64) {
        heard = max(heard, now)
        pinged = nil
    }

    /// When ``tick(now:)`` has something to do.
    public var nextTick: Int64 {
        min((pinged ?? heard) + WireLimits.pingMilliseconds, heard + WireLimits.silenceMilliseconds)
    }

    /// What is to be done at `now`.
    public mutating func tick(now: Int64) -> Step {
        if now < nextTick { return .none }
        if now >= heard + WireLimits.silenceMilliseconds { return .lost }
        pinged = now
        return .ping
    }
}
