// INFO: one report of what all cores told of themselves.

import Base
import Engine

/// All cores' reports, and their sums.
struct NodeReport {
    private(set) var cores: [CoreReport] = []

    /// - Parameter parts: each begins with a ``CoreReport``.
    init(_ parts: [Bytes]) {
        for part in parts where !part.isEmpty {
            cores.append(part.plain(CoreReport.self, at: 0))
        }
        cores.sort { $0.core < $1.core }
    }

    func sum(_ field: KeyPath<CoreReport, Int>) -> Int {
        cores.reduce(0) { $0 + $1[keyPath: field] }
    }

    /// The process's figures, from the core that read them last.
    var process: ProcessUsage {
        cores.map(\.loop.process).max { $0.readAt < $1.readAt } ?? ProcessUsage()
    }
}

extension Core {
    /// INFO [section …]
    mutating func concludeInfo(
        _ call: Invocation, _ connection: ConnectionReference, _ parts: [Bytes]
    ) {
        let report = NodeReport(parts)
        let commands = CommandReport(parts, engine.commands)
        var info = InfoText(InfoSections(call))
        writeServer(connection, &info)
        writeClients(report, &info)
        writeMemory(report, &info)
        writePersistence(&info)
        writeStatistics(
            report, TopicCounts(parts, from: MemoryLayout<CoreReport>.size), &info)
        writeReplication(&info)
        writeProcessor(report, &info)
        info.section("Modules")
        writeCommandStatistics(commands, &info)
        writeErrorStatistics(commands, &info)
        writeLatencyStatistics(commands, &info)
        writeCluster(connection, &info)
        writeCores(report, commands, &info)
        writeCoreLatencies(commands, &info)
        writeKeyspace(report, &info)
        engine.reply.verbatim(info.text)
    }

    private func writeServer(_ connection: ConnectionReference, _ info: inout InfoText) {
        let uptimeSeconds = max(now - identity.startedAt, 0) / 1000
        let details = connection.state.details
        info.section("Server")
        info.field("redis_version", "\(ServerVersion.redis)")
        info.field("gyre_version", "\(ServerVersion.gyre)")
        info.field("redis_mode", "\(details.listener.modeName)")
        info.field("os", identity.operatingSystem)
        info.field("arch_bits", Int.bitWidth)
        info.field("multiplexing_api", "io_uring")
        info.field("process_id", identity.processID)
        info.field("process_supervised", "no")
        info.field("run_id", identity.runID)
        info.field("tcp_port", SocketName(details.localAddress).port)
        info.field("server_time_usec", now * 1000)
        info.field("uptime_in_seconds", uptimeSeconds)
        info.field("uptime_in_days", uptimeSeconds / 86_400)
        info.field("hz", 10)
        info.field("configured_hz", 10)
        info.field("executable", identity.executable)
        info.field("config_file", identity.configurationFile)
        info.field("io_threads_active", coreCount > 1 ? 1 : 0)
        info.field("core_count", coreCount)
    }

    private func writeClients(_ report: NodeReport, _ info: inout InfoText) {
        info.section("Clients")
        info.field("connected_clients", report.sum(\.connections))
        info.field("cluster_connections", 0)
        info.field("maxclients", configuration.clientCountMax)
        info.field("blocked_clients", 0)
        info.field("stalled_clients", report.sum(\.stalledConnections))
        info.field("tracking_clients", 0)
    }

    private func writeMemory(_ report: NodeReport, _ info: inout InfoText) {
        let used = report.sum(\.memoryBytes)
        let process = report.process
        info.section("Memory")
        info.bytes("used_memory", used)
        info.bytes("used_memory_rss", process.residentBytes)
        info.bytes("used_memory_peak", report.sum(\.memoryPeakBytes))
        info.field("used_memory_dataset", used)
        info.bytes("total_system_memory", process.machineMemoryBytes)
        info.bytes("maxmemory", configuration.memoryMax)
        info.field("maxmemory_policy", configuration.stored("maxmemory-policy"))
        info.field(
            "mem_fragmentation_ratio",
            InfoText.decimal(
                used == 0 ? 0 : Double(process.residentBytes) / Double(used), places: 2))
        info.field("mem_allocator", "slab")
    }

    private func writePersistence(_ info: inout InfoText) {
        info.section("Persistence")
        info.field("loading", 0)
        info.field("async_loading", 0)
        info.field("rdb_bgsave_in_progress", 0)
        info.field("rdb_last_bgsave_status", "ok")
        info.field("aof_enabled", 0)
        info.field("aof_rewrite_in_progress", 0)
        info.field("aof_last_bgrewrite_status", "ok")
        info.field("aof_last_write_status", "ok")
    }

    private func writeStatistics(
        _ report: NodeReport, _ topics: TopicCounts, _ info: inout InfoText
    ) {
        info.section("Stats")
        info.field("total_connections_received", report.sum(\.statistics.connectionsAccepted))
        info.field("total_commands_processed", report.sum(\.commands))
        info.field("instantaneous_ops_per_sec", report.sum(\.commandsPerSecond))
        info.field("total_net_input_bytes", report.sum(\.statistics.bytesReceived))
        info.field("total_net_output_bytes", report.sum(\.statistics.bytesSent))
        info.field("rejected_connections", report.sum(\.statistics.connectionsRejected))
        info.field("expired_keys", report.sum(\.keyspace.expired))
        info.field("evicted_keys", report.sum(\.keyspace.evicted))
        info.field("keyspace_hits", report.sum(\.keyspace.hits))
        info.field("keyspace_misses", report.sum(\.keyspace.misses))
        info.field("pubsub_channels", topics.count(.channel))
        info.field("pubsub_patterns", topics.count(.pattern))
        info.field("pubsubshard_channels", topics.count(.shardChannel))
        info.field("latest_fork_usec", 0)
        info.field("total_error_replies", report.sum(\.errors))
    }

    private func writeReplication(_ info: inout InfoText) {
        info.section("Replication")
        info.field("role", "master")
        info.field("connected_slaves", 0)
        info.field("master_failover_state", "no-failover")
        info.field("master_replid", identity.runID)
        info.field("master_replid2", String(repeating: "0", count: 40))
        info.field("master_repl_offset", 0)
        info.field("second_repl_offset", -1)
        info.field("repl_backlog_active", 0)
    }

    private func writeProcessor(_ report: NodeReport, _ info: inout InfoText) {
        let process = report.process
        info.section("CPU")
        info.field(
            "used_cpu_sys",
            InfoText.decimal(Double(process.systemMicroseconds) / 1e6, places: 6))
        info.field(
            "used_cpu_user", InfoText.decimal(Double(process.userMicroseconds) / 1e6, places: 6))
    }

    private func writeCluster(_ connection: ConnectionReference, _ info: inout InfoText) {
        info.section("Cluster")
        info.field("cluster_enabled", connection.state.details.listener == .gateway ? 0 : 1)
    }

    private func writeKeyspace(_ report: NodeReport, _ info: inout InfoText) {
        info.section("Keyspace")
        let keys = report.sum(\.keys)
        if keys == 0 { return }
        info.field("db0", "keys=\(keys),expires=\(report.sum(\.volatileKeys)),avg_ttl=0")
    }

    // MARK: MEMORY STATS

    mutating func concludeMemoryStats(_ parts: [Bytes]) {
        let report = NodeReport(parts)
        let used = report.sum(\.memoryBytes)
        let keys = report.sum(\.keys)
        let resident = report.process.residentBytes
        engine.reply.map(7)
        writeFigure("peak.allocated", report.sum(\.memoryPeakBytes))
        writeFigure("total.allocated", used)
        writeFigure("keys.count", keys)
        writeFigure("keys.bytes-per-key", keys == 0 ? 0 : used / keys)
        writeFigure("dataset.bytes", used)
        writeFigure("allocator.resident", resident)
        writeFigure("rss-overhead.bytes", max(resident - used, 0))
    }

    private mutating func writeFigure(_ name: StaticString, _ value: Int) {
        engine.reply.bulk(name)
        engine.reply.integer(value)
    }
}
