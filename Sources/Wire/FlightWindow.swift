import Base

/// How many forwarded requests of a link have no final reply yet. Both sides count, each for
/// itself: the initiator so as not to send too many, the acceptor so as not to take them.
public struct FlightWindow: BitwiseCopyable, Sendable {
    /// How many may be.
    public let countMax: Int
    /// How many are.
    public private(set) var count = 0

    /// With none in flight.
    public init(countMax: Int = WireLimits.requestsInFlightMax) {
        invariant(countMax > 0, "something may be in flight")
        self.countMax = countMax
    }

    /// How many more may be sent.
    public var room: Int { countMax - count }

    /// So many requests are sent, for which there is ``room``, or have come; false, and the link is
    /// to be ended, where these are more than may be in flight.
    public mutating func add(_ requests: Int) -> Bool {
        invariant(requests >= 0, "what is counted is not negative")
        if requests > room { return false }
        count += requests
        return true
    }

    /// So many requests have got, or are sent, their final reply; false, and the link is to be
    /// ended, where there were not so many.
    public mutating func remove(_ replies: Int) -> Bool {
        invariant(replies >= 0, "what is counted is not negative")
        if replies > count { return false }
        count -= replies
        return true
    }

    /// Checks that the count is within its bounds.
    public func checkInvariants() {
        invariant(count >= 0, "no fewer than none is in flight")
        invariant(count <= countMax, "no more is in flight than may be")
    }
}
