import Base
import Glibc
import Node
import Placement
import Settings
import Synchronization
import Uring

/// What a core's thread is started with.
struct CorePlan: Sendable {
    let index: Int
    let coreCount: Int
    let cpu: Int
    let fabric: Fabric
    let listeners: LoopListeners
    let identity: NodeIdentity
    let configuration: NodeConfiguration
    let hashSeed: UInt64
    let settingsWriter: SettingsWriter?
    /// Nil where nothing is kept.
    let directory: DataDirectory?
    /// What was found of this core in ``directory``.
    let scanned: ScannedCore?
}

/// A core's thread: pinned, named "core-<index>", it makes its ring and runs its loop.
@safe
final class CoreThread {
    private var handle = pthread_t()
    private let start: CoreStart

    /// Starts the thread.
    ///
    /// - Throws: why there is none to be had.
    init(_ plan: CorePlan) throws(StartupObstacle) {
        start = CoreStart(plan)
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, 8 << 20)
        let argument = unsafe Unmanaged.passRetained(start).toOpaque()
        let code = unsafe pthread_create(
            &handle, &attributes,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<CoreStart>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument)
        unsafe pthread_attr_destroy(&attributes)
        if code != 0 {
            throw .systemCallFailed(
                name: "pthread_create", reason: unsafe String(cString: strerror(code)))
        }
    }

    /// Waits until its loop is set up and has what it recovers.
    ///
    /// - Returns: what it has recovered; nil where nothing is kept.
    /// - Throws: why the ring could not be made, or the data not be read.
    func waitUntilReady() throws(StartupObstacle) -> RecoveryReport? {
        try start.waitUntilReady()
    }

    func join() {
        pthread_join(handle, nil)
    }
}

/// What the starting thread and the started one share.
private final class CoreStart: Sendable {
    private let plan: CorePlan
    private let outcome = Mutex<Result<RecoveryReport?, StartupObstacle>>(.success(nil))
    private let isDone = Atomic<Bool>(false)

    init(_ plan: CorePlan) {
        self.plan = plan
    }

    func waitUntilReady() throws(StartupObstacle) -> RecoveryReport? {
        while !isDone.load(ordering: .acquiring) { usleep(200) }
        return try outcome.withLock { $0 }.get()
    }

    func run() {
        CurrentThread.setName("core-\(plan.index)")
        var cpus = CPUSet()
        cpus.insert(plan.cpu)
        do throws(SystemError) {
            let allowed = try CPUSet.allowed()
            try cpus.pinCallingThread()
            let signal = try EventSignal()
            ServerSignals.register(signal.descriptor)
            serve(signal, workers: allowed)
        } catch {
            fail(.systemCallFailed(name: error.call, reason: SystemError.message(error.code)))
        }
    }

    private func fail(_ obstacle: StartupObstacle) {
        outcome.withLock { $0 = .failure(obstacle) }
        isDone.store(true, ordering: .releasing)
    }

    private func serve(_ signal: borrowing EventSignal, workers: CPUSet) {
        var loop: CoreLoop
        do throws(UringSetupError) {
            loop = try CoreLoop(plan, signal: signal.descriptor)
        } catch {
            fail(StartupCheck.obstacle(error))
            return
        }
        loop.uring.restrictWorkers(to: workers)
        do throws(StartupObstacle) {
            let report = try loop.recover(plan)
            outcome.withLock { $0 = .success(report) }
        } catch {
            fail(error)
            return
        }
        isDone.store(true, ordering: .releasing)
        while !plan.fabric.isServing.load(ordering: .acquiring) { usleep(200) }
        loop.run()
    }
}

extension CoreLoop {
    /// Reads back what the core has on disk, and begins to log; nil where nothing is kept.
    mutating func recover(_ plan: CorePlan) throws(StartupObstacle) -> RecoveryReport? {
        guard let directory = plan.directory, let scanned = plan.scanned else { return nil }
        clock.readTime()
        core.setTime(clock.milliseconds)
        let (storage, start, report) = try CoreRecovery.recover(directory, scanned, into: &core)
        self.storage = storage
        core.startLog(start)
        return report
    }

    init(_ plan: CorePlan, signal: FileDescriptor) throws(UringSetupError) {
        let uring = try Uring(
            submissions: Self.submissionCount, completions: Self.completionCount)
        buffers = try BufferRing(
            on: uring, group: BufferGroup(rawValue: 0), count: Self.bufferCount,
            bufferSize: Self.bufferSize)
        self.uring = uring
        core = Core(
            index: CoreIndex(UInt16(plan.index)), coreCount: plan.coreCount,
            identity: plan.identity, configuration: plan.configuration,
            routing: RoutingTable(singleNodeWithCores: plan.coreCount),
            seed: SystemRandomNumberGenerator.seed(), hashSeed: plan.hashSeed,
            stopwatch: Stopwatch { Clocks.monotonicNanoseconds() })
        fabric = plan.fabric
        link = plan.fabric.links[plan.index]
        index = plan.index
        listeners = plan.listeners
        self.signal = signal
        settingsWriter = plan.settingsWriter
        mailed = GrowableArray(capacity: plan.coreCount)
        for _ in 0..<plan.coreCount { mailed.append(false) }
    }
}
