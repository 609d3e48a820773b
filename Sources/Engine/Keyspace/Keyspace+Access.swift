// The access clock: when a key was last used, in the one byte that an entry has for it.
//
// The byte holds the low eight bits of a clock that ticks each 2^16 ms (65.5 s). The difference to
// the clock now, modulo 256, is how long the key was idle, known to a tick and up to 4.6 hours; a
// key that was idle for longer shows the rest of a division by that. Either way the key was idle
// for at least the time reported, less one tick, so the number is a lower bound and never invents
// idleness.

import Base

extension Keyspace {
    static let accessTickMillisecondsLog2: Int64 = 16

    /// The access clock now.
    @inline(__always)
    var accessTick: UInt8 {
        UInt8(truncatingIfNeeded: now &>> Self.accessTickMillisecondsLog2)
    }

    /// The key counts as used now. Most uses come within a tick of the last one and leave the cache
    /// line clean.
    @inline(__always)
    func noteUse(_ entry: Entry) {
        let tick = accessTick
        if entry.access != tick { entry.access = tick }
    }

    /// Seconds that the key was not used for: a lower bound, in steps of a tick; see the essay
    /// above.
    package func idleSeconds(_ entry: Entry) -> Int64 {
        let ticks = Int64(accessTick &- entry.access)
        return (ticks << Self.accessTickMillisecondsLog2) / 1000
    }
}
