import Foundation
import Simulator
import Testing

/// Cores under random clients, from one seed each.
///
/// `GYRE_SIM_SEED=n` replays one seed, `GYRE_SIM_SEEDS=n` tries so many, `GYRE_SIM_WORKLOAD=name`
/// of one kind (docs/internals/simulation.md).
@Suite struct SimulationTests {
    private static var seeds: [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["GYRE_SIM_SEED"].flatMap(UInt64.init) { return [seed] }
        let first = environment["GYRE_SIM_FIRST"].flatMap(UInt64.init) ?? 1
        let count = environment["GYRE_SIM_SEEDS"].flatMap(UInt64.init) ?? 100
        return Array(first..<(first + count))
    }

    /// Nil: each seed has its own.
    private static var workload: Workload? {
        let name = ProcessInfo.processInfo.environment["GYRE_SIM_WORKLOAD"]
        return Workload.allCases.first { "\($0)" == name }
    }

    @Test func everySeedKeepsThePromises() {
        var total = SimulationReport()
        let seeds = Self.seeds
        let isVerbose = ProcessInfo.processInfo.environment["GYRE_SIM_VERBOSE"] != nil
        for seed in seeds {
            if isVerbose { FileHandle.standardError.write(Data("seed \(seed)\n".utf8)) }
            let options = SimulationOptions(seed: seed, workload: Self.workload)
            let report = Simulation(options).run()
            #expect(
                report.failures.isEmpty,
                """
                \(report.failures.joined(separator: "\n"))
                replay: GYRE_SIM_SEED=\(seed) swift test --filter SimulationTests
                """)
            total.add(report)
        }
        print("simulation: \(seeds.count) seeds, \(total.figures)")
    }
}

extension SimulationReport {
    fileprivate mutating func add(_ other: SimulationReport) {
        requestsAnswered += other.requestsAnswered
        operations += other.operations
        waits += other.waits
        hops += other.hops
        departures += other.departures
        virtualMilliseconds += other.virtualMilliseconds
        inconclusive += other.inconclusive
    }

    fileprivate var figures: String {
        """
        \(requestsAnswered) requests answered, \(operations) operations over several cores, \
        \(waits) waits for held keys, \(hops) hops, \(departures) clients gone in between, \
        \(virtualMilliseconds) ms of virtual time, \(inconclusive) histories too wide to judge
        """
    }
}
