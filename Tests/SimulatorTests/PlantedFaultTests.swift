import Foundation
import Node
import Simulator
import Testing

/// The checkers are worth what they catch: each bug planted in the cores must be found.
@Suite struct PlantedFaultTests {
    /// How many seeds it may take, each with every kind of clients.
    private static let seedCountMax: UInt64 = 20

    @Test func everyPlantedBugIsCaught() {
        var caught = 0
        for fault in PlantedFault.allCases where Self.isWanted(fault) {
            guard let (seed, failure) = Self.catch(fault) else {
                Issue.record("\(fault) is caught by no seed up to \(Self.seedCountMax)")
                continue
            }
            caught += 1
            print("planted \(fault): seed \(seed): \(failure.prefix(80))")
        }
        print("planted bugs caught: \(caught) of \(PlantedFault.allCases.count)")
    }

    /// `GYRE_SIM_FAULT=name` tries one alone.
    private static func isWanted(_ fault: PlantedFault) -> Bool {
        let name = ProcessInfo.processInfo.environment["GYRE_SIM_FAULT"]
        return name == nil || name == "\(fault)"
    }

    private static func `catch`(_ fault: PlantedFault) -> (UInt64, String)? {
        for seed in 1...seedCountMax {
            for workload in Workload.allCases.reversed() {
                let options = SimulationOptions(seed: seed, workload: workload, fault: fault)
                let report = Simulation(options).run()
                if let failure = report.failures.first { return (seed, failure) }
            }
        }
        return nil
    }
}
