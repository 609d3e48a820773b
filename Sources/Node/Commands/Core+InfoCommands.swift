// INFO's sections on commands and on cores.

import Base
import Engine

/// What all cores told of their commands and errors.
struct CommandReport {
    private(set) var tallies = CommandTallies()
    /// By kind.
    private(set) var errors: [String: Int] = [:]
    /// By core: how long its calls took.
    private(set) var latencies: [Int: LatencyHistogram] = [:]

    /// - Parameter parts: of ``Core/contributeInfo(_:into:)``.
    init(_ parts: [Bytes], _ commands: borrowing CommandIndex) {
        for part in parts where !part.isEmpty {
            let core = part.plain(CoreReport.self, at: 0).core
            var offset = TopicCounts.end(part, from: MemoryLayout<CoreReport>.size)
            let kindCount = part.integer(at: offset)
            offset += 8
            for _ in 0..<kindCount {
                let kind = part.plain(ErrorCounts.Kind.self, at: offset)
                errors[kind.name, default: 0] += kind.count
                offset += MemoryLayout<ErrorCounts.Kind>.size
            }
            latencies[core] = tallies.add(part, at: &offset)
        }
        tallies.close(commands)
    }
}

extension Core {
    /// This core's part of INFO: its report, its topics, its errors by kind, its commands.
    mutating func contributeInfo(_ call: Invocation, into part: inout OutputBuffer) {
        part.append(plain: makeReport())
        appendTopicHashes(to: &part)
        let kindCount = engine.insight.errors.kindCount
        part.append(integer: Int64(kindCount))
        for place in 0..<kindCount { part.append(plain: engine.insight.errors[place]) }
        let sections = InfoSections(call)
        let hasHistograms =
            sections.contains("latencystats") || sections.contains("cores")
            || sections.contains("corelatency")
        appendTallies(to: &part, hasHistograms: hasHistograms)
    }

    func writeCommandStatistics(_ report: CommandReport, _ info: inout InfoText) {
        info.section("Commandstats")
        report.tallies.forEach { tally in
            let microseconds = tally.microseconds(mean: report.tallies.mean)
            let mean = tally.calls == 0 ? 0 : Double(microseconds) / Double(tally.calls)
            var line = "calls=\(tally.calls),usec=\(microseconds)"
            line += ",usec_per_call=\(InfoText.decimal(mean, places: 2))"
            line += ",rejected_calls=\(tally.rejected),failed_calls=\(tally.failed)"
            info.field("cmdstat_\(tally.command.row.name)", line)
        }
    }

    func writeErrorStatistics(_ report: CommandReport, _ info: inout InfoText) {
        info.section("Errorstats")
        for (kind, count) in report.errors.sorted(by: { $0.key < $1.key }) {
            info.field("errorstat_\(kind)", "count=\(count)")
        }
    }

    func writeLatencyStatistics(_ report: CommandReport, _ info: inout InfoText) {
        info.section("Latencystats")
        if !configuration.isTrackingLatency { return }
        let percentiles = Percentiles(configuration.stored("latency-tracking-info-percentiles"))
        report.tallies.forEach { tally in
            if tally.histogram.total == 0 { return }
            let figures = percentiles.values.map { percentile in
                "p\(Percentiles.name(of: percentile))="
                    + tally.histogram.microseconds(atPercentile: percentile)
            }
            info.field(
                "latency_percentiles_usec_\(tally.command.row.name)",
                figures.joined(separator: ","))
        }
    }

    // MARK: Cores

    /// One line per core, for whoever wants to see how the load is spread.
    func writeCores(
        _ report: NodeReport, _ commands: CommandReport, _ info: inout InfoText
    ) {
        info.section("Cores")
        for core in report.cores {
            let latencies = commands.latencies[core.core] ?? LatencyHistogram()
            info.field("core\(core.core)", core.line(latencies))
        }
    }

    /// Of each core how many calls took at most so many nanoseconds, four steps to a doubling: what
    /// a reader needs for the percentiles of the time between two looks.
    func writeCoreLatencies(_ report: CommandReport, _ info: inout InfoText) {
        info.section("Corelatency")
        for (core, histogram) in report.latencies.sorted(by: { $0.key < $1.key }) {
            var words: [String] = []
            var count: UInt64 = 0
            for bucket in 0..<LatencyScale.bucketCount {
                count += histogram[bucket]
                // The first 64 buckets are one nanosecond each, then there are 32 to a doubling.
                let isStepEnd = bucket >= 63 && bucket % 8 == 7
                if !isStepEnd || count == 0 { continue }
                words.append("\(LatencyScale.upperBound(of: bucket))=\(count)")
                count = 0
            }
            info.field("core\(core)", words.joined(separator: ","))
        }
    }
}

extension LatencyHistogram {
    /// A percentile in microseconds, to the nanosecond.
    func microseconds(atPercentile percentile: Double) -> String {
        InfoText.decimal(Double(value(atPercentile: percentile)) / 1000, places: 3)
    }
}

extension CoreReport {
    /// The core's fields in INFO, separated by commas.
    fileprivate func line(_ latencies: LatencyHistogram) -> String {
        let batch = loop.turns == 0 ? 0 : Double(loop.completions) / Double(loop.turns)
        let time = loop.busyNanoseconds + loop.idleNanoseconds
        let busy = time == 0 ? 0 : Double(loop.busyNanoseconds) / Double(time)
        var line = "ops=\(commands),ops_per_sec=\(commandsPerSecond)"
        line += ",hits=\(keyspace.hits),misses=\(keyspace.misses)"
        line += ",connections=\(connections),stalled=\(stalledConnections)"
        line += ",keys=\(keys),memory=\(memory.used)"
        line += ",hops_out=\(statistics.hopsOut),hops_in=\(statistics.hopsIn)"
        line += ",parcels=\(statistics.parcelsOut),operations=\(statistics.operations)"
        line += ",sort_rounds=\(statistics.sortRounds)"
        line += ",waits=\(statistics.waits),wake_ups=\(loop.wakeUps)"
        line += ",turns=\(loop.turns)"
        line += ",completions_per_turn=\(InfoText.decimal(batch, places: 2))"
        line += ",busy_usec=\(loop.busyNanoseconds / 1000)"
        line += ",idle_usec=\(loop.idleNanoseconds / 1000)"
        line += ",busy_share=\(InfoText.decimal(busy, places: 4))"
        line += ",longest_turn_usec=\(loop.longestTurnNanoseconds / 1000)"
        for percentile in [50, 99, 99.9] {
            let name = Percentiles.name(of: percentile)
            line += ",p\(name)_usec=\(latencies.microseconds(atPercentile: percentile))"
        }
        line += ",bytes_in=\(statistics.bytesReceived),bytes_out=\(statistics.bytesSent)"
        return line
    }
}
