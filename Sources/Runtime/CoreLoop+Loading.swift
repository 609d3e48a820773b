// Reading the data back in the loop's turns, between which clients are told to come again.

import Log
import Node
import Settings
import Synchronization
import Uring

extension CoreLoop {
    /// A turn reads for so long.
    private static let loadingNanoseconds: UInt64 = 1_000_000
    /// Records between two looks at the clock.
    private static let loadingRecords = 64

    /// A turn's part of the reading back.
    mutating func load(_ recovery: NodeRecovery) {
        if fabric.hasLoaded.load(ordering: .acquiring) {
            self.recovery = nil
            core.endLoading()
            return
        }
        if isDraining {
            replay = nil
            return
        }
        do throws(StartupObstacle) {
            try CoreRecovery.withObstacles(recovery.directory) { () throws in
                try advance(recovery)
            }
        } catch {
            replay = nil
            isLoaded = true
            recovery.fail(error)
        }
    }

    private mutating func advance(_ recovery: NodeRecovery) throws {
        if replay == nil, !isLoaded, let scanned = recovery.find(core: index) {
            replay = try CoreReplay.begin(scanned)
        }
        guard var replay = replay.take() else { return }
        let isDone =
            core.keyLoadDelay > 0 ? try advanceSlowly(&replay) : try advanceQuickly(&replay)
        let progress = replay.progress
        core.noteLoaded(bytes: progress.bytes, of: progress.total)
        if !isDone {
            self.replay = consume replay
            return
        }
        isLoaded = true
        let (storage, start, report) = try replay.finish(
            &core, firstTransaction: recovery.directory.identity.firstTransaction)
        self.storage = storage
        core.startLog(start)
        recovery.finish(report)
    }

    private mutating func advanceQuickly(_ replay: inout CoreReplay) throws -> Bool {
        let start = Clocks.monotonicNanoseconds()
        repeat {
            if try replay.advance(&core, records: Self.loadingRecords) { return true }
        } while Clocks.monotonicNanoseconds() &- start < Self.loadingNanoseconds
        return false
    }

    /// One record, and then none for as long as the setting says.
    private mutating func advanceSlowly(_ replay: inout CoreReplay) throws -> Bool {
        let now = Clocks.monotonicNanoseconds()
        if now < loadsNextAt { return false }
        loadsNextAt = now &+ UInt64(core.keyLoadDelay) &* 1000
        return try replay.advance(&core, records: 1)
    }
}
