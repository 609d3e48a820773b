import Base
import Foundation
import Log
import Testing

@testable import Raft

/// Random runs, judged after every step.
///
/// `GYRE_RAFT_SEEDS` says how many seeds there are, `GYRE_RAFT_SEED` names one, and
/// `GYRE_RAFT_STEPS` says how many steps each has.
struct SimulationTests {
    static func setting(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init)
    }

    @Test func randomRunsKeepEveryPromise() {
        let steps = Self.setting("GYRE_RAFT_STEPS") ?? 2000
        var seeds = 1...UInt64(Self.setting("GYRE_RAFT_SEEDS") ?? 200)
        if let one = Self.setting("GYRE_RAFT_SEED") { seeds = UInt64(one)...UInt64(one) }
        var faults: [String: Int] = [:]
        var totals = (commits: 0, elections: 0, leases: 0, reads: 0, restores: 0, hours: 0.0)
        for seed in seeds {
            let simulation = RaftSimulation(seed: seed)
            simulation.run(steps: steps)
            simulation.finish()
            let checker = simulation.cluster.checker
            let command = "GYRE_RAFT_SEED=\(seed) swift test --filter RaftTests.SimulationTests"
            #expect(checker.failures == [], "\(command)")
            faults.merge(simulation.faults, uniquingKeysWith: +)
            totals.commits += checker.committed.count
            totals.elections += checker.elections
            totals.leases += checker.leaseReads
            totals.reads += checker.confirmedReads
            totals.restores += checker.restores
            totals.hours += Double(simulation.cluster.now) / 3_600_000
        }
        let list = faults.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        print(
            """
            \(seeds.count) seeds, \(totals.hours.formatted()) simulated hours, \
            \(totals.commits) entries committed in \(totals.elections) terms, \
            \(totals.leases) lease reads, \(totals.reads) confirmed reads, \
            \(totals.restores) snapshots restored; \(list.joined(separator: ", "))
            """)
    }
}
