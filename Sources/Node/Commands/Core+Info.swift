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
        writePersistence(report, &info)
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
        let inputs = report.cores.map(\.inputBufferMax)
        let outputs = report.cores.map(\.outputBufferMax)
        info.field("client_recent_max_input_buffer", inputs.max() ?? 0)
        info.field("client_recent_max_output_buffer", outputs.max() ?? 0)
        info.field("blocked_clients", report.sum(\.blockedConnections))
        info.field("stalled_clients", report.sum(\.stalledConnections))
        info.field("tracking_clients", report.sum(\.trackingClients))
        info.field("clients_in_timeout_table", 0)
    }

    private func writeMemory(_ nodeReport: NodeReport, _ info: inout InfoText) {
        let report = MemoryReport(nodeReport)
        let memory = report.memory
        info.section("Memory")
        info.bytes("used_memory", memory.used)
        info.bytes("used_memory_rss", report.resident)
        info.bytes("used_memory_peak", report.peak)
        info.percentage("used_memory_peak_perc", report.peakShare)
        info.field("used_memory_overhead", memory.overhead)
        info.field("used_memory_startup", report.startup)
        info.field("used_memory_dataset", memory.dataset)
        info.percentage("used_memory_dataset_perc", report.datasetShare)
        info.field("allocator_allocated", memory.allocator.used)
        info.field("allocator_active", memory.allocator.active)
        info.field("allocator_resident", report.allocatorResident)
        info.bytes("total_system_memory", report.process.machineMemoryBytes)
        info.bytes("used_memory_lua", 0)
        info.bytes("used_memory_scripts", 0)
        info.bytes("maxmemory", configuration.memoryMax)
        info.field("maxmemory_policy", configuration.stored("maxmemory-policy"))
        info.ratio("allocator_frag_ratio", report.allocatorFragmentation)
        info.field("allocator_frag_bytes", memory.allocator.active - memory.allocator.used)
        info.ratio("allocator_rss_ratio", report.allocatorOverhead)
        info.field("allocator_rss_bytes", report.allocatorResident - memory.allocator.active)
        info.ratio("rss_overhead_ratio", report.processOverhead)
        info.field("rss_overhead_bytes", report.resident - report.allocatorResident)
        info.ratio("mem_fragmentation_ratio", report.fragmentation)
        info.field("mem_fragmentation_bytes", report.resident - memory.used)
        info.field("mem_not_counted_for_evict", 0)
        info.field("mem_replication_backlog", 0)
        info.field("mem_total_replication_buffers", 0)
        info.field("mem_clients_slaves", 0)
        info.field("mem_clients_normal", memory.clients)
        info.field("mem_cluster_links", 0)
        info.field("mem_aof_buffer", 0)
        info.field("mem_parcels", memory.parcels)
        info.field("mem_allocator", "slab")
        info.field("active_defrag_running", 0)
        info.field("lazyfree_pending_objects", 0)
        info.field("lazyfreed_objects", 0)
    }

    private func writeStatistics(
        _ report: NodeReport, _ topics: TopicCounts, _ info: inout InfoText
    ) {
        let sweepMilliseconds = report.cores.reduce(0) {
            $0 + $1.statistics.sweepNanoseconds / 1_000_000
        }
        info.section("Stats")
        info.field("total_connections_received", report.sum(\.statistics.connectionsAccepted))
        info.field("total_commands_processed", report.sum(\.commands))
        info.field("instantaneous_ops_per_sec", report.sum(\.commandsPerSecond))
        info.field("total_net_input_bytes", report.sum(\.statistics.bytesReceived))
        info.field("total_net_output_bytes", report.sum(\.statistics.bytesSent))
        info.zeros("total_net_repl_input_bytes", "total_net_repl_output_bytes")
        info.ratio("instantaneous_input_kbps", Double(report.sum(\.receivedPerSecond)) / 1024)
        info.ratio("instantaneous_output_kbps", Double(report.sum(\.sentPerSecond)) / 1024)
        info.ratio("instantaneous_input_repl_kbps", 0)
        info.ratio("instantaneous_output_repl_kbps", 0)
        info.field("rejected_connections", report.sum(\.statistics.connectionsRejected))
        info.zeros("sync_full", "sync_partial_ok", "sync_partial_err")
        info.field("expired_keys", report.sum(\.keyspace.expired))
        info.ratio("expired_stale_perc", 0)
        info.field(
            "expired_time_cap_reached_count", report.sum(\.statistics.sweepsCutShort))
        info.field("expire_cycle_cpu_milliseconds", sweepMilliseconds)
        info.field("evicted_keys", report.sum(\.keyspace.evicted))
        info.zeros(
            "evicted_clients", "total_eviction_exceeded_time",
            "current_eviction_exceeded_time")
        info.field("keyspace_hits", report.sum(\.keyspace.hits))
        info.field("keyspace_misses", report.sum(\.keyspace.misses))
        info.field("pubsub_channels", topics.count(.channel))
        info.field("pubsub_patterns", topics.count(.pattern))
        info.field("pubsubshard_channels", topics.count(.shardChannel))
        info.zeros(
            "latest_fork_usec",
            "total_forks", "migrate_cached_sockets", "slave_expires_tracked_keys",
            "active_defrag_hits", "active_defrag_misses", "active_defrag_key_hits",
            "active_defrag_key_misses", "total_active_defrag_time",
            "current_active_defrag_time")
        info.field("tracking_total_keys", report.sum(\.trackedKeys))
        info.field("tracking_total_items", report.sum(\.trackedItems))
        info.field("tracking_total_prefixes", broadcasts.count)
        info.field("unexpected_error_replies", 0)
        info.field("total_error_replies", report.sum(\.errors))
        info.field("dump_payload_sanitizations", 0)
        info.field("total_reads_processed", report.sum(\.statistics.receives))
        info.field("total_writes_processed", report.sum(\.statistics.sends))
        info.zeros(
            "io_threaded_reads_processed", "io_threaded_writes_processed",
            "reply_buffer_shrinks", "reply_buffer_expands")
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
        info.field("used_cpu_sys_children", "0.000000")
        info.field("used_cpu_user_children", "0.000000")
    }

    private func writeCluster(_ connection: ConnectionReference, _ info: inout InfoText) {
        info.section("Cluster")
        info.field("cluster_enabled", connection.state.details.listener == .gateway ? 0 : 1)
    }

    private func writeKeyspace(_ report: NodeReport, _ info: inout InfoText) {
        info.section("Keyspace")
        let keys = report.sum(\.keys)
        if keys == 0 { return }
        let volatileKeys = report.sum(\.volatileKeys)
        // Each core has sampled its own; they count by how many keys they stand for.
        let sum = report.cores.reduce(0.0) {
            $0 + Double($1.averageTimeToLive) * Double($1.volatileKeys)
        }
        let mean = volatileKeys == 0 ? 0 : Int64(sum / Double(volatileKeys))
        info.field("db0", "keys=\(keys),expires=\(volatileKeys),avg_ttl=\(mean)")
    }
}
