// One core's event loop: the io_uring shell around Node's `Core`.
//
// A turn: take the mail; let the core end its turn; prepare what it wants done; enter the kernel
// once, sleeping only when nothing waits; hand the completions to the core.
//
// One thread makes the loop, runs it and ends it. Nothing here is shared but the mailboxes and
// flags of `Fabric`.

import Base
import Engine
import Node
import Placement
import Synchronization
import Uring

/// What kind of operation a completion belongs to.
enum OperationKind: UInt8 {
    case accept = 1
    case receive
    case send
    case cancel
    case close
    case abort
    case wake
    case signal
    case timer
    case prepareMemory
    case acceptAgain
    case logWrite
    case logSync
    case snapshotWrite
    case snapshotSync
}

/// A listening socket of a core, and what connects there.
struct LoopListener {
    let descriptor: FileDescriptor
    let listener: Listener
    /// Connections are spread over all cores.
    let isShared: Bool
}

/// The listening sockets of one core.
struct LoopListeners: Sendable {
    private var listeners: [LoopListener] = []

    init(_ listeners: some Sequence<LoopListener>) {
        self.listeners = Array(listeners)
    }

    var count: Int { listeners.count }

    subscript(place: Int) -> LoopListener { listeners[place] }
}

struct CoreLoop: ~Copyable {
    var core: Core
    var uring: Uring
    var buffers: BufferRing
    let fabric: Fabric
    let link: CoreLink
    let index: Int
    let listeners: LoopListeners
    let signal: FileDescriptor
    let settingsWriter: SettingsWriter?
    /// The reading back of the data; nil once all cores have it, or where nothing is kept.
    var recovery: NodeRecovery?
    /// This core's part of it, from when the logs' ends are known until all is read.
    var replay: CoreReplay?
    /// This core's part is done.
    var isLoaded = false
    /// When the next key may be read, where each has to wait: nanoseconds of the monotonic clock.
    var loadsNextAt: UInt64 = 0
    /// The files of the core's log; nil where nothing is logged.
    var storage: CoreStorage?
    /// Files that are being synced.
    var syncsInFlight = 0
    /// The errno of one that failed; 0 where none has.
    var syncFailure: Int32 = 0
    /// Segments below it need no file any more, once the sync in flight has succeeded.
    var syncedFrom: UInt32 = 0
    var clock = LoopClock()
    private var watch = IdleWatch()
    /// Sockets by the connections' places.
    var sockets = GrowableArray<FileDescriptor>(capacity: 64)
    /// Mail that found its box full, in order.
    var overflow = GrowableArray<OverflowingMail>(capacity: 8)
    /// Cores that got mail in this turn.
    var mailed: GrowableArray<Bool>
    /// When the armed timer fires, in milliseconds since 1970.
    var timerDeadline: Int64?
    var isDraining = false
    /// Bytes that clients have sent, in this turn.
    private var receivedBytes = 0

    struct OverflowingMail: BitwiseCopyable {
        var core: CoreIndex
        var parcel: ParcelReference
    }

    static let submissionCount: UInt32 = 4096
    static let completionCount: UInt32 = 16_384
    static let bufferCount = 256
    static let bufferSize = 16_384
    /// After so many received bytes a turn ends, and what has completed besides waits for the next:
    /// some thousand requests, below a millisecond of work, cost one entry into the kernel more.
    static let turnBytesMax = 65_536
    static let timerMillisecondsMax: Int64 = 3_600_000

    /// Runs on the thread that made the loop, until the node ends.
    mutating func run() {
        link.ringDescriptor.store(uring.descriptor.rawValue, ordering: .releasing)
        for place in 0..<listeners.count { armAccept(place) }
        uring.pollMultishot(signal, token: token(.signal, 0))
        clock.readTime()
        core.setTime(clock.milliseconds)
        if recovery != nil { core.beginLoading() }
        while !turn() {}
    }

    /// - Returns: true when the node has ended.
    private mutating func turn() -> Bool {
        takeMail()
        if _slowPath(recovery != nil), let recovery { load(recovery) }
        if fabric.isEnding.load(ordering: .relaxed), !isDraining { beginDrain() }
        core.endTurn()
        perform()
        postOverflow()
        wakeMailed()
        buffers.publish()
        armTimer()
        if isDraining, isDrained, !hasMail, core.isLogSettled() { return true }
        enter()
        handleCompletions()
        return false
    }

    /// Submits what is prepared, and sleeps unless something waits already or comes at once.
    private mutating func enter() {
        clock.beginIdle(&core.loopStatistics)
        let isIdle = !uring.hasSubmissions && !hasWork
        let start = clock.now
        if isIdle, watch.pays { keepWatch(until: start &+ IdleWatch.nanosecondsMax) }
        link.isAsleep.store(true, ordering: .relaxed)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        if hasWork {
            link.isAsleep.store(false, ordering: .relaxed)
            uring.submitAndRunTaskWork()
        } else {
            uring.submitAndWait(for: 1)
            link.isAsleep.store(false, ordering: .relaxed)
        }
        clock.endIdle(&core.loopStatistics)
        if isIdle { watch.note(idleNanoseconds: clock.now &- start) }
        ProcessMeter.refresh(&core.loopStatistics.process, now: clock.now)
        core.setTime(clock.milliseconds)
    }

    /// Something is there to be done without the kernel's waiting for it.
    private var hasWork: Bool {
        hasMail || !overflow.isEmpty || uring.needsTaskRun || _slowPath(replay != nil)
    }

    /// Waits awake until there is work, at the longest until `deadline`.
    private func keepWatch(until deadline: UInt64) {
        repeat {
            for _ in 0..<IdleWatch.pausesBetweenReadings {
                if hasWork { return }
                uring.relax()
            }
        } while Clocks.monotonicNanoseconds() < deadline
    }

    private mutating func handleCompletions() {
        var batch = uring.completions()
        core.loopStatistics.turns &+= 1
        receivedBytes = 0
        while receivedBytes < Self.turnBytesMax, let completion = batch.next() {
            core.loopStatistics.completions &+= 1
            handle(completion)
        }
        uring.retire(batch)
    }

    @inline(__always)
    private mutating func handle(_ completion: Completion) {
        let token = completion.token
        switch token.kind {
        case OperationKind.receive.rawValue:
            received(completion, connection(token))
        case OperationKind.send.rawValue:
            core.sendCompleted(connection(token), result: Int(completion.result))
        case OperationKind.accept.rawValue: accepted(completion)
        case OperationKind.timer.rawValue: timerFired(completion)
        case OperationKind.prepareMemory.rawValue: core.memoryPrepared()
        case OperationKind.logWrite.rawValue: logWritten(completion)
        case OperationKind.logSync.rawValue: logSynced(completion)
        case OperationKind.snapshotWrite.rawValue: snapshotWritten(completion)
        case OperationKind.snapshotSync.rawValue: snapshotSynced(completion)
        case OperationKind.acceptAgain.rawValue: armAccept(Int(token.index))
        case OperationKind.signal.rawValue:
            _ = EventSignal.consume(signal)
            takeWrittenSettings()
            takeStorageOutcomes()
        default: break
        }
    }

    @inline(__always)
    private func connection(_ token: OperationToken) -> ConnectionID {
        ConnectionID(index: token.index, generation: token.generation)
    }

    func token(_ kind: OperationKind, _ place: Int) -> OperationToken {
        OperationToken(kind: kind.rawValue, generation: 0, index: UInt32(place))
    }

    func token(_ kind: OperationKind, _ id: ConnectionID) -> OperationToken {
        OperationToken(kind: kind.rawValue, generation: id.generation, index: id.index)
    }

    @inline(__always)
    private mutating func received(_ completion: Completion, _ id: ConnectionID) {
        if let buffer = completion.buffer {
            if completion.result > 0 {
                receivedBytes &+= Int(completion.result)
                core.received(
                    id,
                    unsafe Bytes(buffers.received(buffer, length: Int(completion.result))))
            }
            buffers.recycle(buffer)
        }
        if _fastPath(completion.result > 0) {
            if _slowPath(!completion.hasMore) { core.receiveInterrupted(id) }
        } else {
            receiveFailed(completion.result, id)
        }
    }

    @inline(never)
    private mutating func receiveFailed(_ result: Int32, _ id: ConnectionID) {
        switch -result {
        case 0: core.receiveEnded(id)
        case SystemErrorNumber.noBuffers: core.receiveInterrupted(id)
        case SystemErrorNumber.cancelled: break
        default: core.connectionFailed(id)
        }
    }

    private mutating func timerFired(_ completion: Completion) {
        if -completion.result == SystemErrorNumber.cancelled { return }
        timerDeadline = nil
        if let deadline = core.nextTick, deadline <= clock.milliseconds { core.tick() }
    }

    /// Keeps one timer armed for the core's next tick.
    private mutating func armTimer() {
        guard let wanted = core.nextTick else { return }
        // A far one is approached by the hour: a client may ask for a pause until the end of time.
        let deadline = min(wanted, clock.milliseconds + Self.timerMillisecondsMax)
        if let timerDeadline, timerDeadline <= deadline { return }
        let delay = UInt64(max(deadline - clock.milliseconds, 0)) * 1_000_000
        if timerDeadline == nil {
            uring.timeout(.after(nanoseconds: delay), token: token(.timer, 0))
        } else {
            uring.updateTimeout(
                token(.timer, 0), to: .after(nanoseconds: delay), token: token(.cancel, 0))
        }
        timerDeadline = deadline
    }
}
