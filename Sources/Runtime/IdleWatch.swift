/// Whether a loop without work stays awake for a moment before it sleeps.
///
/// To sleep, to be woken and to find the caches used by others costs a core some microseconds.
/// Where the next bytes come sooner than that, as they do one after the other from a client with
/// many connections, looking out for them costs less. So the loop keeps watch while most of the
/// last waits were short, and does not while they are long: an idle core sleeps.
struct IdleWatch {
    /// The longest watch: what a sleep costs.
    static let nanosecondsMax: UInt64 = 10_000
    /// How often the loop looks before it reads the clock.
    static let pausesBetweenReadings = 4

    /// How many of 256 waits were short: a mean that forgets the older ones.
    private var shortShare = 0

    /// Most waits were short.
    var pays: Bool { shortShare >= 128 }

    /// The loop had nothing to do for so long.
    mutating func note(idleNanoseconds: UInt64) {
        if pays {
            count(idleNanoseconds < Self.nanosecondsMax, weight: 2)
        } else {
            // The sleep's own cost is a part of what was measured, so this is less certain.
            count(idleNanoseconds < 3 * Self.nanosecondsMax, weight: 1)
        }
    }

    /// - Parameter weight: in sixteenths.
    private mutating func count(_ isShort: Bool, weight: Int) {
        shortShare += ((isShort ? 256 : 0) - shortShare) * weight / 16
    }
}
