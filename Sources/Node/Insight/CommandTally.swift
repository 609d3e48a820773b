// What cores tell each other of their commands, and the sums.

import Base
import Engine

/// A command's calls on one core, or on all.
struct CommandTally {
    let command: CommandID
    var calls = 0
    var rejected = 0
    var failed = 0
    /// Calls whose durations are known, each with the number of calls that it stands for.
    var timed: UInt64 = 0
    /// The sum of their durations, in nanoseconds.
    var nanoseconds: UInt64 = 0
    var histogram = LatencyHistogram()

    init(_ command: CommandID) {
        self.command = command
    }

    mutating func add(_ other: CommandTally) {
        calls += other.calls
        rejected += other.rejected
        failed += other.failed
        timed &+= other.timed
        nanoseconds &+= other.nanoseconds
        if other.histogram.total == 0 { return }
        for bucket in 0..<LatencyScale.bucketCount where other.histogram[bucket] > 0 {
            histogram.add(other.histogram[bucket], to: bucket)
        }
    }

    /// How long all calls took, in microseconds: what was timed, scaled to all.
    ///
    /// - Parameter mean: of a call in nanoseconds, where none of this command's was timed.
    func microseconds(mean: Double) -> UInt64 {
        let own = timed == 0 ? mean : Double(nanoseconds) / Double(timed)
        return UInt64(own * Double(calls) / 1000)
    }
}

/// The fixed part of a tally on its way to another core; the histogram's buckets follow it.
private struct TallyHead: BitwiseCopyable {
    var command: CommandID
    var calls: Int
    var record: CommandRecord
    var bucketCount = 0
}

private struct TallyBucket: BitwiseCopyable {
    var bucket: Int
    var count: UInt64
}

extension Core {
    /// Appends what this core counted of its commands: how many tallies, then each.
    ///
    /// - Parameter hasHistograms: whether their durations are wanted as well.
    func appendTallies(to part: inout OutputBuffer, hasHistograms: Bool) {
        let countPlace = part.count
        part.append(integer: 0)
        var count: Int64 = 0
        for command in CommandID.allCases {
            let calls = engine.insight.callCount(of: command)
            let record = engine.insight.record(of: command)
            if calls == 0, record.rejected == 0, record.failed == 0 { continue }
            count += 1
            let headPlace = part.count
            var head = TallyHead(command: command, calls: calls, record: record)
            part.append(plain: head)
            if !hasHistograms || !engine.insight.hasHistogram(command) { continue }
            for bucket in 0..<LatencyScale.bucketCount {
                let value = engine.insight.count(of: command, inBucket: bucket)
                if value == 0 { continue }
                part.append(plain: TallyBucket(bucket: bucket, count: value))
                head.bucketCount += 1
            }
            part.overwrite(plain: head, at: headPlace)
        }
        part.overwrite(integer: count, at: countPlace)
    }
}

extension CommandTally {
    /// Reads a tally at `offset` and passes over it.
    fileprivate init(_ part: Bytes, at offset: inout Int) {
        let head = part.plain(TallyHead.self, at: offset)
        offset += MemoryLayout<TallyHead>.size
        command = head.command
        calls = head.calls
        rejected = head.record.rejected
        failed = head.record.failed
        timed = head.record.timed
        nanoseconds = head.record.nanoseconds
        for _ in 0..<head.bucketCount {
            let bucket = part.plain(TallyBucket.self, at: offset)
            offset += MemoryLayout<TallyBucket>.size
            histogram.add(bucket.count, to: bucket.bucket)
        }
    }
}

/// All commands' tallies, summed over cores, in the order of the command table.
struct CommandTallies {
    private var byCommand: [CommandID: CommandTally] = [:]
    /// The mean duration of a timed call of those that are not always timed, in nanoseconds.
    private(set) var mean = 0.0

    /// Reads the tallies at `offset`, passes over them and adds them up.
    ///
    /// - Returns: the durations of all of them together.
    mutating func add(_ part: Bytes, at offset: inout Int) -> LatencyHistogram {
        var all = CommandTally(.get)
        let count = part.integer(at: offset)
        offset += 8
        for _ in 0..<count {
            let tally = CommandTally(part, at: &offset)
            byCommand[tally.command, default: CommandTally(tally.command)].add(tally)
            all.add(tally)
        }
        return all.histogram
    }

    /// Finds out what a call whose duration nobody knows is taken for. After the last part.
    mutating func close(_ commands: borrowing CommandIndex) {
        var nanoseconds = 0.0
        var timed = 0.0
        for tally in byCommand.values where !commands.traits(tally.command).isTimedAlone {
            nanoseconds += Double(tally.nanoseconds)
            timed += Double(tally.timed)
        }
        mean = timed == 0 ? 0 : nanoseconds / timed
    }

    func find(_ command: CommandID) -> CommandTally? { byCommand[command] }

    func forEach(_ body: (CommandTally) -> Void) {
        for command in CommandID.allCases {
            if let tally = byCommand[command] { body(tally) }
        }
    }
}
