import Base
import Engine
import Glibc
import Log
import Node
import Placement
import Settings
import Synchronization
import Uring

/// A node: its listeners, and a thread with an event loop for each core.
///
/// ``init(_:)`` binds and checks; ``run(onReady:)`` serves until a signal or SHUTDOWN ends the
/// node.
public struct Server: ~Copyable {
    private let settings: ServerSettings
    private let listeners: ListenerSet
    private let fabric: Fabric
    private let settingsWriter: SettingsWriter?
    /// Nil where nothing is kept.
    private let recovery: NodeRecovery?

    /// Probes the kernel and binds the ports.
    ///
    /// - Parameter settingsWriter: what CONFIG REWRITE does; nil without a settings file.
    /// - Throws: what the machine lacks or refuses.
    public init(
        _ settings: ServerSettings, settingsWriter: SettingsWriter? = nil
    ) throws(StartupObstacle) {
        ServerSignals.block()
        try StartupCheck.run(settings)
        let listeners = try ListenerSet(settings)
        var recovery: NodeRecovery?
        if let path = settings.dataDirectory {
            recovery = NodeRecovery(try DataDirectory(path, coreCount: settings.coreCount))
        }
        self.settings = settings
        self.settingsWriter = settingsWriter
        self.listeners = listeners
        fabric = Fabric(coreCount: settings.coreCount)
        self.recovery = recovery
    }

    /// Serves.
    ///
    /// Clients are accepted at once, and told to come again as long as the data is read back.
    ///
    /// - Parameters:
    ///   - onRecovered: called when all data is there, with what each core has read back; not
    ///     called where nothing is kept.
    ///   - onReady: called once every core serves, with the addresses that were bound.
    /// - Throws: also when the data cannot be read back.
    public consuming func run(
        onRecovered: ([RecoveryReport]) -> Void, onReady: ([BindAddress]) -> Void
    ) throws(StartupObstacle) {
        var threads: [CoreThread] = []
        try startThreads(into: &threads)
        for thread in threads { try thread.waitUntilReady() }
        fabric.isServing.store(true, ordering: .releasing)
        if try waitUntilLoaded(threads, onRecovered) {
            onReady(listeners.addresses)
            KernelMemory.releaseCode()
            _ = ServerSignals.wait()
        }
        end(threads)
    }

    private func startThreads(into threads: inout [CoreThread]) throws(StartupObstacle) {
        var identity = NodeIdentity.make(settings)
        if let recovery { identity.id = "\(recovery.directory.identity.node)" }
        let configuration = NodeConfiguration(settings)
        let hashSeed = SystemRandomNumberGenerator.seed()
        for index in 0..<settings.coreCount {
            let plan = CorePlan(
                index: index, coreCount: settings.coreCount,
                cpu: settings.cpus[index % settings.cpus.count], fabric: fabric,
                listeners: listeners.listeners(ofCore: index), identity: identity,
                configuration: configuration, hashSeed: hashSeed,
                settingsWriter: settingsWriter, recovery: recovery)
            threads.append(try CoreThread(plan))
        }
    }

    /// - Returns: false where the node is to end before that.
    private func waitUntilLoaded(
        _ threads: [CoreThread], _ onRecovered: ([RecoveryReport]) -> Void
    ) throws(StartupObstacle) -> Bool {
        guard let recovery else { return true }
        let scan = recovery.begin()
        var mustEnd = false
        do throws(StartupObstacle) {
            while !mustEnd, try !recovery.isDone() {
                mustEnd = ServerSignals.wait(milliseconds: 2) != nil
            }
        } catch {
            scan.join()
            end(threads)
            throw error
        }
        scan.join()
        if mustEnd { return false }
        var reports: [RecoveryReport] = []
        recovery.list(into: &reports)
        onRecovered(reports)
        fabric.hasLoaded.store(true, ordering: .releasing)
        ServerSignals.wakeAll()
        return true
    }

    private func end(_ threads: [CoreThread]) {
        fabric.isEnding.store(true, ordering: .releasing)
        ServerSignals.wakeAll()
        for thread in threads { thread.join() }
    }
}

extension NodeConfiguration {
    /// What the cores begin with.
    init(_ settings: ServerSettings) {
        self.init()
        password = settings.password ?? ""
        clientCountMax = settings.clientCountMax
        set("loglevel", to: settings.logLevel.rawValue)
        set("protected-mode", to: settings.isProtected ? "yes" : "no")
        set("appendonly", to: settings.dataDirectory == nil ? "no" : "yes")
        set("appendfsync", to: settings.syncPolicy)
        if let directory = settings.dataDirectory { set("dir", to: directory) }
        for parameter in settings.parameters {
            let reading = ServerParameter.read(parameter.key, parameter.text)
            if case .sound(let name, let value) = reading { set(name, to: value) }
        }
    }
}

extension SystemRandomNumberGenerator {
    static func seed() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

extension NodeIdentity {
    static func make(_ settings: ServerSettings) -> NodeIdentity {
        var system = utsname()
        unsafe uname(&system)
        let name = unsafe withUnsafeBytes(of: system) { bytes in
            // Six fields of 65 bytes each: sysname, nodename, release, version, machine, domain.
            [0, 2, 4].map { field in
                unsafe String(
                    decoding: bytes[(field * 65)...].prefix { $0 != 0 }, as: UTF8.self)
            }.joined(separator: " ")
        }
        return NodeIdentity(
            id: randomHexadecimal(40), runID: randomHexadecimal(40),
            host: settings.addresses.first?.text ?? "127.0.0.1",
            gatewayPort: Int(settings.port), nodePort: Int(settings.nodePort),
            corePort: settings.corePortFirst.map(Int.init), processID: Int(getpid()),
            executable: CommandLine.arguments.first ?? "gyre",
            configurationFile: settings.configurationPath ?? "",
            startedAt: Int64(Clocks.realTimeNanoseconds() / 1_000_000), operatingSystem: name)
    }

    private static func randomHexadecimal(_ length: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let digits: [Character] = Array("0123456789abcdef")
        return String((0..<length).map { _ in digits[Int(generator.next() % 16)] })
    }
}
