import Foundation
import Testing

@testable import Gossip

/// What must come of each course of events, and that the checks notice when it does not.
@Suite struct ScenarioTests {
    /// `GYRE_GOSSIP_SEEDS` of each; more on demand.
    private static let seedCount =
        ProcessInfo.processInfo.environment["GYRE_GOSSIP_SEEDS"].flatMap(UInt64.init) ?? 2

    @Test(arguments: Scenario.all)
    func holds(_ scenario: Scenario) {
        for seed in 1...Self.seedCount {
            let failures = scenario.run(seed, nil)
            #expect(failures.isEmpty, "\(scenario), seed \(seed): \(failures)")
        }
    }

    @Test func everyPlantedBugIsCaught() {
        var caught = 0
        for fault in PlantedGossipFault.allCases {
            guard let (scenario, failure) = Self.catch(fault) else {
                Issue.record("\(fault) is caught by no scenario")
                continue
            }
            caught += 1
            print("planted \(fault): \(scenario): \(failure.prefix(80))")
        }
        print("planted bugs of gossip caught: \(caught) of \(PlantedGossipFault.allCases.count)")
        #expect(caught == PlantedGossipFault.allCases.count)
    }

    private static func `catch`(_ fault: PlantedGossipFault) -> (Scenario, String)? {
        for seed in 1...3 as ClosedRange<UInt64> {
            for scenario in Scenario.all {
                if let failure = scenario.run(seed, fault).first { return (scenario, failure) }
            }
        }
        return nil
    }
}
