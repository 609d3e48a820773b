import Node
import Simulator
import Testing

/// The checkers are worth what they catch: each bug planted in the cores must be found.
@Suite struct PlantedFaultTests {
    /// How many seeds it may take.
    private static let seedCountMax: UInt64 = 60

    @Test func everyPlantedBugIsCaught() {
        var caught = 0
        for fault in PlantedFault.allCases {
            guard let (seed, failure) = Self.catch(fault) else {
                Issue.record("\(fault) is caught by no seed up to \(Self.seedCountMax)")
                continue
            }
            caught += 1
            print("planted \(fault): caught by seed \(seed): \(failure.prefix(90))")
        }
        print("planted bugs caught: \(caught) of \(PlantedFault.allCases.count)")
    }

    private static func `catch`(_ fault: PlantedFault) -> (UInt64, String)? {
        for seed in 1...seedCountMax {
            let report = Simulation(SimulationOptions(seed: seed, fault: fault)).run()
            if let failure = report.failures.first { return (seed, failure) }
        }
        return nil
    }
}
