// SAVE, BGSAVE, BGREWRITEAOF, LASTSAVE, WAITAOF: what clients see of snapshots and of the log.

import Base
import Engine
import Log

/// What a core tells of its log and snapshots.
struct PersistenceReport: BitwiseCopyable {
    var isLogging = false
    var hasLog = false
    var changes = 0
    var isUnderWay = false
    var runningMilliseconds: Int64 = 0
    var keysWritten = 0
    var saved = SnapshotStatistics()
    var logBytes = 0
    var bufferedBytes = 0
    var isScheduled = false
    var isLoading = false
    var loading = Loading()
}

extension Core {
    // MARK: Before they go to the cores

    mutating func isSoundPersistence(_ call: Invocation) -> Bool {
        switch call.command {
        case .bgsave: return isSoundBackgroundSave(call)
        case .waitaof: return isSoundWait(call)
        case .lastsave: return true
        default: return hasDirectory()
        }
    }

    /// Where nothing is kept there is nothing to save, and whoever asks for it should know.
    private mutating func hasDirectory() -> Bool {
        if log != nil { return true }
        engine.fail("ERR nothing is kept on disk: this server was started with --persistence no")
        return false
    }

    private mutating func isSoundBackgroundSave(_ call: Invocation) -> Bool {
        if call.count > 2 || call.count == 2 && !call[1].equalsIgnoringCase("schedule") {
            engine.fail(.syntax)
            return false
        }
        return hasDirectory()
    }

    private mutating func isSoundWait(_ call: Invocation) -> Bool {
        guard let localCount = call[1].canonicalInteger, (0...1).contains(localCount) else {
            engine.fail("ERR value is out of range, must be between 0 and 1")
            return false
        }
        guard let replicaCount = call[2].canonicalInteger, replicaCount >= 0 else {
            engine.fail("ERR value is out of range, must be positive")
            return false
        }
        guard let timeout = call[3].canonicalInteger else {
            engine.fail("ERR timeout is not an integer or out of range")
            return false
        }
        if timeout < 0 {
            engine.fail(.negativeTimeout)
            return false
        }
        if localCount > 0, log == nil {
            engine.fail(
                "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
            return false
        }
        return true
    }

    // MARK: A core's part

    /// Gives this core's part of a command that waits for the disk, once it has come about.
    mutating func answerLate(_ answer: LateAnswer, _ call: Invocation) {
        if call.command == .save {
            if beginSnapshot() { snapshot.wait(answer) } else { answerSoon(answer, false) }
            return
        }
        let isWanted = call[1].canonicalInteger == 1
        let timeout = call[3].canonicalInteger ?? 0
        if !isWanted || log == nil {
            answerSoon(answer, isAllSynced())
            return
        }
        let (deadline, isFar) = now.addingReportingOverflow(timeout)
        awaitSync(
            answer, batch: batchInTheWay() ?? 0,
            deadline: timeout == 0 || isFar ? nil : deadline)
    }

    private mutating func isAllSynced() -> Bool { isLogging && isLogSettled() }

    mutating func contributePersistence(_ call: Invocation, into part: inout OutputBuffer) {
        switch call.command {
        case .lastsave: part.append(integer: saved.lastAt / 1000)
        // Within a transaction it does not wait.
        case .waitaof: part.append(integer: isAllSynced() ? 1 : 0)
        default:
            let isUnderWay = snapshot.isUnderWay
            if isUnderWay, call.command == .bgsave, call.count == 2 { snapshot.isScheduled = true }
            part.append(integer: beginSnapshot() ? 1 : isUnderWay ? 2 : 0)
        }
    }

    // MARK: One reply of all parts

    mutating func concludePersistence(_ call: Invocation, _ parts: [Bytes]) {
        let numbers = parts.filter { $0.count > 0 }.map { $0.integer(at: 0) }
        switch call.command {
        case .lastsave: engine.reply.integer(numbers.min() ?? 0)
        case .waitaof:
            engine.reply.array(2)
            engine.reply.integer(numbers.min() ?? 0)
            engine.reply.integer(0)
        case .save: concludeSave(numbers.min() == 1)
        case .bgsave: concludeBackgroundSave(call, isUnderWay: numbers.contains(2))
        default: concludeRewrite(isUnderWay: numbers.contains(2))
        }
    }

    private mutating func concludeRewrite(isUnderWay: Bool) {
        if isUnderWay {
            engine.fail("ERR Background append only file rewriting already in progress")
        } else if engine.isAdmitted {
            engine.reply.simple("Background append only file rewriting scheduled")
        } else {
            engine.reply.simple("Background append only file rewriting started")
        }
    }

    private mutating func concludeSave(_ hasSucceeded: Bool) {
        if hasSucceeded {
            engine.reply.ok()
        } else if snapshot.isUnderWay {
            engine.fail("ERR Background save already in progress")
        } else {
            engine.fail("ERR the snapshot failed: \(snapshot.lastFailure)")
        }
    }

    private mutating func concludeBackgroundSave(_ call: Invocation, isUnderWay: Bool) {
        // Redis begins none within an EXEC, and says so.
        if !isUnderWay, !engine.isAdmitted {
            engine.reply.simple("Background saving started")
        } else if call.count == 2 || engine.isAdmitted {
            engine.reply.simple("Background saving scheduled")
        } else {
            engine.fail("ERR Background save already in progress")
        }
    }

    // MARK: INFO

    mutating func persistenceReport() -> PersistenceReport {
        var report = PersistenceReport()
        report.isLogging = isLogging
        report.hasLog = log != nil
        report.changes = (log?.changeCount ?? 0) - saved.changesBefore
        report.isUnderWay = snapshot.isUnderWay
        report.runningMilliseconds = snapshot.isUnderWay ? now - snapshot.startedAt : -1
        report.keysWritten = snapshot.isUnderWay ? snapshot.walk.keyCount : 0
        report.saved = saved
        report.logBytes = log?.byteCount ?? 0
        report.bufferedBytes = engine.hasLogRecords() ? engine.withLogRecords { $0.byteCount } : 0
        report.isScheduled = snapshot.isScheduled
        report.isLoading = isLoading
        report.loading = loading
        return report
    }

    func writePersistence(_ node: NodeReport, _ info: inout InfoText) {
        let reports = node.cores.map(\.persistence)
        func sum(_ field: (PersistenceReport) -> Int) -> Int {
            reports.reduce(0) { $0 + field($1) }
        }
        func seconds(_ field: (PersistenceReport) -> Int64) -> Int64 {
            let most = reports.map(field).max() ?? -1
            return most < 0 ? -1 : most / 1000
        }
        let isUnderWay = reports.contains { $0.isUnderWay }
        let state = reports.allSatisfy { $0.saved.hasSucceeded } ? "ok" : "err"
        let hasLog = reports.contains { $0.hasLog }
        info.section("Persistence")
        info.field("loading", reports.contains { $0.isLoading } ? 1 : 0)
        info.field("async_loading", 0)
        info.zeros("current_cow_peak", "current_cow_size", "current_cow_size_age")
        info.field("current_fork_perc", "0.00")
        info.field("current_save_keys_processed", sum(\.keysWritten))
        info.field("current_save_keys_total", isUnderWay ? node.sum(\.keys) : 0)
        info.field("rdb_changes_since_last_save", sum(\.changes))
        info.field("rdb_bgsave_in_progress", isUnderWay ? 1 : 0)
        let lastAt = reports.map(\.saved.lastAt).min() ?? 0
        info.field("rdb_last_save_time", (hasLog ? lastAt : identity.startedAt) / 1000)
        info.field("rdb_last_bgsave_status", state)
        info.field("rdb_last_bgsave_time_sec", seconds(\.saved.lastMilliseconds))
        info.field("rdb_current_bgsave_time_sec", seconds(\.runningMilliseconds))
        info.field("rdb_saves", reports.map(\.saved.count).min() ?? 0)
        info.zeros("rdb_last_cow_size", "rdb_last_load_keys_expired", "rdb_last_load_keys_loaded")
        info.field("aof_enabled", hasLog ? 1 : 0)
        info.field("aof_rewrite_in_progress", isUnderWay ? 1 : 0)
        info.field("aof_rewrite_scheduled", reports.contains { $0.isScheduled } ? 1 : 0)
        info.field("aof_last_rewrite_time_sec", seconds(\.saved.lastMilliseconds))
        info.field("aof_current_rewrite_time_sec", seconds(\.runningMilliseconds))
        info.field("aof_last_bgrewrite_status", state)
        info.field("aof_rewrites", reports.map(\.saved.count).min() ?? 0)
        info.field("aof_rewrites_consecutive_failures", reports.map(\.saved.failures).max() ?? 0)
        let writes = reports.allSatisfy { $0.isLogging == $0.hasLog }
        info.field("aof_last_write_status", writes ? "ok" : "err")
        info.zeros("aof_last_cow_size", "module_fork_in_progress", "module_fork_last_cow_size")
        if hasLog {
            info.field("aof_current_size", sum(\.logBytes) + sum(\.saved.bytes))
            info.field("aof_base_size", sum(\.saved.bytes))
            info.field("aof_pending_rewrite", 0)
            info.field("aof_buffer_length", sum(\.bufferedBytes))
            info.zeros("aof_pending_bio_fsync", "aof_delayed_fsync")
        }
        writeLoading(reports, &info)
    }

    private func writeLoading(_ reports: [PersistenceReport], _ info: inout InfoText) {
        guard reports.contains(where: \.isLoading) else { return }
        let startedAt = reports.map(\.loading.startedAt).min() ?? now
        let total = reports.reduce(0) { $0 + $1.loading.totalBytes }
        let loaded = reports.reduce(0) { $0 + $1.loading.loadedBytes }
        let part = Double(loaded) / Double(max(total, 1))
        let left = loaded == 0 ? 1 : Double(now - startedAt) / 1000 * (1 - part) / part
        info.field("loading_start_time", startedAt / 1000)
        info.field("loading_total_bytes", total)
        info.field("loading_rdb_used_mem", 0)
        info.field("loading_loaded_bytes", loaded)
        info.ratio("loading_loaded_perc", part * 100)
        info.field("loading_eta_seconds", Int(left))
    }
}
