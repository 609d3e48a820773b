// What one core knows of its commands: how often each ran, how long it took, how often it failed.
//
// Purpose. INFO commandstats, latencystats and errorstats, LATENCY HISTOGRAM, the slow log and the
// latency monitor, for next to nothing on the way of a request: reading a clock costs 22 ns, a
// tenth of a GET in a long pipeline.
//
// Calls, rejected calls and failed calls are counted at each call. Time is measured like this:
//
// 1. A request that comes alone is timed: two readings.
// 2. A command whose cost grows with its arguments or its key's value (no "O(1)" in its row, no
//    flag "fast") is timed at each call, as is all that is not run in a batch.
// 3. In a batch of several the others are not timed one by one, but about once a millisecond a
//    batch is *watched*: each of its calls is timed, and stands for as many as went by unwatched.
// 4. Of the batches between, the beginning and the end are read. Where one took as long as a slow
//    call, its heaviest call, by bytes read and written, is taken for the slow one.
// 5. Where the slow log wants to know of calls below ``batchLimitMin``, every batch is watched.
//
// One thread. Counts and errors are exact; histograms and times are estimates by 3 and 4.

import Base

/// See the essay above.
@safe
package struct CommandInsight: ~Copyable {
    /// How often each command ran, by ``CommandID``.
    private let calls: UnsafeMutablePointer<Int>
    private let records: UnsafeMutablePointer<CommandRecord>
    /// A count for each bucket of ``LatencyScale``, for the commands that were timed.
    private let histograms: UnsafeMutablePointer<UnsafeMutablePointer<UInt64>?>
    private let commandCount = CommandID.allCases.count
    package private(set) var errors = ErrorCounts()
    package var stopwatch = Stopwatch(step: 0)
    /// The number of the command that is running and has not failed yet; ``noCommand`` for none.
    private var running = noCommand

    /// Calls that took long, in the order in which they ended. Whoever let them run takes them out
    /// before their arguments go.
    package private(set) var slowCalls = GrowableArray<SlowCall>(capacity: 4)
    /// From so many nanoseconds on a call is slow.
    package private(set) var slowLimit = UInt64.max
    /// Whether calls are counted by their durations (latency-tracking).
    package var tracksLatency = true

    /// The calls of the current batch are timed one by one.
    package private(set) var isWatching = false
    /// The current batch is of one request, which nothing has timed yet.
    private var isSingle = false
    /// For how many calls each of the current batch stands.
    private var weight: UInt64 = 1
    private var watchesAll = false
    /// From so many nanoseconds on a batch that was not watched has a slow call.
    package private(set) var batchLimit = UInt64.max
    /// When the part of the current batch that is not timed otherwise began.
    private var batchStart: UInt64 = 0
    /// Calls of batches since the last watched one.
    private var pendingCount = 0
    /// From when on a batch is watched; 0 where all are.
    private var nextWatch: UInt64 = 0
    private var random = SplitMix64(seed: 0)

    private static let noCommand = UInt16.max
    /// The mean time from one watched batch to the next, in nanoseconds.
    private static var watchInterval: UInt64 { 1_000_000 }
    /// Where calls faster than this count as slow, every call is timed. In nanoseconds.
    package static var batchLimitMin: UInt64 { 1_000_000 }

    init() {
        unsafe calls = .allocate(capacity: commandCount)
        unsafe calls.initialize(repeating: 0, count: commandCount)
        unsafe records = .allocate(capacity: commandCount)
        unsafe records.initialize(repeating: CommandRecord(), count: commandCount)
        unsafe histograms = .allocate(capacity: commandCount)
        unsafe histograms.initialize(repeating: nil, count: commandCount)
    }

    deinit {
        for place in 0..<commandCount { unsafe histograms[place]?.deallocate() }
        unsafe histograms.deallocate()
        unsafe records.deallocate()
        unsafe calls.deallocate()
    }

    /// Sets from which duration on a call is slow, in nanoseconds; `UInt64.max` for never.
    package mutating func setSlowLimit(_ nanoseconds: UInt64) {
        slowLimit = nanoseconds
        watchesAll = nanoseconds < Self.batchLimitMin
        batchLimit = watchesAll ? .max : nanoseconds
        if watchesAll { nextWatch = 0 }
    }

    // MARK: Counting

    /// A command runs from here on.
    @inline(__always)
    mutating func count(_ command: CommandID) {
        let place = Int(command.rawValue)
        unsafe calls[place] &+= 1
        running = command.rawValue
    }

    /// A command begins that may have to be begun again: only ``count(_:)`` counts it.
    mutating func begin(_ command: CommandID) {
        running = command.rawValue
    }

    /// No command runs.
    mutating func endRunning() {
        running = Self.noCommand
    }

    /// An error was answered, which is in `buffer` from `start` on.
    mutating func noteError(_ buffer: borrowing OutputBuffer, from start: Int) {
        errors.add(buffer, from: start)
        if running == Self.noCommand { return }
        unsafe records[Int(running)].failed &+= 1
        // A call fails once, however many errors its reply contains.
        running = Self.noCommand
    }

    mutating func noteRejection(_ command: CommandID) {
        unsafe records[Int(command.rawValue)].rejected &+= 1
    }

    // MARK: Timing

    /// Takes a call's duration down.
    @inline(__always)
    mutating func record(
        _ command: CommandID, _ nanoseconds: UInt64, standingFor weight: UInt64
    ) {
        let place = Int(command.rawValue)
        unsafe records[place].timed &+= weight
        unsafe records[place].nanoseconds &+= nanoseconds &* weight
        if tracksLatency {
            let histogram = unsafe histograms[place] ?? addHistogram(place)
            unsafe histogram[LatencyScale.bucket(of: nanoseconds)] &+= weight
        }
    }

    /// As ``record(_:_:standingFor:)``, for a call that may have been slow.
    mutating func record(_ call: Invocation, _ nanoseconds: UInt64, standingFor weight: UInt64 = 1)
    {
        record(call.command, nanoseconds, standingFor: weight)
        if _slowPath(nanoseconds >= slowLimit) { addSlowCall(call, nanoseconds) }
    }

    @inline(never)
    private mutating func addHistogram(_ place: Int) -> UnsafeMutablePointer<UInt64> {
        let buckets = UnsafeMutablePointer<UInt64>.allocate(capacity: LatencyScale.bucketCount)
        unsafe buckets.initialize(repeating: 0, count: LatencyScale.bucketCount)
        unsafe histograms[place] = buckets
        return unsafe buckets
    }

    /// Takes down how long the parts of a call have taken that was counted when it came.
    package mutating func completeWork(_ call: Invocation, _ nanoseconds: UInt64) {
        record(call, nanoseconds)
    }

    /// A batch of `count` calls begins.
    @inline(__always)
    mutating func beginBatch(_ count: Int) {
        isSingle = count == 1 && nextWatch > 0
        batchStart = stopwatch.read()
        if !isSingle {
            pendingCount &+= count
            if _slowPath(batchStart >= nextWatch) { watch(count) }
        }
    }

    /// Watches the batch. Intervals vary, lest a client's rhythm be theirs.
    @inline(never)
    private mutating func watch(_ count: Int) {
        isWatching = true
        weight = UInt64(max(pendingCount / max(count, 1), 1))
        pendingCount = 0
        let varying = random.next() % Self.watchInterval
        nextWatch = watchesAll ? 0 : batchStart + Self.watchInterval / 2 + varying
    }

    /// A part of the current batch was timed by itself.
    @inline(__always)
    mutating func exclude(_ nanoseconds: UInt64) {
        batchStart &+= nanoseconds
        isSingle = false
    }

    /// A call of the current batch, where it is watched.
    mutating func recordWatched(_ call: Invocation, _ nanoseconds: UInt64, isTimedAlone: Bool) {
        record(call, nanoseconds, standingFor: isTimedAlone ? 1 : weight)
    }

    /// The batch ends.
    ///
    /// - Parameter only: the one request, where it was the only one and was run here.
    /// - Returns: how long the batch took.
    @inline(__always)
    mutating func endBatch(_ only: CommandID?) -> UInt64 {
        if _slowPath(isWatching) {
            isWatching = false
            return 0
        }
        let now = stopwatch.read()
        // An EXEC's commands are left out of the batch, and the EXEC again.
        let nanoseconds = _slowPath(now < batchStart) ? 0 : now &- batchStart
        if let only, isSingle { record(only, nanoseconds, standingFor: 1) }
        return nanoseconds
    }

    /// A call timed otherwise goes on while the batch is watched.
    mutating func setWatching(_ isOn: Bool) {
        isWatching = isOn
    }

    /// A call that was not timed must have taken so long.
    mutating func addSlowCall(_ call: Invocation, _ nanoseconds: UInt64) {
        slowCalls.append(SlowCall(call: call, nanoseconds: nanoseconds))
    }

    package var hasSlowCalls: Bool { slowCalls.count > 0 }

    package mutating func removeSlowCalls() {
        slowCalls.removeAll()
    }

    // MARK: Reading

    /// All calls of all commands.
    package var callCount: Int {
        var sum = 0
        for place in 0..<commandCount { sum &+= unsafe calls[place] }
        return sum
    }

    package func callCount(of command: CommandID) -> Int {
        unsafe calls[Int(command.rawValue)]
    }

    package func record(of command: CommandID) -> CommandRecord {
        unsafe records[Int(command.rawValue)]
    }

    package func hasHistogram(_ command: CommandID) -> Bool {
        unsafe histograms[Int(command.rawValue)] != nil
    }

    /// How many calls of a command fell into a bucket of ``LatencyScale``.
    package func count(of command: CommandID, inBucket bucket: Int) -> UInt64 {
        unsafe histograms[Int(command.rawValue)]?[bucket] ?? 0
    }

    /// What the counters and histograms take, in bytes.
    package var byteCount: Int {
        var sum = commandCount * (MemoryLayout<CommandRecord>.stride + 16)
        for place in 0..<commandCount where unsafe histograms[place] != nil {
            sum += LatencyScale.bucketCount * 8
        }
        return sum
    }

    /// Forgets all that was counted (CONFIG RESETSTAT).
    package mutating func reset() {
        for place in 0..<commandCount {
            unsafe calls[place] = 0
            unsafe records[place] = CommandRecord()
            unsafe histograms[place]?.deallocate()
            unsafe histograms[place] = nil
        }
        errors.removeAll()
    }
}

/// What is known of a command's calls besides their number.
package struct CommandRecord: BitwiseCopyable {
    /// Calls that were refused before they ran: wrong arity, no permission.
    package var rejected = 0
    /// Calls that answered an error.
    package var failed = 0
    /// Calls whose durations are known, each with the number of calls that it stands for.
    package var timed: UInt64 = 0
    /// The sum of their durations.
    package var nanoseconds: UInt64 = 0
}

/// A call that took as long as the slow log or the latency monitor asks for.
package struct SlowCall: BitwiseCopyable {
    package let call: Invocation
    package let nanoseconds: UInt64
}
