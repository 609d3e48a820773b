import Log
import Testing

@testable import Raft

/// Something that the paper, the thesis or our page promises, with an order of events that would
/// break it if a node had one of the faults named.
struct Claim: Sendable, CustomTestStringConvertible {
    let name: String
    /// Where it is promised.
    let source: String
    /// Faults that break it.
    let faults: [PlantedRaftFault]
    /// What is wrong.
    let check: @Sendable (PlantedRaftFault?) -> [String]

    var testDescription: String { "\(name) (\(source))" }

    static let all = elections + logs + leases + memberships

    /// A cluster of so many voters in which nobody is loyal to anybody yet.
    static func cluster(
        _ voters: Int, spares: Int = 0, options: RaftOptions = RaftOptions(),
        _ fault: PlantedRaftFault?
    ) -> RaftCluster {
        RaftCluster(voters: voters, spares: spares, options: options, plantedFault: fault)
    }
}
