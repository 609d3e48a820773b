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
    let recovery: NodeRecovery?
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

    /// Waits until its loop is set up.
    ///
    /// - Throws: why the ring could not be made.
    func waitUntilReady() throws(StartupObstacle) {
        try start.waitUntilReady()
    }

    func join() {
        pthread_join(handle, nil)
    }
}

/// What the starting thread and the started one share.
private final class CoreStart: Sendable {
    private let plan: CorePlan
    private let obstacle = Mutex<StartupObstacle?>(nil)
    private let isDone = Atomic<Bool>(false)

    init(_ plan: CorePlan) {
        self.plan = plan
    }

    func waitUntilReady() throws(StartupObstacle) {
        while !isDone.load(ordering: .acquiring) { usleep(200) }
        if let obstacle = obstacle.withLock({ $0 }) { throw obstacle }
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

    private func fail(_ reason: StartupObstacle) {
        obstacle.withLock { $0 = reason }
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
        isDone.store(true, ordering: .releasing)
        while !plan.fabric.isServing.load(ordering: .acquiring) { usleep(200) }
        loop.run()
    }
}

extension CoreLoop {
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
        recovery = plan.recovery
        mailed = GrowableArray(capacity: plan.coreCount)
        for _ in 0..<plan.coreCount { mailed.append(false) }
    }
}
