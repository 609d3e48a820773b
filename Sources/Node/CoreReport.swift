import Base
import Engine
import Placement

/// What a core tells of itself for INFO, as a part of the whole node's report.
struct CoreReport: BitwiseCopyable {
    var core: Int
    var connections: Int
    /// Connections whose next request waits for something.
    var stalledConnections = 0
    /// Connections whose last request waits for an element.
    var blockedConnections = 0
    var commands: Int
    var commandsPerSecond: Int
    var errors: Int
    var keys: Int
    var volatileKeys: Int
    /// Clients that are told of writes, keys that somebody is told of, and both in pairs.
    var trackingClients = 0
    var trackedKeys = 0
    var trackedItems = 0
    var memory = CoreMemory()
    var memoryPeakBytes = 0
    /// The largest buffers of a client, in bytes.
    var inputBufferMax = 0
    var outputBufferMax = 0
    /// How long keys with a deadline have still to live, on average, in milliseconds.
    var averageTimeToLive: Int64 = 0
    var receivedPerSecond: Int
    var sentPerSecond: Int
    var persistence = PersistenceReport()
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
        receivedMeter.close(statistics.bytesReceived, now: now)
        sentMeter.close(statistics.bytesSent, now: now)
        memoryPeakBytes = max(memoryPeakBytes, engine.keyspace.usedBytes + memoryOverheadBytes)
    }

    /// How many keys a report looks at for the mean time to live.
    private static var timeToLiveBudget: Int { 1024 }

    mutating func makeReport() -> CoreReport {
        if now >= throughput.dueAt { measure() }
        var report = CoreReport(
            core: Int(index.rawValue), connections: connections.count,
            commands: engine.insight.callCount, commandsPerSecond: throughput.perSecond,
            errors: engine.statistics.errors, keys: engine.keyspace.count,
            volatileKeys: engine.keyspace.volatileCount,
            receivedPerSecond: receivedMeter.perSecond, sentPerSecond: sentMeter.perSecond,
            keyspace: engine.keyspace.statistics, statistics: statistics,
            loop: loopStatistics)
        report.blockedConnections = waits.count
        report.trackingClients = trackingClientCount
        report.trackedKeys = engine.keyspace.watches.trackedKeyCount
        report.trackedItems = engine.keyspace.watches.trackedItemCount
        report.persistence = persistenceReport()
        measureMemory(&report)
        memoryOverheadBytes = report.memory.used - engine.keyspace.usedBytes
        memoryPeakBytes = max(memoryPeakBytes, report.memory.used)
        report.memoryPeakBytes = memoryPeakBytes
        let firstSlot = Int.random(in: 0..<SlotIndex.count, using: &insightRandom)
        report.averageTimeToLive = engine.keyspace.averageTimeToLive(
            from: firstSlot, budget: Self.timeToLiveBudget)
        return report
    }

    /// CONFIG RESETSTAT
    mutating func resetStatistics() {
        statistics = CoreStatistics()
        engine.statistics = EngineStatistics()
        engine.insight.reset()
        engine.keyspace.statistics = KeyspaceStatistics()
        throughput = ThroughputMeter()
        receivedMeter = ThroughputMeter()
        sentMeter = ThroughputMeter()
        memoryPeakBytes = 0
        let process = loopStatistics.process
        loopStatistics = LoopStatistics()
        loopStatistics.process = process
    }
}
