import Base
import Engine

extension Core {
    /// When ``tick()`` is wanted, in milliseconds since 1970; nil where nothing is due at any time.
    public var nextTick: Int64? {
        tickDeadline
    }

    /// Does what is due: expiry, the end of a pause, slow readers.
    public mutating func tick() {
        tickDeadline = nil
        expireKeys()
        resumePaused()
        timeOutWaits()
        if !syncWaiters.isEmpty { answerSynced() }
        checkSlowReaders()
        closeIdle()
    }

    mutating func tickAtLatest(_ deadline: Int64) {
        tickDeadline = min(tickDeadline ?? deadline, deadline)
    }

    /// Wants a tick for the next key that expires, but not more often than every
    /// ``expiryIntervalMilliseconds``. Called at the end of a turn.
    @inline(__always)
    mutating func scheduleExpiry() {
        guard let deadline = engine.keyspace.findNextDeadline(), !isLoading else { return }
        tickAtLatest(max(deadline, lastSweep + Self.expiryIntervalMilliseconds))
    }

    static var expiryIntervalMilliseconds: Int64 { 100 }
    /// How many keys with a deadline a tick looks at: well below a millisecond of work.
    static var expiryBudget: Int { 4096 }

    private mutating func expireKeys() {
        if engine.keyspace.volatileCount == 0 || isLoading { return }
        let start = engine.insight.stopwatch.read()
        let isDone = engine.keyspace.expireDue(budget: Self.expiryBudget)
        let nanoseconds = engine.insight.stopwatch.read() &- start
        statistics.sweepNanoseconds &+= nanoseconds
        sampleLatency(.expireCycle, nanoseconds)
        if isDone {
            lastSweep = now
        } else {
            statistics.sweepsCutShort += 1
            tickAtLatest(now + 1)
        }
    }

    private mutating func checkSlowReaders() {
        for index in 0..<connections.placeCount {
            guard let connection = connections.connection(at: index) else { continue }
            if connection.state.outputBytes > outputNoticeLimit {
                markDirty(connection)
            } else {
                connection.state.overLimitSince = 0
            }
        }
    }
}

extension Core {
    /// Closes clients that have sent nothing for longer than the setting timeout allows.
    private mutating func closeIdle() {
        if configuration.idleSecondsMax == 0 { return }
        let before = now - Int64(configuration.idleSecondsMax) * 1000
        for index in 0..<connections.placeCount {
            guard let connection = connections.connection(at: index) else { continue }
            let isIdle =
                connection.state.lastActiveAt <= before && connection.state.stall == .none
                && connection.state.outputBytes == 0
            if isIdle { closeNow(connection) }
        }
        if connections.count > 0 { tickAtLatest(now + Self.idleCheckMilliseconds) }
    }

    /// Wants a tick where clients may be closed for being idle.
    mutating func watchIdleClients() {
        if configuration.idleSecondsMax > 0 { tickAtLatest(now + Self.idleCheckMilliseconds) }
    }

    static var idleCheckMilliseconds: Int64 { 1000 }
}

/// CLIENT PAUSE: until when which commands wait.
struct Pause {
    /// Milliseconds since 1970; 0 when nothing is paused.
    var until: Int64 = 0
    /// Reads go on.
    var isWritesOnly = false

    var isOn: Bool { until != 0 }

    /// Whether a command must wait.
    func holdsBack(_ traits: CommandTraits, _ command: CommandID, now: Int64) -> Bool {
        if now >= until { return false }
        // What ends a pause, or only looks at connections, goes on.
        if command.isNeverPaused { return false }
        return isWritesOnly ? traits.has(.write) || command == .exec : true
    }
}

extension Core {
    /// Goes on with the connections that a pause held back, once it is over.
    mutating func resumePaused() {
        if !pause.isOn { return }
        if now < pause.until {
            tickAtLatest(pause.until)
            return
        }
        pause = Pause()
        for index in 0..<connections.placeCount {
            guard let connection = connections.connection(at: index) else { continue }
            if connection.state.stall != .paused { continue }
            // Served at the end of the turn: this may run in the middle of a pipeline.
            connection.state.stall = .none
            markDirty(connection)
        }
    }
}
