import Base
import Engine
import Placement

/// The logic of one core: its connections, the order of their replies, the way of each request to
/// the core that owns its keys, and the mail between cores.
///
/// Pure: the shell (Runtime on io_uring, or the Simulator) calls a method for each event, with the
/// time in ``setTime(_:)``, then ``endTurn()``, then performs what stands in ``outbox``. One
/// thread.
///
/// Steps, in the order in which a turn takes them: ``accepted(_:)``, ``received(_:_:)``,
/// ``sendCompleted(_:result:)``, ``mailArrived(_:)``, ``tick()``, ``endTurn()``.
public struct Core: ~Copyable {
    /// Which of the node's cores this is.
    public let index: CoreIndex
    /// How many cores the node has.
    public let coreCount: Int
    /// What the steps since the last turn want done.
    public var outbox = Outbox()

    var engine: Engine
    var connections = ConnectionTable()
    /// Requests of the connection that is being served.
    var pipeline = Pipeline()
    /// What they lie in, if the connection had kept them; whoever takes a long request over empties
    /// it.
    var servedInput = OutputBuffer()
    /// Connections whose output or state may let something go out at the end of the turn.
    var dirty = GrowableArray<ConnectionID>(capacity: 256)
    /// The parcel of requests being filled for each core.
    var openParcels: GrowableArray<ParcelReference?>
    var parcels: ParcelPool
    var holds = HoldTable()
    /// Those who waited for keys are being served.
    var isWaking = false
    var operations = OperationTable()
    /// What this core does in parts.
    var works = WorkTable()
    /// Values that go to other cores, or come from them, in parts.
    var passages = PassageTable()
    /// For simulations: whatever is lent or given back goes in parts.
    var travelsAllInParts = false
    /// The waits of this core's clients.
    var waits = WaitTable()
    /// Who waits for this core's keys.
    var waitQueues = WaitQueues()
    /// Those whom this turn cannot serve.
    var resting = RestingService()
    var subscriptions = SubscriptionTable()
    var interest: Interest
    /// The parcel of messages being filled for each core.
    var messageParcels: GrowableArray<ParcelReference?>
    var hasMessageParcels = false
    /// The message that is being delivered.
    var pushes = PushMessage()
    /// The connection whose output is the engine's reply at the moment, where a message may come up
    /// for it.
    var serving: ConnectionID?
    /// Messages for that connection that must outlive its request's reply.
    var heldPushes = OutputBuffer()
    /// Connections that are shown every request.
    var monitors = GrowableArray<ConnectionID>(capacity: 1)
    /// The line of MONITOR that is being made.
    var monitorLine = MonitorLine()
    /// Whose clients are told of keys by their beginnings.
    var broadcasts = BroadcastTable()
    /// How many clients are told of writes (CLIENT TRACKING).
    var trackingClientCount = 0
    /// The name of a keyspace event's channel, being made.
    var eventChannel = OutputBuffer()
    /// The lowest of all limits on unread output, in bytes: below it nobody need look closer.
    var outputNoticeLimit = 0
    var pause = Pause() { didSet { duties.set(.paused, pause.isOn) } }
    /// What keeps requests from being run as they come.
    var duties = Duties()
    /// Nil where nothing is logged.
    var log: CoreLog?
    /// There is a ``log``, and it has not failed: asked in each turn. What is sent waits for it.
    var isLogging = false
    /// How far the core is, or was, in reading its data back.
    var loading = Loading()
    /// What becomes of the log's snapshot.
    var snapshot = CoreSnapshot()
    var saved = SnapshotStatistics()
    /// From so many bytes of log and snapshot on another snapshot is begun.
    var snapshotDueBytes = Int.max
    /// The operator's rules for when one is begun.
    var saveRules: [SaveRule] = []
    /// When the operator's rules are looked at again, in milliseconds since 1970.
    var nextRuleCheckAt: Int64 = 0
    /// Answers that wait for a sync.
    var syncWaiters = GrowableArray<SyncWaiter>(capacity: 1)
    var slowLog: SlowLog
    var latency = LatencyMonitor()
    /// How long the DEBUG SLEEP that now ends has kept everybody waiting.
    var sleptNanoseconds: UInt64 = 0
    var configuration: NodeConfiguration
    /// The configuration that the core began with.
    let initialConfiguration: NodeConfiguration
    let identity: NodeIdentity
    /// Counts connections over the whole node without sharing: each core numbers in steps of the
    /// core count.
    var nextConnectionNumber: Int64
    var statistics = CoreStatistics()
    /// The time of the current step, in milliseconds since 1970. Kept here as well as in the
    /// keyspace: reading it there, across the module's border, copies the keyspace's fields.
    private(set) var now: Int64 = 0
    var throughput = ThroughputMeter()
    /// Which reading of the process's size the memory limit follows.
    private var processReadAt: UInt64 = 0
    /// This core's part of what the process takes besides the keys.
    var processBytesBesides = 0
    var receivedMeter = ThroughputMeter()
    var sentMeter = ThroughputMeter()
    /// The most memory that was in use, as seen about once a second.
    var memoryPeakBytes = 0
    /// What was in use besides the keys and their tables, as of the last report.
    var memoryOverheadBytes = 0
    /// For what reports sample: apart from the engine's, so that a look changes nothing.
    var insightRandom = SplitMix64(seed: 0)
    /// When a tick is wanted, in milliseconds since 1970.
    var tickDeadline: Int64?
    /// When all slots were last swept for keys that are due, in milliseconds since 1970.
    var lastSweep: Int64 = 0
    /// For tests of the tests; nil in a server.
    var plantedFault: PlantedFault?
    /// What the shell measured of its loop.
    public var loopStatistics = LoopStatistics()

    /// - Parameters:
    ///   - seed: for this core's randomness.
    ///   - hashSeed: for the keys' hashes, alike on all cores.
    ///   - stopwatch: for how long commands take; by default nothing takes any time.
    public init(
        index: CoreIndex, coreCount: Int, identity: NodeIdentity,
        configuration: NodeConfiguration, routing: consuming RoutingTable, seed: UInt64,
        hashSeed: UInt64, stopwatch: Stopwatch = Stopwatch(step: 0)
    ) {
        self.index = index
        self.coreCount = coreCount
        self.identity = identity
        self.configuration = configuration
        initialConfiguration = configuration
        engine = Engine(core: index, routing: routing, seed: seed, hashSeed: hashSeed)
        engine.insight.stopwatch = stopwatch
        engine.postponed.isPossible = true
        slowLog = SlowLog(core: Int(index.rawValue), coreCount: coreCount)
        parcels = ParcelPool(home: index)
        openParcels = GrowableArray(capacity: coreCount)
        messageParcels = GrowableArray(capacity: coreCount)
        for _ in 0..<coreCount {
            openParcels.append(nil)
            messageParcels.append(nil)
        }
        interest = Interest(coreCount: coreCount)
        nextConnectionNumber = Int64(index.rawValue) + 1
        applyConfiguration()
    }

    /// Sets the time for the steps that follow, in milliseconds since 1970.
    public mutating func setTime(_ milliseconds: Int64) {
        now = milliseconds
        engine.keyspace.now = milliseconds
        if _slowPath(milliseconds >= throughput.dueAt) { measure() }
        // The process's size and that of the keys are compared as of the same moment.
        if _slowPath(loopStatistics.process.readAt != processReadAt) {
            processReadAt = loopStatistics.process.readAt
            processBytesBesides = max(
                loopStatistics.process.residentBytes / coreCount - engine.keyspace.residentBytes, 0)
            applyMemoryLimit()
        }
    }

    /// Gives the core another stopwatch.
    public mutating func setStopwatch(_ stopwatch: Stopwatch) {
        engine.insight.stopwatch = stopwatch
    }

    /// How many clients this core serves.
    public var connectionCount: Int { connections.count }

    /// Whether a command is being done in parts, be it that it rests for its client.
    public var isWorking: Bool { !works.isEmpty }
}

/// What the shell measures of its loop.
public struct LoopStatistics: BitwiseCopyable, Sendable {
    /// Turns of the loop.
    public var turns = 0
    /// Completions that the turns brought.
    public var completions = 0
    /// Time spent in turns.
    public var busyNanoseconds: UInt64 = 0
    /// Time spent in the kernel, waiting.
    public var idleNanoseconds: UInt64 = 0
    /// The longest turn so far.
    public var longestTurnNanoseconds: UInt64 = 0
    /// Other cores that were woken for mail.
    public var wakeUps = 0
    /// The process as the shell saw it last.
    public var process = ProcessUsage()

    /// Nothing measured yet.
    public init() {}
}

/// What the operating system says of the process and the machine.
public struct ProcessUsage: BitwiseCopyable, Sendable {
    /// When it was read, in nanoseconds of a clock that never goes back.
    public var readAt: UInt64 = 0
    /// Memory of the process that is in RAM.
    public var residentBytes = 0
    /// Time that the process ran in its own code, since it began.
    public var userMicroseconds = 0
    /// Time that the kernel ran for the process, since it began.
    public var systemMicroseconds = 0
    /// RAM of the machine.
    public var machineMemoryBytes = 0

    /// Nothing measured yet.
    public init() {}
}

/// What a core counts of its own work.
struct CoreStatistics: BitwiseCopyable {
    var connectionsAccepted = 0
    var connectionsRejected = 0
    /// Requests that went to another core, and those that came from one.
    var hopsOut = 0
    var hopsIn = 0
    var parcelsOut = 0
    /// Operations over several cores.
    var operations = 0
    /// Commands done in parts.
    var works = 0
    /// Parcels of keys whose values went to another core in parts.
    var passages = 0
    /// The most elements that a turn's parts have looked at.
    var workElementsMax = 0
    /// Operations that began anew, since the elements of what they sort had changed.
    var sortRounds = 0
    /// Times that a request waited for a key held by an operation or a work.
    var waits = 0
    var bytesReceived = 0
    var bytesSent = 0
    /// Times that bytes came, and that bytes were sent off.
    var receives = 0
    var sends = 0
    /// Sweeps for keys that are due, and those that did not get through.
    var sweepNanoseconds: UInt64 = 0
    var sweepsCutShort = 0
}
