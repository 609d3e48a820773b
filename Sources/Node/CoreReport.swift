import Base
import Engine
import Placement

/// What a core tells of itself for INFO, as a part of the whole node's report.
struct CoreReport: BitwiseCopyable {
    var core: Int
    var connections: Int
    /// Connections whose next request waits for something.
    var stalledConnections = 0
    var commands: Int
    var commandsPerSecond: Int
    var errors: Int
    var keys: Int
    var volatileKeys: Int
    var memoryBytes: Int
    var memoryPeakBytes: Int
    var keyspace: KeyspaceStatistics
    var statistics: CoreStatistics
    var loop: LoopStatistics
}

/// How many commands a core runs per second, measured without a timer: whoever comes by after a
/// second or more closes the measurement and begins the next.
struct ThroughputMeter: BitwiseCopyable {
    /// When the open measurement may be closed: one comparison a turn.
    private(set) var dueAt: Int64 = 0
    private var startedAt: Int64 = 0
    private var countAtStart = 0
    /// Of the last measurement, which took a second or longer.
    private(set) var perSecond = 0

    private static var intervalMilliseconds: Int64 { 1000 }

    mutating func close(_ count: Int, now: Int64) {
        if startedAt > 0 {
            perSecond = Int(Int64(max(count - countAtStart, 0)) * 1000 / (now - startedAt))
        }
        startedAt = now
        dueAt = now + Self.intervalMilliseconds
        countAtStart = count
    }
}

extension Core {
    /// Called once a measurement is due.
    @inline(never)
    mutating func measure() {
        throughput.close(engine.insight.callCount, now: now)
        memoryPeakBytes = max(memoryPeakBytes, engine.keyspace.usedBytes)
    }

    mutating func makeReport() -> CoreReport {
        if now >= throughput.dueAt { measure() }
        memoryPeakBytes = max(memoryPeakBytes, engine.keyspace.usedBytes)
        var report = CoreReport(
            core: Int(index.rawValue), connections: connections.count,
            commands: engine.insight.callCount, commandsPerSecond: throughput.perSecond,
            errors: engine.statistics.errors, keys: engine.keyspace.count,
            volatileKeys: engine.keyspace.volatileCount,
            memoryBytes: engine.keyspace.usedBytes, memoryPeakBytes: memoryPeakBytes,
            keyspace: engine.keyspace.statistics, statistics: statistics,
            loop: loopStatistics)
        for place in 0..<connections.placeCount {
            guard let connection = connections.connection(at: place) else { continue }
            if connection.state.stall != .none { report.stalledConnections += 1 }
        }
        return report
    }

    /// CONFIG RESETSTAT
    mutating func resetStatistics() {
        statistics = CoreStatistics()
        engine.statistics = EngineStatistics()
        engine.insight.reset()
        engine.keyspace.statistics = KeyspaceStatistics()
        throughput = ThroughputMeter()
        memoryPeakBytes = 0
        let process = loopStatistics.process
        loopStatistics = LoopStatistics()
        loopStatistics.process = process
    }
}
