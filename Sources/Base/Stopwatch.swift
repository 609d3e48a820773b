/// Tells how long something took: what a pure module is given in place of a clock.
///
/// The io_uring shell gives one that reads the kernel's clock. Tests and the simulator give one
/// that moves on by the same step at each reading, so that a run repeats exactly.
public struct Stopwatch: BitwiseCopyable, Sendable {
    private let clock: @convention(c) () -> UInt64
    private var elapsed: UInt64 = 0
    private let step: UInt64

    /// The step of a stopwatch that reads a clock.
    private static let isClock = UInt64.max

    /// - Parameter clock: nanoseconds since any point; never goes back. Called several times a
    ///   turn, so it must not enter the kernel.
    public init(reading clock: @escaping @convention(c) () -> UInt64) {
        self.clock = clock
        step = Self.isClock
    }

    /// - Parameter step: by how many nanoseconds each reading is later than the one before.
    public init(step: UInt64) {
        clock = { 0 }
        self.step = step
    }

    /// Nanoseconds since any point; meant for differences.
    @inlinable @inline(__always)
    public mutating func read() -> UInt64 { readClock() }

    @usableFromInline
    mutating func readClock() -> UInt64 {
        if _fastPath(step == Self.isClock) { return clock() }
        elapsed &+= step
        return elapsed
    }
}
