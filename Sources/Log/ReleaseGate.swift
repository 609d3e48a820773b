// Up to where a core's log may be acknowledged.
//
// A position is released when no crash from now on can take back what stands before it: it is safe
// on this core's disk, and so is every transaction over several cores that stands before it, on all
// disks, with all that stands before its parts there (docs/internals/log-format.md, "Writing",
// rule 3). A crash cuts each log before the first transaction that lacks a part, which may cut
// others; so the gate does what recovery would do, with what the cores have said of their logs.
//
// Owned by the core, one thread; performs nothing. Cores tell each other which parts they log, in
// their order, and how many of them are safe.
//
// Invariants:
// 1. `parts[c]` are the parts of core c that are not known to be released, in the order of its log.
// 2. A core logs the transactions of a home in the order of their numbers.
// 3. `released` never falls, and is at most what is safe here.

import Base

/// A core's part of a transaction that is not known to be released.
struct WaitingPart: BitwiseCopyable {
    let home: UInt16
    let number: UInt64
    /// Where its participants begin in its core's list, and how many there are.
    var firstCore: Int
    let coreCount: Int
    /// Its place; of this core's own parts only.
    let start: LogPosition
    let end: LogPosition
}

/// What a gate knows of one core's log.
private struct KnownLog {
    var parts: [WaitingPart] = []
    var cores: [UInt16] = []
    /// How many of all its parts are safe, and how many are released and forgotten.
    var safeCount = 0
    var releasedCount = 0
    /// By home: the highest number that is released.
    var releasedNumbers: [UInt64]

    /// Whether the first `count` of its parts have this one, or those that are released.
    func has(_ home: UInt16, _ number: UInt64, within count: Int) -> Bool {
        if releasedNumbers[Int(home)] >= number { return true }
        let waiting = min(count - releasedCount, parts.count)
        for index in 0..<max(waiting, 0)
        where parts[index].home == home && parts[index].number == number {
            return true
        }
        return false
    }

    /// Forgets the parts up to so many in all.
    mutating func release(_ count: Int) {
        let dropped = count - releasedCount
        if dropped <= 0 { return }
        for part in parts.prefix(dropped) { releasedNumbers[Int(part.home)] = part.number }
        let firstCore = dropped < parts.count ? parts[dropped].firstCore : cores.count
        parts.removeFirst(dropped)
        cores.removeFirst(firstCore)
        for index in parts.indices { parts[index].firstCore -= firstCore }
        releasedCount = count
    }
}

/// Up to where a core's log may be acknowledged; see the essay above.
public struct ReleaseGate: ~Copyable {
    private let core: UInt16
    private var logs: [KnownLog]
    /// By home: the highest transaction that this core has logged.
    private var loggedNumbers: [UInt64]
    /// Up to where this core's log is safe.
    private var safe: LogPosition
    /// All before it may be acknowledged.
    public private(set) var released: LogPosition

    /// Of `core`, one of `coreCount`, whose log is safe up to `synced` with every transaction
    /// complete.
    ///
    /// - Parameter logged: by home, the highest transaction that it has.
    public init(
        core: UInt16, coreCount: Int, synced: LogPosition, logged: [UInt16: UInt64] = [:]
    ) {
        self.core = core
        let none = [UInt64](repeating: 0, count: coreCount)
        logs = Array(repeating: KnownLog(releasedNumbers: none), count: coreCount)
        loggedNumbers = none
        for (home, number) in logged where Int(home) < coreCount {
            loggedNumbers[Int(home)] = number
        }
        safe = synced
        released = synced
    }

    /// The highest transaction of `home` that this core has logged: what the next manifest's
    /// `seen` says if the log changes to a new segment now.
    public func logged(home: UInt16) -> UInt64 { loggedNumbers[Int(home)] }

    /// How many of this core's parts are safe: what the other cores want to hear.
    public var safeCount: Int { logs[Int(core)].safeCount }

    /// This core's part of a transaction stands from `start` to `end` in its log, safe or not.
    public mutating func transactionLogged(
        home: UInt16, number: UInt64, participants: borrowing GrowableArray<UInt16>,
        start: LogPosition, end: LogPosition
    ) {
        invariant(number > loggedNumbers[Int(home)], "a home's transactions come in order")
        loggedNumbers[Int(home)] = number
        add(core, home, number, participants, start, end)
    }

    /// Another core has logged a part, behind those that it told of before.
    public mutating func peerLogged(
        _ peer: UInt16, home: UInt16, _ number: UInt64,
        participants: borrowing GrowableArray<UInt16>
    ) {
        let nowhere = LogPosition(segment: 0, offset: 0)
        add(peer, home, number, participants, nowhere, nowhere)
    }

    private mutating func add(
        _ core: UInt16, _ home: UInt16, _ number: UInt64,
        _ participants: borrowing GrowableArray<UInt16>, _ start: LogPosition, _ end: LogPosition
    ) {
        logs[Int(core)].parts.append(
            WaitingPart(
                home: home, number: number, firstCore: logs[Int(core)].cores.count,
                coreCount: participants.count, start: start, end: end))
        for index in 0..<participants.count { logs[Int(core)].cores.append(participants[index]) }
    }

    /// This core's log is safe up to `position`. Whether ``safeCount`` has risen: then the other
    /// cores are to be told.
    public mutating func logSafe(_ position: LogPosition) -> Bool {
        safe = max(safe, position)
        let known = logs[Int(core)]
        var count = known.safeCount
        while count - known.releasedCount < known.parts.count,
            known.parts[count - known.releasedCount].end <= safe
        {
            count += 1
        }
        let hasRisen = count > known.safeCount
        logs[Int(core)].safeCount = count
        settle()
        return hasRisen
    }

    /// So many of another core's parts are safe.
    public mutating func peerSafe(_ peer: UInt16, _ count: Int) {
        logs[Int(peer)].safeCount = max(logs[Int(peer)].safeCount, count)
        settle()
    }

    /// Finds how far all logs would be recovered, and releases that.
    private mutating func settle() {
        var limits = logs.map(\.safeCount)
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for index in logs.indices {
                let limit = firstIncomplete(of: index, limits)
                if limit < limits[index] {
                    limits[index] = limit
                    hasChanged = true
                }
            }
        }
        for index in logs.indices { logs[index].release(limits[index]) }
        let reach = min(safe, logs[Int(core)].parts.first?.start ?? safe)
        released = max(released, reach)
    }

    /// How many parts of a log stand before the first one, within the limits, that another core
    /// lacks.
    private func firstIncomplete(of index: Int, _ limits: [Int]) -> Int {
        let log = logs[index]
        for place in 0..<max(min(limits[index] - log.releasedCount, log.parts.count), 0) {
            let part = log.parts[place]
            for number in 0..<part.coreCount {
                let participant = Int(log.cores[part.firstCore + number])
                if !logs[participant].has(part.home, part.number, within: limits[participant]) {
                    return log.releasedCount + place
                }
            }
        }
        return limits[index]
    }
}
