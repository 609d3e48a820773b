import Base
import Node
import Uring

/// The loop's time: read twice a turn, when the kernel is entered and when it returns.
struct LoopClock {
    /// Milliseconds since 1970, as of the last return from the kernel.
    private(set) var milliseconds: Int64 = 0
    /// Of the monotonic clock, in nanoseconds, as of the last time that it was read.
    private(set) var now: UInt64 = 0
    /// When the current turn began.
    private var turnStart: UInt64 = 0
    /// Real time less monotonic time.
    private var offset: Int64 = 0
    private var offsetReadAt: UInt64 = 0

    /// How long an offset is trusted: the real-time clock may be set.
    private static let offsetNanoseconds: UInt64 = 100_000_000

    mutating func readTime() {
        now = Clocks.monotonicNanoseconds()
        turnStart = now
        if offsetReadAt == 0 || now - offsetReadAt > Self.offsetNanoseconds {
            offset = Int64(Clocks.realTimeNanoseconds()) - Int64(now)
            offsetReadAt = now
        }
        milliseconds = (Int64(now) + offset) / 1_000_000
    }

    /// The turn's work is done; what follows is waiting.
    mutating func beginIdle(_ statistics: inout LoopStatistics) {
        now = Clocks.monotonicNanoseconds()
        let busy = now - turnStart
        statistics.busyNanoseconds &+= busy
        if busy > statistics.longestTurnNanoseconds { statistics.longestTurnNanoseconds = busy }
    }

    mutating func endIdle(_ statistics: inout LoopStatistics) {
        let before = now
        readTime()
        statistics.idleNanoseconds &+= now - before
    }
}
