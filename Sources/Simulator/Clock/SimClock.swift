/// The time of a simulated node: it stands still until the simulation moves it, so idle time costs nothing.
package struct SimClock {
    /// Milliseconds since 1970.
    package private(set) var now: Int64
    private let start: Int64

    package init(startingAt milliseconds: Int64 = 1_700_000_000_000) {
        now = milliseconds
        start = milliseconds
    }

    /// Virtual milliseconds since the start.
    package var elapsed: Int64 { now - start }

    package mutating func advance(by milliseconds: Int64) {
        now += milliseconds
    }
}
