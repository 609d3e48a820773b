/// Whether a loop without work stays awake for a moment before it sleeps.
///
/// To sleep, to be woken and to find the caches used by others costs a core some microseconds. Where
/// the next bytes come sooner than that, as they do one after the other from a client with many
/// connections, looking out for them costs less. So the loop keeps watch while most of the last
/// waits were short, and does not while they are long: an idle core sleeps.
struct IdleWatch {
    /// The longest watch: what a sleep costs.
    static let nanosecondsMax: UInt64 = 10_000
    /// How often the loop looks before it reads the clock.
    static let pausesBetweenReadings = 4

    /// How many of 256 waits were short: a mean that forgets an eighth at each wait.
    private var shortShare = 0

    /// Most waits were short.
    var pays: Bool { shortShare >= 128 }

    /// The loop had nothing to do for so long. A sleep's own cost is a part of that.
    mutating func note(idleNanoseconds: UInt64) {
        let isShort = idleNanoseconds < (pays ? 1 : 3) * Self.nanosecondsMax
        shortShare += ((isShort ? 256 : 0) - shortShare) / 8
    }
}
