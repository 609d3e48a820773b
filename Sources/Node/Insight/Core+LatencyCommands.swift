// LATENCY: the monitor's samples and the commands' histograms, over all cores.

import Base
import Engine

extension Core {
    // MARK: Parts

    mutating func contributeLatency(_ call: Invocation, into part: inout OutputBuffer) {
        switch call.command {
        case .latencyHistogram: appendTallies(to: &part, hasHistograms: true)
        case .latencyReset: contributeLatencyReset(call, into: &part)
        default:
            for event in LatencyEvent.allCases { latency[event].append(to: &part) }
        }
    }

    /// Forgets the events named, or all; for each event whether there was anything.
    private mutating func contributeLatencyReset(
        _ call: Invocation, into part: inout OutputBuffer
    ) {
        for event in LatencyEvent.allCases {
            let isMeant =
                call.count == 2
                || (2..<call.count).contains { LatencyEvent.find(call[$0]) == event }
            let isThere = !latency[event].samples.isEmpty
            part.append(integer: isMeant && isThere ? 1 : 0)
            if isMeant { latency.remove(event) }
        }
    }

    // MARK: Replies

    mutating func concludeLatency(_ call: Invocation, _ parts: [Bytes]) {
        switch call.command {
        case .latencyHistogram: concludeHistogram(call, parts)
        case .latencyReset: concludeLatencyReset(parts)
        default: concludeSamples(call, LatencyReport(parts))
        }
    }

    private mutating func concludeLatencyReset(_ parts: [Bytes]) {
        var count = 0
        for event in LatencyEvent.allCases {
            let isThere = parts.contains {
                !$0.isEmpty && $0.integer(at: event.rawValue * 8) == 1
            }
            if isThere { count += 1 }
        }
        engine.reply.integer(count)
    }

    private mutating func concludeSamples(_ call: Invocation, _ report: LatencyReport) {
        switch call.command {
        case .latencyLatest: concludeLatest(report)
        case .latencyHistory:
            let series = LatencyEvent.find(call[2]).map { report[$0] }
            engine.reply.array(series?.samples.count ?? 0)
            for sample in series?.samples ?? [] {
                engine.reply.array(2)
                engine.reply.integer(sample.second)
                engine.reply.integer(sample.milliseconds)
            }
        case .latencyGraph:
            guard let event = LatencyEvent.find(call[2]), !report[event].samples.isEmpty else {
                engine.fail("ERR No samples available for event '\(call[2].string)'")
                return
            }
            engine.reply.verbatim(LatencyGraph(event, report[event], now: now / 1000).text)
        default:
            let threshold = configuration.latencyMilliseconds
            engine.reply.verbatim(LatencyDoctor(report, thresholdMilliseconds: threshold).text)
        }
    }

    private mutating func concludeLatest(_ report: LatencyReport) {
        let events = LatencyEvent.allCases.filter { !report[$0].samples.isEmpty }
        engine.reply.array(events.count)
        for event in events {
            guard let last = report[event].samples.last else { continue }
            engine.reply.array(4)
            engine.reply.bulk(event.name)
            engine.reply.integer(last.second)
            engine.reply.integer(last.milliseconds)
            engine.reply.integer(report[event].longest)
        }
    }

    // MARK: HISTOGRAM

    /// LATENCY HISTOGRAM [command …]: of each command its calls, and how many took at most so
    /// many microseconds.
    private mutating func concludeHistogram(_ call: Invocation, _ parts: [Bytes]) {
        var tallies = CommandTallies()
        for part in parts where !part.isEmpty {
            var offset = 0
            _ = tallies.add(part, at: &offset)
        }
        var shown: [CommandTally] = []
        if call.count == 2 {
            tallies.forEach { if $0.histogram.total > 0 { shown.append($0) } }
        }
        for index in 2..<max(call.count, 2) {
            guard let command = engine.commands.find(call[index]) else { continue }
            for row in CommandTable.rows {
                let isMeant = row.id == command || row.isSubcommand(of: command.row)
                guard isMeant, let tally = tallies.find(row.id) else { continue }
                if tally.histogram.total > 0 { shown.append(tally) }
            }
        }
        engine.reply.map(shown.count)
        for tally in shown { write(tally) }
    }

    private mutating func write(_ tally: CommandTally) {
        engine.reply.bulk(tally.command.row.name)
        engine.reply.map(2)
        let buckets = LatencyBuckets(tally)
        engine.reply.bulk("calls")
        engine.reply.integer(buckets.calls)
        engine.reply.bulk("histogram_usec")
        engine.reply.map(buckets.buckets.count)
        for bucket in buckets.buckets {
            engine.reply.integer(bucket.microseconds)
            engine.reply.integer(bucket.calls)
        }
    }
}

/// All cores' samples.
struct LatencyReport {
    private var series = LatencyEvent.allCases.map { _ in LatencySeries() }

    init(_ parts: [Bytes]) {
        for part in parts where !part.isEmpty {
            var offset = 0
            for event in LatencyEvent.allCases {
                series[event.rawValue].merge(LatencySeries(part, at: &offset))
            }
        }
    }

    subscript(event: LatencyEvent) -> LatencySeries { series[event.rawValue] }
}

/// A histogram as LATENCY HISTOGRAM shows it: each bucket twice as wide as the one before, its
/// count that of all calls up to its end.
struct LatencyBuckets {
    struct Bucket {
        /// The upper bound.
        var microseconds: Int
        /// Calls that took no longer.
        var calls: Int
    }

    private(set) var buckets: [Bucket] = []
    /// All of them.
    private(set) var calls = 0

    /// The first bucket ends at 2¹⁰ ns.
    private static let exponentMin = 10

    /// The calls that were timed stand for all, unless latency-tracking was off for some.
    init(_ tally: CommandTally) {
        let total = tally.histogram.total
        if total == 0 { return }
        calls = total == tally.timed ? tally.calls : Int(clamping: total)
        let scale = Double(calls) / Double(total)
        var seen: UInt64 = 0
        var exponent = Self.exponentMin
        for bucket in 0..<LatencyScale.bucketCount where tally.histogram[bucket] > 0 {
            // A duration on the border belongs to the bucket that it ends.
            while LatencyScale.lowerBound(of: bucket) > UInt64(1) << UInt64(exponent) {
                exponent += 1
            }
            seen += tally.histogram[bucket]
            let below = seen == total ? calls : Int(Double(seen) * scale)
            let microseconds = Self.label(exponent)
            if buckets.last?.microseconds == microseconds { buckets.removeLast() }
            buckets.append(Bucket(microseconds: microseconds, calls: below))
        }
    }

    /// What tools know these buckets by: 2^exponent ns and what two digits more do not tell from
    /// it, in whole microseconds.
    private static func label(_ exponent: Int) -> Int {
        ((1 << exponent) + (1 << (exponent - 7)) - 1) / 1000
    }
}
