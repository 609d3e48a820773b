// Up to where a core's log may be acknowledged.
//
// A position is released when it is synced and every transaction over several cores that was logged
// before it is synced by all its participants (docs/internals/log-format.md, "Writing", rule 3).
// Owned by the core, one thread; performs nothing. Participants tell each other how far they have
// synced: since a core logs the transactions of a home core in the order of their numbers, one
// number for each home says it all.
//
// Invariants:
// 1. Waiting transactions are in the order of their places in the log.
// 2. `released` never falls, and is at most what was synced.

import Base

/// A part of a transaction that is perhaps not everywhere yet.
struct WaitingTransaction: BitwiseCopyable {
    let start: LogPosition
    let end: LogPosition
    let number: UInt64
    let home: UInt16
    /// Where the participants begin in the gate's list, and how many there are.
    let firstCore: Int
    let coreCount: Int
}

/// Up to where a core's log may be acknowledged; see the essay above.
public struct ReleaseGate: ~Copyable {
    private let core: UInt16
    private let coreCount: Int
    /// `synced[core × coreCount + home]`: the highest transaction of `home` that `core` has synced.
    private var syncedNumbers: GrowableArray<UInt64>
    /// By home: the highest transaction that this core has logged.
    private var loggedNumbers: GrowableArray<UInt64>
    private var waiting = GrowableArray<WaitingTransaction>(capacity: 16)
    private var cores = GrowableArray<UInt16>(capacity: 32)
    /// All before it may be acknowledged.
    public private(set) var released: LogPosition

    /// Of `core`, one of `coreCount`, whose log is synced up to `synced` with every transaction
    /// complete.
    public init(core: UInt16, coreCount: Int, synced: LogPosition) {
        self.core = core
        self.coreCount = coreCount
        released = synced
        syncedNumbers = GrowableArray(capacity: coreCount * coreCount)
        loggedNumbers = GrowableArray(capacity: coreCount)
        for _ in 0..<coreCount * coreCount { syncedNumbers.append(0) }
        for _ in 0..<coreCount { loggedNumbers.append(0) }
    }

    /// The highest transaction of `home` that this core has logged: what the next manifest's
    /// `seen` says if the log changes to a new segment now.
    public func logged(home: UInt16) -> UInt64 { loggedNumbers[Int(home)] }

    /// The highest transaction of `home` that this core has synced: what the other participants
    /// want to hear.
    public func synced(home: UInt16) -> UInt64 {
        syncedNumbers[Int(core) * coreCount + Int(home)]
    }

    /// This core's part of a transaction stands from `start` to `end` in its log, synced or not.
    public mutating func transactionLogged(
        home: UInt16, number: UInt64, participants: borrowing GrowableArray<UInt16>,
        start: LogPosition, end: LogPosition
    ) {
        invariant(number > loggedNumbers[Int(home)], "a home's transactions come in order")
        loggedNumbers[Int(home)] = number
        waiting.append(
            WaitingTransaction(
                start: start, end: end, number: number, home: home, firstCore: cores.count,
                coreCount: participants.count))
        for index in 0..<participants.count { cores.append(participants[index]) }
    }

    /// This core's log is synced up to `position`. Whether the numbers that ``synced(home:)`` gives
    /// have risen: then the other cores are to be told.
    public mutating func logSynced(_ position: LogPosition) -> Bool {
        var hasRisen = false
        for index in 0..<waiting.count where waiting[index].end <= position {
            let place = Int(core) * coreCount + Int(waiting[index].home)
            if waiting[index].number > syncedNumbers[place] {
                syncedNumbers[place] = waiting[index].number
                hasRisen = true
            }
        }
        release(position)
        return hasRisen
    }

    /// Another core has synced the transactions of `home` up to `number`; this one's log is synced
    /// up to `position`.
    public mutating func peerSynced(
        _ peer: UInt16, home: UInt16, _ number: UInt64, logSynced position: LogPosition
    ) {
        let place = Int(peer) * coreCount + Int(home)
        syncedNumbers[place] = max(syncedNumbers[place], number)
        release(position)
    }

    private mutating func release(_ position: LogPosition) {
        var complete = 0
        while complete < waiting.count, isComplete(waiting[complete]) { complete += 1 }
        let reach =
            complete < waiting.count ? min(position, waiting[complete].start) : position
        released = max(released, reach)
        if complete == 0 { return }
        if complete == waiting.count {
            waiting.removeAll()
            cores.removeAll()
        } else if complete >= 64 {
            forget(complete)
        } else {
            // Few are looked at again rather than moved each time.
            return
        }
    }

    /// Drops the first `count` waiting transactions and their participants.
    private mutating func forget(_ count: Int) {
        let dropped = waiting[count].firstCore
        waiting.removeFirst(count)
        cores.removeFirst(dropped)
        for index in 0..<waiting.count {
            let old = waiting[index]
            waiting[index] = WaitingTransaction(
                start: old.start, end: old.end, number: old.number, home: old.home,
                firstCore: old.firstCore - dropped, coreCount: old.coreCount)
        }
    }

    private func isComplete(_ transaction: WaitingTransaction) -> Bool {
        for index in 0..<transaction.coreCount {
            let participant = Int(cores[transaction.firstCore + index])
            let place = participant * coreCount + Int(transaction.home)
            if syncedNumbers[place] < transaction.number { return false }
        }
        return true
    }
}
