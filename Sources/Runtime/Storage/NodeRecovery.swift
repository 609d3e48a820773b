import Log
import Node
import Settings
import Synchronization

/// The reading back of a node's data, as the starting thread, the one that reads the logs first and
/// the cores' loops see it.
final class NodeRecovery: Sendable {
    let directory: DataDirectory
    private let scanned = Mutex<[ScannedCore]>([])
    private let isScanned = Atomic<Bool>(false)
    private let reports = Mutex<[RecoveryReport]>([])
    private let obstacle = Mutex<StartupObstacle?>(nil)

    init(_ directory: DataDirectory) {
        self.directory = directory
    }

    private var coreCount: Int { Int(directory.identity.cores) }

    /// Reads all logs to their ends, beside the loops, which then go on.
    func begin() -> BackgroundThread {
        BackgroundThread(name: "scan") { [self] in
            do throws(StartupObstacle) {
                var found: [ScannedCore] = []
                try CoreRecovery.scan(directory, into: &found)
                scanned.withLock { $0 = found }
                isScanned.store(true, ordering: .releasing)
            } catch {
                fail(error)
            }
            ServerSignals.wakeAll()
        }
    }

    /// What was found of a core; nil as long as nothing was.
    func find(core: Int) -> ScannedCore? {
        if !isScanned.load(ordering: .acquiring) { return nil }
        return scanned.withLock { $0[core] }
    }

    /// A core has its data.
    func finish(_ report: RecoveryReport) {
        reports.withLock { $0.append(report) }
    }

    /// The data cannot be read back, and the node cannot start.
    func fail(_ reason: StartupObstacle) {
        obstacle.withLock { $0 = $0 ?? reason }
    }

    /// Whether all cores have their data.
    ///
    /// - Throws: why they cannot.
    func isDone() throws(StartupObstacle) -> Bool {
        if let reason = obstacle.withLock({ $0 }) { throw reason }
        return reports.withLock { $0.count } == coreCount
    }

    /// Appends what each core has read, in their order.
    func list(into found: inout [RecoveryReport]) {
        reports.withLock { found += $0 }
        found.sort { $0.core < $1.core }
    }
}
