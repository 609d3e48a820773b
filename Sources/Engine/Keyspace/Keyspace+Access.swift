// What a key's one byte of access history says.
//
// Under every policy but the LFU ones the byte is a time: the low eight bits of the access clock
// when the key was last used. The clock ticks each 2^16 ms (65.5 s), and besides whenever so many
// keys were evicted as make up a 64th of those that are there: where keys come and go fast, the
// clock keeps up, and tells recent from less recent within the time that a key lives. The
// times at which the last 256 ticks began are kept, so that a byte is a time again: when the key
// was last used, known to a tick. A key that was idle for more than 256 ticks looks less idle.
//
// Under the LFU policies the byte is a logarithmic counter of uses: it begins at 5, a use
// raises it with the probability 1 / ((counter − 5) × lfu-log-factor + 1), and where the search for
// keys to evict passes by, it falls by one now and then.

import Base

/// The access clock; see the essay above.
@safe
struct AccessClock: ~Copyable {
    /// Milliseconds since 1970 at which each of the last 256 ticks began. Apart, so that the
    /// keyspace stays small: its fields are copied where it is borrowed.
    private let starts: UnsafeMutablePointer<Int64>
    private(set) var tick: UInt8 = 0
    /// When the next tick is due, in milliseconds since 1970.
    private(set) var nextTickAt: Int64 = 0

    static let tickMilliseconds: Int64 = 1 << 16

    init() {
        unsafe starts = .allocate(capacity: 256)
        unsafe starts.initialize(repeating: 0, count: 256)
    }

    deinit {
        unsafe starts.deallocate()
    }

    /// Begins a tick.
    mutating func advance(now: Int64) {
        if nextTickAt == 0 {
            // The first: those before it, which keys that are restored may name, count as whole.
            for age in 0...UInt8.max {
                unsafe starts[Int(tick &- age)] = now - (Int64(age) + 1) * Self.tickMilliseconds
            }
            nextTickAt = now
        }
        tick &+= 1
        // A tick that the time brought began when it was due, however late it is noticed.
        unsafe starts[Int(tick)] = min(now, nextTickAt)
        nextTickAt = now + Self.tickMilliseconds
    }

    /// When the tick of an access byte was over, in milliseconds since 1970; `now` while it lasts.
    func end(of access: UInt8, now: Int64) -> Int64 {
        unsafe access == tick ? now : starts[Int(access &+ 1)]
    }

    /// The access byte of what was last used at `time`, in milliseconds since 1970; the oldest for
    /// all that lies further back.
    func access(at time: Int64) -> UInt8 {
        var age: UInt8 = 0
        while age < .max, unsafe starts[Int(tick &- age)] > time { age += 1 }
        return tick &- age
    }

    /// How many ticks ago that was.
    @inline(__always)
    func age(of access: UInt8) -> UInt8 { tick &- access }
}

/// Counts uses in eight bits; see the essay above.
struct UseCounter {
    static let initial: UInt8 = 5
    /// lfu-log-factor: the higher, the more uses it takes to saturate.
    var logFactor = 10
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The counter after one more use.
    mutating func count(_ counter: UInt8) -> UInt8 {
        if counter == .max { return counter }
        // xorshift64: cheap, and chance has to be fair only on the average.
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        let above = Int(max(counter, Self.initial) - Self.initial)
        let odds = UInt64(above * logFactor + 1)
        return state % odds == 0 ? counter + 1 : counter
    }
}

extension Keyspace {
    /// What the access byte of a new key is.
    @inline(__always)
    var newAccess: UInt8 {
        eviction.countsUses ? UseCounter.initial : accessClock.tick
    }

    /// The access byte of a key that is used now.
    @inline(__always)
    mutating func access(after before: UInt8) -> UInt8 {
        if _slowPath(eviction.countsUses) { return eviction.useCounter.count(before) }
        return accessClock.tick
    }

    /// The key counts as used now. Most uses come within a tick of the last one and leave the cache
    /// line clean.
    @inline(__always)
    mutating func noteUse(_ entry: Entry) {
        if eviction.countsUses || entry.access != accessClock.tick {
            entry.access = access(after: entry.access)
        }
    }

    /// Gives a key the history that it had elsewhere, as far as the policy keeps such a one.
    mutating func setAccess(_ entry: Entry, idleSeconds: Int64?, useCount: UInt8?) {
        if eviction.countsUses {
            if let useCount { entry.access = useCount }
        } else if let idleSeconds {
            let (milliseconds, isTooLong) = idleSeconds.multipliedReportingOverflow(by: 1000)
            entry.access = accessClock.access(at: isTooLong ? 0 : max(now - milliseconds, 0))
        }
    }

    /// Seconds that the key was not used for: a lower bound, at most a tick too low.
    package func idleSeconds(_ entry: Entry) -> Int64 {
        max(now - accessClock.end(of: entry.access, now: now), 0) / 1000
    }

    /// The counter of uses, under an LFU policy; else nil.
    package func useCount(_ entry: Entry) -> Int? {
        eviction.countsUses ? Int(entry.access) : nil
    }
}
