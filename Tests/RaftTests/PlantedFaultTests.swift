import Base
import Log
import Testing

@testable import Raft

/// Claims, each with an order of events that is forced; and who checks the checkers.
struct ClaimTests {
    @Test(arguments: Claim.all)
    func holds(_ claim: Claim) {
        #expect(claim.check(nil) == [])
    }

    /// Each bug that can be planted is caught by the claims that name it.
    @Test func everyPlantedFaultIsCaught() {
        var caught = 0
        for fault in PlantedRaftFault.allCases {
            let claims = Claim.all.filter { $0.faults.contains(fault) }
            let failures = claims.map { $0.check(fault) }
            let isCaught = !claims.isEmpty && failures.allSatisfy { !$0.isEmpty }
            #expect(isCaught, "\(fault) is not caught")
            if isCaught { caught += 1 }
        }
        let total = PlantedRaftFault.allCases.count
        print("planted bugs caught by forced orders of events: \(caught) of \(total)")
        #expect(caught == total)
    }
}

/// The random runs alone find most of the planted bugs as well.
struct PlantedFaultTests {
    /// The seed that catches it, or nil.
    static func seed(catching fault: PlantedRaftFault, upTo seeds: UInt64) -> (UInt64, String)? {
        for seed in 1...seeds {
            let simulation = RaftSimulation(seed: seed, plantedFault: fault)
            simulation.run(steps: 4000)
            if let failure = simulation.cluster.checker.failures.first { return (seed, failure) }
        }
        return nil
    }

    @Test func everyPlantedFaultIsCaught() {
        var caught = 0
        for fault in PlantedRaftFault.allCases {
            if let (seed, failure) = Self.seed(catching: fault, upTo: 25) {
                caught += 1
                print("\(fault): seed \(seed): \(failure)")
            } else {
                print("\(fault): not caught")
            }
        }
        print("planted bugs caught: \(caught) of \(PlantedRaftFault.allCases.count)")
    }
}
