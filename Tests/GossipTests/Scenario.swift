import Base

@testable import Gossip

/// A course of events and what must come of it; run without a bug by `ScenarioTests`, and with
/// each planted one by `PlantedFaultTests`.
struct Scenario: Sendable, CustomStringConvertible {
    let description: String
    /// What went wrong.
    let run: @Sendable (UInt64, PlantedGossipFault?) -> [String]

    static let all: [Scenario] = failures + networks + identities + knowledge
}

/// Collects what went wrong.
struct Verdict {
    private(set) var failures: [String] = []

    mutating func require(_ condition: Bool, _ what: String) {
        if !condition { failures.append(what) }
    }
}
